package mcmc

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
)

// Stretch is the affine-invariant ensemble sampler (Goodman and Weare, CAMCoS 5, 2010; the parallel form of
// Foreman-Mackey et al. 2013): each walker of one half moves along the line through a random walker of the other, y
// + z(x − y) with z of density ∝ 1/√z on [1/A, A], accepted with min(1, z^{d−1}ρ'/ρ). A group is one ensemble and
// all its walkers are draws. No gradients, no tuning; fails slowly above some twenty dimensions.
type Stretch struct {
	Walkers int     // an even number, 2(d+1) or more; 0: 64
	A       float64 // 0: 2
}

// Name implements Kernel.
func (Stretch) Name() string { return "stretch" }

// Measures implements infer.Measured.
func (Stretch) Measures() infer.Measure { return infer.MeasureAccept }

// Slots implements Kernel.
func (k Stretch) Slots() int { return cmp.Or(k.Walkers, 64) }

// Validate implements infer.Validator.
func (k Stretch) Validate(d int) error {
	w, a := k.Slots(), cmp.Or(k.A, 2)
	if w < 2*(d+1) || w%2 != 0 || !(a > 1) || !infer.Finite(a) {
		return &ito.InputError{Where: "stretch", What: fmt.Sprintf("%d walkers of dimension %d, A = %v", w, d, a),
			Do: fmt.Sprintf("give an even number of walkers, %d or more, and A above 1", 2*(d+1))}
	}
	return nil
}

// Init implements Kernel. The walkers must not lie in a hyperplane: a step cannot leave it.
func (k Stretch) Init(ctx context.Context, p infer.SeededTarget, s *infer.State) error {
	return infer.BeginDensity(ctx, p, s)
}

// Step implements Kernel: both halves move once.
func (k Stretch) Step(ctx context.Context, p infer.SeededTarget, s *infer.State, info *infer.Info) error {
	a, w, d := cmp.Or(k.A, 2), s.Slots, s.D
	half := w / 2
	n := s.Groups * half
	u, x, logp, lz := s.Scratch("u", s.Groups*3*w), s.Scratch("x", n*d), s.Scratch("logp", n), s.Scratch("lz", n)
	s.Uniforms(p.Seed, 0, u)
	clear(info.Accept)
	for side := range 2 {
		for i := range n {
			g, slot := i/half, side*half+i%half
			v := u[(g*w+slot)*3:]
			other := (1-side)*half + min(int(v[0]*float64(half)), half-1)
			r := math.Sqrt(1/a) + v[1]*(math.Sqrt(a)-math.Sqrt(1/a))
			z := r * r
			lz[i] = float64(d-1) * math.Log(z)
			for j := range d {
				y := s.X[(g*w+other)*d+j]
				x[i*d+j] = y + z*(s.X[(g*w+slot)*d+j]-y)
			}
		}
		if err := infer.Density(ctx, p, s, n, logp, x); err != nil {
			return err
		}
		for i := range n {
			g, slot := i/half, side*half+i%half
			at := g*w + slot
			acc := math.Exp(min(0, lz[i]+logp[i]-s.LogP[at]))
			if math.IsNaN(acc) || math.IsInf(logp[i], 1) {
				acc = 0
			}
			info.Accept[g] += acc / float64(w)
			if u[at*3+2] < acc {
				copy(s.X[at*d:(at+1)*d], x[i*d:(i+1)*d])
				s.LogP[at] = logp[i]
			}
		}
	}
	for g := range s.Groups {
		s.Count(g, infer.TallyEvaluations, float64(w))
		s.Count(g, infer.TallyProposals, 1)
		s.Count(g, infer.TallyAccepted, info.Accept[g])
	}
	return nil
}
