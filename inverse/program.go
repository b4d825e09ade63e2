package inverse

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// NewProgram is an operator that is written as a program: f is traced once over a state x [D] in float64 and returns
// the measurement, of any shape; its derivative is the engine's. A number that it cannot compute is NaN, which ends a
// restoration with an error.
func NewProgram(kind string, d int, f func(x ad.Value) ad.Value) (Operator, error) {
	if d < 1 {
		return nil, &ito.InputError{Where: "operator " + kind, What: fmt.Sprintf("states of %d numbers", d)}
	}
	p := &program{kind: kind, d: d}
	var err error
	p.apply, err = ad.Compile(func(g *ad.Graph) {
		y := f(g.Input("x", ad.F64, d))
		p.m = 1
		for _, k := range y.Shape() {
			p.m *= k
		}
		g.Output("y", ad.Reshape(y, p.m))
	})
	if err == nil {
		p.vjp, err = ad.Compile(func(g *ad.Graph) {
			x, w := g.Input("x", ad.F64, d), g.Input("w", ad.F64, p.m)
			y := ad.Reshape(f(x), p.m)
			g.Output("dx", ad.VJP([]ad.Value{y}, []ad.Value{w}, []ad.Value{x})[0])
		})
	}
	if err != nil {
		return nil, &ito.InputError{Where: "operator " + kind, What: err.Error()}
	}
	return p, nil
}

type program struct {
	kind       string
	d, m       int
	apply, vjp *ad.Program
}

// Kind implements Operator.
func (p *program) Kind() string { return p.kind }

// Dims implements Operator.
func (p *program) Dims() (d, m int) { return p.d, p.m }

// Apply implements Operator.
func (p *program) Apply(y, x []float64) { run(p.apply, y, x) }

// VJP implements Operator.
func (p *program) VJP(dx, x, w []float64) { run(p.vjp, dx, x, w) }

func run(p *ad.Program, out []float64, in ...[]float64) {
	c := ad.Call{N: 1, Out: []ad.Array{ad.F64s(out)}}
	for _, x := range in {
		c.In = append(c.In, ad.F64s(x))
	}
	if err := p.Run(context.Background(), c); err != nil {
		for i := range out {
			out[i] = math.NaN()
		}
	}
}
