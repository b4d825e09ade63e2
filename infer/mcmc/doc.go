// Package mcmc holds Markov chains for package infer: Langevin and Hamiltonian chains with Stan's warm-up, parallel
// tempering, chains under a normal prior, the affine-invariant ensemble, and denoising MCMC with what it learns. What
// samplers elsewhere take from here is [Hamiltonian], a trajectory of many rows at once, and [Tuner], the adaptation of
// step sizes.
package mcmc
