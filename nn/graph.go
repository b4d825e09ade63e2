package nn

import (
	"cmp"

	"github.com/seed9a7962a8/ito/ad"
)

// Graph is a network over nodes and pairs of nodes that no order of the nodes changes: permuted nodes have permuted
// outputs. With m_j 1 where node j is there and 0 where not, a layer is
//
//	h_i ← h_i + MLP(norm h_i, Σ_j m_j gate(e_ij) ⊙ V h_j / Σ_j m_j),
//	e_ij ← e_ij + MLP(norm e_ij, Σ_k m_k w_ik ⊙ w_kj / √Σ_k m_k, U h_i + U h_j),   w = W norm e,
//
// a gated graph network (Bresson & Laurent 2017, arXiv:1711.07553, eq. 11) whose pairs have features of their own that
// see walks of two steps, and so triangles (Maron et al. 2019, arXiv:1905.11136, §4). Ports of one axis of nodes are
// features of nodes, those of two of pairs; pairs that are symmetric stay so. It serves graphs of any number of nodes
// with the same weights, and a node that is not there changes nothing. Cost O(n² Width² + n³ Pairs) a layer. Every
// zero value is its default.
type Graph struct {
	Width int `json:"width,omitempty" default:"32" min:"1" max:"4096" help:"Features of a node inside."`
	Pairs int `json:"pairs,omitempty" default:"16" min:"1" max:"4096" help:"Features of a pair of nodes inside."`
	Depth int `json:"depth,omitempty" default:"3" min:"1" max:"1000" help:"Layers."`
}

func init() {
	Register("Nodes and pairs of nodes of a graph, in any order.", func() Network { return Graph{} })
}

// Kind implements Network.
func (Graph) Kind() string { return "graph" }

// Resolve implements Network.
func (c Graph) Resolve() (Network, error) {
	c.Width, c.Pairs, c.Depth = cmp.Or(c.Width, 32), cmp.Or(c.Pairs, 16), cmp.Or(c.Depth, 3)
	return c, firstError(within("width", c.Width, 1, 4096), within("pairs", c.Pairs, 1, 4096),
		within("depth", c.Depth, 1, maxDepth))
}

// Trace implements Network.
func (c Graph) Trace(s *Scope, in Inputs) []ad.Value {
	var nodes, pairs []ad.Value
	n := 0
	for i, p := range in.Ports.X {
		switch {
		case p.Levels > 0:
			s.Refuse("%s reads numbers, not tokens as %v; take gnn, which reads both", c.Kind(), p)
		case p.Nodes == 0:
			s.Refuse("%s reads nodes and pairs of nodes, and %s has none; give a space of a graph, or another network",
				c.Kind(), p.Name)
		}
		n = p.Shape[0]
		rest := ad.Reshape(in.X[i], append(append([]int(nil), p.Shape[:p.Nodes]...), p.Size()/power(n, p.Nodes))...)
		if p.Nodes == 1 {
			nodes = append(nodes, rest)
		} else {
			pairs = append(pairs, rest)
		}
	}
	mask, masked := in.Named("mask")
	if !masked {
		mask = s.ones(n)
	}
	mask = ad.Cast(mask, s.DType())
	g := graphScope{Graph: c, n: n, mask: mask, share: ad.Recip(ad.Shift(ad.Sum(mask), 1e-6)),
		time: s.embedInputs(in, 32, c.Width)}
	h, e := g.begin(s, nodes, pairs)
	for i := range c.Depth {
		h, e = g.layer(s.Within("layer%d", i), h, e)
	}
	return g.heads(s, in, s.LayerNorm("nodes", h), s.LayerNorm("pairs", e))
}

func power(n, k int) int {
	if k == 0 {
		return 1
	}
	return n * power(n, k-1)
}

// ones are n ones.
func (s *Scope) ones(n int) ad.Value {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return s.Graph().Const(s.DType(), x, n)
}

// graphScope is what the layers of a trace share.
type graphScope struct {
	Graph
	n     int
	mask  ad.Value // [n]
	share ad.Value // 1/Σ mask
	time  ad.Value // [Width]
}

// mean is the mean of x [n,n,W] over the nodes j that are there.
func (g graphScope) mean(x ad.Value) ad.Value {
	m := ad.BroadcastTo(ad.Reshape(g.mask, 1, g.n, 1), x.Shape()...)
	return ad.Mul(ad.Sum(ad.Mul(x, m), 1), g.share)
}

// first and second lay [n,W] along the first and the second of two axes of nodes.
func (g graphScope) first(h ad.Value) ad.Value  { return g.along(h, g.n, 1) }
func (g graphScope) second(h ad.Value) ad.Value { return g.along(h, 1, g.n) }

func (g graphScope) along(h ad.Value, a, b int) ad.Value {
	w := h.Shape()[1]
	return ad.BroadcastTo(ad.Reshape(h, a, b, w), g.n, g.n, w)
}

// begin makes the first features: of nodes their own, the mean of their pairs, and the time; of pairs their own and
// whether they are of one node with itself.
func (g graphScope) begin(s *Scope, nodes, pairs []ad.Value) (h, e ad.Value) {
	self := make([]float64, g.n*g.n)
	for i := range g.n {
		self[i*g.n+i] = 1
	}
	pairs = append(pairs, s.Graph().Const(s.DType(), self, g.n, g.n, 1))
	all := ad.Concat(2, pairs...)
	nodes = append(nodes, g.mean(all), g.mean(ad.Square(all)))
	h = s.Linear("nodes.in", ad.Concat(1, nodes...), g.Width)
	h = ad.Add(h, ad.BroadcastTo(g.time, g.n, g.Width))
	return h, s.Linear("pairs.in", all, g.Pairs)
}

func (g graphScope) layer(s *Scope, h, e ad.Value) (ad.Value, ad.Value) {
	a, b := s.LayerNorm("norm", h), s.LayerNorm("pairs.norm", e)
	gate := ad.Sigmoid(s.Linear("gate", b, g.Width))
	message := g.mean(ad.Mul(gate, g.second(s.Linear("value", a, g.Width))))
	z := ad.Add(s.Linear("0", ad.Concat(1, a, message), g.Width),
		ad.BroadcastTo(s.Linear("time", ad.SiLU(g.time), g.Width), g.n, g.Width))
	h = ad.Add(h, s.Linear("1", ad.SiLU(z), g.Width))
	ends := s.Linear("ends", a, g.Pairs)
	z = ad.Add(s.Linear("pairs.0", ad.Concat(2, b, g.walks(s.Linear("walks", b, g.Pairs))), g.Pairs),
		ad.Add(g.first(ends), g.second(ends)))
	return h, ad.Add(e, s.Linear("pairs.1", ad.SiLU(z), g.Pairs))
}

// walks is Σ_k m_k x_ik ⊙ x_kj / √Σm of x [n,n,P]: walks of two steps. Symmetric x stay so.
func (g graphScope) walks(x ad.Value) ad.Value {
	x = ad.Transpose(x, 2, 0, 1)
	left := ad.Mul(x, ad.BroadcastTo(ad.Reshape(g.mask, 1, 1, g.n), x.Shape()...))
	return ad.Transpose(ad.Mul(ad.MatMul(left, x), ad.Sqrt(g.share)), 1, 2, 0)
}

// heads writes every port; nodes that are not there have zeros.
func (g graphScope) heads(s *Scope, in Inputs, h, e ad.Value) []ad.Value {
	both := ad.Mul(ad.BroadcastTo(ad.Reshape(g.mask, g.n, 1), g.n, g.n), ad.BroadcastTo(ad.Reshape(g.mask, 1, g.n), g.n,
		g.n))
	h, e = ad.Concat(1, h, ad.BroadcastTo(g.time, g.n, g.Width)), ad.Concat(2, e, ad.BroadcastTo(g.time, g.n, g.n,
		g.Width))
	var out []ad.Value
	for i, p := range in.Ports.Out {
		k, from, there := in.Ports.X[i].Nodes, h, g.mask
		if k == 2 {
			from, there = e, both
		}
		y := s.Head("out."+p.Name, ad.SiLU(from), p.Size()/power(g.n, k))
		out = append(out, ad.Reshape(perRow(y, there), p.Shape...))
	}
	return out
}
