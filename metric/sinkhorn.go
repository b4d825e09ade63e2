package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Sinkhorn is entropic optimal transport between two sets of points of equal weight,
//
//	OT(x,y) = min over plans π of Σ_ij π_ij C_ij + ρ KL(π | uniform ⊗ uniform).
//
// Sets of different sizes are allowed. The iterations run in the log domain, f_i = −ρ log Σ_j exp((g_j−C_ij)/ρ)/m,
// likewise g (Cuturi 2013; Peyré & Cuturi 2019, §4.4), and ρ falls from the largest cost to Reg by halves first,
// which shortens the way when Reg is small. Each iteration costs O(nmd) and two exponentials a pair; memory is
// O(n+m). A set with itself has one potential, which is updated symmetrically, with one exponential a pair.
//
// The zero value is ready: cost ½|y−x|² at ρ = 1, the plan of a Schrödinger bridge with σ = 1.
type Sinkhorn struct {
	Reg     float64 // ρ > 0; 0 means 1
	Scale   float64 // a in the cost ½|y−ax|²: e^{−B/2} for a bridge whose reference is VP; 0 means 1
	Squared bool    // the cost is |y−ax|², without the half
	Tol     float64 // largest L1 error of the marginals; 0 means 1e-6
	MaxIter int     // at the last ρ; 0 means 10000
}

// TransportPlan is a solved transport problem: π_ij = exp((f_i+g_j−C_ij)/ρ)/(nm).
type TransportPlan struct {
	F, G       []float64 // potentials [n], [m]
	Value      float64   // OT, by its dual: mean f + mean g
	Residual   float64   // L1 error of the marginals
	Iterations int
	problem    Sinkhorn
	x, y       ito.States
}

// NotConvergedError is an iteration that ended before its tolerance was met.
type NotConvergedError struct {
	What       string
	Iterations int
	Residual   float64 // what was reached, L1
	Tol        float64
}

func (e *NotConvergedError) Error() string {
	return fmt.Sprintf("%s did not converge in %d iterations: error %.3g, tolerance %.3g", e.What, e.Iterations,
		e.Residual, e.Tol)
}

// Solve finds the plan.
func (s Sinkhorn) Solve(ctx context.Context, x, y ito.States) (*TransportPlan, error) {
	if err := compatible(x, y); err != nil {
		return nil, err
	}
	s = s.withDefaults()
	if !(s.Reg > 0) || !(s.Tol > 0) || s.MaxIter < 1 || math.IsInf(s.Reg, 0) || math.IsNaN(s.Scale) ||
		math.IsInf(s.Scale, 0) {
		return nil, fmt.Errorf("metric: Sinkhorn needs positive regularisation, tolerance and iterations, got %v, "+
			"%v, %d", s.Reg, s.Tol, s.MaxIter)
	}
	p := &TransportPlan{F: make([]float64, x.N), G: make([]float64, y.N), problem: s, x: x, y: y}
	largest := boxDiagonal(x, y, s.Scale)
	if math.IsInf(largest, 0) {
		return nil, fmt.Errorf("metric: Sinkhorn with the scale %v has costs too large for a number", s.Scale)
	}
	if s.Scale == 1 && x.N == y.N && slices.Equal(x.X, y.X) {
		return p.solveSelf(ctx, largest)
	}
	next := make([]float64, y.N)
	for ρ := largest; ρ > 2*s.Reg; ρ /= 2 {
		if err := errors.Join(s.potential(ctx, p.F, x, y, p.G, ρ, true), s.potential(ctx, p.G, y, x, p.F, ρ,
			false)); err != nil {
			return nil, err
		}
	}
	for p.Iterations < s.MaxIter {
		p.Iterations++
		if err := errors.Join(s.potential(ctx, p.F, x, y, p.G, s.Reg, true), s.potential(ctx, next, y, x, p.F, s.Reg,
			false)); err != nil {
			return nil, err
		}
		// The rows of π(f, g) are exact now; column j holds exp((g_j − next_j)/ρ)/m.
		p.Residual = 0
		for j, g := range p.G {
			p.Residual += math.Abs(math.Expm1((g-next[j])/s.Reg)) / float64(y.N)
		}
		if p.Residual <= s.Tol {
			p.Value = mean(p.F) + mean(p.G)
			return p, nil
		}
		p.G, next = next, p.G
	}
	return nil, &NotConvergedError{What: "sinkhorn", Iterations: p.Iterations, Residual: p.Residual, Tol: s.Tol}
}

// solveSelf solves the problem of a set with itself, whose two potentials are one. The alternating iteration leaves
// them apart and then hardly moves, since f+c, g−c and points that see little but themselves are all but a fixed
// point of it; the mean of a potential and of its update, f' = ½(f + T(f)), contracts there by half a step (Knight,
// Ruiz and Uçar, SIAM J. Matrix Anal. Appl. 35, 2014; Feydy et al. 2019, §3.1).
func (p *TransportPlan) solveSelf(ctx context.Context, largest float64) (*TransportPlan, error) {
	s, f, next := p.problem, p.F, make([]float64, p.x.N)
	halfway := func() {
		for i, v := range next {
			f[i] = (f[i] + v) / 2
		}
	}
	for ρ := largest; ρ > 2*s.Reg; ρ /= 2 {
		if err := s.potential(ctx, next, p.x, p.x, f, ρ, true); err != nil {
			return nil, err
		}
		halfway()
	}
	for p.Iterations < s.MaxIter {
		p.Iterations++
		if err := s.potential(ctx, next, p.x, p.x, f, s.Reg, true); err != nil {
			return nil, err
		}
		p.Residual = 0
		for i, v := range f {
			p.Residual += math.Abs(math.Expm1((v-next[i])/s.Reg)) / float64(len(f))
		}
		if p.Residual <= s.Tol {
			p.Value = 2 * mean(f)
			copy(p.G, f)
			return p, nil
		}
		halfway()
	}
	return nil, &NotConvergedError{What: "sinkhorn", Iterations: p.Iterations, Residual: p.Residual, Tol: s.Tol}
}

// Divergence is the debiased OT(x,y) − ½OT(x,x) − ½OT(y,y) (Feydy et al. 2019), zero for equal sets.
// With Scale ≠ 1 it is not debiased by these terms and is refused.
func (s Sinkhorn) Divergence(ctx context.Context, x, y ito.States) (float64, error) {
	if s.withDefaults().Scale != 1 {
		return 0, fmt.Errorf("metric: the Sinkhorn divergence is defined for the cost |x−y|², not for a scale of %v",
			s.Scale)
	}
	var value float64
	for _, c := range []struct {
		x, y   ito.States
		weight float64
	}{{x, y, 1}, {x, x, -.5}, {y, y, -.5}} {
		p, err := s.Solve(ctx, c.x, c.y)
		if err != nil {
			return 0, err
		}
		value += c.weight * p.Value
	}
	return value, nil
}

// Row writes π_{j|i}, the law of the partner of x_i, into dst [m].
func (p *TransportPlan) Row(i int, dst []float64) {
	s := p.problem
	row := p.x.Row(i)
	for j := range dst {
		dst[j] = math.Exp((p.F[i]+p.G[j]-s.cost(row, p.y.Row(j)))/s.Reg) / float64(p.y.N)
	}
}

// Project returns the barycentric projection E[y | x_i] of every row of x, with the ids of x.
func (p *TransportPlan) Project() ito.States {
	out := p.x.Like(p.y.D)
	blockwise(p.x.N, 16, func(lo, hi int) {
		law := make([]float64, p.y.N)
		for i := lo; i < hi; i++ {
			p.Row(i, law)
			o := out.Row(i)
			for j, w := range law {
				for k, v := range p.y.Row(j) {
					o[k] += float64(w * v)
				}
			}
		}
	})
	return out
}

func (s Sinkhorn) withDefaults() Sinkhorn {
	if s.Reg == 0 {
		s.Reg = 1
	}
	if s.Scale == 0 {
		s.Scale = 1
	}
	if s.Tol == 0 {
		s.Tol = 1e-6
	}
	if s.MaxIter == 0 {
		s.MaxIter = 10000
	}
	return s
}

func (s Sinkhorn) cost(x, y []float64) float64 {
	var c float64
	for k, v := range x {
		d := y[k] - float64(s.Scale*v)
		c += float64(d * d)
	}
	if s.Squared {
		return c
	}
	return c / 2
}

// potential writes f_i = −ρ log mean_j exp((g_j−C_ij)/ρ) for every i. rows says that the points p are
// x and q are y, not the reverse.
func (s Sinkhorn) potential(ctx context.Context, f []float64, p, q ito.States, g []float64, ρ float64,
	rows bool) error {
	return parallel(ctx, p.N, 16, func(lo, hi int) {
		exponent := make([]float64, q.N)
		for i := lo; i < hi && ctx.Err() == nil; i++ {
			a, top := p.Row(i), math.Inf(-1)
			for j := range exponent {
				var c float64
				if rows {
					c = s.cost(a, q.Row(j))
				} else {
					c = s.cost(q.Row(j), a)
				}
				exponent[j] = (g[j] - c) / ρ
				top = max(top, exponent[j])
			}
			var z float64
			for _, e := range exponent {
				z += math.Exp(e - top)
			}
			f[i] = -ρ * (top + math.Log(z/float64(q.N)))
		}
	})
}

func mean(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}
