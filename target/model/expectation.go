package model

import (
	"context"
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// An expectation is what a matrix that depends on parameters must be. A factorisation reads the symmetric part of a
// covariance and the lower triangle of a factor, so that another matrix would give the density of a model that
// nobody wrote. Stan checks such matrices at every evaluation; here the file is run at a few states before anything
// else, which sees a matrix that is wrong by construction.
type expectation struct {
	thread starlark.CallStack
	name   string
	matrix *tensor
	lower  bool // a lower Cholesky factor; false: symmetric
}

// expect notes what a traced matrix must be.
func (t *tracer) expect(th *starlark.Thread, name string, a *tensor, lower bool) {
	if t.eager == nil && t.loops == 0 && !a.isData() && a.rank() == 2 && a.shape[0] == a.shape[1] {
		t.expected = append(t.expected, expectation{th.CallStack(), name, a, lower})
	}
}

// shapeStates is the number of states at which matrices are looked at: standard normal in the unconstrained parameters,
// one seed for all models.
const shapeStates = 8

// shapes refuses a model with a matrix that is not what it must be, at its line and naming the entry. A state at which
// an entry is not finite says nothing.
func (r *runner) shapes(m *Model) (err error) {
	defer func() { // as in trace: the limit of steps
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = e.err
		}
	}()
	var (
		want []expectation
		data []ad.Array
	)
	width := 0
	prog, cerr := ad.Compile(func(g *ad.Graph) {
		t := &tracer{g: g, x: g.Input("x", ad.F64, m.dim)}
		t.share = func(x []float64, shape ...int) ad.Value {
			data = append(data, ad.F64s(x))
			return g.Shared(fmt.Sprintf("data%d", len(data)), ad.F64, shape...)
		}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		want = t.expected
		var all []ad.Value
		for _, e := range want {
			all = append(all, ad.Flatten(e.matrix.v))
			width += size(e.matrix.shape)
		}
		out := ad.Concat(0, all...)
		if out.IsShared() {
			out = ad.Rows(out)
		}
		g.Output("matrices", out)
	})
	if cerr != nil {
		return &Error{File: r.file, Msg: cerr.Error()}
	}
	x, ids, out := make([]float64, shapeStates*m.dim), make([]uint64, shapeStates), make([]float64, shapeStates*width)
	for i := range ids {
		ids[i] = uint64(i)
	}
	rng.NewKey(0, rng.PurposeProgram, 0, 1).Normals64(x, m.dim, ids)
	call := ad.Call{N: shapeStates, In: append([]ad.Array{ad.F64s(x)}, data...), Out: []ad.Array{ad.F64s(out)},
		IDs: ids, Purpose: rng.PurposeProgram, Pool: m.pool}
	if err := prog.Run(context.Background(), call); err != nil {
		return &Error{File: r.file, Msg: err.Error()}
	}
	for ; len(out) > 0; out = out[width:] {
		at0 := 0
		for _, e := range want {
			n := e.matrix.shape[0]
			if what := e.wrong(out[at0 : at0+n*n]); what != "" {
				return at(r.file, e.thread, what)
			}
			at0 += n * n
		}
	}
	return nil
}

// wrong says how a matrix differs from what it must be; empty: it does not by more than rounding.
func (e *expectation) wrong(a []float64) string {
	n := e.matrix.shape[0]
	for _, v := range a {
		if v-v != 0 {
			return ""
		}
	}
	for i := range n {
		for j := range i {
			up, low := a[j*n+i], a[i*n+j]
			scale := max(math.Sqrt(math.Abs(a[i*n+i]))*math.Sqrt(math.Abs(a[j*n+j])), math.Abs(up), math.Abs(low))
			switch {
			case e.lower && math.Abs(up) > 1e-8*max(math.Abs(a[i*n+i]), math.Abs(a[j*n+j]), math.Abs(low)):
				return fmt.Sprintf("%s: entry [%d, %d] above the diagonal is not 0: a Cholesky factor is lower "+
					"triangular, transpose it",
					e.name, j, i)
			case !e.lower && math.Abs(up-low) > 1e-8*scale:
				return fmt.Sprintf("%s: the matrix is not symmetric: where entry [%d, %d] is %.6g, entry [%d, %d] is "+
					"%.6g",
					e.name, j, i, up, i, j, low)
			}
		}
	}
	return ""
}
