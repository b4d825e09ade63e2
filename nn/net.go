package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/rng"
)

// Net is a network: its shape and its parameters. The zero Net is not usable; see [New] and [FromParams].
type Net struct {
	Config Config    // resolved
	Params []float32 // every tensor, one behind the other, in the order of Layout
	layout []Tensor
}

// Tensor is the place of one tensor in a flat slice of parameters. Layer n has "n.weight" [out,in], row-major,
// and "n.bias" [out], as PyTorch's Linear. The transpose was measured to be neither faster nor slower: a step needs
// each matrix packed both ways, and the gradient of one is a product of full rows either way.
type Tensor struct {
	Name   string
	Shape  []int
	Offset int // of its first element
}

// Size is the number of elements.
func (t Tensor) Size() int {
	n := 1
	for _, s := range t.Shape {
		n *= s
	}
	return n
}

// New makes a network with the initial weights of the given seed: weights uniform on ±√(6/in) (He et al. 2015,
// arXiv:1502.01852, eq. 14), biases uniform on ±1/√in, and an output layer of zeros, so that an untrained network says
// 0. Errors are *ConfigError.
//
// PyTorch's default, ±1/√in for weights too, leaves an activation almost linear. The input scaling of field.Precond
// makes target and input uncorrelated, so that all there is to learn is nonlinear: on two Gaussians a network of
// 128×3 then stays at the Gaussian score for 4000 steps of Adam at 1e-3; from here it leaves at once.
func New(c Config, seed uint64) (*Net, error) {
	c, err := c.Resolve()
	if err != nil {
		return nil, err
	}
	n := &Net{Config: c, layout: c.Layout()}
	last := n.layout[len(n.layout)-1]
	n.Params = make([]float32, last.Offset+last.Size())
	key := rng.NewKey(seed, rng.PurposeInit, 0, 0)
	hidden := n.layout[:len(n.layout)-2]
	for i, t := range hidden {
		weight := n.layout[i&^1]
		bound := 1 / math.Sqrt(float64(weight.Shape[1]))
		if i%2 == 0 {
			bound *= math.Sqrt(6)
		}
		p := n.Params[t.Offset : t.Offset+t.Size()]
		key.Uniforms32(p, len(p), []uint64{uint64(i)})
		for j, u := range p {
			p[j] = float32((2*float64(u) - 1) * bound)
		}
	}
	return n, nil
}

// FromParams makes a network of the given parameters, which it keeps: their number must be the Config's.
func FromParams(c Config, params []float32) (*Net, error) {
	c, err := c.Resolve()
	if err != nil {
		return nil, err
	}
	n := &Net{Config: c, Params: params, layout: c.Layout()}
	last := n.layout[len(n.layout)-1]
	if want := last.Offset + last.Size(); len(params) != want {
		return nil, &ConfigError{"params", fmt.Sprintf("the network has %d, got %d", want, len(params))}
	}
	return n, nil
}

// Layout lists the tensors of a resolved Config's network, without making it.
func (c Config) Layout() []Tensor {
	var ts []Tensor
	at := 0
	add := func(name string, shape ...int) {
		ts = append(ts, Tensor{name, shape, at})
		at += ts[len(ts)-1].Size()
	}
	for _, l := range c.linears() {
		add(l.name+".weight", l.out, l.in)
		add(l.name+".bias", l.out)
	}
	return ts
}

// Layout lists the tensors in the order of Params. The caller must not change it.
func (n *Net) Layout() []Tensor { return n.layout }

// Clone copies the network; the copy's parameters are its own.
func (n *Net) Clone() *Net {
	c := *n
	c.Params = slices.Clone(n.Params)
	return &c
}

// With is the network with other parameters, which it keeps: the moving average, say.
func (n *Net) With(params []float32) (*Net, error) { return FromParams(n.Config, params) }

// Declare declares one shared input for each tensor, in the order of Layout. The run takes [Net.Arrays] of
// float32 parameters or [Net.Arrays64].
func (n *Net) Declare(g *ad.Graph, d ad.DType) []ad.Value {
	vs := make([]ad.Value, len(n.layout))
	for i, t := range n.layout {
		vs[i] = g.Shared(t.Name, d, t.Shape...)
	}
	return vs
}

// Arrays are the views of a flat slice — parameters, or their gradient — as the inputs or outputs of a program.
func (n *Net) Arrays(flat []float32) []ad.Array {
	as := make([]ad.Array, len(n.layout))
	for i, t := range n.layout {
		as[i] = ad.F32s(flat[t.Offset : t.Offset+t.Size() : t.Offset+t.Size()])
	}
	return as
}

// Arrays64 is [Net.Arrays] of a float64 slice.
func (n *Net) Arrays64(flat []float64) []ad.Array {
	as := make([]ad.Array, len(n.layout))
	for i, t := range n.layout {
		as[i] = ad.F64s(flat[t.Offset : t.Offset+t.Size() : t.Offset+t.Size()])
	}
	return as
}

// Params64 is a float64 copy of the parameters.
func (n *Net) Params64() []float64 {
	p := make([]float64, len(n.Params))
	simd.CvtF32F64(p, n.Params)
	return p
}
