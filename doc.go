// Package ito is the vocabulary of a library for diffusion: learn a distribution from samples,
// sample it fast, and do so with the same bytes every time.
//
// The package holds types and small interfaces and no algorithms. A [Path] says how data becomes
// noise, a [Field] what is known at time t, a [Solver] carries [States] backward along a [Grid], and a
// [Model] is what a file holds. The algorithms live one to a file in the packages beside it:
//
//	rng      noise with an address       metric   distances, floors, diagnostics of draws
//	ad       programs and gradients      tune     grids and schedules searched for a model
//	nn       networks, optimisers        target   densities that can be written down, model files
//	path     how data becomes noise      infer    samplers of such densities
//	ode      integrators, traced too     store    model files, checkpoints, streams of samples
//	field    what is known at time t     data     CSV and npy, transforms, conditions
//	solve    solvers and Run             plot     pictures
//	learn    objectives, trainers        draws    draws on disk: CmdStan, Parquet, npy, JSON; summaries
//	recipe   Fit, Sample and Tune;       task     what a command, a server and a worker ask for: Run
//	         recipe/systems: published   cli      the program ito, for a main with networks or paths of its own
//
// solve/affine is the update that solvers share, for a solver of one's own.
//
// Who has rows and wants more of them begins with package recipe, who has a density with packages target and infer, who
// has a field of his own with solve.
//
// Time is the path's own clock, from its sampled end lo (data) to its drawn end hi (noise).
// States are float64, row-major [N,D]; networks compute in float32.
package ito
