// Package tune chooses how a sampler spends its evaluations: the times at which it stops (GITS), what every step does
// (the decision vector of USF, an evolutionary search over it, and least squares on its times and weights), statistics
// for DPM-Solver-v3, and tables of the error that solvers leave on fields whose exact solution is known.
package tune
