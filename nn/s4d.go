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
// Time and memory are linear in L: places are taken in chunks, whose own part is a product with the kernel
// K_τ = 2 Re Σ_n c_n Ā^τ B̄, and whose part of what was before is one with the state at their beginning; a scan goes
// from chunk to chunk (the form of Dao & Gu 2024, arXiv:2405.21060, §6, for a system that does not change). Its tensors
// are those of the authors' S4D, "name.log_dt" [H], "name.log_A_real" and "name.A_imag" [H,states], "name.C"
// [H,states,2] and "name.D" [H].
func (s *Scope) S4D(name string, x ad.Value, states int) ad.Value {
	if x.Rank() != 2 {
		s.Refuse("layer %s: a state space reads positions of channels [L,H], not %v", s.prefix+name, x.Shape())
	}
	l, h := x.Shape()[0], x.Shape()[1]
	k := s.stateSpace(name, h, states)
	c := min(l, stateChunk)
	m := (l + c - 1) / c
	p := k.powers(s, c)
	in := ad.Transpose(ad.Reshape(ad.Pad(x, 0, 0, m*c-l), m, c, h), 2, 0, 1) // [H,m,c]
	by := p.kernel(c)
	if m > 1 {
		in, by = ad.Concat(2, in, k.begins(s, p, in)), ad.Concat(1, by, p.outputs(c))
	}
	y := ad.Reshape(ad.Transpose(ad.MatMul(in, by), 1, 2, 0), m*c, h)
	if m*c > l {
		y = ad.Slice(y, 0, 0, l)
	}
	d := s.Param(name+".D", Init{Bound: math.Sqrt(3)}, h)
	return ad.Add(y, ad.Mul(x, d))
}

// stateChunk is how many places are taken at a time.
const stateChunk = 32

// stateSpace are ΔA and 2cB̄ of every channel and state, real and imaginary parts [H,states]: shared, made once a run.
type stateSpace struct{ dr, di, cr, ci ad.Value }

// statePowers are Ā^τ and 2cB̄Ā^τ for τ = 0 … c, real and imaginary parts [c+1,H,states].
type statePowers struct{ ar, ai, yr, yi ad.Value }

func (k stateSpace) powers(s *Scope, c int) statePowers {
	h, n := k.dr.Shape()[0], k.dr.Shape()[1]
	times := make([]float64, c+1)
	for i := range times {
		times[i] = float64(i)
	}
	τ := ad.BroadcastTo(s.Graph().Const(s.DType(), times, c+1, 1, 1), c+1, h, n)
	size, angle := ad.Exp(ad.Mul(τ, k.dr)), ad.Mul(τ, k.di)
	p := statePowers{ar: ad.Mul(size, ad.Cos(angle)), ai: ad.Mul(size, ad.Sin(angle))}
	p.yr = ad.Sub(ad.Mul(p.ar, k.cr), ad.Mul(p.ai, k.ci))
	p.yi = ad.Add(ad.Mul(p.ar, k.ci), ad.Mul(p.ai, k.cr))
	return p
}

// kernel is K_{t−s}, 0 for t < s, by s and t: [H,c,c].
func (p statePowers) kernel(c int) ad.Value {
	k := ad.Transpose(ad.Sum(ad.Slice(p.yr, 0, 0, c), 2))
	h := k.Shape()[0]
	rows := make([]ad.Value, c)
	for i := range rows {
		rows[i] = ad.Reshape(ad.Slice(ad.Pad(k, 1, i, 0), 1, 0, c), h, 1, c)
	}
	return ad.Concat(1, rows...)
}

// outputs is what a state in front of a chunk, real and imaginary parts, adds to its places: [H,2·states,c].
func (p statePowers) outputs(c int) ad.Value {
	both := ad.Concat(2, ad.Slice(p.yr, 0, 1, c+1), ad.Neg(ad.Slice(p.yi, 0, 1, c+1)))
	return ad.Transpose(both, 1, 2, 0)
}

// begins are the states in front of every chunk of in [H,m,c], real and imaginary parts: [H,m,2·states].
func (k stateSpace) begins(s *Scope, p statePowers, in ad.Value) ad.Value {
	h, m, c := in.Shape()[0], in.Shape()[1], in.Shape()[2]
	n := k.dr.Shape()[1]
	whole := func(v ad.Value) ad.Value { return ad.Reshape(ad.Slice(v, 0, c, c+1), h, n) }
	ar, ai := whole(p.ar), whole(p.ai)
	into := ad.Concat(2, flipped(s, ad.Slice(p.ar, 0, 0, c)), flipped(s, ad.Slice(p.ai, 0, 0, c))) // [c,H,2·states]
	added := ad.Transpose(ad.MatMul(in, ad.Transpose(into, 1, 0, 2)), 1, 0, 2)                     // [m,H,2·states]
	zero := ad.Rows(ad.BroadcastTo(s.Graph().Scalar(s.DType(), 0), h, n))
	_, ys := ad.LoopWith(ad.LoopOptions{KeepAll: true}, m, []ad.Value{zero, zero}, []ad.Value{added},
		func(_ ad.Value, z, in []ad.Value) ([]ad.Value, []ad.Value) {
			re := ad.Add(ad.Sub(ad.Mul(ar, z[0]), ad.Mul(ai, z[1])), ad.Slice(in[0], 1, 0, n))
			im := ad.Add(ad.Add(ad.Mul(ar, z[1]), ad.Mul(ai, z[0])), ad.Slice(in[0], 1, n, 2*n))
			return []ad.Value{re, im}, []ad.Value{ad.Concat(1, z[0], z[1])}
		})
	return ad.Transpose(ys[0], 1, 0, 2)
}

func (s *Scope) stateSpace(name string, h, states int) stateSpace {
	least, most := math.Log(.001), math.Log(.1)
	dt := ad.Exp(s.Param(name+".log_dt", Init{Value: (least + most) / 2, Bound: (most - least) / 2}, h))
	dt = ad.BroadcastTo(ad.Reshape(dt, h, 1), h, states)
	a := ad.Neg(ad.Exp(s.Param(name+".log_A_real", Init{Value: math.Log(.5)}, h, states)))
	ω := s.Param(name+".A_imag", Init{Ramp: math.Pi}, h, states)
	c := s.Param(name+".C", Init{Bound: math.Sqrt(1.5)}, h, states, 2)
	cr := ad.Reshape(ad.Slice(c, 2, 0, 1), h, states)
	ci := ad.Reshape(ad.Slice(c, 2, 1, 2), h, states)
	k := stateSpace{dr: ad.Mul(dt, a), di: ad.Mul(dt, ω)}
	size := ad.Exp(k.dr)
	ar, ai := ad.Mul(size, ad.Cos(k.di)), ad.Mul(size, ad.Sin(k.di))
	// (Ā−1)/A = (Ā−1)·conj(A)/|A|².
	br, bi := ad.Shift(ar, -1), ai
	square := ad.Add(ad.Square(a), ad.Square(ω))
	br, bi = ad.Div(ad.Add(ad.Mul(br, a), ad.Mul(bi, ω)), square),
		ad.Div(ad.Sub(ad.Mul(bi, a), ad.Mul(br, ω)), square)
	k.cr = ad.Scale(ad.Sub(ad.Mul(cr, br), ad.Mul(ci, bi)), 2)
	k.ci = ad.Scale(ad.Add(ad.Mul(cr, bi), ad.Mul(ci, br)), 2)
	return k
}
