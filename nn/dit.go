package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// DiT is the diffusion transformer of Peebles & Xie (2022, arXiv:2212.09748) over images [H,W,C] in patches of P×P
// pixels, or series [L,C] in patches of P positions: sinusoidal positions, a half of the channels for each axis of an
// image, and layers that time and conditions modulate ([Scope.AdaLNZero]). Before training it says 0.
type DiT struct {
	// channels of a patch; 0 means 128
	Width int `json:"width,omitempty" default:"128" min:"1" help:"Channels of a patch."`
	// layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Layers."`
	// heads of attention; 0 means 4
	Heads int `json:"heads,omitempty" default:"4" min:"1" help:"Heads of attention; they divide the width."`
	// P, pixels of a side of a patch; 0 means 2
	Patch int `json:"patch,omitempty" default:"2" min:"1" help:"Pixels of a side of a patch; they divide the image."`
	// units between the Linears of a layer; 0 means 4·Width
	Hidden int `json:"hidden,omitempty" min:"0" help:"Units between the linear maps of a layer; 0: four times the width."`
	// gelu (the default), silu, tanh or relu
	Activation string `json:"activation,omitempty" default:"gelu" enum:"silu,gelu,tanh,relu" help:"Activation: ${enum}."`
	// Dropout is the share of what a layer adds that is left out in training
	Dropout float64 `json:"dropout,omitempty" min:"0" below:"1" help:"Share of what a layer adds that is left out in a step of training."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("The diffusion transformer, over patches of images or series.", func() Network { return DiT{} })
}

// Kind implements Network.
func (DiT) Kind() string { return "dit" }

// Smooth says that relu is not: see [Weights.Smooth].
func (c DiT) Smooth() bool { return c.Activation != "relu" }

// Resolve implements Network.
func (c DiT) Resolve() (Network, error) {
	c.Width, c.Layers, c.Heads = cmp.Or(c.Width, 128), cmp.Or(c.Layers, 4), cmp.Or(c.Heads, 4)
	c.Patch, c.Hidden, c.TimeDim = cmp.Or(c.Patch, 2), cmp.Or(c.Hidden, 4*c.Width), cmp.Or(c.TimeDim, 32)
	c.Activation = cmp.Or(c.Activation, "gelu")
	err := firstError(
		within("width", c.Width, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		divides("heads", c.Heads, "channels", c.Width), within("hidden", c.Hidden, 1, maxSize),
		within("patch", c.Patch, 1, maxSize), evenWithin("time_dim", c.TimeDim),
		shareWithin("dropout", c.Dropout),
		oneOf("activation", c.Activation, activations...))
	if err == nil && c.Width%4 != 0 {
		err = &ConfigError{"width", "sinusoidal positions of two axes take four channels each; give a multiple of four"}
	}
	return c, err
}

// Trace implements Network.
func (c DiT) Trace(s *Scope, in Inputs) []ad.Value {
	g := c.grid(s, in.Ports)
	x := g.patches(ad.Cast(in.X[0], s.DType()), c.Patch, g.in)
	h := s.Linear("in", x, c.Width)
	if g.w == 0 {
		h = ad.Add(h, s.Positions(g.h/c.Patch, c.Width))
	} else {
		h = ad.Add(h, s.planePositions(g.h/c.Patch, g.w/c.Patch, c.Width))
	}
	e := s.embedInputs(in, c.TimeDim, c.Width)
	for i := range c.Layers {
		h = s.AdaLNZero(fmt.Sprint("layer", i), h, e, c.Hidden, c.Activation, c.Dropout, Attention{Heads: c.Heads})
	}
	m := s.linearParts("mod", ad.SiLU(e), 2, c.Width, Init{}, Init{})
	h = ad.LayerNorm(h, ad.Shift(m[1], 1), m[0], adaEpsilon)
	out := s.Head("out", h, g.pixels(c.Patch)*g.out)
	return []ad.Value{ad.Reshape(g.assemble(out, c.Patch, g.out), in.Ports.Out[0].Shape...)}
}

// grid is an image of h by w pixels, or a series of h positions with w = 0, of in and out channels.
type grid struct{ h, w, in, out int }

// grid reads the shapes of the one part.
func (c DiT) grid(s *Scope, p Ports) grid {
	if len(p.X) != 1 || len(p.Out) != 1 || p.X[0].Levels > 0 {
		s.Refuse("dit reads one part of numbers and writes one, not %v and %v; take another network", p.X, p.Out)
	}
	x, out := p.X[0].Shape, p.Out[0].Shape
	if len(x) == 1 && len(out) == 1 {
		x, out = []int{x[0], 1}, []int{out[0], 1}
	}
	if r := len(x); r < 2 || r > 3 || len(out) != r || x[0] != out[0] || r == 3 && x[1] != out[1] {
		s.Refuse("dit reads an image [H,W,C] or a series [L,C] and writes as many pixels, not %v and %v; give such "+
			"states", p.X[0].Shape, p.Out[0].Shape)
	}
	g := grid{h: x[0], in: x[len(x)-1], out: out[len(x)-1]}
	if len(x) == 3 {
		g.w = x[1]
	}
	if g.h%c.Patch != 0 || g.w%c.Patch != 0 {
		s.Refuse("patches of %d do not divide %v; give patch=1, or another divisor of its sides", c.Patch,
			p.X[0].Shape)
	}
	return g
}

// pixels is the number of them in a patch.
func (g grid) pixels(p int) int {
	if g.w == 0 {
		return p
	}
	return p * p
}

// patches cuts x [H,W,C] into rows of patches [T,P·P·C], or a series into [T,P·C].
func (g grid) patches(x ad.Value, p, c int) ad.Value {
	if g.w == 0 {
		return ad.Reshape(x, g.h/p, p*c)
	}
	x = ad.Transpose(ad.Reshape(x, g.h/p, p, g.w/p, p, c), 0, 2, 1, 3, 4)
	return ad.Reshape(x, g.h/p*(g.w/p), p*p*c)
}

// assemble is the way back.
func (g grid) assemble(x ad.Value, p, c int) ad.Value {
	if g.w == 0 {
		return x
	}
	return ad.Transpose(ad.Reshape(x, g.h/p, g.w/p, p, p, c), 0, 2, 1, 3, 4)
}
