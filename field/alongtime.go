package field

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// predictor is Field.Predict.
type predictor func(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error

// alongTime adds dt·∂f/∂t to df, row by row, by a difference quotient of fourth order that stays inside
// the path's span.
func alongTime(ctx context.Context, p ito.Path, f predictor, df, x ito.States, t ito.Times, c ito.Cond,
	dt ito.Times) error {
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
			h, offset, _ := path.Stencil(t.At(i), lo, hi, j)
			at[i] = t.At(i) + offset*h
		}
		if err := f(ctx, out, x, at, c); err != nil {
			return err
		}
		for i := range x.N {
			h, _, weight := path.Stencil(t.At(i), lo, hi, j)
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
