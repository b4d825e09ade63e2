// Package tune chooses how a sampler of one model spends its evaluations: the times at which it stops ([GITS]), what
// every step does ([USF] and its decisions, an evolutionary [Search] over them, and least squares on times and
// weights), and the [Statistics] of [DPMv3]; and it makes tables of the error that solvers leave on fields whose exact
// solution is known. Solvers that need nothing of a model are in package solve.
package tune
