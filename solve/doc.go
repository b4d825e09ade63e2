// Package solve carries states along a grid of times: from noise to data with a solver of the
// probability-flow ODE or of the reverse SDE, or the other way with an ODE.
//
// [Run] is the loop and everything that all solvers share: the check of what a solver needs, hooks,
// progress, trajectories, counts, and the error that names the sample that is not finite. A solver is one
// file: it is planned for a path, a grid and a kind of prediction, and all of its coefficients are fixed
// then. Noise is addressed by sample id and step, so the rows of a batch may be run in any split and order.
//
// With α and σ of a Diagonal path, mode by mode in the coordinates y = Qᵀ(x−μ) of its basis, and s the score:
//
//	probability flow   dy/dt = f y − ½ g² s = α̇ x0 + σ̇ ε
//	reverse SDE        dy = (f y − g² s) dt + g dw̄.
//
// On a Linear path F(x−μ) and GGᵀ stand for f y and g².
//
// Which one? With few evaluations of a good field [UniPC] or [DPMpp] on the log-SNR grid, or [DEIS] on the
// quadratic one; with many, any of order 3; against an error of one's own choice [Dopri5] or [DPMAdaptive]; on
// momentum and non-commuting paths [Heun]; with noise, which forgives an inexact field, [SDEDPMpp] or [EDM] with
// churn. Orders that are declared hold from a start where predictions hardly change, as in pure noise: elsewhere
// the first steps of a multistep solver, which have lower orders, leave an error of order 2 (UniPC: 3) unless the
// first steps are small. [All] lists every solver; [Finish] adds an explicit end.
package solve
