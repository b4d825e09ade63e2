// Package infer draws from an unnormalised density, an [ito.Target], and estimates its integral.
//
// A sampler is a [Kernel]: a config struct with Init and Step. What it carries is a [State], which is bytes for a
// checkpoint, and what it says of a step an [Info]. [Run] owns the loop: warm-up, thinning, sinks,
// checkpoints, progress. A sampler works on groups. A group is one Markov chain, or the particles
// of one interacting sampler (a temperature ladder, a particle system, an ensemble), or one particle of
// a sampler whose particles do not interact. The group is the sample of addressed noise: id = group, the
// particle's slot is part of the element. A group's bytes depend on its id, the seed and the
// kernel's settings, and on nothing else: not on the other groups, on workers, or on an interruption and resumption.
//
// Chains: [ULA], [MALA], [HMC], [NUTS], [PCN], [EllipticalSlice], [Stretch], [Tempering], [DMCMC]. Particles:
// [Annealed] (the dilation path and its controls), [AIS], [SMC], [PDDS], and [Controlled] diffusions ([PIS], [DDS],
// [DIS], [Bridge]) with controls that [Training] fits by [LogVariance] or [KL]; [Whitened] runs them in the
// coordinates of a [MeanField]. [Methods] lists them by name with the settings that they share; [Advise] names one
// when none is asked for, and [Improper] the coordinates along which a density has no integral. [Trust] says
// whether the particles found the right proportions; package metric holds R̂, effective sample sizes and the like.
//
// No sampler can report a mode that it has not seen. R̂ near 1 and full weights mean that the draws agree
// with each other.
package infer
