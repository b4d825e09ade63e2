package model

import (
	"context"
	"fmt"
	"math"
	"strings"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target"
)

// ends are bounds that are arrays, or that depend on parameters; nil: none on that side.
type ends struct{ lo, hi *tensor }

func (e *ends) lower() bool { return e != nil && e.lo != nil }
func (e *ends) upper() bool { return e != nil && e.hi != nil }

// bound is a parameter with such bounds.
type bound struct {
	p     *parameter
	ends  *ends
	shape []int
}

func arrays(args starlark.Tuple) bool {
	for _, a := range args {
		switch a.(type) {
		case *tensor, *starlark.List, starlark.Tuple:
			return true
		}
	}
	return false
}

// boundsOf is lower(a), upper(b) or interval(a, b) of arrays or of what depends on parameters declared before.
func (t *tracer) boundsOf(name string, args starlark.Tuple) (*support, error) {
	e := &ends{}
	s := &support{name: name, lo: math.Inf(-1), hi: math.Inf(1), kind: "scalar", ends: e}
	var words []string
	for i, v := range args {
		a, err := t.tensor(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, x := range a.x {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("%s: a bound among several is %v: it must be finite", name, x)
			}
		}
		low, high := math.Inf(-1), math.Inf(1)
		switch {
		case a.isData():
			low, high = math.Inf(1), math.Inf(-1)
			for _, x := range a.x {
				low, high = min(low, x), max(high, x)
			}
		case a.param != nil && a.param.kind.kind == "scalar":
			low, high = a.param.kind.lo, a.param.kind.hi
		}
		if name == "upper" || i == 1 {
			e.hi, s.hi = a, high
		} else {
			e.lo, s.lo = a, low
		}
		words = append(words, a.word())
	}
	if e.lo != nil && e.hi != nil && e.lo.isData() && e.hi.isData() {
		if n := max(len(e.lo.x), len(e.hi.x)); len(e.lo.x) == n && len(e.hi.x) == n ||
			min(len(e.lo.x), len(e.hi.x)) == 1 {
			for i := range n {
				if a, b := e.lo.x[i%len(e.lo.x)], e.hi.x[i%len(e.hi.x)]; !(a < b) {
					return nil, fmt.Errorf("%s: entry %d is empty: from %v to %v", name, i, a, b)
				}
			}
		}
	}
	s.name = fmt.Sprintf("%s(%s)", name, strings.Join(words, ", "))
	s.make = func(shape []int) (target.Support, error) {
		for _, a := range []*tensor{e.lo, e.hi} {
			if a != nil && !broadcasts(a.shape, shape) {
				return nil, fmt.Errorf("%s: a bound of shape %s for a parameter of shape %s", s.name,
					shapeText(a.shape),
					shapeText(shape))
			}
		}
		return &boundSupport{target.Real(shape...), e, s.name}, nil
	}
	return s, nil
}

// word is what names a bound in a support's text.
func (a *tensor) word() string {
	switch {
	case a.param != nil:
		return a.param.name
	case len(a.x) == 1:
		return fmt.Sprint(a.x[0])
	}
	return a.describe()
}

func broadcasts(small, shape []int) bool {
	lead := len(shape) - len(small)
	if lead < 0 {
		return false
	}
	for i, k := range small {
		if k != 1 && k != shape[lead+i] {
			return false
		}
	}
	return true
}

// boundSupport is the support between traced bounds; Unconstrain is that of the bounds at a state, see boundsProgram.
type boundSupport struct {
	target.Support
	e    *ends
	name string
}

func (b *boundSupport) String() string { return b.name }

// Constrain is that of target.Lower, target.Upper and target.Interval, of bounds that move: the Jacobian is in the
// unconstrained coordinates of this parameter alone, since that of all is triangular.
func (b *boundSupport) Constrain(u ad.Value) (x, logJacobian ad.Value) {
	u = ad.Reshape(u, b.Shape()...)
	at := func(a *tensor) ad.Value { return ad.BroadcastTo(number(a.t.lift(a)), u.Shape()...) }
	switch {
	case b.e.hi == nil:
		return ad.Add(at(b.e.lo), ad.Exp(u)), ad.Sum(u)
	case b.e.lo == nil:
		return ad.Sub(at(b.e.hi), ad.Exp(u)), ad.Sum(u)
	}
	lo := at(b.e.lo)
	width := ad.Sub(at(b.e.hi), lo)
	empty := ad.LessEqual(width, ad.Zeros(width))
	logWidth := ad.Select(empty, ad.Shift(ad.Zeros(width), math.Inf(-1)),
		ad.Log(ad.Select(empty, ad.Shift(ad.Zeros(width),
			1), width)))
	j := ad.Sub(logWidth, ad.Add(ad.Softplus(u), ad.Softplus(ad.Neg(u))))
	return ad.Add(lo, ad.Mul(width, ad.Sigmoid(u))), ad.Sum(j)
}

// boundsProgram computes the bounds of parameters at a state.
type boundsProgram struct {
	p     *ad.Program
	data  []ad.Array
	width int
	from  map[*parameter][2]int // places of the bounds; −1: none
	dim   int
}

// limits compiles the bounds.
func (r *runner) limits(m *Model) (err error) {
	any := false
	for _, p := range m.params {
		any = any || p.kind.ends != nil
	}
	if !any {
		return nil
	}
	defer func() { // as in trace: the limit of steps
		if p := recover(); p != nil {
			e, ok := p.(raised)
			if !ok {
				panic(p)
			}
			err = e.err
		}
	}()
	out := &boundsProgram{from: map[*parameter][2]int{}, dim: m.dim}
	out.p, err = ad.Compile(func(g *ad.Graph) {
		t := &tracer{g: g, x: g.Input("x", ad.F64, m.dim)}
		t.share = func(x []float64, shape ...int) ad.Value {
			out.data = append(out.data, ad.F64s(x))
			return g.Shared(fmt.Sprintf("data%d", len(out.data)), ad.F64, shape...)
		}
		if e := r.run(t); e != nil {
			panic(raised{e})
		}
		var parts []ad.Value
		for _, b := range t.bounds {
			place := [2]int{-1, -1}
			for i, a := range []*tensor{b.ends.lo, b.ends.hi} {
				if a == nil {
					continue
				}
				place[i] = out.width
				out.width += size(b.shape)
				parts = append(parts, ad.Flatten(ad.BroadcastTo(number(t.lift(a)), b.shape...)))
			}
			for _, p := range m.params {
				if p.name == b.p.name {
					out.from[p] = place
				}
			}
		}
		all := ad.Concat(0, parts...)
		if all.IsShared() {
			all = ad.Rows(all)
		}
		g.Output("bounds", all)
	})
	if err != nil {
		return &Error{File: r.file, Msg: err.Error()}
	}
	m.limits = out
	return nil
}

// at is the support of a parameter at a state, of which the coordinates of the parameters before are known.
func (b *boundsProgram) at(p *parameter, u []float64) (target.Support, error) {
	x, out := make([]float64, b.dim), make([]float64, b.width)
	copy(x, u[:p.from])
	err := b.p.Run(context.Background(), ad.Call{N: 1, In: append([]ad.Array{ad.F64s(x)}, b.data...),
		Out: []ad.Array{ad.F64s(out)}})
	if err != nil {
		return nil, err
	}
	n, place := p.support.Free(), b.from[p]
	s := fixedBounds{p.support, make([]float64, n), make([]float64, n)}
	for i := range n {
		s.lo[i], s.hi[i] = math.Inf(-1), math.Inf(1)
		if place[0] >= 0 {
			s.lo[i] = out[place[0]+i]
		}
		if place[1] >= 0 {
			s.hi[i] = out[place[1]+i]
		}
	}
	return s, nil
}

// fixedBounds undoes boundSupport at known bounds.
type fixedBounds struct {
	target.Support
	lo, hi []float64
}

// Unconstrain implements target.Support.
func (f fixedBounds) Unconstrain(u, x []float64) error {
	for i, v := range x {
		switch {
		case math.IsInf(f.hi[i], 1):
			u[i] = math.Log(v - f.lo[i])
		case math.IsInf(f.lo[i], -1):
			u[i] = math.Log(f.hi[i] - v)
		default:
			u[i] = math.Log((v - f.lo[i]) / (f.hi[i] - v))
		}
		if math.IsNaN(u[i]) || math.IsInf(u[i], 0) {
			return &target.SupportError{Support: fmt.Sprintf("(%g, %g)", f.lo[i], f.hi[i]), Index: i, Value: v}
		}
	}
	return nil
}
