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
	u := s.recurrent(name, x, 3, width)
	_, ys := ad.LoopWith(ad.LoopOptions{KeepAll: true}, x.Shape()[0], []ad.Value{u.zero}, u.in,
		func(_ ad.Value, carry, in []ad.Value) ([]ad.Value, []ad.Value) {
			h := carry[0]
			r, z := ad.Sigmoid(ad.Add(in[0], u.product(h, 0))), ad.Sigmoid(ad.Add(in[1], u.product(h, 1)))
			n := ad.Tanh(ad.Add(in[2], ad.Mul(r, u.product(h, 2))))
			h = ad.Add(n, ad.Mul(z, ad.Sub(h, n)))
			return []ad.Value{h}, []ad.Value{h}
		})
	return ys[0]
}

// recurrence is what the layers over time share: what each gate has of x, [L,width], and its weight [width,width] and
// bias of the state.
type recurrence struct {
	in, weight, bias []ad.Value
	zero             ad.Value
}

// product is what gate k has of the state h. It is kept for the gradient.
func (u recurrence) product(h ad.Value, k int) ad.Value {
	return ad.Keep(ad.Add(ad.MatMulT(h, u.weight[k], false, true), u.bias[k]))
}

// recurrent declares the tensors of a recurrent layer of so many gates, and makes what the gates have of x. Gates are
// cut from the weights, which are shared, and not from what every position has.
func (s *Scope) recurrent(name string, x ad.Value, gates, width int) recurrence {
	s.checkRecurrent(name, x)
	law := Init{Bound: 1 / rootOf(float64(width))}
	u := recurrence{in: s.linearParts(name+".in", x, gates, width, law, law)}
	w := s.Param(name+".state.weight", law, gates*width, width)
	b := s.Param(name+".state.bias", law, gates*width)
	for k := range gates {
		u.weight = append(u.weight, ad.Slice(w, 0, k*width, (k+1)*width))
		u.bias = append(u.bias, ad.Slice(b, 0, k*width, (k+1)*width))
	}
	u.zero = ad.Rows(ad.BroadcastTo(s.Graph().Scalar(s.DType(), 0), width))
	return u
}

// checkRecurrent refuses what is no sequence.
func (s *Scope) checkRecurrent(name string, x ad.Value) {
	if x.Rank() != 2 {
		s.Refuse("layer %s: a recurrent layer reads positions of channels [L,C], not %v", s.prefix+name, x.Shape())
	}
}
