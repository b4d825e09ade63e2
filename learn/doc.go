// Package learn fits networks to paths: objectives, the trainer, and the alternation that learns the
// path itself.
//
// An [Objective] is denoising score matching (hybrid on momentum paths), flow matching, [Denoising] as EDM does it,
// [FokkerPlanck] for potentials or [Interpolation] for
// stochastic interpolants. A [Trainer] fits one network on one path from one end, an [InterpolantTrainer] between two.
// [Alternate] owns the loop of the variational Schrödinger diffusion models, with and without momentum: fit the score on path
// k, run the reverse SDE from the prior, refit the path in closed form, bind the network to path k+1.
//
// Every random number has an address of seed, purpose and training step, and every sum a fixed order,
// so the bytes of a network depend on its configuration and data alone: not on the number of workers
// nor on interruptions.
package learn
