package target

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// hessian is the program of ∇²log ρ(x) v with the data that it reads.
type hessian struct {
	program *ad.Program
	data    []ad.Array
}

// compileHessian differentiates v·∇log ρ once more: reverse mode over reverse mode.
func compileHessian(d int, f Density) (*hessian, error) {
	h := &hessian{}
	var err error
	h.program, err = ad.CompileColumns(func(g *ad.Graph) {
		t := &Trace{G: g, X: g.Input("x", ad.F64, d)}
		v := g.Input("v", ad.F64, d)
		slope := ad.Dot(perSample(ad.Grad(perSample(trace(t, f)), t.X)[0]), v)
		hv := ad.Grad(slope, t.X)[0]
		g.Output("hv", perSample(hv))
		h.data = t.data
	})
	return h, err
}

// HVP implements ito.HVPer exactly. The first call compiles its program.
func (p *Program) HVP(ctx context.Context, hv, x, v ito.States) error {
	for _, y := range []ito.States{x, v, hv} {
		if err := check(p.d, y, x.N); err != nil {
			return err
		}
	}
	h, err := p.hessian()
	if err != nil {
		return err
	}
	in := append([]ad.Array{ad.F64s(x.X), ad.F64s(v.X)}, h.data...)
	return h.program.Run(ctx, ad.Call{N: x.N, In: in, Out: []ad.Array{ad.F64s(hv.X)}, Pool: p.pool})
}
