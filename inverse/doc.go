// Package inverse restores what was measured through an operator: y = A(x) + noise, with x drawn by a diffusion model.
//
// An [Operator] is a measurement of one state; a [Likelihood] is its noise; a [Method] draws from, or estimates, the
// posterior p(x | y) with the model's field as the prior. [Restore] is the loop. Every row has its own measurement
// and its own noise: a row's bytes depend on nothing else.
//
// Which method? [MCG] is the only one that is exact in a limit, and [Moments] is exact for Gaussian data; [DPS],
// [PiGDM], [DDRM], [DiffPIR], [Replace] and [RePaint] are approximations whose draws may be too wide or too narrow;
// [REDDiff] gives one estimate and no spread. [MethodInfo] says so.
package inverse
