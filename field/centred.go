package field

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// Centre is f seen in the coordinates x−μ of the inner path of p, with μ of each row from its condition:
// what a solver of the inner path calls. Its derivatives are those of f.
func Centre(f ito.Field, p *path.Centred) ito.Field {
	c := centred{f, p}
	if _, ok := f.(ito.Divergencer); ok {
		return centredDivergence{c}
	}
	return c
}

type centred struct {
	f    ito.Field
	path *path.Centred
}

// Kind implements ito.Field.
func (c centred) Kind() ito.Prediction { return c.f.Kind() }

// OutDim implements ito.Field.
func (c centred) OutDim(d int) int { return c.f.OutDim(d) }

// Calls implements ito.Coster.
func (c centred) Calls() int { return ito.Calls(c.f) }

// at returns μ and y+μ.
func (c centred) at(y ito.States, cond ito.Cond) (μ, x ito.States, err error) {
	μ, x = y.Like(y.D), y.Clone()
	if err := c.path.Centres(μ, cond); err != nil {
		return μ, x, err
	}
	for i, m := range μ.X {
		x.X[i] += m
	}
	return μ, x, nil
}

// Predict implements ito.Field.
func (c centred) Predict(ctx context.Context, dst, y ito.States, t ito.Times, cond ito.Cond) error {
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
func (c centred) VJP(ctx context.Context, dx, y ito.States, t ito.Times, cond ito.Cond, cotangent ito.States) error {
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
func (c centred) JVP(ctx context.Context, df, y ito.States, t ito.Times, cond ito.Cond, dy ito.States, dt ito.Times) error {
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

type centredDivergence struct{ centred }

// Divergence implements ito.Divergencer.
func (c centredDivergence) Divergence(ctx context.Context, div []float64, y ito.States, t ito.Times, cond ito.Cond) error {
	_, x, err := c.at(y, cond)
	if err != nil {
		return err
	}
	return c.f.(ito.Divergencer).Divergence(ctx, div, x, t, cond)
}
