package nn

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// S4D is a diagonal state space over x [L,H], each channel with states of its own (Gu et al. 2022, arXiv:2206.11893,
// algorithm 1, S4D-Lin with zero-order hold): with A = −exp(a) + iω, Δ = exp(δ), Ā = exp(ΔA), B̄ = (Ā−1)/A and c
// complex,
//
//	z_t = Ā z_{t−1} + B̄ x_t,   y_t = 2 Re Σ_n c_n z_{t,n} + d x_t.
//
// It is a scan: time and memory are linear in L. Its tensors are those of the authors' S4D, "name.log_dt" [H],
// "name.log_A_real" and "name.A_imag" [H,states], "name.C" [H,states,2] and "name.D" [H].
func (s *Scope) S4D(name string, x ad.Value, states int) ad.Value {
	if x.Rank() != 2 {
		s.Refuse("layer %s: a state space reads positions of channels [L,H], not %v", s.prefix+name, x.Shape())
	}
	l, h := x.Shape()[0], x.Shape()[1]
	k := s.stateSpace(name, h, states)
	zero := ad.Rows(ad.BroadcastTo(s.Graph().Scalar(s.DType(), 0), h, states))
	_, ys := ad.Loop(l, []ad.Value{zero, zero}, []ad.Value{x},
		func(_ ad.Value, z, in []ad.Value) ([]ad.Value, []ad.Value) {
			u := ad.BroadcastTo(ad.Reshape(in[0], h, 1), h, states)
			re := ad.Add(ad.Sub(ad.Mul(k.ar, z[0]), ad.Mul(k.ai, z[1])), u)
			im := ad.Add(ad.Mul(k.ar, z[1]), ad.Mul(k.ai, z[0]))
			y := ad.Sum(ad.Sub(ad.Mul(k.cr, re), ad.Mul(k.ci, im)), -1)
			return []ad.Value{re, im}, []ad.Value{y}
		})
	d := s.Param(name+".D", Init{Bound: math.Sqrt(3)}, h)
	return ad.Add(ys[0], ad.Mul(x, d))
}

// stateSpace are Ā and 2cB̄ of every channel and state, real and imaginary parts [H,states]: shared, made once a run.
type stateSpace struct{ ar, ai, cr, ci ad.Value }

func (s *Scope) stateSpace(name string, h, states int) stateSpace {
	least, most := math.Log(.001), math.Log(.1)
	dt := ad.Exp(s.Param(name+".log_dt", Init{Value: (least + most) / 2, Bound: (most - least) / 2}, h))
	dt = ad.BroadcastTo(ad.Reshape(dt, h, 1), h, states)
	a := ad.Neg(ad.Exp(s.Param(name+".log_A_real", Init{Value: math.Log(.5)}, h, states)))
	ω := s.Param(name+".A_imag", Init{Ramp: math.Pi}, h, states)
	c := s.Param(name+".C", Init{Bound: math.Sqrt(1.5)}, h, states, 2)
	cr := ad.Reshape(ad.Slice(c, 2, 0, 1), h, states)
	ci := ad.Reshape(ad.Slice(c, 2, 1, 2), h, states)
	size := ad.Exp(ad.Mul(dt, a))
	var k stateSpace
	k.ar, k.ai = ad.Mul(size, ad.Cos(ad.Mul(dt, ω))), ad.Mul(size, ad.Sin(ad.Mul(dt, ω)))
	// (Ā−1)/A = (Ā−1)·conj(A)/|A|².
	br, bi := ad.Shift(k.ar, -1), k.ai
	square := ad.Add(ad.Square(a), ad.Square(ω))
	br, bi = ad.Div(ad.Add(ad.Mul(br, a), ad.Mul(bi, ω)), square),
		ad.Div(ad.Sub(ad.Mul(bi, a), ad.Mul(br, ω)), square)
	k.cr = ad.Scale(ad.Sub(ad.Mul(cr, br), ad.Mul(ci, bi)), 2)
	k.ci = ad.Scale(ad.Add(ad.Mul(cr, bi), ad.Mul(ci, br)), 2)
	return k
}
