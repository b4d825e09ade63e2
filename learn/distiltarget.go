package learn

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
)

// predict evaluates a field for ε or x0 on the workers of a pool.
func (r *distilled) predict(ctx context.Context, f ito.Field, kind ito.Prediction, dst, x ito.States, t ito.Times,
	c ito.Cond, pool *ad.Pool) error {
	if n, ok := f.(*field.Net); ok {
		f = n.WithPool(pool)
	}
	f, err := field.As(f, r.path, kind)
	if err != nil {
		return err
	}
	return f.Predict(ctx, dst, x, t, c)
}

// consistent writes the targets of consistency: the student's own end of the flow from the lower level, at the last
// level the state there.
func (r *distilled) consistent(ctx context.Context, c ito.Cond, pool *ad.Pool) error {
	if r.d.Method == ConsistencyTraining {
		r.mix(r.xs, r.rows.x0, r.eps, r.s)
	} else if err := r.heun(ctx, c, pool); err != nil {
		return err
	}
	if err := r.predict(ctx, r.d.Student, ito.PredX0, r.target, r.xs, r.s, c, pool); err != nil {
		return err
	}
	last := r.d.Levels[len(r.d.Levels)-1]
	for i, s := range r.s {
		if s == last {
			copy(r.target.Row(i), r.xs.Row(i))
		}
	}
	return nil
}

// heun carries x_t to the lower level by a step of the teacher's flow: with ρ = σ/α, (x−μ)/α moves by the mean of ε at
// both ends times the gain in ρ.
func (r *distilled) heun(ctx context.Context, c ito.Cond, pool *ad.Pool) error {
	if err := r.predict(ctx, r.d.Teacher, ito.PredEps, r.eps, r.xt, r.t, c, pool); err != nil {
		return err
	}
	r.move(r.xs, r.xt, r.t, r.s)
	if err := r.predict(ctx, r.d.Teacher, ito.PredEps, r.eps2, r.xs, r.s, c, pool); err != nil {
		return err
	}
	for i, e := range r.eps2.X {
		r.eps.X[i] = (r.eps.X[i] + e) / 2
	}
	r.move(r.xs, r.xt, r.t, r.s)
	return nil
}

// move writes the state at s of x at t where ε does not change: μ + α_s (x−μ)/α_t + (σ_s − α_s σ_t/α_t) ε. Where
// α_t = 0, x̂0 counts as μ.
func (r *distilled) move(dst, x ito.States, t, s ito.Times) {
	from := r.target // as scratch: α and σ of the upper level
	r.each(from, t, func(i, k int, μ, α, σ float64) float64 {
		if α == 0 {
			return μ
		}
		return μ + (x.X[i*x.D+k]-μ-float64(σ*r.eps.X[i*x.D+k]))/α // x̂0
	})
	r.each(dst, s, func(i, k int, μ, α, σ float64) float64 {
		return μ + float64(α*(from.X[i*x.D+k]-μ)) + float64(σ*r.eps.X[i*x.D+k])
	})
}

// progressive writes the x0 for which DDIM goes in one step from x_t to where two of the teacher's steps end.
func (r *distilled) progressive(ctx context.Context, c ito.Cond, pool *ad.Pool) error {
	mid := make(ito.Times, len(r.at))
	for i, k := range r.at {
		mid[i] = r.d.Levels[k+1]
	}
	if err := r.predict(ctx, r.d.Teacher, ito.PredEps, r.eps, r.xt, r.t, c, pool); err != nil {
		return err
	}
	r.move(r.xs, r.xt, r.t, mid)
	copy(r.eps2.X, r.xs.X)
	if err := r.predict(ctx, r.d.Teacher, ito.PredEps, r.eps, r.eps2, mid, c, pool); err != nil {
		return err
	}
	r.move(r.xs, r.eps2, mid, r.s)
	// With q = σ_s/σ_t: x_s − μ = (α_s − q α_t)(x̃−μ) + q (x_t−μ).
	upper := make([][2]float64, len(r.at))
	r.each(r.eps2, r.t, func(i, k int, _, α, σ float64) float64 { upper[i] = [2]float64{α, σ}; return 0 })
	xs := slices.Clone(r.xs.X)
	r.each(r.target, r.s, func(i, k int, μ, α, σ float64) float64 {
		q := σ / upper[i][1]
		return μ + (xs[i*r.xt.D+k]-μ-float64(q*(r.xt.X[i*r.xt.D+k]-μ)))/(α-float64(q*upper[i][0]))
	})
	return nil
}
