package pathspace

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"

	"gonum.org/v1/gonum/floats"
)

// Control is a control of a [Process]: it is safe for concurrent use.
type Control interface {
	// Control writes u at step k for the rows of x [n,d]; guide holds the process's directions there.
	Control(ctx context.Context, k, d int, u, x, guide []float64) error
}

// ControlFunc is a control written for one row and without the target's gradient.
type ControlFunc func(k int, u, x []float64)

// Control implements Control.
func (f ControlFunc) Control(_ context.Context, k, d int, u, x, _ []float64) error {
	for i := 0; i < len(x); i += d {
		f(k, u[i:i+d], x[i:i+d])
	}
	return nil
}

// Controlled simulates a controlled diffusion and weights its ends: log Z = log mean e^{−R}, unbiased for Z with
// any control. The variable "elbo" is the mean of −R without its martingale Σ Rate·u·ε, whose mean is zero: a lower
// bound of log Z in expectation and, with its standard error "elbose", a check: where it lies above log Z, a few
// paths of large weight are missing and log Z is too low. The particles are unweighted draws of the controlled
// process; "logw" holds their normalised log weights. A path whose cost is not finite is dropped, of weight zero,
// and counted.
type Controlled struct {
	Process   Process
	Control   Control // nil: none
	Particles int     // 0: 2000
}

// Name implements Kernel: the name of the process.
func (k Controlled) Name() string { return k.Process.Name() }

// Slots implements Kernel.
func (k Controlled) Slots() int { return cmp.Or(k.Particles, 2000) }

// TotalSteps is when it ends.
func (k Controlled) TotalSteps() int { return k.Process.Steps() }

// Finished implements Ender.
func (k Controlled) Finished(s *infer.State) bool { return int(s.Step) >= k.Process.Steps() }

// Validate implements infer.Validator.
func (k Controlled) Validate(int) error {
	if k.Slots() < 1 {
		return &ito.InputError{Where: k.Name(), What: fmt.Sprintf("%d particles", k.Particles)}
	}
	return k.Process.Validate()
}

// Init implements Kernel.
func (k Controlled) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	infer.PriorKey(p.Seed, 0).Normals64(s.X, s.Slots*s.D, s.ID)
	cost := s.AddVar("cost", s.Slots)
	for i := range cost {
		cost[i] = k.Process.Start(s.X[i*s.D : (i+1)*s.D])
	}
	s.AddVar("martingale", s.Slots)
	for _, name := range []string{"logz", "elbo", "elbose", "ess", "khat"} {
		s.AddVar(name, 1)
	}
	s.AddVar("logw", s.Slots)
	anc := s.AddVar("ancestor", s.Slots)
	for i := range anc {
		anc[i] = float64(i % s.Slots)
	}
	return nil
}

// Step implements Kernel.
func (k Controlled) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, _ *infer.Info) error {
	n, d, step := s.Groups*s.Slots, s.D, int(s.Step)
	u, ε := s.Scratch("u", n*d), s.Scratch("ε", n*d)
	s.Normals(p.Seed, 0, ε)
	if err := k.controls(ctx, p, s, step, u); err != nil {
		return err
	}
	cost, martingale, move, rate := s.Var("cost"), s.Var("martingale"), k.Process.Move(step), k.Process.Rate(step)
	before := s.Scratch("before", n*d)
	copy(before, s.X)
	for i := range n {
		lo, hi := i*d, (i+1)*d
		cost[i] += move(s.X[lo:hi], u[lo:hi], ε[lo:hi])
		martingale[i] += rate * floats.Dot(u[lo:hi], ε[lo:hi])
	}
	if b, both := k.Process.(BothWays); both {
		if err := k.backward(ctx, p, s, b, before, u, ε); err != nil {
			return err
		}
	}
	if step < k.Process.Steps()-1 {
		return nil
	}
	return k.end(ctx, p, s)
}

// backward adds what the backward control of a bridge makes of the step from x.
func (k Controlled) backward(ctx context.Context, p infer.SeededTarget, s *infer.State, b BothWays, x, u,
	ε []float64) error {
	n, d := s.Groups*s.Slots, s.D
	v, z, div := s.Scratch("v", n*d), s.Scratch("z", n*d), s.Scratch("div", n)
	if _, probed := b.Divergence(); probed {
		s.Normals(p.Seed, 1, z)
		signs(z)
	}
	if err := backwards(ctx, b, int(s.Step), v, div, x, s.X, z); err != nil {
		return err
	}
	cost := s.Var("cost")
	for i := range n {
		lo, hi := i*d, (i+1)*d
		cost[i] += b.Extra(int(s.Step), x[lo:hi], s.X[lo:hi], u[lo:hi], ε[lo:hi], v[lo:hi], div[i])
	}
	return nil
}

// controls evaluates the control at the particles; a learned one needs the target's gradient.
func (k Controlled) controls(ctx context.Context, p infer.SeededTarget, s *infer.State, step int, u []float64) error {
	clear(u)
	if k.Control == nil {
		return nil
	}
	var guide []float64
	if _, free := k.Control.(ControlFunc); !free {
		guide = s.Scratch("guide", len(u))
		if err := guides(ctx, p, s, k.Process, step, guide, s.X); err != nil {
			return err
		}
	}
	return k.Control.Control(ctx, step, s.D, u, s.X, guide)
}

// guides are the process's directions; 0 where the gradient is not finite.
func guides(ctx context.Context, p infer.SeededTarget, s *infer.State, pr Process, step int, guide, x []float64) error {
	n := len(x) / s.D
	if err := infer.Gradient(ctx, p, s, n, s.Scratch("guides.logp", n), guide, x); err != nil {
		return err
	}
	s.CountAll(infer.TallyGradients, 1)
	guideRows(pr, step, guide, x, guide)
	return nil
}

// guideRows are the process's directions from ∇log ρ; 0 where they are not finite.
func guideRows(pr Process, k int, guide, x, score []float64) {
	for i, g := range score {
		if guide[i] = pr.Guide(k, x[i], g); !infer.Finite(guide[i]) {
			guide[i] = 0
		}
	}
}

// mostCost is the modulus from which a path's cost counts as not finite.
const mostCost = 1e8

func (k Controlled) end(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	n, d := s.Groups*s.Slots, s.D
	if err := infer.Density(ctx, p, s, n, s.LogP, s.X); err != nil {
		return err
	}
	s.CountAll(infer.TallyEvaluations, 1)
	cost, martingale, logw, elbo, se := s.Var("cost"), s.Var("martingale"), s.Var("logw"), s.Var("elbo"),
		s.Var("elbose")
	for g := range s.Groups {
		kept := 0.
		for i := g * s.Slots; i < (g+1)*s.Slots; i++ {
			cost[i] += k.Process.End(s.X[i*d:(i+1)*d]) - s.LogP[i]
			logw[i] = -cost[i]
			if !(math.Abs(cost[i]) < mostCost) {
				logw[i] = math.Inf(-1)
				if !math.IsInf(s.LogP[i], -1) {
					s.Count(g, infer.TallyDropped, 1)
				}
				continue
			}
			kept++
			elbo[g] -= cost[i] - martingale[i]
		}
		elbo[g] /= kept
		for i := g * s.Slots; i < (g+1)*s.Slots; i++ {
			if math.Abs(cost[i]) < mostCost {
				δ := cost[i] - martingale[i] + elbo[g]
				se[g] += δ * δ / (kept * (kept - 1))
			}
		}
		se[g] = math.Sqrt(se[g])
		w := logw[g*s.Slots : (g+1)*s.Slots]
		total := metric.LogSumExp(w)
		s.Var("logz")[g] = total - math.Log(float64(s.Slots))
		s.Var("ess")[g], s.Var("khat")[g] = metric.ESSWeights(w), metric.KHat(w, 1)
		for i := range w {
			w[i] -= total
		}
	}
	return nil
}

// Warnings implements infer.Warner.
func (k Controlled) Warnings(s *infer.State) []string {
	if !k.Finished(s) {
		return nil
	}
	return append(infer.ParticleWarnings(s), boundWarnings(s)...)
}

// boundWarnings say that the bound lies above the estimate by more than four of its own standard errors: the paths
// of large weight were not met, or too many were dropped.
func boundWarnings(s *infer.State) []string {
	above := 0
	elbo, se := s.Var("elbo"), s.Var("elbose")
	for g, z := range s.Var("logz") {
		if elbo[g] > z+4*se[g] {
			above++
		}
	}
	if above == 0 {
		return nil
	}
	return []string{fmt.Sprintf("in %d of %d runs the lower bound of log Z lies above its estimate: the paths of "+
		"large weight were not met, or dropped, and log Z is too low; train longer or take more particles and steps",
		above, s.Groups)}
}
