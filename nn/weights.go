package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// Weights are a network between given ports, with its parameters. The zero Weights is not usable; see [New] and
// [FromParams].
type Weights struct {
	Net    Network // resolved
	Ports  Ports
	Params []float32 // every tensor, one behind the other, in the order of Layout
	// Precision of the products with the tensors; the zero value is float32.
	Precision ad.Precision
	// Quantised is what a network whose weights are bytes needs beside them; nil: they are not.
	Quantised *Quantised
	layout    []Tensor
	index     map[string]int
}

// Tensor is the place of one tensor in a flat slice of parameters.
type Tensor struct {
	Name   string
	Shape  []int
	Offset int // of its first element
	init   Init
	// Rows says that the tensor is the weights of a layer, a row of the first axis an output, which may be bytes.
	Rows bool
}

// Size is the number of elements.
func (t Tensor) Size() int { return sizeOf(t.Shape) }

func sizeOf(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// maxParams bounds the parameters of a network, 4 GiB of float32.
const maxParams = 1 << 30

// New makes a network with the initial weights of the given seed, of which element j of tensor i has the address
// (i, j). A config that cannot be used, or ports that the network does not serve, are a *ConfigError.
func New(net Network, ports Ports, seed uint64) (*Weights, error) {
	w, err := layout(net, ports)
	if err != nil {
		return nil, err
	}
	w.Params = make([]float32, w.size())
	key := rng.NewKey(seed, rng.PurposeInit, 0, 0)
	for i, t := range w.layout {
		p := w.Params[t.Offset : t.Offset+t.Size()]
		if t.init.Bound != 0 {
			key.Uniforms32(p, len(p), []uint64{uint64(i)})
			for j, u := range p {
				p[j] = float32(t.init.Value + float64((2*float64(u)-1)*t.init.Bound))
			}
		} else if t.init.Value != 0 {
			for j := range p {
				p[j] = float32(t.init.Value)
			}
		}
		if t.init.Ramp != 0 {
			last := t.Shape[len(t.Shape)-1]
			for j := range p {
				p[j] += float32(t.init.Ramp * float64(j%last))
			}
		}
	}
	return w, nil
}

// FromParams makes a network of the given parameters, which it keeps: their number must be the network's.
func FromParams(net Network, ports Ports, params []float32) (*Weights, error) {
	w, err := layout(net, ports)
	if err != nil {
		return nil, err
	}
	if want := w.size(); len(params) != want {
		return nil, &ConfigError{"params", fmt.Sprintf("the network has %d, got %d", want, len(params))}
	}
	w.Params = params
	return w, nil
}

// Layout lists the tensors of a network between given ports, without making it.
func Layout(net Network, ports Ports) ([]Tensor, error) {
	w, err := layout(net, ports)
	if err != nil {
		return nil, err
	}
	return w.layout, nil
}

// layout is a network whose parameters are not there yet: one trace finds its tensors.
func layout(net Network, ports Ports) (*Weights, error) {
	if err := ports.check(); err != nil {
		return nil, err
	}
	net, err := resolve(net)
	if err != nil {
		return nil, err
	}
	w := &Weights{Net: net, Ports: ports}
	p := &plan{index: map[string]int{}, layers: map[string]bool{}}
	if err := ad.Trace(func(g *ad.Graph) {
		p.g = g
		w.trace(&Scope{plan: p}, g.Input("x", ad.F32, ports.Reads()), g.Input("time", ad.F32, 1),
			w.condition(g, ad.F32))
	}); err != nil {
		var e *ad.Error
		if errors.As(err, &e) {
			return nil, &ConfigError{net.Kind(), e.Detail}
		}
		return nil, err
	}
	for layer := range p.layers {
		if i, ok := p.index[layer+".weight"]; ok {
			p.tensors[i].Rows = true
		}
	}
	w.layout, w.index = p.tensors, p.index
	return w, nil
}

// condition declares the input of the condition, if the network has one.
func (w *Weights) condition(g *ad.Graph, d ad.DType) ad.Value {
	if w.Ports.CondWidth() == 0 {
		return ad.Value{}
	}
	return g.Input("condition", d, w.Ports.CondWidth())
}

// trace takes flat values apart for the network, and puts what it says together.
func (w *Weights) trace(s *Scope, x, time, cond ad.Value) ad.Value {
	in := Inputs{Ports: w.Ports, X: split(x, w.Ports.X), Time: time}
	if len(w.Ports.Cond) > 0 && !(cond == ad.Value{} && w.Absent()) {
		in.Cond = split(cond, w.Ports.Cond)
	}
	out := w.Net.Trace(s, in)
	if len(out) != len(w.Ports.Out) {
		s.Refuse("%s writes %d arrays where %d are asked for", w.Net.Kind(), len(out), len(w.Ports.Out))
	}
	for i, p := range w.Ports.Out {
		if !slices.Equal(out[i].Shape(), p.Shape) {
			s.Refuse("%s writes %s of shape %v where %v is asked for", w.Net.Kind(), p.Name, out[i].Shape(), p.Shape)
		}
		if out[i].Rank() != 1 {
			out[i] = ad.Flatten(out[i])
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return ad.Concat(0, out...)
}

// split cuts a flat value into the values of ports, each of its shape; tokens become int32. One port of one axis is the
// value itself.
func split(x ad.Value, ports []Port) []ad.Value {
	vs := make([]ad.Value, len(ports))
	at := 0
	for i, p := range ports {
		v, n := x, p.Size()
		if len(ports) > 1 {
			v = ad.Slice(x, 0, at, at+n)
		}
		if len(p.Shape) != 1 {
			v = ad.Reshape(v, p.Shape...)
		}
		if p.Levels > 0 {
			v = ad.Cast(v, ad.I32)
		}
		vs[i], at = v, at+n
	}
	return vs
}

// Apply traces the network for one sample into g, on flat rows:
//
//	params  one value for each tensor, in the order of Layout
//	x       [In], the ports of X one behind the other
//	time    [1], the time feature; the zero Value for a network that reads none
//	cond    [C]; the zero Value where there is no condition
//
// and returns [Out] in the dtype of the parameters. Mistakes of shape appear as *ad.Error.
func (w *Weights) Apply(g *ad.Graph, params []ad.Value, x, time, cond ad.Value) ad.Value {
	return w.apply(g, params, x, time, cond, false)
}

// ApplyTraining is [Weights.Apply] in a step of training: layers that act there alone, like [Scope.Dropout], draw at
// the address of the run.
func (w *Weights) ApplyTraining(g *ad.Graph, params []ad.Value, x, time, cond ad.Value) ad.Value {
	return w.apply(g, params, x, time, cond, true)
}

func (w *Weights) apply(g *ad.Graph, params []ad.Value, x, time, cond ad.Value, training bool) ad.Value {
	if len(params) != len(w.layout) {
		panic(&ad.Error{Op: "network", Detail: fmt.Sprintf("needs %d tensors, got %d", len(w.layout), len(params))})
	}
	if w.Precision != ad.Full {
		g.Products(w.Precision)
	}
	p := &plan{g: g, dtype: x.DType(), tensors: w.layout, index: w.index, given: params,
		training: training}
	if w.Precision == ad.Int8 && w.Quantised != nil {
		p.grids = w.Quantised.Grids
	}
	return w.trace(&Scope{plan: p}, x, time, cond)
}

// Smooth reports a network whose output has derivatives of every order: one that does not say otherwise by a method of
// this name.
func (w *Weights) Smooth() bool {
	n, ok := w.Net.(interface{ Smooth() bool })
	return !ok || n.Smooth()
}

// Absent reports a network that [Weights.Apply] traces without a condition, the zero Value, in place of zeros: an
// [Absenter] none of whose conditions is tokens, of which 0 is one.
func (w *Weights) Absent() bool {
	_, ok := w.Net.(Absenter)
	return ok && len(w.Ports.Cond) > 0 &&
		!slices.ContainsFunc(w.Ports.Cond, func(p Port) bool { return p.Levels > 0 })
}

func (w *Weights) size() int {
	if len(w.layout) == 0 {
		return 0
	}
	last := w.layout[len(w.layout)-1]
	return last.Offset + last.Size()
}

// Layout lists the tensors in the order of Params. The caller must not change it.
func (w *Weights) Layout() []Tensor { return w.layout }

// Clone copies the network; the copy's parameters are its own.
func (w *Weights) Clone() *Weights {
	c := *w
	c.Params = slices.Clone(w.Params)
	return &c
}

// With is the network with other parameters, which it keeps: the moving average, say.
func (w *Weights) With(params []float32) (*Weights, error) {
	if len(params) != len(w.Params) {
		return nil, &ConfigError{"params", fmt.Sprintf("the network has %d, got %d", len(w.Params), len(params))}
	}
	c := *w
	c.Params = params
	return &c, nil
}

// Between is the network between other ports, for states of another size, with the same parameters, which it shares. A
// network whose tensors depend on the size is a *ConfigError.
func (w *Weights) Between(ports Ports) (*Weights, error) {
	n, err := layout(w.Net, ports)
	if err != nil {
		return nil, err
	}
	same := slices.EqualFunc(n.layout, w.layout,
		func(a, b Tensor) bool { return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) })
	if !same {
		return nil, &ConfigError{w.Net.Kind(),
			"its tensors depend on the size of a state: it serves states of one size"}
	}
	n.Params, n.Precision, n.Quantised = w.Params, w.Precision, w.Quantised
	return n, nil
}

// Declare declares one shared input for each tensor, in the order of Layout. The run takes [Weights.Arrays] of
// float32 parameters or [Weights.Arrays64].
func (w *Weights) Declare(g *ad.Graph, d ad.DType) []ad.Value {
	vs := make([]ad.Value, len(w.layout))
	for i, t := range w.layout {
		vs[i] = g.Shared(t.Name, d, t.Shape...)
	}
	return vs
}

// Arrays are the views of a flat slice — parameters, or their gradient — as the inputs or outputs of a program.
func (w *Weights) Arrays(flat []float32) []ad.Array {
	return w.AppendArrays(make([]ad.Array, 0, len(w.layout)), flat)
}

// AppendArrays is [Weights.Arrays] behind what there is.
func (w *Weights) AppendArrays(as []ad.Array, flat []float32) []ad.Array {
	for _, t := range w.layout {
		as = append(as, ad.F32s(flat[t.Offset:t.Offset+t.Size():t.Offset+t.Size()]))
	}
	return as
}

// Arrays64 is [Weights.Arrays] of a float64 slice.
func (w *Weights) Arrays64(flat []float64) []ad.Array {
	as := make([]ad.Array, len(w.layout))
	for i, t := range w.layout {
		as[i] = ad.F64s(flat[t.Offset : t.Offset+t.Size() : t.Offset+t.Size()])
	}
	return as
}

// Params64 is a float64 copy of the parameters.
func (w *Weights) Params64() []float64 {
	p := make([]float64, len(w.Params))
	simd.CvtF32F64(p, w.Params)
	return p
}
