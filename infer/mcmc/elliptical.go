package mcmc

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
)

// EllipticalSlice samples densities with a normal prior N(m, C) without any tuning: a uniform level under the
// likelihood and a bracket that shrinks on the ellipse through x and a draw of the prior (Murray, Adams and MacKay,
// AISTATS 2010, figure 2). No gradients; two or three evaluations a step where the likelihood is broad.
type EllipticalSlice struct {
	Prior NormalPrior // nil: N(0, I)
	// Likelihood says that the target is the likelihood alone. Otherwise the target includes the prior's density.
	Likelihood bool
}

// Name implements Kernel.
func (EllipticalSlice) Name() string { return "elliptical" }

// Slots implements Kernel.
func (EllipticalSlice) Slots() int { return 1 }

// Validate implements infer.Validator.
func (k EllipticalSlice) Validate(d int) error {
	return priorOr(k.Prior).ValidatePrior(d, !k.Likelihood)
}

// Init implements Kernel.
func (k EllipticalSlice) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return infer.BeginDensity(ctx, p, s)
}

// mostShrinks bounds the shrinking of a bracket: after 200 halvings in the mean nothing of it is left, and the
// chain stays, counted.
const mostShrinks = 200

// Step implements Kernel.
func (k EllipticalSlice) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	n, d := s.Groups, s.D
	ν, x, logp, u := s.Scratch("ν", n*d), s.Scratch("x", n*d), s.Scratch("logp", n), s.Scratch("u", n)
	level, θ, lo, hi := s.Scratch("level", n), s.Scratch("θ", n), s.Scratch("lo", n), s.Scratch("hi", n)
	prior, z, m := priorOr(k.Prior), s.Scratch("z", n*d), s.Scratch("m", d)
	s.Normals(p.Seed, 0, z)
	prior.Centre(m)
	s.Uniforms(p.Seed, 1, u)
	angle := rng.NewKey(p.Seed, rng.PurposeSolver, s.Step, 2)
	draw := func(g int, e uint32) float64 {
		var v [1]float64
		angle.Uniforms64At(v[:], 1, s.ID[g:g+1], e)
		return v[0]
	}
	active := make([]int, n)
	for i := range n {
		prior.Root(ν[i*d:(i+1)*d], z[i*d:(i+1)*d])
		level[i] = likelihood(k.Likelihood, prior, s.LogP[i], s.X[i*d:(i+1)*d]) + math.Log(u[i])
		θ[i] = 2 * math.Pi * draw(i, 0)
		lo[i], hi[i] = θ[i]-2*math.Pi, θ[i]
		active[i] = i
	}
	for try := uint32(1); len(active) > 0; try++ {
		for a, i := range active {
			cos, sin := math.Cos(θ[i]), math.Sin(θ[i])
			for j := range d {
				x[a*d+j] = m[j] + cos*(s.X[i*d+j]-m[j]) + sin*ν[i*d+j]
			}
		}
		if err := infer.Density(ctx, p, s, len(active), logp, x); err != nil {
			return err
		}
		left := active[:0]
		for a, i := range active {
			s.Count(i, infer.TallyEvaluations, 1)
			info.Leapfrogs[i]++
			at := x[a*d : (a+1)*d]
			switch {
			case !math.IsInf(logp[a], 1) && likelihood(k.Likelihood, prior, logp[a], at) > level[i]:
				copy(s.X[i*d:(i+1)*d], at)
				s.LogP[i] = logp[a]
			case try >= mostShrinks:
				s.Count(i, infer.TallyDropped, 1)
			default:
				if θ[i] < 0 {
					lo[i] = θ[i]
				} else {
					hi[i] = θ[i]
				}
				θ[i] = lo[i] + (hi[i]-lo[i])*draw(i, try)
				left = append(left, i)
			}
		}
		active = left
	}
	return nil
}
