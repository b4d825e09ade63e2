package nn

import "github.com/seed9a7962a8/ito/ad"

// GraphConv is a convolution over a graph (Kipf & Welling 2016, arXiv:1609.02907, eq. 2): of nodes h [n,C] and weights
// of edges a [n,n],
//
//	D^{−1/2} (A + I) D^{−1/2} h Wᵀ + b,   D_ii = 1 + Σ_j a_ij,
//
// with the Linear "name" to out channels; degrees are above 0. mask [n] is 1 where a node is there, or the zero Value:
// the others send nothing and are written 0.
func (s *Scope) GraphConv(name string, h, a, mask ad.Value, out int) ad.Value {
	n := s.nodesOf(name, h)
	g := s.Graph()
	eye := make([]float64, n*n)
	for i := range n {
		eye[i*n+i] = 1
	}
	if !mask.IsZero() {
		mask = s.maskOf(name, mask)
		a = ad.Mul(a, ad.Reshape(mask, 1, n))
	}
	a = ad.Add(a, g.Const(s.DType(), eye, n, n))
	root := ad.Recip(ad.Sqrt(ad.Sum(a, 1)))
	h = ad.MatMul(a, perRow(h, root))
	h = s.Linear(name, perRow(h, root), out)
	if !mask.IsZero() {
		h = perRow(h, mask)
	}
	return h
}

// nodesOf is the number of nodes of h [n,C].
func (s *Scope) nodesOf(name string, h ad.Value) int {
	if h.Rank() != 2 {
		s.Refuse("layer %s: nodes are [n,C], not %v", s.prefix+name, h.Shape())
	}
	return h.Shape()[0]
}

// maskOf is a mask of nodes, of which one at least is there.
func (s *Scope) maskOf(name string, mask ad.Value) ad.Value {
	return ad.Mask("layer "+s.prefix+name, ad.Cast(mask, s.DType()))
}

// Messages passes messages between any two nodes that are there (Gilmer et al. 2017, arXiv:1704.01212, eq. 1): of nodes
// h [n,C] and what stands between two, pairs [n,n,P] or the zero Value,
//
//	m_ij = φ(h_i, h_j, e_ij),  h_i ← h_i + ψ(h_i, Σ_{j≠i} m_ij),
//
// φ being two Linears "name.edge.0" and "name.edge.1", each with SiLU behind it, and ψ two, "name.node.0" and
// "name.node.1", with SiLU between them. It returns the nodes and the messages [n,n,hidden], which are 0 from a node to
// itself, and from and to one that is not there. The memory is n² times hidden.
func (s *Scope) Messages(name string, h, pairs, mask ad.Value, hidden int) (nodes, messages ad.Value) {
	n := s.nodesOf(name, h)
	c := lastAxis(s, name, h)
	m := ad.SiLU(s.pairLinear(name+".edge.0", h, pairs, hidden))
	m = ad.SiLU(s.Linear(name+".edge.1", m, hidden))
	m = ad.Mul(m, ad.BroadcastTo(ad.Reshape(s.between(n, mask), n, n, 1), n, n, hidden))
	u := s.linearOf(name+".node.0", hidden, h, ad.Sum(m, 1))
	h = ad.Add(h, s.Linear(name+".node.1", ad.SiLU(u), c))
	if !mask.IsZero() {
		h = perRow(h, mask)
	}
	return h, m
}

// between is 1 between two different nodes that are there, [n,n].
func (s *Scope) between(n int, mask ad.Value) ad.Value {
	off := make([]float64, n*n)
	for i := range off {
		if i/n != i%n {
			off[i] = 1
		}
	}
	v := s.Graph().Const(s.DType(), off, n, n)
	if !mask.IsZero() {
		v = ad.Mul(v, ad.Mul(ad.Reshape(mask, 1, n), ad.Reshape(mask, n, 1)))
	}
	return v
}

// pairLinear is the Linear of (h_i, h_j, e_ij) for any two nodes, [n,n,out]: as the sum of a Linear of each, since
// those of the nodes are made once a node. pairs may be the zero Value.
func (s *Scope) pairLinear(name string, h, pairs ad.Value, out int) ad.Value {
	n, c := h.Shape()[0], h.Shape()[1]
	width := 2 * c
	if !pairs.IsZero() {
		width += lastAxis(s, name, pairs)
	}
	w := s.Param(name+".weight", he(width), out, width)
	b := s.Param(name+".bias", Init{Bound: 1 / rootOf(float64(width))}, out)
	one := func(x ad.Value, from, to int) ad.Value { return ad.MatMulT(x, ad.Slice(w, 1, from, to), false, true) }
	own := ad.BroadcastTo(ad.Reshape(ad.Add(one(h, 0, c), b), n, 1, out), n, n, out)
	z := ad.Add(own, ad.BroadcastTo(ad.Reshape(one(h, c, 2*c), 1, n, out), n, n, out))
	if !pairs.IsZero() {
		z = ad.Add(z, one(pairs, 2*c, width))
	}
	return z
}

// linearOf is the Linear of several arrays joined along their last axis, without joining them.
func (s *Scope) linearOf(name string, out int, xs ...ad.Value) ad.Value {
	width := 0
	for _, x := range xs {
		width += lastAxis(s, name, x)
	}
	w := s.Param(name+".weight", he(width), out, width)
	z, at := s.Param(name+".bias", Init{Bound: 1 / rootOf(float64(width))}, out), 0
	for _, x := range xs {
		to := at + lastAxis(s, name, x)
		z = ad.Add(ad.MatMulT(x, ad.Slice(w, 1, at, to), false, true), z)
		at = to
	}
	return z
}
