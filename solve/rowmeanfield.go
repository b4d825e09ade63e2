package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// around is f seen in the coordinates x−μ of the path around the means of p, with μ of each row from its condition:
// what a solver of that path calls. Its derivatives are those of f.
func around(f ito.Field, p ito.RowMean) ito.Field {
	c := aroundMean{f, p}
	if _, ok := f.(ito.Divergencer); ok {
		return aroundWithDivergence{c}
	}
	return c
}

type aroundMean struct {
	f    ito.Field
	path ito.RowMean
}

// Kind implements ito.Field.
func (c aroundMean) Kind() ito.Prediction { return c.f.Kind() }

// OutDim implements ito.Field.
func (c aroundMean) OutDim(d int) int { return c.f.OutDim(d) }

// Calls implements ito.Coster.
func (c aroundMean) Calls() int { return ito.Calls(c.f) }

// at returns μ and y+μ.
func (c aroundMean) at(y ito.States, cond ito.Cond) (μ, x ito.States, err error) {
	μ, x = y.Like(y.D), y.Clone()
	if err := c.path.MeanOf(μ, cond); err != nil {
		return μ, x, err
	}
	for i, m := range μ.X {
		x.X[i] += m
	}
	return μ, x, nil
}

// Predict implements ito.Field.
func (c aroundMean) Predict(ctx context.Context, dst, y ito.States, t ito.Times, cond ito.Cond) error {
	μ, x, err := c.at(y, cond)
	if err != nil {
		return err
	}
	if err := c.f.Predict(ctx, dst, x, t, cond); err != nil {
		return err
	}
	if c.f.Kind() == ito.PredX0 {
		for i, m := range μ.X {
			dst.X[i] -= m
		}
	}
	return nil
}

// VJP implements ito.VJPer where the field does.
func (c aroundMean) VJP(ctx context.Context, dx, y ito.States, t ito.Times, cond ito.Cond, cotangent ito.States) error {
	f, ok := c.f.(ito.VJPer)
	if !ok {
		return &ito.UnsupportedError{What: "a gradient of this field", Why: "it has none", Nearest: "a field with VJP"}
	}
	_, x, err := c.at(y, cond)
	if err != nil {
		return err
	}
	return f.VJP(ctx, dx, x, t, cond, cotangent)
}

// JVP implements ito.JVPer where the field does.
func (c aroundMean) JVP(ctx context.Context, df, y ito.States, t ito.Times, cond ito.Cond, dy ito.States,
	dt ito.Times) error {
	f, ok := c.f.(ito.JVPer)
	if !ok {
		return &ito.UnsupportedError{What: "a tangent of this field", Why: "it has none", Nearest: "a field with JVP"}
	}
	_, x, err := c.at(y, cond)
	if err != nil {
		return err
	}
	return f.JVP(ctx, df, x, t, cond, dy, dt)
}

type aroundWithDivergence struct{ aroundMean }

// Divergence implements ito.Divergencer.
func (c aroundWithDivergence) Divergence(ctx context.Context, div []float64, y ito.States, t ito.Times,
	cond ito.Cond) error {
	_, x, err := c.at(y, cond)
	if err != nil {
		return err
	}
	return c.f.(ito.Divergencer).Divergence(ctx, div, x, t, cond)
}
