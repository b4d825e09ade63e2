// Package pathspace holds samplers over paths of diffusions for package infer: [Controlled] processes ([PIS], [DDS],
// [DIS], [Bridge]) whose control a [Training] fits by a [PathLoss], and the particle denoising diffusion sampler
// [PDDS], whose potential a [PotentialTraining] fits.
package pathspace
