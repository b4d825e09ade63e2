// Package affine is the update that solvers share. Every step of theirs is affine in the states, predictions and noises
// that it has; a solver decides the coefficients, and writes them down as its paper does. The rest is here: a [Planner]
// that knows a path's schedules, the forms of a prediction and the means around which states lie; a [Knot], the path at
// one time; a [Weigher], the rule of a multistep solver for one mode; the integrals of exponential integrators ([Phi],
// [Taylor], [Extend]); and the steppers [OneEval], [Program] and [History] that carry updates out, blocks of rows at a
// time, with the same bytes whatever the rows of a batch. docs/write-a-solver.md shows a solver made of these.
package affine
