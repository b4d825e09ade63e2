package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// InterpolantLikelihood estimates log p of data under the SDE of an interpolant: with Y running from the row at the
// sampled end to the drawn end by the scheme of [InterpolantSDE],
//
//	log p_0(x) = E[ log p_1(Y_1) + ∫ (∇·b − ε∇·s − ε|s|²) dt | Y_0 = x ]
//
// (Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, §2.4, with t ← 1−t). The ODE's is [Likelihood] with a
// Density; both are equal for exact fields, and measure different models for learned ones.
type InterpolantLikelihood struct {
	// Epsilon, and Score, which may be a field of its own, of s or of η = −γs
	SDE     InterpolantSDE
	Density func(ctx context.Context, dst []float64, x ito.States) error // log density at the drawn end
	Steps   int                                                          // 0: 200
	Draws   int                                                          // paths a row; 0: 16
	Noise   ito.Noise                                                    // nil: ito.Seed(0)
	Cond    ito.Cond
}

// Rows estimates the log density of each row of x: Err is the standard error over Draws, to which the error of the
// steps comes. The fields need a divergence, exactly: a Divergencer, or D vector-Jacobian products.
func (l InterpolantLikelihood) Rows(ctx context.Context, p ito.TwoEnded, b ito.Field, x ito.States) (*LogDensity,
	error) {
	if l.Steps == 0 {
		l.Steps = 200
	}
	if l.Draws == 0 {
		l.Draws = 16
	}
	if l.Noise == nil {
		l.Noise = ito.Seed(0)
	}
	if l.Density == nil || l.SDE.Score == nil || l.Steps < 1 || l.Draws < 2 {
		return nil, &ito.InputError{Where: "likelihood of an SDE",
			What: fmt.Sprintf("%d steps, %d draws, a score %t and a density %t", l.Steps, l.Draws, l.SDE.Score != nil,
				l.Density != nil),
			Do: "give the density of the drawn end, a field for Score, and at least 2 draws"}
	}
	lo, hi := p.Span()
	grid, err := Uniform(p, lo, hi, l.Steps)
	if err != nil {
		return nil, err
	}
	if err := check(p, b, x, l.Cond); err != nil {
		return nil, err
	}
	st, err := Plan(p, grid, l.SDE, b.Kind())
	if err != nil {
		return nil, err
	}
	run := st.(*interpolantSDE)
	n := x.N
	draws := make([]float64, n*l.Draws)
	end := make([]float64, n)
	for r := range l.Draws {
		y := x.Clone()
		sum, err := l.path(ctx, run, b, y, grid, uint32(r))
		if err != nil {
			return nil, err
		}
		if err := l.Density(ctx, end, y); err != nil {
			return nil, err
		}
		for i, v := range sum {
			draws[i*l.Draws+r] = v + end[i]
		}
	}
	out := &LogDensity{LogP: make([]float64, n), Err: make([]float64, n), Evals: make([]int, n), Exact: true}
	for i := range n {
		out.LogP[i], out.Err[i] = meanError(draws[i*l.Draws : (i+1)*l.Draws])
		out.Evals[i] = l.Steps * l.Draws * (ito.Calls(b) + ito.Calls(l.SDE.Score))
		if math.IsNaN(out.LogP[i]) || math.IsInf(out.LogP[i], 0) {
			return nil, &ito.NonFiniteError{What: "log density", Sample: x.ID[i], T: hi}
		}
	}
	return out, nil
}

// path carries y along the grid and returns the integral of every row.
func (l InterpolantLikelihood) path(ctx context.Context, st *interpolantSDE, f ito.Field, y ito.States, grid ito.Grid,
	draw uint32) ([]float64, error) {
	sum, db, ds := make([]float64, y.N), make([]float64, y.N), make([]float64, y.N)
	b, s, ξ := y.Like(y.D), y.Like(y.D), y.Like(y.D)
	for k := range len(grid) - 1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		δ, ε := grid[k+1]-grid[k], st.o.Epsilon(grid[k])
		t := st.parts.at(grid[k])
		if err := exactDivergence(ctx, f, db, y, t, l.Cond); err != nil {
			return nil, err
		}
		if err := exactDivergence(ctx, l.SDE.Score, ds, y, t, l.Cond); err != nil {
			return nil, err
		}
		if err := f.Predict(ctx, b, y, t, l.Cond); err != nil {
			return nil, err
		}
		if err := st.parts.score.Predict(ctx, s, y, t, l.Cond); err != nil {
			return nil, err
		}
		st.parts.toScore(t, s.X, ds)
		for i := range sum {
			s2 := 0.0
			for _, v := range s.Row(i) {
				s2 += float64(v * v)
			}
			sum[i] += δ * (db[i] - ε*(ds[i]+s2))
		}
		l.Noise.Normal(ξ, rng.PurposeSolver, uint32(k), draw)
		drive(y, b, s, ξ, δ, ε)
	}
	return sum, nil
}

// exactDivergence writes ∇·f of every row.
func exactDivergence(ctx context.Context, f ito.Field, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	if d, ok := f.(ito.Divergencer); ok {
		return d.Divergence(ctx, div, x, t, c)
	}
	v, ok := f.(ito.VJPer)
	if !ok {
		return &ito.UnsupportedError{What: "a divergence of this field", Why: "it has no derivatives",
			Nearest: "a field with Divergence or VJP"}
	}
	w, g := x.Like(x.D), x.Like(x.D)
	clear(div)
	for j := range x.D {
		for i := range x.N {
			clear(w.Row(i))
			w.Row(i)[j] = 1
		}
		if err := v.VJP(ctx, g, x, t, c, w); err != nil {
			return err
		}
		for i := range div {
			div[i] += g.Row(i)[j]
		}
	}
	return nil
}
