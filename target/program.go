// Package target makes log densities to sample from: programs over traced values, whose gradients are exact
// and which run compiled for thousands of states at once, and plain Go functions with a checker of their
// gradients. It also holds the supports of parameters with their maps to unconstrained space.
//
// Everything here implements [ito.Target] and carries no truth about itself. Distributions to write
// densities with are in package target/dist, model files in target/model, and known problems in
// target/zoo.
package target

import (
	"context"
	"fmt"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// Trace is a log density under construction: the graph, one state, and the data that it reads.
type Trace struct {
	G *ad.Graph
	X ad.Value // [d] float64, one state

	data []ad.Array
}

// Data makes a shared value of numbers in row-major order. The slice is read at every run, not copied: it
// must not change. No shape means a vector; use G.Scalar for a scalar.
func (t *Trace) Data(x []float64, shape ...int) ad.Value {
	if len(shape) == 0 {
		shape = []int{len(x)}
	}
	v := t.G.Shared(fmt.Sprintf("data%d", len(t.data)), ad.F64, shape...)
	t.data = append(t.data, ad.F64s(x))
	return v
}

// Density traces log ρ(x) of one state x = t.X and returns a float64 scalar.
type Density func(t *Trace) ad.Value

// Program is a Density compiled to float64 for batches of states, with its exact gradient by reverse mode.
type Program struct {
	d        int
	pool     *ad.Pool
	log      *ad.Program
	grad     *ad.Program
	logData  []ad.Array
	gradData []ad.Array
	hessian  func() (*hessian, error) // compiled when first asked for
	calls    sync.Pool                // of *arrays, so that a call allocates nothing
}

// arrays are the inputs and outputs of a call.
type arrays struct{ in, out []ad.Array }

// Compile traces f, twice, and compiles log ρ and (log ρ, ∇log ρ), by columns where the density allows it (see
// [ad.CompileColumns]): vector code then runs across states, and a thousand states cost far less than a thousand
// times one. pool may be nil: every call then runs on its caller's goroutine alone. Mistakes of shape in f are
// returned as *ad.Error.
func Compile(d int, pool *ad.Pool, f Density) (*Program, error) {
	if d < 1 {
		return nil, fmt.Errorf("target: the dimension is %d; it must be at least 1", d)
	}
	p := &Program{d: d, pool: pool}
	p.hessian = sync.OnceValues(func() (*hessian, error) { return compileHessian(d, f) })
	var err error
	if p.log, err = ad.CompileColumns(func(g *ad.Graph) {
		t := &Trace{G: g, X: g.Input("x", ad.F64, d)}
		g.Output("logp", perSample(trace(t, f)))
		p.logData = t.data
	}); err != nil {
		return nil, err
	}
	p.grad, err = ad.CompileColumns(func(g *ad.Graph) {
		t := &Trace{G: g, X: g.Input("x", ad.F64, d)}
		lp := perSample(trace(t, f))
		g.Output("logp", lp)
		g.Output("grad", perSample(ad.Grad(lp, t.X)[0]))
		p.gradData = t.data
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

func trace(t *Trace, f Density) ad.Value {
	lp := f(t)
	if lp.IsZero() || lp.Rank() != 0 || lp.DType() != ad.F64 {
		panic(&ad.Error{Op: "log density", Detail: fmt.Sprintf("is %v; it must be a float64 scalar", lp)})
	}
	return lp
}

func perSample(v ad.Value) ad.Value {
	if v.IsShared() {
		return ad.Rows(v)
	}
	return v
}

// Operations counts the arithmetic of a gradient at one state, see [ad.Program.Operations]. It is what a gradient
// costs on any machine.
func (p *Program) Operations() float64 { return p.grad.Operations() }

// Dim implements ito.Target.
func (p *Program) Dim() int { return p.d }

// LogDensity implements ito.Target. Cost: one forward run.
func (p *Program) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	if err := check(p.d, x, len(dst)); err != nil {
		return err
	}
	return p.run(ctx, p.log, p.logData, x, ad.F64s(dst))
}

// run calls a program with states and data.
func (p *Program) run(ctx context.Context, prog *ad.Program, data []ad.Array, x ito.States, out ...ad.Array) error {
	a, ok := p.calls.Get().(*arrays)
	if !ok {
		a = new(arrays)
	}
	a.in = append(append(a.in[:0], ad.F64s(x.X)), data...)
	a.out = append(a.out[:0], out...)
	err := prog.Run(ctx, ad.Call{N: x.N, In: a.in, Out: a.out, Pool: p.pool})
	clear(a.in)
	clear(a.out)
	p.calls.Put(a)
	return err
}

// Gradient implements ito.Target. Cost: one forward and one reverse run.
func (p *Program) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	if err := check(p.d, x, len(logp)); err != nil {
		return err
	}
	if err := check(p.d, grad, x.N); err != nil {
		return err
	}
	return p.run(ctx, p.grad, p.gradData, x, ad.F64s(logp), ad.F64s(grad.X))
}

// DimError is a batch that does not fit a target.
type DimError struct {
	Want, Got  int // dimension
	Rows, Room int // rows given, and room for their results
}

func (e *DimError) Error() string {
	if e.Want != e.Got {
		return fmt.Sprintf("target: states of dimension %d given to a density of dimension %d", e.Got, e.Want)
	}
	return fmt.Sprintf("target: %d rows and room for %d results", e.Rows, e.Room)
}

func check(d int, x ito.States, room int) error {
	if err := x.Check(); err != nil {
		return err
	}
	if x.D != d || x.N != room {
		return &DimError{Want: d, Got: x.D, Rows: x.N, Room: room}
	}
	return nil
}
