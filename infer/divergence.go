package infer

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
)

// withDivergence is a control without guide together with its divergence Σ_j ∂v_j/∂x_j, by one forward derivative for each coordinate, or Hutchinson's
// estimate zᵀ(∂v/∂x)z by one alone, and the gradients of both.
type withDivergence struct {
	l       *Learned
	probe   bool
	forward *ad.Program
	back    *ad.Program // to the parameters and x
}

func newWithDivergence(l *Learned, probe bool) (*withDivergence, error) {
	d := &withDivergence{l: l, probe: probe}
	var err error
	if d.forward, err = ad.Compile(func(g *ad.Graph) {
		t, div := d.trace(g)
		g.Output("v", t.u)
		g.Output("divergence", div)
	}); err != nil {
		return nil, err
	}
	d.back, err = ad.Compile(func(g *ad.Graph) {
		t, div := d.trace(g)
		cv, cd := g.Input("cotangent", l.dtype, l.D), g.Input("cotangent of the divergence", l.dtype)
		loss := ad.BatchSum(ad.Add(ad.Dot(t.u, cv), ad.Mul(div, cd)))
		for i, v := range ad.Grad(loss, append(slices.Clone(t.params), t.x)...) {
			g.Output(layerName("gradient", i), v)
		}
	})
	return d, err
}

func (d *withDivergence) trace(g *ad.Graph) (traced, ad.Value) {
	t := d.l.trace(g)
	if d.probe {
		z := g.Input("probe", d.l.dtype, d.l.D)
		return t, ad.Dot(z, ad.JVP([]ad.Value{t.u}, []ad.Value{t.x}, []ad.Value{z})[0])
	}
	var div ad.Value
	for j := range d.l.D {
		e := make([]float64, d.l.D)
		e[j] = 1
		unit := g.Const(d.l.dtype, e, d.l.D)
		slope := ad.At(ad.JVP([]ad.Value{t.u}, []ad.Value{t.x}, []ad.Value{unit})[0], 0, j)
		if j == 0 {
			div = slope
		} else {
			div = ad.Add(div, slope)
		}
	}
	return t, div
}

func (d *withDivergence) inputs(x, feat, z []float64) []ad.Array {
	in := d.l.inputs(x, feat, nil)
	if d.probe {
		in = append(in, d.l.array(z))
	}
	return in
}

func (d *withDivergence) evaluate(ctx context.Context, k int, v, div, x, z []float64) error {
	n := len(div)
	return d.l.run(ctx, nil, d.forward, n, nil, d.inputs(x, d.l.features(k, n), z), v, div)
}

// pull adds to grad the gradient of Σ cv·v + cd·div and writes that with respect to x unless dx is nil.
func (d *withDivergence) pull(ctx context.Context, pool *ad.Pool, grad, dx, x, feat, cv, cd, z []float64) error {
	if dx == nil {
		dx = make([]float64, len(x))
	}
	in := append(d.inputs(x, feat, z), d.l.array(cv), d.l.array(cd))
	return d.l.run(ctx, pool, d.back, len(cd), grad, in, dx)
}

// signs makes ±1 of normals, in place.
func signs(z []float64) {
	for i, v := range z {
		if v < 0 {
			z[i] = -1
		} else {
			z[i] = 1
		}
	}
}
