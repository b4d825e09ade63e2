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
// The samplers are in rooms of their own: Markov chains in infer/mcmc, annealed particles in infer/anneal, controlled
// diffusions and PDDS in infer/pathspace; infer/methods registers them by name, and infer/advise looks at a density to
// choose one, and at its draws to judge them. A kernel of your own has the same rights: [State] keeps its variables,
// noise and counts, [Register] gives it a name.
//
// Chains: [mcmc.ULA], [mcmc.MALA], [mcmc.HMC], [mcmc.NUTS], [mcmc.PCN], [mcmc.EllipticalSlice], [mcmc.Stretch],
// [mcmc.Tempering], [mcmc.DMCMC]. Particles: [anneal.Annealed] (the dilation path and its controls), [anneal.AIS],
// [anneal.SMC], [pathspace.PDDS], and [pathspace.Controlled] diffusions ([pathspace.PIS], [pathspace.DDS],
// [pathspace.DIS], [pathspace.Bridge]) with controls that [pathspace.Training] fits by [pathspace.LogVariance] or
// [pathspace.KL]; [Whitened] runs them in the coordinates of a [MeanField]. [Methods] lists them by name with the
// settings that they share; [advise.Advise] names one when none is asked for, and [advise.Improper] the coordinates
// along which a density has no integral. [advise.Trust] says whether the particles found the right proportions; package
// metric holds R̂, effective sample sizes and the like.
//
// No sampler can report a mode that it has not seen. R̂ near 1 and full weights mean that the draws agree
// with each other.
package infer
