package nn

import (
	"cmp"
	"fmt"

	"github.com/seed9a7962a8/ito/ad"
)

// GNN is a graph transformer with pair features (in the manner of Vignac et al. 2022, arXiv:2209.14734) over nodes
// [n,f] and what stands between two, [n,n] or [n,n,e], numbers or tokens; either part may be missing. In a layer the
// pairs bias the attention of the nodes, and the nodes move the pairs:
//
//	h ← h + attn(norm(h), V norm(p)),  h ← h + ff(norm(h)),
//	p ← p + W SiLU(u_i + u_j + a_i∘a_j + U norm(p)),   u, a Linears of norm(h)
//
// with v_j for u_j where edges are Directed. Another order of the nodes is another order of the result, and pairs that
// are symmetric stay so, unless Directed. A mask says which nodes there are; the others are written 0.
type GNN struct {
	// channels of a node; 0 means 64
	Width int `json:"width,omitempty" default:"64" min:"1" help:"Channels of a node."`
	// channels of a pair; 0 means 16
	Pairs int `json:"pairs,omitempty" default:"16" min:"1" help:"Channels of a pair."`
	// layers; 0 means 4
	Layers int `json:"layers,omitempty" default:"4" min:"1" max:"1000" help:"Layers."`
	// heads of attention; 0 means 4
	Heads int `json:"heads,omitempty" default:"4" min:"1" help:"Heads of attention; they divide the width."`
	// Directed: a pair is not its reverse
	Directed bool `json:"directed,omitempty" help:"A pair is not its reverse."`
	// features of time; 0 means 32
	TimeDim int `json:"time_dim,omitempty" default:"32" min:"2" max:"65536" help:"Features of time, even."`
}

func init() {
	Register("A graph transformer over nodes and pairs of nodes.", func() Network { return GNN{} })
}

// Kind implements Network.
func (GNN) Kind() string { return "gnn" }

// Resolve implements Network.
func (c GNN) Resolve() (Network, error) {
	c.Width, c.Pairs, c.Layers = cmp.Or(c.Width, 64), cmp.Or(c.Pairs, 16), cmp.Or(c.Layers, 4)
	c.Heads, c.TimeDim = cmp.Or(c.Heads, 4), cmp.Or(c.TimeDim, 32)
	return c, firstError(within("width", c.Width, 1, maxSize), within("pairs", c.Pairs, 1, maxSize),
		within("layers", c.Layers, 1, maxDepth), divides("heads", c.Heads, "channels", c.Width),
		evenWithin("time_dim", c.TimeDim))
}

// Trace implements Network.
func (c GNN) Trace(s *Scope, in Inputs) []ad.Value {
	n, ofPairs := c.nodes(s, in.Ports)
	e := s.embedInputs(in, c.TimeDim, c.Width)
	h := ad.BroadcastTo(ad.Reshape(e, 1, c.Width), n, c.Width)
	p := ad.BroadcastTo(ad.Reshape(s.Linear("pairs", e, c.Pairs), 1, 1, c.Pairs), n, n, c.Pairs)
	for i, port := range in.Ports.X {
		name := "in." + port.Name
		if ofPairs[i] {
			wide := s.embedPart(name, port, ad.Reshape(in.X[i], n*n, -1), n*n, c.Pairs)
			p = ad.Add(p, ad.Reshape(wide, n, n, c.Pairs))
		} else {
			h = ad.Add(h, s.embedPart(name, port, in.X[i], n, c.Width))
		}
	}
	a := Attention{Heads: c.Heads}
	mask, _ := in.Named("mask")
	if !mask.IsZero() {
		mask = s.maskOf("mask", mask)
		a.Keys = mask
	}
	for i := range c.Layers {
		h, p = c.layer(s.Within("%s", fmt.Sprint("layer", i)), h, p, a)
	}
	h, p = s.LayerNorm("norm", h), s.LayerNorm("pair_norm", p)
	var out []ad.Value
	for i, port := range in.Ports.Out {
		of, rows := h, n
		if ofPairs[i] {
			of, rows = p, n*n
		}
		y := s.Head("out."+in.Ports.X[i].Name, of, port.Size()/rows)
		out = append(out, ad.Reshape(present(y, mask, ofPairs[i]), port.Shape...))
	}
	return out
}

// layer is one layer over nodes h [n,W] and pairs p [n,n,P].
func (c GNN) layer(s *Scope, h, p ad.Value, a Attention) (nodes, pairs ad.Value) {
	n := h.Shape()[0]
	q := s.LayerNorm("pair_norm", p)
	a.Bias = ad.Transpose(s.Linear("bias", q, c.Heads), 2, 0, 1)
	h = ad.Add(h, s.Attention("attn", s.LayerNorm("norm0", h), a))
	h = ad.Add(h, s.FeedForward("ff", s.LayerNorm("norm1", h), 2*c.Width, "silu"))
	z := s.LayerNorm("norm2", h)
	wide := func(x ad.Value, shape ...int) ad.Value {
		return ad.BroadcastTo(ad.Reshape(x, append(shape, c.Pairs)...), n, n, c.Pairs)
	}
	u := s.Linear("own", z, c.Pairs)
	v := u
	if c.Directed {
		v = s.Linear("other", z, c.Pairs)
	}
	b := s.Linear("both", z, c.Pairs)
	sum := ad.Add(wide(u, n, 1), wide(v, 1, n))
	sum = ad.Add(sum, ad.Mul(wide(b, n, 1), wide(b, 1, n)))
	sum = ad.Add(sum, s.Linear("pair.0", q, c.Pairs))
	return h, ad.Add(p, s.Linear("pair.1", ad.SiLU(sum), c.Pairs))
}

// present leaves nodes and pairs that are not there 0.
func present(y, mask ad.Value, pairs bool) ad.Value {
	if mask.IsZero() {
		return y
	}
	if pairs {
		n := mask.Size()
		mask = ad.Mul(ad.BroadcastTo(ad.Reshape(mask, n, 1), n, n), ad.BroadcastTo(ad.Reshape(mask, 1, n), n, n))
	}
	return perRow(y, mask)
}

// nodes is the number of nodes, and which parts are of pairs: those whose two leading axes are n, where another part
// or the mask has n nodes, or that stand alone.
func (c GNN) nodes(s *Scope, p Ports) (n int, ofPairs []bool) {
	if len(p.X) > 2 || len(p.X) != len(p.Out) {
		s.Refuse("gnn reads nodes, pairs of nodes, or both, and writes the same, not %v and %v; give one part or two",
			p.X, p.Out)
	}
	for i, q := range p.X {
		if len(q.Shape) == 0 || len(p.Out[i].Shape) == 0 || p.Out[i].Shape[0] != q.Shape[0] {
			s.Refuse("part %s %v has no nodes to write as %v", q.Name, q.Shape, p.Out[i].Shape)
		}
		if n == 0 {
			n = q.Shape[0]
		}
		pair := len(q.Shape) >= 2 && q.Shape[1] == n && (i == 1 || len(q.Shape) == 3 || len(p.X) == 1)
		if q.Shape[0] != n || pair && p.Out[i].Size()%(n*n) != 0 || i == 1 && (!pair || ofPairs[0]) {
			s.Refuse("parts are nodes [n,f] and then pairs [n,n] or [n,n,e] of as many, not %v; put them in this "+
				"order", p.X)
		}
		ofPairs = append(ofPairs, pair)
	}
	return n, ofPairs
}
