package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// EGNN is an E(d)-equivariant network over nodes (Satorras et al. 2021, arXiv:2102.09844; for diffusion Hoogeboom et
// al. 2022, arXiv:2203.17003): the first part are positions [n,d], other parts features [n,f] of the nodes, numbers or
// tokens, and a mask says which nodes there are. Features, time and conditions are embedded, layers of
// [Scope.Equivariant] move the positions, and the network writes how far they moved, with mean zero over the nodes, and
// a Linear of the features. Turned positions give a turned result, moved ones the same.
type EGNN struct {
	// channels of a node and of a message; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" help:"Channels of a node and of a message."`
	// layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Layers."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("An E(n)-equivariant network over nodes in space.", func() Network { return EGNN{} })
}

// Kind implements Network.
func (EGNN) Kind() string { return "egnn" }

// Resolve implements Network.
func (c EGNN) Resolve() (Network, error) {
	c.Width, c.Layers, c.TimeDim = cmp.Or(c.Width, 64), cmp.Or(c.Layers, 4), cmp.Or(c.TimeDim, 32)
	return c, firstError(within("width", c.Width, 1, maxSize), within("layers", c.Layers, 1, maxDepth),
		evenWithin("time_dim", c.TimeDim))
}

// Trace implements Network.
func (c EGNN) Trace(s *Scope, in Inputs) []ad.Value {
	n := c.nodes(s, in.Ports)
	x := ad.Reshape(in.X[0], n, -1)
	mask, _ := in.Named("mask")
	if !mask.IsZero() {
		mask = s.maskOf("mask", mask)
	}
	h := ad.BroadcastTo(ad.Reshape(s.embedInputs(in, c.TimeDim, c.Width), 1, c.Width), n, c.Width)
	for i, p := range in.Ports.X[1:] {
		h = ad.Add(h, s.embedPart("in."+p.Name, p, in.X[1+i], n, c.Width))
	}
	from := x
	for i := range c.Layers {
		x, h = s.Equivariant(fmt.Sprint("layer", i), x, h, mask, c.Width)
	}
	out := []ad.Value{ad.Reshape(centred(s, ad.Sub(x, from), mask), in.Ports.Out[0].Shape...)}
	for _, p := range in.Ports.Out[1:] {
		out = append(out, ad.Reshape(s.Head("out."+p.Name, h, p.Size()/n), p.Shape...))
	}
	return out
}

// nodes is the number of nodes of all parts.
func (c EGNN) nodes(s *Scope, p Ports) int {
	if len(p.X) != len(p.Out) {
		s.Refuse("egnn writes the parts that it reads, not %v for %v", p.Out, p.X)
	}
	x := p.X[0]
	series := len(x.Shape) == 2 || len(x.Shape) == 3 && x.Shape[2] == 1
	if !series || x.Levels > 0 || p.Out[0].Size() != x.Size() {
		s.Refuse("the first part are positions [n,d] that are read and written, not %v; give states of two axes, and "+
			"put them first", x)
	}
	for i, q := range p.X {
		if len(q.Shape) == 0 || q.Shape[0] != x.Shape[0] || p.Out[i].Shape[0] != x.Shape[0] {
			s.Refuse("part %s %v has another number of nodes than %s %v", q.Name, q.Shape, x.Name, x.Shape)
		}
	}
	return x.Shape[0]
}

// embedPart is a part of nodes [n,…] as width channels of a node: the Linear name of numbers, the Embedding of tokens.
func (s *Scope) embedPart(name string, p Port, x ad.Value, n, width int) ad.Value {
	if p.Levels == 0 {
		return s.Linear(name, ad.Reshape(x, n, -1), width)
	}
	e := s.Embedding(name, ad.Reshape(x, n, -1), p.Levels, width)
	return ad.Sum(e, 1)
}

// centred takes the mean over the nodes that are there from x [n,d], and leaves the others 0.
func centred(s *Scope, x, mask ad.Value) ad.Value {
	n, d := x.Shape()[0], x.Shape()[1]
	if mask.IsZero() {
		return ad.Sub(x, ad.BroadcastTo(ad.Reshape(ad.Mean(x, 0), 1, d), n, d))
	}
	x = perRow(x, mask)
	mean := ad.Div(ad.Sum(x, 0), ad.BroadcastTo(ad.Sum(mask), d))
	return perRow(ad.Sub(x, ad.BroadcastTo(ad.Reshape(mean, 1, d), n, d)), mask)
}
