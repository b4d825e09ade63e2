package anneal

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"

	"gonum.org/v1/gonum/floats"
)

// Annealing is a family of densities p_λ from a reference (λ near 0) to the target (λ = 1), known by its score.
type Annealing interface {
	Name() string
	// Start turns standard normals, rows of d, into draws near p_λ.
	Start(z []float64, d int, λ float64)
	// Score writes ∇log p_λ at the rows of x and counts what it cost. It owns the addresses from sub 8 on of the
	// step's noise.
	Score(ctx context.Context, p infer.SeededTarget, s *infer.State, λ float64, score, x []float64) error
}

// Density is an [Annealing] whose log p_λ can be evaluated, up to a constant: LogDensity writes it of the rows of x.
type Density interface {
	Annealing
	LogDensity(ctx context.Context, t ito.Target, λ float64, logp []float64, x ito.States) error
}

// StepRule chooses the step size of one particle.
type StepRule interface {
	// Size is h for a particle whose score at λ has the given norm.
	Size(λ, norm float64) float64
}

// Fixed is one step size for all particles and λ.
type Fixed struct{ H float64 }

// Size implements StepRule.
func (r Fixed) Size(_, _ float64) float64 { return r.H }

// DriftBounded is h = min(Max, Drift/‖∇log p_λ(x)‖), particle by particle: steps as large as the drift allows. Its
// invariant density at a fixed λ is proportional to p_λ/h, so it must be followed by an exact sampler.
type DriftBounded struct{ Max, Drift float64 }

// Size implements StepRule.
func (r DriftBounded) Size(_, norm float64) float64 {
	if norm*r.Max <= r.Drift {
		return r.Max
	}
	return r.Drift / norm
}

// Scaled is h = λH. On the dilation path it is exactly [mcmc.ULA] with step H in the coordinates x/√λ: a control.
type Scaled struct{ H float64 }

// Size implements StepRule.
func (r Scaled) Size(λ, _ float64) float64 { return λ * r.H }

// Annealed follows an annealing with unadjusted Langevin steps, x' = x + h∇log p_λ(x) + √(2h) z, with λ_k =
// max(Floor, min(k/(Reach·Steps), 1)^Power), and ends with Finish steps of MALA on the target, whose step size is
// adapted particle by particle in the first half of them. A group is one particle; particles do not interact.
//
// On the dilation path this is the sampler of A Practical Diffusion Path for Sampling (arXiv:2406.14040); the step
// rules are ours. What it does and does not: it finds well-separated modes of low dimension without tuning, but not
// their weights (of .1 and .9 at ±5 it gives about .2 and .8), and in fifty dimensions it finds one mode in forty.
// Use [advise.Trust] on its particles, and start [SMC] or [mcmc.Tempering] from what it finds.
type Annealed struct {
	Path   Annealing // nil: Dilation
	Rule   StepRule  // nil: DriftBounded{1, 1}
	Steps  int       // K; 0: 1000
	First  float64   // λ of the start; 0: 1e-3
	Floor  float64   // least λ on the way; 0: First
	Reach  float64   // the fraction of the steps after which λ = 1; 0: .9
	Power  float64   // 0: 2
	Finish int       // steps of MALA at λ = 1; 0: 200, −1: none
}

// Follower is a kernel whose particles follow an annealing from λ near 0 to 1 and may be looked at on the way.
type Follower interface {
	infer.Kernel
	// Lambda is λ of a step.
	Lambda(step int) float64
	// Annealing is what is followed; nil: the dilation.
	Annealing() Annealing
}

// Annealing implements Follower.
func (k Annealed) Annealing() Annealing { return k.Path }

// WithDefaults has the defaults in place of zeros.
func (k Annealed) WithDefaults() Annealed {
	if k.Path == nil {
		k.Path = Dilation{}
	}
	if k.Rule == nil {
		k.Rule = DriftBounded{1, 1}
	}
	k.Steps = cmp.Or(k.Steps, 1000)
	k.First = cmp.Or(k.First, 1e-3)
	k.Floor = cmp.Or(k.Floor, k.First)
	k.Reach = cmp.Or(k.Reach, .9)
	k.Power = cmp.Or(k.Power, 2)
	k.Finish = max(cmp.Or(k.Finish, 200), 0)
	return k
}

// Name implements Kernel: the name of the annealing.
func (k Annealed) Name() string { return k.WithDefaults().Path.Name() }

// Slots implements Kernel.
func (Annealed) Slots() int { return 1 }

// TotalSteps is when it ends.
func (k Annealed) TotalSteps() int { return k.WithDefaults().Steps + k.WithDefaults().Finish }

// Finished implements Ender.
func (k Annealed) Finished(s *infer.State) bool {
	k = k.WithDefaults()
	return int(s.Step) >= k.Steps+k.Finish
}

// Lambda is λ at step k.
func (k Annealed) Lambda(step int) float64 {
	k = k.WithDefaults()
	t := float64(step) / (k.Reach * float64(k.Steps))
	return max(k.Floor, math.Pow(min(t, 1), k.Power))
}

// Validate implements infer.Validator.
func (k Annealed) Validate(d int) error {
	k = k.WithDefaults()
	bad := k.Steps < 1 || !(k.First > 0 && k.First <= 1) || !(k.Floor > 0 && k.Floor <= 1) ||
		!(k.Reach > 0 && k.Reach <= 1) || !(k.Power > 0)
	for _, λ := range []float64{k.First, 1} {
		h := k.Rule.Size(λ, 1)
		bad = bad || !(h > 0) || !infer.Finite(h)
	}
	if bad {
		return &ito.InputError{Where: k.Name(), What: fmt.Sprintf("%d steps, λ from %v and at least %v, reaching 1 "+
			"at %v with power %v, rule %+v", k.Steps, k.First, k.Floor, k.Reach, k.Power, k.Rule),
			Do: "give a step or more, λ and the fraction in (0, 1], a positive power and positive step sizes"}
	}
	if v, ok := k.Path.(infer.Validator); ok {
		return v.Validate(d)
	}
	return nil
}

func (k Annealed) tuner() mcmc.Tuner {
	return mcmc.Tuner{Name: k.Name(), Warmup: k.Finish / 2, Accept: .574, StepSize: 1, Metric: mcmc.Unit, From: k.Steps}
}

// Init implements Kernel: the particles are drawn near p_λ of the first λ.
func (k Annealed) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	k = k.WithDefaults()
	infer.PriorKey(p.Seed, 0).Normals64(s.X, s.D, s.ID)
	k.Path.Start(s.X, s.D, k.First)
	s.AddVar("grad", s.D)
	return k.tuner().Init(ctx, p, s)
}

// Step implements Kernel. A particle whose score or next place is not finite stays where it is and is counted.
func (k Annealed) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	k = k.WithDefaults()
	if int(s.Step) >= k.Steps {
		return mcmc.HamiltonianStep(ctx, p, s, info, k.tuner(), s.Var("eps"), 1)
	}
	n, d := s.Groups, s.D
	score, z := s.Scratch("score", n*d), s.Scratch("z", n*d)
	λ := k.Lambda(int(s.Step))
	if err := k.Path.Score(ctx, p, s, λ, score, s.X); err != nil {
		return err
	}
	s.Normals(p.Seed, 0, z)
	for i := range n {
		g, x, e := score[i*d:(i+1)*d], s.X[i*d:(i+1)*d], z[i*d:(i+1)*d]
		norm := math.Sqrt(floats.Dot(g, g))
		h := k.Rule.Size(λ, norm)
		info.StepSize[i] = h
		amp := math.Sqrt(2 * h)
		for j, v := range x {
			e[j] = v + h*g[j] + amp*e[j]
		}
		if !infer.AllFinite(e) {
			s.Count(i, infer.TallyDropped, 1)
			continue
		}
		copy(x, e)
	}
	if int(s.Step) == k.Steps-1 {
		return k.arrive(ctx, p, s)
	}
	return nil
}

// arrive evaluates the target where the annealing has brought the particles, and finds step sizes for MALA. A
// particle that stands where the density is zero or not a number is counted; MALA takes the first place of positive
// density that it meets.
func (k Annealed) arrive(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	grad := s.Var("grad")
	if err := infer.Gradient(ctx, p, s, s.Groups, s.LogP, grad, s.X); err != nil {
		return err
	}
	for i := range s.Groups {
		s.Count(i, infer.TallyGradients, 1)
		if g := grad[i*s.D : (i+1)*s.D]; !infer.Finite(s.LogP[i]) || !infer.AllFinite(g) {
			s.Count(i, infer.TallyDropped, 1)
			s.LogP[i] = math.Inf(-1)
			clear(g)
		}
	}
	if k.Finish == 0 {
		return nil
	}
	t := k.tuner()
	if err := t.FindStep(ctx, p, s); err != nil {
		return err
	}
	t.Restart(s)
	return nil
}
