package ad

import (
	"math"
	"slices"
)

// AttentionOptions says which keys a query reads.
type AttentionOptions struct {
	Name   string // of the layer, for errors of a run
	Heads  int
	Causal bool // query i reads keys 0 … i
	Hollow bool // query i does not read key i
}

// Attention is multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1): of queries q [B…,m,H·d], keys k
// [B…,n,H·d] and values v [B…,n,H·e], whose last axis holds head behind head,
//
//	out_i = Σ_j w_ij v_j,   w_ij = exp s_ij / Σ_j' exp s_ij',   s_ij = q_i·k_j/√d + bias_ij
//
// for each head, [B…,m,H·e], over the keys that a query may read. keys [B…,n] is 1 where a key is there and 0 where it
// is not; bias is [B…,H,m,n]; either may be the zero Value: all are there, no bias. A query that may read nothing is
// written 0.
//
// The memory of a row is linear in m and n: the scores of a few queries are made at a time, forward and backward. A run
// in which the keys of a row are all hidden is a *[MaskError]; shapes that do not fit are an [*Error].
func Attention(q, k, v, keys, bias Value, o AttentionOptions) Value {
	a := attentionSizes(q, k, v, keys, bias, o)
	in := []Value{q, k, v}
	if a.masked {
		in = append(in, keys)
	}
	if a.biased {
		in = append(in, bias)
	}
	return add(opAttention, a, a.wide(a.m, a.Heads*a.e), q.n.dtype, in...)
}

// attention holds the sizes of one: leading axes, m queries, n keys, heads of d and e numbers.
type attention struct {
	AttentionOptions
	lead           []int
	m, n, d, e     int
	masked, biased bool
}

// attentionBlock is the number of queries whose scores there are at a time in the definition.
const attentionBlock = 64

func attentionSizes(q, k, v, keys, bias Value, o AttentionOptions) attention {
	for _, x := range []Value{q, k, v} {
		if x.IsZero() || x.Rank() < 2 || x.Rank() != q.Rank() || !x.DType().Float() || x.DType() != q.DType() {
			fail("attention", "needs queries, keys and values of two axes or more and one dtype, got %s, %s and %s",
				q, k, v)
		}
	}
	r := q.Rank()
	qs, ks, vs := q.n.shape, k.n.shape, v.n.shape
	a := attention{AttentionOptions: o, lead: qs[:r-2], m: qs[r-2], n: ks[r-2]}
	if o.Heads < 1 || qs[r-1]%o.Heads != 0 || vs[r-1]%o.Heads != 0 || qs[r-1] == 0 || vs[r-1] == 0 {
		fail("attention", "%d heads do not divide queries of %d and values of %d numbers", o.Heads, qs[r-1], vs[r-1])
	}
	a.d, a.e = qs[r-1]/o.Heads, vs[r-1]/o.Heads
	if ks[r-1] != qs[r-1] || vs[r-2] != a.n || !slices.Equal(ks[:r-2], a.lead) || !slices.Equal(vs[:r-2], a.lead) {
		fail("attention", "queries %s, keys %s and values %s do not fit", q, k, v)
	}
	if (o.Causal || o.Hollow) && a.m != a.n {
		fail("attention", "%d queries and %d keys have no common order for causal or hollow attention", a.m, a.n)
	}
	if !keys.IsZero() && (keys.DType() != q.DType() || !slices.Equal(keys.n.shape, a.wide(a.n))) {
		fail("attention", "the mask %s is not %s", keys, shapeString(a.wide(a.n)))
	}
	if want := a.wide(a.Heads, a.m, a.n); !bias.IsZero() && (bias.DType() != q.DType() ||
		!slices.Equal(bias.n.shape, want)) {
		fail("attention", "the bias %s is not %s", bias, shapeString(want))
	}
	a.masked, a.biased = !keys.IsZero(), !bias.IsZero()
	return a
}

// wide is a shape behind the leading axes.
func (a attention) wide(shape ...int) []int { return slices.Concat(a.lead, shape) }

// split brings the heads of x [B…,l,H·w] to the front: [B…,H,l,w].
func (a attention) split(x Value, l, w int) Value {
	r := len(a.lead)
	return swapAxes(Reshape(x, a.wide(l, a.Heads, w)...), r)
}

// join is the way back.
func (a attention) join(x Value, l, w int) Value {
	return Reshape(swapAxes(x, len(a.lead)), a.wide(l, a.Heads*w)...)
}

// swapAxes swaps axes r and r+1.
func swapAxes(x Value, r int) Value {
	perm := make([]int, x.Rank())
	for i := range perm {
		perm[i] = i
	}
	perm[r], perm[r+1] = r+1, r
	return Transpose(x, perm...)
}

// blocks is attention as a composition of other operations, by a loop over blocks of queries whose reverse pass makes
// the scores of a block again: the definition, of which the derivatives of higher order are taken.
func (a attention) blocks(q, k, v, keys, bias Value) Value {
	qh, kh, vh := a.split(q, a.m, a.d), a.split(k, a.n, a.d), a.split(v, a.n, a.e)
	if a.m <= attentionBlock {
		return a.join(a.scores(qh, kh, vh, keys, bias, q.n.g.root.Scalar(I32, 0)), a.m, a.e)
	}
	r := len(a.lead)
	trips := (a.m + attentionBlock - 1) / attentionBlock
	cut := func(x Value, axis, w int) Value {
		x = Pad(x, axis, 0, trips*attentionBlock-a.m)
		shape := slices.Clone(x.n.shape)
		shape = slices.Replace(shape, axis, axis+1, trips, attentionBlock)
		return moveAxis(Reshape(x, shape...), axis, 0)
	}
	xs := []Value{cut(qh, r+1, a.d)}
	if !bias.IsZero() {
		xs = append(xs, cut(bias, r+1, a.n))
	}
	_, ys := Loop(trips, nil, xs, func(i Value, _, x []Value) ([]Value, []Value) {
		b := Value{}
		if len(x) > 1 {
			b = x[1]
		}
		from := Mul(i, i.n.g.root.Scalar(I32, attentionBlock))
		return nil, []Value{a.scores(x[0], kh, vh, keys, b, from)}
	})
	y := moveAxis(ys[0], 0, r+1) // [B…,H,trips,block,e]
	y = Reshape(y, a.wide(a.Heads, trips*attentionBlock, a.e)...)
	return a.join(Slice(y, r+1, 0, a.m), a.m, a.e)
}

// scores is the definition, for queries from, from+1, … of all, with heads in front: q [B…,H,b,d], k [B…,H,n,d] and
// v [B…,H,n,e] give [B…,H,b,e].
func (a attention) scores(q, k, v, keys, bias, from Value) Value {
	s := Scale(mm(q, k, false, true), 1/math.Sqrt(float64(a.d)))
	if !bias.IsZero() {
		s = Add(s, bias)
	}
	open := a.open(s, keys, from)
	if open.IsZero() {
		return mm(Softmax(s, -1), v, false, false)
	}
	// Weights of keys that may not be read are 0, and so are all where none may.
	s = Select(open, s, full(s, math.Inf(-1)))
	top := finiteOrZero(StopGradient(MaxOver(s, -1)))
	e := Select(open, Exp(Sub(s, unsqueeze(top, top.Rank()))), Zeros(s))
	sum := Sum(e, -1)
	sum = Select(Less(sum, full(sum, math.SmallestNonzeroFloat32)), full(sum, 1), sum)
	return mm(Div(e, unsqueeze(sum, sum.Rank())), v, false, false)
}

// open says which keys may be read, of the shape of s [B…,H,b,n]; the zero Value: all.
func (a attention) open(s, keys, from Value) Value {
	g := s.n.g.root
	r := s.Rank()
	var open Value
	put := func(v Value) {
		v = BroadcastTo(v, s.n.shape...)
		if open.IsZero() {
			open = v
		} else {
			open = And(open, v)
		}
	}
	if a.Causal || a.Hollow {
		b := s.n.shape[r-2]
		row := Add(BroadcastTo(Reshape(g.Iota(I32, b), b, 1), b, a.n), BroadcastTo(from, b, a.n))
		col := BroadcastTo(g.Iota(I32, a.n), b, a.n)
		if a.Causal {
			put(LessEqual(col, row))
		}
		if a.Hollow {
			put(NotEqual(col, row))
		}
	}
	if !keys.IsZero() {
		put(NotEqual(Reshape(keys, a.wide(1, 1, a.n)...), Zeros(Reshape(keys, a.wide(1, 1, a.n)...))))
	}
	return open
}
