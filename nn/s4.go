package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// S4 is a network of diagonal state spaces over the positions of one part, numbers or tokens: layers
//
//	y = S4D(norm(h) + W e),  h ← h + GLU(V GELU(y))
//
// with e an embedding of time and conditions and GLU(a, b) = a∘σ(b). With Both a second state space of a layer reads in
// reverse, and y is their sum; without, output i depends on the inputs up to i alone.
type S4 struct {
	// channels of a position; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" help:"Channels of a position."`
	// layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Layers."`
	// complex states of a channel; 0 means 32
	States int `json:"states,omitempty" default:"32" min:"1" max:"65536" help:"Complex states of a channel."`
	// Both: the layers read in both directions
	Both bool `json:"both,omitempty" help:"Read in both directions."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
	// Beside > 0: the condition begins with so many numbers for each position, [L,Beside], channels beside its own
	Beside int `json:"beside,omitempty" min:"0" max:"65536" help:"Numbers of the condition that are read beside each position, from its front."`
}

func init() {
	Register("Diagonal state spaces over positions, numbers or tokens.", func() Network { return S4{} })
}

// Kind implements Network.
func (S4) Kind() string { return "s4" }

// WithBeside implements BesideReader.
func (c S4) WithBeside(n int) Network {
	c.Beside = n
	return c
}

// Resolve implements Network.
func (c S4) Resolve() (Network, error) {
	c.Width, c.Layers, c.States = cmp.Or(c.Width, 64), cmp.Or(c.Layers, 4), cmp.Or(c.States, 32)
	c.TimeDim = cmp.Or(c.TimeDim, 32)
	return c, firstError(within("width", c.Width, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		within("states", c.States, 1, 1<<16), evenWithin("time_dim", c.TimeDim),
		within("beside", c.Beside, 0, 1<<16))
}

// Trace implements Network.
func (c S4) Trace(s *Scope, in Inputs) []ad.Value {
	q := s.sequenceOf(c.Kind(), in)
	if c.Beside > 0 {
		if q.levels > 0 {
			s.Refuse("s4 reads numbers beside numbers, and not beside tokens; take beside=0")
		}
		var more ad.Value
		more, in = s.beside(c.Kind(), in, q.length, c.Beside)
		q.x = ad.Concat(1, q.x, more)
	}
	h, e := q.embed(s, c.Width), s.embedInputs(in, c.TimeDim, c.Width)
	for i := range c.Layers {
		l := s.Within("%s", fmt.Sprint("layer", i))
		x := ad.Add(l.LayerNorm("norm", h), l.Linear("time", e, c.Width))
		y := l.S4D("s4d", x, c.States)
		if c.Both {
			y = ad.Add(y, flipped(s, l.S4D("reverse", flipped(s, x), c.States)))
		}
		bound := Init{Bound: 1 / rootOf(float64(c.Width))}
		g := l.linearParts("out", ad.GELU(y), 2, c.Width, bound, bound)
		h = ad.Add(h, ad.Mul(g[0], ad.Sigmoid(g[1])))
	}
	return q.head(s, s.LayerNorm("norm", h), in)
}
