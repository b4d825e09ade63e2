package methods

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/infer/pathspace"
)

// table lists the methods, the default first.
var table = []infer.Method{
	{Name: "nuts", Summary: "the no-U-turn sampler with Stan's warm-up",
		Source: "Hoffman and Gelman, JMLR 15, 2014; arXiv:1701.02434", Gradient: true,
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.ChainPlan(mcmc.NUTS{StepSize: s.StepSize, MaxDepth: s.MaxDepth, Metric: metricOf(s, t.Dim()),
				Warmup: s.WarmupSteps(), Accept: s.Accept}, 4), nil
		}},
	{Name: "hmc", Summary: "Hamiltonian Monte Carlo, trajectories of fixed length",
		Source: "Duane et al. 1987; Neal 2011", Gradient: true,
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.ChainPlan(mcmc.HMC{StepSize: s.StepSize, Leapfrogs: s.Leapfrogs, Jitter: .2, Metric: metricOf(s,
				t.Dim()),
				Warmup: s.WarmupSteps(), Accept: s.Accept}, 4), nil
		}},
	{Name: "mala", Summary: "Langevin steps, accepted or rejected", Source: "Roberts and Tweedie, Bernoulli 2, 1996",
		Gradient: true,
		Build: func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.ChainPlan(mcmc.MALA{StepSize: s.StepSize, Warmup: s.WarmupSteps(), Accept: s.Accept}, 4), nil
		}},
	{Name: "ula", Summary: "Langevin steps without correction: biased by its step size",
		Source: "Roberts and Tweedie, Bernoulli 2, 1996", Gradient: true,
		Build: func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.ChainPlan(mcmc.ULA{StepSize: cmp.Or(s.StepSize, .01)}, 4), nil
		}},
	{Name: "pt", Summary: "parallel tempering: a ladder of temperatures that exchange their states",
		Source: "Geyer 1991; Syed et al., JRSS B 84, 2022", Crosses: true, Gradient: true,
		Build: func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			k := mcmc.Tempering{Count: s.Temperatures, Least: s.LeastBeta, Leapfrogs: s.Leapfrogs,
				Warmup:   s.WarmupSteps(),
				StepSize: s.StepSize}
			if s.Scale > 0 {
				k.Reference = &infer.Reference{SD: []float64{s.Scale}}
			}
			return s.ChainPlan(k, 4), nil
		}},
	{Name: "smc", Summary: "adaptive sequential Monte Carlo from a normal to the target",
		Source: "Del Moral, Doucet and Jasra, JRSS B 68, 2006", Kind: infer.Particles, Evidence: true, Crosses: true,
		Gradient: true, Start: infer.AnyNormal,
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			if s.Metric == "unit" {
				return infer.MethodPlan{}, &ito.InputError{Where: "smc", What: "a unit metric",
					Do: "take diagonal or dense: particles tell their scales"}
			}
			if d, n := t.Dim(), cmp.Or(s.Draws, 1000); s.Metric == "dense" && d > 1 &&
				(d > anneal.MostDense || n < anneal.PerCoordinate*d) {
				return infer.MethodPlan{}, &ito.InputError{Where: "smc",
					What: fmt.Sprintf("a dense metric of %d particles in %d dimensions", n, d),
					Do: fmt.Sprintf("take auto or diagonal, or %d particles to a dimension in %d dimensions at most",
						anneal.PerCoordinate, anneal.MostDense)}
			}
			return particlePlan(t, s, anneal.SMC{Particles: cmp.Or(s.Draws, 1000), Reference: s.StartReference(),
				ESS:       s.ESS,
				Leapfrogs: s.Leapfrogs, Moves: s.Moves, Diagonal: s.Metric == "diagonal"})
		}},
	{Name: "ais", Summary: "annealed importance sampling: weighted particles that are never resampled",
		Source: "Neal, Statistics and Computing 11, 2001", Kind: infer.Particles, Evidence: true, Crosses: true,
		Gradient: true, Start: infer.AnyNormal,
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return particlePlan(t, s, anneal.AIS{Particles: cmp.Or(s.Draws, 1000), Reference: s.StartReference(),
				Steps:     s.Steps,
				Leapfrogs: s.Leapfrogs})
		}},
	{Name: "dilation", Summary: "the dilation path with steps bounded by the drift, then mala",
		Source: "Chehab and Korba, arXiv:2406.14040; the step rule is ours", Kind: infer.Particles, Crosses: true,
		Gradient: true,
		Build:    annealed(anneal.Dilation{})},
	{Name: "geometric", Summary: "the same along the geometric path from N(0, I)", Source: "control of dilation",
		Kind: infer.Particles, Crosses: true, Gradient: true, Start: infer.UnitNormal,
		Build: annealed(anneal.Geometric{})},
	{Name: "convolutional", Summary: "the same along the diffusion path, whose score is a nested Monte Carlo estimate",
		Source: "control of dilation", Kind: infer.Particles, Crosses: true, Gradient: true,
		Build: annealed(anneal.Convolutional{})},
	{Name: "pdds", Summary: "the particle denoising diffusion sampler with the naive potential, or one that is trained",
		Source: "Phillips et al., ICML 2024, arXiv:2402.06320", Kind: infer.Particles, Evidence: true, Crosses: true,
		Gradient: true, Start: infer.ScaleNormal, Reach: 100, MeanField: true,
		Build: denoisingParticles},
	{Name: "pis", Summary: "the path integral sampler with a trained control",
		Source: "Zhang and Chen, ICLR 2022; trained as arXiv:2307.01198", Kind: infer.Particles, Evidence: true,
		Crosses: true, Trained: true, Gradient: true, Start: infer.ScaleNormal,
		Unit: math.Sqrt(pathspace.PIS{}.WithDefaults().T), // the scale is a diffusion coefficient
		Build: controlled(func(_ int, s infer.Settings) (pathspace.Process, error) {
			return pathspace.PIS{K: s.Steps, Sigma: s.Scale}, nil
		})},
	{Name: "dds", Summary: "the denoising diffusion sampler with a trained control",
		Source: "Vargas, Grathwohl and Doucet, ICLR 2023", Kind: infer.Particles, Evidence: true, Crosses: true,
		Trained: true, Gradient: true, Start: infer.ScaleNormal,
		Build: controlled(func(_ int, s infer.Settings) (pathspace.Process, error) {
			return pathspace.DDS{K: s.Steps, Sigma: s.Scale}, nil
		})},
	{Name: "dis", Summary: "the time-reversed diffusion sampler with a trained control",
		Source: "Berner, Richter and Ullrich, TMLR 2024", Kind: infer.Particles, Evidence: true, Crosses: true,
		Trained:  true,
		Gradient: true, Start: infer.UnitNormal,
		Build: controlled(func(_ int, s infer.Settings) (pathspace.Process, error) {
			return pathspace.DIS{K: s.Steps},
				nil
		})},
	{Name: "bridge", Summary: "dis whose backward process is trained too",
		Source: "Richter and Berner, ICLR 2024, arXiv:2307.01198", Kind: infer.Particles, Evidence: true, Crosses: true,
		Trained: true, Gradient: true, Start: infer.UnitNormal,
		Build: controlled(func(d int, s infer.Settings) (pathspace.Process, error) {
			return pathspace.NewBridge(pathspace.DIS{K: s.Steps}, false, d, pathspace.NetworkShape{Width: s.Width},
				s.Seed+2)
		})},
	{Name: "dmcmc", Summary: "denoising Markov chain Monte Carlo, for densities with a known smoothed form, or led " +
		"by a trained field", Source: "Kim and Ye, ICML 2023, arXiv:2209.14593", Crosses: true, Gradient: true,
		Led:   true,
		Build: denoising},
	{Name: "ess", Summary: "elliptical slice sampling under the normal prior that the model declares, or of a scale",
		Source: "Murray, Adams and MacKay, AISTATS 2010",
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			prior, err := normalPrior("ess", t, s)
			return s.ChainPlan(mcmc.EllipticalSlice{Prior: prior}, 4), err
		}},
	{Name: "pcn", Summary: "preconditioned Crank-Nicolson steps under the normal prior that the model declares, or " +
		"of a scale", Source: "Cotter, Roberts, Stuart and White, Statistical Science 28, 2013",
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			prior, err := normalPrior("pcn", t, s)
			return s.ChainPlan(mcmc.PCN{Prior: prior, Beta: s.Beta}, 4), err
		}},
	{Name: "stretch", Summary: "the affine-invariant ensemble of emcee; every walker is a chain",
		Source: "Goodman and Weare, CAMCoS 5, 2010",
		Build: func(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
			return s.ChainPlan(mcmc.Stretch{Walkers: cmp.Or(s.Walkers, max(64, 2*(t.Dim()+1)))}, 1), nil
		}},
}

func init() {
	for _, m := range append(table, climbing...) {
		infer.Register(m)
	}
}

// annealed plans particles that follow an annealing, every one for itself.
func annealed(path anneal.Annealing) func(ito.Target, infer.Settings) (infer.MethodPlan, error) {
	return func(_ ito.Target, s infer.Settings) (infer.MethodPlan, error) {
		h := cmp.Or(s.StepSize, 1)
		k := anneal.Annealed{Path: path, Rule: anneal.DriftBounded{Max: h, Drift: h}, Steps: s.Steps, Finish: s.Finish}
		switch {
		case s.Rule == "fixed":
			k.Rule = anneal.Fixed{H: h}
		case s.Rule == "scaled":
			k.Rule = anneal.Scaled{H: h}
		}
		switch {
		case s.Finish < 0:
			k.Finish = 0
		case s.Finish == 0:
			k.Finish = -1
		}
		runs := cmp.Or(s.Chains, 1)
		return infer.MethodPlan{Kernel: k, Groups: cmp.Or(s.Draws, 1000) * runs, Chains: runs, Draws: 1}, nil
	}
}

// denoisingParticles plans PDDS, whose potential is trained first where the settings say so.
func denoisingParticles(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
	return s.WhitenedPlan(t, "none", func(t ito.Target) (infer.MethodPlan, error) { return learnedPotential(t, s) })
}

func learnedPotential(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
	k := pathspace.PDDS{Particles: cmp.Or(s.Draws, 2000), Steps: s.Steps, Sigma: s.Scale, Moves: s.Moves}
	if s.Potential != "learned" {
		return s.RunPlan(k), nil
	}
	l, err := pathspace.NewLearnedPotential(t.Dim(), pathspace.NetworkShape{Width: s.Width}, s.Seed)
	if err != nil {
		return infer.MethodPlan{}, err
	}
	learnt := k
	learnt.Particles = cmp.Or(s.RefreshDraws, k.Particles)
	if n := float64(learnt.Particles) * float64(t.Dim()); n > infer.MostNumbers {
		return infer.MethodPlan{}, &ito.InputError{Where: "pdds",
			What: fmt.Sprintf("%d particles of dimension %d to learn from "+
				"do not fit into memory", learnt.Particles, t.Dim()), Do: "take fewer, and refresh them more often"}
	}
	c := &pathspace.PotentialTraining{Target: t, Kernel: learnt, Potential: l, Rounds: s.Rounds,
		Iterations: s.Iterations,
		Refresh:    s.Refresh, Batch: s.Batch, LearningRate: s.LearningRate, Decay: s.Decay, Seed: s.Seed, Pool: s.Pool}
	k.Potential = l
	p := s.RunPlan(k)
	p.Train = c
	return p, c.Validate()
}

func denoising(t ito.Target, s infer.Settings) (infer.MethodPlan, error) {
	if f, ok := t.(mcmc.LedByScore); ok {
		return denoisingField(f, s)
	}
	smooth, ok := t.(mcmc.Smoothed)
	if !ok {
		return infer.MethodPlan{}, &ito.UnsupportedError{What: "dmcmc on this target",
			Why: "it needs the density convolved with normal noise, which the target does not know", Nearest: "pt"}
	}
	k := mcmc.DMCMC{Density: smooth, Adjust: s.Adjust != "no"}
	if s.Scale > 0 {
		k.Levels = mcmc.GeometricLevels(s.Scale)
	}
	return denoised(s, k)
}

// denoised plans draws at multiples of the kernel's own distance.
func denoised(s infer.Settings, k mcmc.DMCMC) (infer.MethodPlan, error) {
	k.StepSize, k.Skip, k.Heun, k.Smallest, k.Argmax = s.StepSize, s.Skip, s.Heun, s.Smallest, s.Argmax
	k = k.WithDefaults()
	p := s.ChainPlan(k, 4)
	p.Thin = cmp.Or(s.Thin, k.Skip)
	if p.Thin%k.Skip != 0 {
		return p, &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("a draw every %d steps", p.Thin),
			Do: fmt.Sprintf("thin by a multiple of %d", k.Skip)}
	}
	p.Discard = (p.Discard + k.Skip - 1) / k.Skip * k.Skip
	return p, nil
}

// particlePlan plans runs of a kernel that needs no training, whitened where the settings say so.
func particlePlan(t ito.Target, s infer.Settings, k infer.Kernel) (infer.MethodPlan, error) {
	return s.WhitenedPlan(t, "none", func(ito.Target) (infer.MethodPlan, error) { return s.RunPlan(k), nil })
}
