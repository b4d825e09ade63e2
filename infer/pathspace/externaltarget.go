package pathspace

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"

	"gonum.org/v1/gonum/floats"
)

// externalScore is ∇log ρ [d] of a target inside a program; its derivative is the Hessian-vector product where the
// target has one.
func externalScore(t ito.Target) *ad.External {
	d := t.Dim()
	e := &ad.External{Name: "score", Out: d}
	e.Rows = func(ctx context.Context, ids []uint64, in [][]float64, out []float64) error {
		return t.Gradient(ctx, make([]float64, len(ids)), statesOf(d, ids, out), statesOf(d, ids, in[0]))
	}
	if h, ok := t.(ito.HVPer); ok {
		product := externalProduct(h, d)
		e.VJP = func(in []ad.Value, _, c ad.Value) []ad.Value { return []ad.Value{product.Of(in[0], c)} }
	}
	return e
}

// externalProduct is ∇²log ρ(x) v of (x, v), and 0 where v is, also where the Hessian is not finite.
func externalProduct(h ito.HVPer, d int) *ad.External {
	e := &ad.External{Name: "hessian", Out: d}
	e.Rows = func(ctx context.Context, ids []uint64, in [][]float64, out []float64) error {
		if err := h.HVP(ctx, statesOf(d, ids, out), statesOf(d, ids, in[0]), statesOf(d, ids, in[1])); err != nil {
			return err
		}
		for i := range ids {
			if v := in[1][i*d : (i+1)*d]; floats.Dot(v, v) == 0 {
				clear(out[i*d : (i+1)*d])
			}
		}
		return nil
	}
	return e
}

// externalDensity is (log ρ, ∇log ρ) [1+d] of a target; log ρ alone has a derivative, which is ∇log ρ where that is
// finite and 0 elsewhere.
func externalDensity(t ito.Target) *ad.External {
	d := t.Dim()
	e := &ad.External{Name: "density", Out: 1 + d}
	e.Rows = func(ctx context.Context, ids []uint64, in [][]float64, out []float64) error {
		logp, grad := make([]float64, len(ids)), make([]float64, len(in[0]))
		if err := t.Gradient(ctx, logp, statesOf(d, ids, grad), statesOf(d, ids, in[0])); err != nil {
			return err
		}
		for i, l := range logp {
			row := out[i*(1+d) : (i+1)*(1+d)]
			row[0] = l
			copy(row[1:], grad[i*d:(i+1)*d])
		}
		return nil
	}
	e.VJP = func(_ []ad.Value, out, c ad.Value) []ad.Value {
		g := ad.Slice(out, 0, 1, 1+d)
		return []ad.Value{ad.Mul(ad.Within(g, g), ad.At(c, 0, 0))}
	}
	return e
}

func statesOf(d int, ids []uint64, x []float64) ito.States {
	return ito.States{N: len(ids), D: d, X: x, ID: ids}
}
