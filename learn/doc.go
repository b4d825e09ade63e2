// Package learn fits networks: losses as programs, the loop that trains under them, and the alternation that learns the
// path itself.
//
// A [Loss] is a program and what a step feeds it; a [Loop] owns the optimiser, the moving average, the schedule of
// the rate and all the state that resuming needs, and knows no path and no data. An [Objective] makes the loss of a
// path: denoising score matching (hybrid on momentum paths), flow matching, [Denoising] as EDM does it,
// [FokkerPlanck] for potentials, [Interpolation] between two ends, or a user's own, which [RegisterObjective] makes
// known by its word. A [Trainer] is a loop that is bound to paths by an objective, on an [ito.Source]: [Data], rows
// in memory, or larger things.
//
// [Alternate] owns the loop of the variational Schrödinger diffusion models, with and without momentum: fit the
// score on path k, run the reverse SDE from the prior, refit the path in closed form, bind the network to path k+1.
//
// Every random number has an address of seed, purpose and training step, and every sum a fixed order,
// so the bytes of a network depend on its configuration and data alone: not on the number of workers
// nor on interruptions.
package learn
