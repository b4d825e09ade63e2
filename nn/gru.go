package nn

import "github.com/seed9a7962a8/ito/ad"

// GRU is a gated recurrent unit over x [L,C], as PyTorch's (Cho et al. 2014, arXiv:1406.1078): from h_0 = 0,
//
//	r = σ(W_r x + a_r + U_r h + b_r),  z = σ(W_z x + a_z + U_z h + b_z),
//	n = tanh(W_n x + a_n + r∘(U_n h + b_n)),  h ← (1−z)∘n + z∘h,
//
// and returns every h, [L,width]. W, a are "name.in.weight" [3·width,C] and "name.in.bias", in the order r, z, n, and
// U, b "name.state.weight" [3·width,width] and "name.state.bias". The products with x are one for all positions; states
// and gates are kept for the gradient, and no product is made twice.
func (s *Scope) GRU(name string, x ad.Value, width int) ad.Value {
	u, b, gates := s.recurrent(name, x, 3, width)
	_, ys := ad.LoopWith(ad.LoopOptions{KeepAll: true}, x.Shape()[0], []ad.Value{u.zero}, []ad.Value{gates},
		func(_ ad.Value, carry, in []ad.Value) ([]ad.Value, []ad.Value) {
			h := carry[0]
			g := u.parts(ad.Keep(ad.Add(ad.MatMulT(h, u.weight, false, true), b)), 3)
			a := u.parts(in[0], 3)
			r, z := ad.Sigmoid(ad.Add(a[0], g[0])), ad.Sigmoid(ad.Add(a[1], g[1]))
			n := ad.Tanh(ad.Add(a[2], ad.Mul(r, g[2])))
			h = ad.Add(n, ad.Mul(z, ad.Sub(h, n)))
			return []ad.Value{h}, []ad.Value{h}
		})
	return ys[0]
}

// recurrence is what the layers over time share: the weight of the state [g·width,width] and h_0.
type recurrence struct {
	weight, zero ad.Value
	width        int
}

// recurrent declares the tensors of a recurrent layer of g gates, and makes what the gates have of x, [L,g·width].
func (s *Scope) recurrent(name string, x ad.Value, g, width int) (u recurrence, bias, gates ad.Value) {
	if x.Rank() != 2 {
		s.Refuse("layer %s: a recurrent layer reads positions of channels [L,C], not %v", s.prefix+name, x.Shape())
	}
	c, law := lastAxis(s, name, x), Init{Bound: 1 / rootOf(float64(width))}
	w, a := s.Param(name+".in.weight", law, g*width, c), s.Param(name+".in.bias", law, g*width)
	u = recurrence{weight: s.Param(name+".state.weight", law, g*width, width), width: width}
	bias = s.Param(name+".state.bias", law, g*width)
	gates = ad.Add(ad.MatMulT(x, w, false, true), a)
	u.zero = ad.Rows(ad.BroadcastTo(s.Graph().Scalar(s.DType(), 0), width))
	return u, bias, gates
}

// parts cuts the gates of one position.
func (u recurrence) parts(x ad.Value, g int) []ad.Value {
	vs := make([]ad.Value, g)
	for i := range vs {
		vs[i] = ad.Slice(x, 0, i*u.width, (i+1)*u.width)
	}
	return vs
}
