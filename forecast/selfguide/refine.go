package selfguide

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/rng"
)

// Refine improves forecasts that another program made, by what the model knows of series (arXiv:2307.11494, §3.3): from
// y = ỹ, the history and the forecast, it takes Steps steps against the gradient of
//
//	E(y) = ‖ε − ε̂(αy+σε, τ)‖² + λ Σ_known ℓ(ỹ, y),
//
// with fresh noise ε at every step: y ← y − ηΛ∇E, Λ zero where Fixed. With Temperature γ > 0 it is Langevin dynamics,
// y ← y − η∇E + √(2η)γ ξ, which draws samples about the minimum. A step costs a prediction and a gradient.
type Refine struct {
	Time        float64 // τ, on the path's clock
	Steps       int     // 20 in the paper
	Rate        float64 // η, .1 in the paper
	Lambda      float64 // λ
	Loss        string  // of what is to stay near: Quantile or Square
	Temperature float64 // γ; 0: descent, .1 in the paper
	// Fixed are values that do not move, such as the history; nil: none
	Fixed []bool
}

// Run moves every row of y. base is what the loss holds it to; its Known say which values.
func (r Refine) Run(ctx context.Context, p ito.Path, f ito.Field, y ito.States, base func(id uint64) Observed,
	c ito.Cond, noise ito.Noise) error {
	if err := r.check(p, y.D); err != nil {
		return err
	}
	g := y.Like(y.D)
	ξ := y.Like(y.D)
	for k := range r.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.gradient(ctx, p, f, g, y, base, c, noise, uint32(k)); err != nil {
			return err
		}
		if r.Temperature > 0 {
			noise.Normal(ξ, rng.PurposeSolver, uint32(k), 1)
		}
		spread := math.Sqrt(2*r.Rate) * r.Temperature
		for i := range y.N {
			row, slope, z := y.Row(i), g.Row(i), ξ.Row(i)
			for j := range row {
				if r.Fixed == nil || !r.Fixed[j] {
					row[j] += float64(spread*z[j]) - float64(r.Rate*slope[j])
				}
			}
		}
		if i := y.FirstNonFinite(); i >= 0 {
			return &ito.NonFiniteError{What: "refined forecast", Step: k, Sample: y.ID[i], T: r.Time}
		}
	}
	return nil
}

// gradient writes ∇E at y for the noise of a step.
func (r Refine) gradient(ctx context.Context, p ito.Path, f ito.Field, g, y ito.States, base func(id uint64) Observed,
	c ito.Cond, noise ito.Noise, step uint32) error {
	f, err := field.As(f, p, ito.PredEps)
	if err != nil {
		return err
	}
	v, ok := f.(ito.VJPer)
	if !ok {
		return &ito.UnsupportedError{What: "refining", Why: "the field has no gradient", Nearest: "a field with VJP"}
	}
	α, σ := at(p.(ito.Diagonal), r.Time)
	ε, x, pred := y.Like(y.D), y.Like(y.D), y.Like(y.D)
	noise.Normal(ε, rng.PurposeSolver, step, 0)
	for i, e := range ε.X {
		x.X[i] = float64(α*y.X[i]) + float64(σ*e)
	}
	t := ito.Times{r.Time}
	if err := f.Predict(ctx, pred, x, t, c); err != nil {
		return err
	}
	for i, e := range ε.X {
		pred.X[i] = -2 * α * (e - pred.X[i])
	}
	if err := v.VJP(ctx, g, x, t, c, pred); err != nil {
		return err
	}
	if r.Lambda == 0 {
		return nil
	}
	slope := make([]float64, y.D)
	for i, id := range y.ID {
		o := base(id)
		if err := o.check("refining", r.Loss, id, y.D); err != nil {
			return err
		}
		o.slope(slope, y.Row(i), r.Loss)
		for j, s := range slope {
			g.Row(i)[j] += float64(r.Lambda * s)
		}
	}
	return nil
}

func (r Refine) check(p ito.Path, d int) error {
	if _, err := oneMode(p); err != nil {
		return err
	}
	lo, hi := p.Span()
	switch {
	case !(r.Time >= lo && r.Time <= hi) || r.Steps < 0 || !(r.Rate > 0) || !(r.Lambda >= 0) || !(r.Temperature >= 0):
		return &ito.InputError{Where: "refining", What: fmt.Sprintf("time %g, %d steps, rate %g, lambda %g, "+
			"temperature %g", r.Time, r.Steps, r.Rate, r.Lambda, r.Temperature),
			Do: fmt.Sprintf("give a time from %g to %g, a positive rate, and others that are not negative", lo, hi)}
	case r.Fixed != nil && len(r.Fixed) != d:
		return &ito.InputError{Where: "refining", What: fmt.Sprintf("%d flags for %d values", len(r.Fixed), d)}
	case r.Lambda > 0:
		return checkLoss("refining", r.Loss)
	}
	return nil
}
