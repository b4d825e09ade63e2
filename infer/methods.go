package infer

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Kind says what a method's draws are.
type Kind uint8

// The kinds of methods.
const (
	Chains    Kind = iota // states of Markov chains, in their order
	Particles             // the particles at the end of runs, perhaps with weights
)

func (k Kind) String() string {
	if k == Particles {
		return "particles"
	}
	return "chains"
}

// Method is a sampler by its name, with a constructor from the settings that all methods share.
type Method struct {
	Name    string
	Summary string
	Source  string
	Kind    Kind
	// Evidence says that it estimates log ∫ρ; Crosses that it may find and cross between separate modes; Trained that a
	// network is trained first; Gradient that it needs the gradient.
	Evidence, Crosses, Trained, Gradient bool

	start normalStart
	build func(t ito.Target, s Settings) (Plan, error)
}

// Plan is a method made for a target: what [Run] needs, and what must happen before.
type Plan struct {
	Method Method
	Kernel Kernel
	Seed   uint64
	Groups int
	// into which the draws fall: chains, or independent runs. Particles that do not interact are one run or
	// several of equal size
	Chains  int
	Draws   int     // of every group; 1 for a kernel that ends by itself
	Thin    int     // steps of a draw
	Discard int     // steps after the kernel's own warm-up that are not drawn
	Radius  float64 // chains start in (−Radius, Radius)^d; 0: the kernel chooses its start
	// Train learns what the kernel needs, and must be finished before the kernel is run; nil: nothing.
	Train Trainer
}

// mostNumbers bounds the coordinates of all chains or particles together; a state has some ten arrays of that size.
const mostNumbers = 1 << 28

// Methods lists the methods.
func Methods() []Method { return append([]Method(nil), methods...) }

// MethodNames lists their names.
func MethodNames() []string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = m.Name
	}
	return names
}

// FindMethod returns the method of a name, or an *ito.InputError with the nearest.
func FindMethod(name string) (Method, error) {
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
	}
	return Method{}, &ito.InputError{Where: "method", What: fmt.Sprintf("unknown method %q", name),
		Do: suggest.Among(name, MethodNames())}
}

// Plan makes the method for a target. A method that cannot work on it is an *ito.UnsupportedError with the reason
// and the nearest that can.
func (m Method) Plan(t ito.Target, s Settings) (Plan, error) {
	if err := s.validate(); err != nil {
		return Plan{}, err
	}
	p, err := m.build(t, s)
	if err != nil {
		return Plan{}, err
	}
	p.Method, p.Seed, p.Thin = m, s.Seed, max(p.Thin, 1)
	if n := float64(p.Groups) * float64(p.Kernel.Slots()) * float64(t.Dim()); n > mostNumbers {
		return p, &ito.InputError{Where: m.Name, What: fmt.Sprintf("%d particles or chains of dimension %d do not "+
			"fit into memory", p.Groups*p.Kernel.Slots(), t.Dim()), Do: "take fewer at a time, with other seeds"}
	}
	if _, ends := p.Kernel.(Ender); !ends && p.Radius == 0 {
		p.Radius = or(s.Radius, 2)
	}
	if v, ok := p.Kernel.(interface{ validate(d int) error }); ok {
		return p, v.validate(t.Dim())
	}
	return p, nil
}

// Start makes the state of a run that has not begun.
func (p Plan) Start(ctx context.Context, t ito.Target) (*State, error) {
	s := NewState(p.Kernel, p.Groups, t.Dim(), 0)
	if p.Radius == 0 {
		return s, nil
	}
	return s, s.Scatter(ctx, t, p.Seed, p.Radius)
}

// Options are o with what the plan decides: seed, draws, thinning.
func (p Plan) Options(o Options) Options {
	o.Seed, o.Draws, o.Thin, o.Discard = p.Seed, p.Draws, p.Thin, p.Discard
	return o
}

// Run trains what is to be trained, starts and runs, with o's workers, sinks and observers.
func (p Plan) Run(ctx context.Context, t ito.Target, o Options) (Report, *State, error) {
	for p.Train != nil {
		done, of := p.Train.Progress()
		if done >= of {
			break
		}
		if err := ctx.Err(); err != nil {
			return Report{}, nil, err
		}
		if _, err := p.Train.Step(ctx); err != nil {
			return Report{}, nil, fmt.Errorf("training %s: %w", p.Method.Name, err)
		}
	}
	s, err := p.Start(ctx, t)
	if err != nil {
		return Report{}, nil, err
	}
	r, err := Run(ctx, t, p.Kernel, s, p.Options(o))
	return r, s, err
}

// chains plans one draw of every chain a step.
func (s Settings) chains(k Kernel, groups int) Plan {
	p := Plan{Kernel: k, Groups: whole(s.Chains, groups), Draws: whole(s.Draws, 1000), Thin: whole(s.Thin, 1)}
	p.Chains = p.Groups * Drawn(k)
	if _, own := k.(Warmer); !own {
		p.Discard = s.warmup()
	}
	return p
}

// runs plans independent runs of interacting or weighted particles.
func (s Settings) runs(k Kernel) Plan {
	n := whole(s.Chains, 4)
	return Plan{Kernel: k, Groups: n, Chains: n, Draws: 1}
}

// particles plans runs of a kernel that needs no training, whitened where the settings say so.
func (s Settings) particles(t ito.Target, k Kernel) (Plan, error) {
	return s.whitened(t, "none", func(ito.Target) (Plan, error) { return s.runs(k), nil })
}

// methods is the list, the default first.
var methods = []Method{
	{Name: "nuts", Summary: "the no-U-turn sampler with Stan's warm-up",
		Source: "Hoffman and Gelman, JMLR 15, 2014; arXiv:1701.02434", Gradient: true,
		build: func(t ito.Target, s Settings) (Plan, error) {
			return s.chains(NUTS{StepSize: s.StepSize, MaxDepth: s.MaxDepth, Metric: s.metric(t.Dim()),
				Warmup: s.warmup(), Accept: s.Accept}, 4), nil
		}},
	{Name: "hmc", Summary: "Hamiltonian Monte Carlo, trajectories of fixed length",
		Source: "Duane et al. 1987; Neal 2011", Gradient: true,
		build: func(t ito.Target, s Settings) (Plan, error) {
			return s.chains(HMC{StepSize: s.StepSize, Leapfrogs: s.Leapfrogs, Jitter: .2, Metric: s.metric(t.Dim()),
				Warmup: s.warmup(), Accept: s.Accept}, 4), nil
		}},
	{Name: "mala", Summary: "Langevin steps, accepted or rejected", Source: "Roberts and Tweedie, Bernoulli 2, 1996",
		Gradient: true,
		build: func(_ ito.Target, s Settings) (Plan, error) {
			return s.chains(MALA{StepSize: s.StepSize, Warmup: s.warmup(), Accept: s.Accept}, 4), nil
		}},
	{Name: "ula", Summary: "Langevin steps without correction: biased by its step size",
		Source: "Roberts and Tweedie, Bernoulli 2, 1996", Gradient: true,
		build: func(_ ito.Target, s Settings) (Plan, error) { return s.chains(ULA{or(s.StepSize, .01)}, 4), nil }},
	{Name: "pt", Summary: "parallel tempering: a ladder of temperatures that exchange their states",
		Source: "Geyer 1991; Syed et al., JRSS B 84, 2022", Crosses: true, Gradient: true,
		build: func(_ ito.Target, s Settings) (Plan, error) {
			k := Tempering{Count: s.Temperatures, Least: s.LeastBeta, Leapfrogs: s.Leapfrogs, Warmup: s.warmup(),
				StepSize: s.StepSize}
			if s.Scale > 0 {
				k.Reference = &Reference{SD: []float64{s.Scale}}
			}
			return s.chains(k, 4), nil
		}},
	{Name: "smc", Summary: "adaptive sequential Monte Carlo from a normal to the target",
		Source: "Del Moral, Doucet and Jasra, JRSS B 68, 2006", Kind: Particles, Evidence: true, Crosses: true,
		Gradient: true, start: anyNormal,
		build: func(t ito.Target, s Settings) (Plan, error) {
			if s.Metric == "unit" {
				return Plan{}, &ito.InputError{Where: "smc", What: "a unit metric",
					Do: "take diagonal or dense: particles tell their scales"}
			}
			if d, n := t.Dim(), whole(s.Draws, 1000); s.Metric == "dense" && d > 1 && (d > mostDense ||
				n < perCoordinate*d) {
				return Plan{}, &ito.InputError{Where: "smc", What: fmt.Sprintf("a dense metric of %d particles in %d "+
					"dimensions", n, d), Do: fmt.Sprintf("take auto or diagonal, or %d particles to a dimension in "+
					"%d dimensions at most", perCoordinate, mostDense)}
			}
			return s.particles(t, SMC{Particles: whole(s.Draws, 1000), Reference: s.reference(), ESS: s.ESS,
				Leapfrogs: s.Leapfrogs, Moves: s.Moves, Diagonal: s.Metric == "diagonal"})
		}},
	{Name: "ais", Summary: "annealed importance sampling: weighted particles that are never resampled",
		Source: "Neal, Statistics and Computing 11, 2001", Kind: Particles, Evidence: true, Crosses: true,
		Gradient: true, start: anyNormal,
		build: func(t ito.Target, s Settings) (Plan, error) {
			return s.particles(t, AIS{Particles: whole(s.Draws, 1000), Reference: s.reference(), Steps: s.Steps,
				Leapfrogs: s.Leapfrogs})
		}},
	{Name: "dilation", Summary: "the dilation path with steps bounded by the drift, then mala",
		Source: "Chehab and Korba, arXiv:2406.14040; the step rule is ours", Kind: Particles, Crosses: true,
		Gradient: true,
		build:    annealed(Dilation{})},
	{Name: "geometric", Summary: "the same along the geometric path from N(0, I)", Source: "control of dilation",
		Kind: Particles, Crosses: true, Gradient: true, start: unitNormal,
		build: annealed(Geometric{})},
	{Name: "convolutional", Summary: "the same along the diffusion path, whose score is a nested Monte Carlo estimate",
		Source: "control of dilation", Kind: Particles, Crosses: true, Gradient: true,
		build: annealed(Convolutional{})},
	{Name: "pdds", Summary: "the particle denoising diffusion sampler with the naive potential, or one that is trained",
		Source: "Phillips et al., ICML 2024, arXiv:2402.06320", Kind: Particles, Evidence: true, Crosses: true,
		Gradient: true, start: scaleNormal,
		build: denoisingParticles},
	{Name: "pis", Summary: "the path integral sampler with a trained control",
		Source: "Zhang and Chen, ICLR 2022; trained as arXiv:2307.01198", Kind: Particles, Evidence: true,
		Crosses: true, Trained: true, Gradient: true, start: scaleNormal,
		build: controlled(func(_ int, s Settings) (Process, error) { return PIS{K: s.Steps, Sigma: s.Scale}, nil })},
	{Name: "dds", Summary: "the denoising diffusion sampler with a trained control",
		Source: "Vargas, Grathwohl and Doucet, ICLR 2023", Kind: Particles, Evidence: true, Crosses: true,
		Trained: true, Gradient: true, start: scaleNormal,
		build: controlled(func(_ int, s Settings) (Process, error) { return DDS{K: s.Steps, Sigma: s.Scale}, nil })},
	{Name: "dis", Summary: "the time-reversed diffusion sampler with a trained control",
		Source: "Berner, Richter and Ullrich, TMLR 2024", Kind: Particles, Evidence: true, Crosses: true, Trained: true,
		Gradient: true, start: unitNormal,
		build: controlled(func(_ int, s Settings) (Process, error) { return DIS{K: s.Steps}, nil })},
	{Name: "bridge", Summary: "dis whose backward process is trained too",
		Source: "Richter and Berner, ICLR 2024, arXiv:2307.01198", Kind: Particles, Evidence: true, Crosses: true,
		Trained: true, Gradient: true, start: unitNormal,
		build: controlled(func(d int, s Settings) (Process, error) {
			return NewBridge(DIS{K: s.Steps}, false, d, Shape{Width: s.Width}, s.Seed+2)
		})},
	{Name: "dmcmc", Summary: "denoising Markov chain Monte Carlo, for densities with a known smoothed form, or led " +
		"by a trained field", Source: "Kim and Ye, ICML 2023, arXiv:2209.14593", Crosses: true, Gradient: true,
		build: denoising},
	{Name: "ess", Summary: "elliptical slice sampling under the normal prior that the model declares, or of a scale",
		Source: "Murray, Adams and MacKay, AISTATS 2010",
		build: func(t ito.Target, s Settings) (Plan, error) {
			prior, err := normalPrior("ess", t, s)
			return s.chains(EllipticalSlice{Prior: prior}, 4), err
		}},
	{Name: "pcn", Summary: "preconditioned Crank-Nicolson steps under the normal prior that the model declares, or " +
		"of a scale", Source: "Cotter, Roberts, Stuart and White, Statistical Science 28, 2013",
		build: func(t ito.Target, s Settings) (Plan, error) {
			prior, err := normalPrior("pcn", t, s)
			return s.chains(PCN{Prior: prior, Beta: s.Beta}, 4), err
		}},
	{Name: "stretch", Summary: "the affine-invariant ensemble of emcee; every walker is a chain",
		Source: "Goodman and Weare, CAMCoS 5, 2010",
		build: func(t ito.Target, s Settings) (Plan, error) {
			return s.chains(Stretch{Walkers: whole(s.Walkers, max(64, 2*(t.Dim()+1)))}, 1), nil
		}},
}

// annealed plans particles that follow an annealing, every one for itself.
func annealed(path Annealing) func(ito.Target, Settings) (Plan, error) {
	return func(_ ito.Target, s Settings) (Plan, error) {
		h := or(s.StepSize, 1)
		k := Annealed{Path: path, Rule: DriftBounded{h, h}, Steps: s.Steps, Finish: s.Finish}
		switch {
		case s.Rule == "fixed":
			k.Rule = Fixed{h}
		case s.Rule == "scaled":
			k.Rule = Scaled{h}
		}
		switch {
		case s.Finish < 0:
			k.Finish = 0
		case s.Finish == 0:
			k.Finish = -1
		}
		runs := whole(s.Chains, 1)
		return Plan{Kernel: k, Groups: whole(s.Draws, 1000) * runs, Chains: runs, Draws: 1}, nil
	}
}

// denoisingParticles plans PDDS, whose potential is trained first where the settings say so.
func denoisingParticles(t ito.Target, s Settings) (Plan, error) {
	return s.whitened(t, "none", s.denoisingParticles)
}

func (s Settings) denoisingParticles(t ito.Target) (Plan, error) {
	k := PDDS{Particles: whole(s.Draws, 2000), Steps: s.Steps, Sigma: s.Scale, Moves: s.Moves}
	if s.Potential != "learned" {
		return s.runs(k), nil
	}
	l, err := NewLearnedPotential(t.Dim(), Shape{Width: s.Width}, s.Seed)
	if err != nil {
		return Plan{}, err
	}
	learnt := k
	learnt.Particles = whole(s.RefreshDraws, k.Particles)
	if n := float64(learnt.Particles) * float64(t.Dim()); n > mostNumbers {
		return Plan{}, &ito.InputError{Where: "pdds", What: fmt.Sprintf("%d particles of dimension %d to learn from "+
			"do not fit into memory", learnt.Particles, t.Dim()), Do: "take fewer, and refresh them more often"}
	}
	c := &PotentialTraining{Target: t, Kernel: learnt, Potential: l, Rounds: s.Rounds, Iterations: s.Iterations,
		Refresh: s.Refresh, Batch: s.Batch, LearningRate: s.LearningRate, Decay: s.Decay, Seed: s.Seed, Pool: s.Pool}
	k.Potential = l
	p := s.runs(k)
	p.Train = c
	return p, c.validate()
}

func denoising(t ito.Target, s Settings) (Plan, error) {
	if f, ok := t.(*FieldTarget); ok {
		return denoisingField(f, s)
	}
	smooth, ok := t.(Smoothed)
	if !ok {
		return Plan{}, &ito.UnsupportedError{What: "dmcmc on this target",
			Why: "it needs the density convolved with normal noise, which the target does not know", Nearest: "pt"}
	}
	k := DMCMC{Density: smooth, StepSize: s.StepSize}
	if s.Scale > 0 {
		k.Levels = geometricLevels(s.Scale)
	}
	return s.denoised(k)
}

// denoised plans draws at multiples of the kernel's own distance.
func (s Settings) denoised(k DMCMC) (Plan, error) {
	k = k.custom()
	p := s.chains(k, 4)
	p.Thin = whole(s.Thin, k.Skip)
	if p.Thin%k.Skip != 0 {
		return p, &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("a draw every %d steps", p.Thin),
			Do: fmt.Sprintf("thin by a multiple of %d", k.Skip)}
	}
	p.Discard = (p.Discard + k.Skip - 1) / k.Skip * k.Skip
	return p, nil
}
