package field

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// predictor is Field.Predict.
type predictor func(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error

// alongTime adds dt·∂f/∂t to df, row by row, by a difference quotient of fourth order that stays inside
// the path's span.
func alongTime(ctx context.Context, p ito.Path, f predictor, df, x ito.States, t ito.Times, c ito.Cond, dt ito.Times) error {
	moving := false
	for _, v := range dt {
		moving = moving || v != 0
	}
	if !moving {
		return nil
	}
	lo, hi := p.Span()
	at := make(ito.Times, x.N)
	out := x.Like(df.D)
	for j := range 5 {
		for i := range x.N {
			h, offset, _ := stencil(t.At(i), lo, hi, j)
			at[i] = t.At(i) + offset*h
		}
		if err := f(ctx, out, x, at, c); err != nil {
			return err
		}
		for i := range x.N {
			h, _, weight := stencil(t.At(i), lo, hi, j)
			scale, row := weight/h*dt.At(i), df.Row(i)
			if scale == 0 {
				continue
			}
			for k, v := range out.Row(i) {
				row[k] += float64(scale * v)
			}
		}
	}
	return nil
}

// stencil is node j of the five-point first derivative at t: its spacing, its offset in spacings and
// its weight. Near an end of [lo, hi] it looks inwards.
func stencil(t, lo, hi float64, j int) (h, offset, weight float64) {
	central := [5]float64{1. / 12, -8. / 12, 0, 8. / 12, -1. / 12}
	inward := [5]float64{-25. / 12, 4, -3, 4. / 3, -1. / 4}
	if h = 1e-3 * t; h <= 0 {
		h = 1e-3 * (hi - lo)
	}
	switch {
	case t+2*h > hi:
		return -h, float64(j), inward[j]
	case t-2*h < lo:
		return h, float64(j), inward[j]
	}
	return h, float64(j - 2), central[j]
}
