package pathspace

import (
	"context"

	"github.com/seed9a7962a8/ito/ad"
)

// withDivergence is a control without guide together with its divergence Σ_j ∂v_j/∂x_j, by one forward derivative
// for each coordinate, or Hutchinson's estimate zᵀ(∂v/∂x)z by one alone.
type withDivergence struct {
	l       *Learned
	probe   bool
	forward *ad.Program
}

// withDivergence is l with its divergence, compiled once.
func (l *Learned) withDivergence(probe bool) (*withDivergence, error) {
	l.dividing.Lock()
	defer l.dividing.Unlock()
	at := 0
	if probe {
		at = 1
	}
	if l.divergent[at] != nil {
		return l.divergent[at], nil
	}
	d := &withDivergence{l: l, probe: probe}
	var err error
	if d.forward, err = ad.Compile(func(g *ad.Graph) {
		t, div := d.trace(g)
		g.Output("v", t.u)
		g.Output("divergence", div)
	}); err != nil {
		return nil, err
	}
	l.divergent[at] = d
	return d, nil
}

func (d *withDivergence) trace(g *ad.Graph) (tracedControl, ad.Value) {
	t := d.l.trace(g)
	var z ad.Value
	if d.probe {
		z = g.Input("probe", d.l.dtype, d.l.D)
	}
	return t, divergenceOf(g, t.u, t.x, z)
}

// divergenceOf is Σ_j ∂v_j/∂x_j, or zᵀ(∂v/∂x)z with a probe z.
func divergenceOf(g *ad.Graph, v, x, z ad.Value) ad.Value {
	if !z.IsZero() {
		return ad.Dot(z, ad.JVP([]ad.Value{v}, []ad.Value{x}, []ad.Value{z})[0])
	}
	var div ad.Value
	for j := range x.Size() {
		e := make([]float64, x.Size())
		e[j] = 1
		unit := g.Const(x.DType(), e, len(e))
		slope := ad.At(ad.JVP([]ad.Value{v}, []ad.Value{x}, []ad.Value{unit})[0], 0, j)
		if j == 0 {
			div = slope
		} else {
			div = ad.Add(div, slope)
		}
	}
	return div
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
	return d.l.run(ctx, d.forward, n, d.inputs(x, d.l.features(k, n), z), v, div)
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
