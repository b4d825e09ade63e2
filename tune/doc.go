// Package tune chooses how a sampler spends its evaluations: the times at which it stops (GITS), what every step does
// (the decision vector of USF and an evolutionary search over it), and tables of the error that solvers
// leave on fields whose exact solution is known.
package tune
