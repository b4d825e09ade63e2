package model

import (
	"context"
	"fmt"
	"math"
	"strings"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// tracer is one run of a model file. The first run declares its parameters; later runs build programs.
type tracer struct {
	g        *ad.Graph
	x        ad.Value // [d]; zero in the first run
	ops      int
	past     *history
	next     int // the next result of past
	params   []*parameter
	us       []ad.Value // unconstrained parameters
	lp       ad.Value   // log density without Jacobians; zero until something adds to it
	uses     set        // parameters that lp depends on
	jacobian ad.Value
	outputs  []*output
	share    func(x []float64, shape ...int) ad.Value // makes data an input of the program
	printed  []string
	expected []expectation // of traced matrices
	bounds   []bound       // of parameters, that depend on parameters or are arrays
	priors   []declaredPrior
	targets  int             // how often target was called
	replace  [][]float64     // of what is observed, in order; nil: the data
	touched  map[string]bool // data that operations read, by name
	looking  bool            // an observe reads what it observes
	loops    int             // how many functions of loops are being traced, one within another
	observed []observation   // what observe said, in order
	terms    []part          // what was added to the log density, in order
	eager    *ad.Graph       // the program of the data operation being traced
	explicit bool            // an ode of explicit steps of fixed length
}

// history keeps what data operations computed in the first run: every run is the same.
type history struct{ results []*tensor }

// mostOps limits the operations of a program, as steps limits the run of its file.
const mostOps = 200_000

// current is the graph that operations are traced in.
func (t *tracer) current() *ad.Graph {
	if t.eager != nil {
		return t.eager
	}
	return t.g
}

// tensor makes an array of any number, list or tuple of the language.
func (t *tracer) tensor(v starlark.Value) (*tensor, error) {
	switch v := v.(type) {
	case *tensor:
		return v, nil
	case starlark.Bool:
		x := 0.
		if v {
			x = 1
		}
		return &tensor{t: t, x: []float64{x}, boolean: true}, nil
	case starlark.Int, starlark.Float:
		f, _ := starlark.AsFloat(v)
		return &tensor{t: t, x: []float64{f}}, nil
	case *starlark.List, starlark.Tuple:
		return t.stack(v.(starlark.Indexable))
	}
	return nil, fmt.Errorf("%s is not a number or an array", v.Type())
}

// apply traces an operation, or computes it at once where every argument is data.
func (t *tracer) apply(name string, f func(v []ad.Value) ad.Value, args ...starlark.Value) (starlark.Value, error) {
	if t.ops++; t.ops > mostOps {
		return nil, fmt.Errorf("the model has more than %d operations: use whole arrays instead of loops", mostOps)
	}
	in := make([]*tensor, len(args))
	data := true
	for i, a := range args {
		var err error
		if in[i], err = t.tensor(a); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if in[i].name != "" && !t.looking {
			if t.touched == nil {
				t.touched = map[string]bool{}
			}
			t.touched[in[i].name] = true
		}
		data = data && in[i].isData()
	}
	if data {
		out, err := t.compute(name, f, in)
		if err != nil {
			return nil, err
		}
		return out.plain(), nil
	}
	var out *tensor
	err := ad.Try(func() {
		vs := make([]ad.Value, len(in))
		for i, a := range in {
			vs[i] = t.lift(a)
		}
		v := f(vs)
		out = &tensor{t: t, v: v, shape: v.Shape()}
		for _, a := range in {
			out.uses = out.uses.union(a.uses)
		}
	})
	if err != nil {
		return nil, tidy(name, err)
	}
	return out, nil
}

// tidy says what ad refuses in the words of the language, where every number is a float64.
func tidy(name string, err error) error {
	if e, ok := err.(*ad.Error); ok {
		detail := strings.NewReplacer("shared f64", "", "per-sample f64", "").Replace(e.Detail)
		if e.Op != name {
			return fmt.Errorf("%s: %s: %s", name, e.Op, detail)
		}
		return fmt.Errorf("%s: %s", name, detail)
	}
	return err
}

// plain is a tensor as a value of the language: numbers without axes are Starlark's own.
func (a *tensor) plain() starlark.Value {
	switch {
	case !a.isData() || len(a.shape) > 0:
		return a
	case a.boolean:
		return starlark.Bool(a.x[0] != 0)
	}
	return scalar(a.x[0])
}

// compute runs an operation on data, once for all runs of the file.
func (t *tracer) compute(name string, f func(v []ad.Value) ad.Value, in []*tensor) (*tensor, error) {
	return t.remember(func() (*tensor, error) {
		out := &tensor{t: t}
		call := ad.Call{N: 1}
		p, err := ad.Compile(func(g *ad.Graph) {
			t.eager = g
			defer func() { t.eager = nil }()
			vs := make([]ad.Value, len(in))
			for i, a := range in {
				vs[i] = g.Shared(fmt.Sprint(i), ad.F64, a.shape...)
				call.In = append(call.In, ad.F64s(a.x))
				if a.boolean {
					vs[i] = ad.NotEqual(vs[i], ad.Zeros(vs[i]))
				}
			}
			v := f(vs)
			out.boolean = v.DType() == ad.Bool
			v = ad.BroadcastTo(number(v), v.Shape()...)
			out.shape = v.Shape()
			if v.Size() > largest {
				panic(&ad.Error{Op: name, Detail: fmt.Sprintf("makes an array %s of more than %d elements",
					shapeText(v.Shape()), largest)})
			}
			g.Output("out", v)
		})
		if err != nil {
			return nil, tidy(name, err)
		}
		out.x = make([]float64, size(out.shape))
		call.Out = []ad.Array{ad.F64s(out.x)}
		return out, p.Run(context.Background(), call)
	})
}

// remember runs f in the first run and repeats its result in the others.
func (t *tracer) remember(f func() (*tensor, error)) (*tensor, error) {
	if t.next < len(t.past.results) {
		r := *t.past.results[t.next]
		t.next++
		r.t, r.lifted = t, ad.Value{}
		return &r, nil
	}
	r, err := f()
	if err == nil {
		t.past.results = append(t.past.results, r)
		t.next++
	}
	return r, err
}

func size(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// add adds to the log density the sum of an array.
func (t *tracer) add(v starlark.Value) error {
	s, err := t.apply("log density", func(v []ad.Value) ad.Value { return ad.Sum(v[0]) }, v)
	if err != nil {
		return err
	}
	a, err := t.tensor(s)
	if err != nil {
		return err
	}
	if a.isData() && (math.IsNaN(a.x[0]) || math.IsInf(a.x[0], 0)) {
		return fmt.Errorf("the log density of data alone is %v", a.x[0])
	}
	l := t.lift(a)
	t.uses = t.uses.union(a.uses)
	if t.lp.IsZero() {
		t.lp = l
		return nil
	}
	t.lp = ad.Add(t.lp, l)
	return nil
}
