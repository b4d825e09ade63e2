package ad

import "slices"

// lstmPart is one of the values that the pass over the positions makes: the states, or what the reverse pass reads.
type lstmPart struct{ length, width, part int }

const (
	lstmStates = iota // [L,W], every h
	lstmKept          // [L,5W], the gates σ(i), σ(f), σ(o), tanh(g) and c, in an order of their block
)

// The operations of a long short-term memory. Derivatives go through the inputs, the weights and the cotangent, and
// none through the values that are kept.
//
//	opLSTM      of the inputs [L,4W] and weights [4W,W], either part
//	opLSTMGrad  [L,4W], the cotangent of the inputs, of inputs, weights, the kept part and the cotangent of the states
var (
	opLSTM     = &opDef{name: "lstm"}
	opLSTMGrad = &opDef{name: "lstm_grad"}
)

func init() {
	opLSTM.vjp = func(n *node, c Value, need []bool) []Value {
		a := n.attr.(lstmPart)
		out := make([]Value, 2)
		if a.part != lstmStates {
			return out
		}
		in, u := Value{n.in[0]}, Value{n.in[1]}
		kept := add(opLSTM, lstmPart{a.length, a.width, lstmKept}, []int{a.length, 5 * a.width}, n.dtype, in, u)
		d := add(opLSTMGrad, a, in.n.shape, n.dtype, in, u, kept, c)
		if need[0] {
			out[0] = d
		}
		if need[1] {
			before := Pad(Slice(Value{n}, 0, 0, a.length-1), 0, 1, 0)
			out[1] = mm(d, before, true, false)
		}
		return out
	}
	opLSTM.jvp = func(n *node, t []Value) Value {
		if n.attr.(lstmPart).part != lstmStates {
			return Value{}
		}
		return layerJVP(n, t, func(in []Value) Value { return lstmFormula(in[0], in[1]) })
	}
	opLSTM.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return liftFormula(n, in, mapped, m, func(in []Value) Value {
			h := lstmFormula(in[0], in[1])
			if n.attr.(lstmPart).part == lstmStates {
				return h
			}
			return Zeros(Value{n}) // what is kept has no reader: a lifted cotangent makes its own
		})
	}
	opLSTM.emit = emitLSTM
	opLSTMGrad.vjp = func(n *node, c Value, need []bool) []Value {
		out := make([]Value, 4)
		for _, i := range []int{0, 1, 3} {
			if need[i] {
				out[i] = defined(n.inputs(), []Value{c}, func(in, t []Value) Value {
					return orZeros(VJP([]Value{lstmCotangent(in)}, t, in[i:i+1])[0], in[i])
				})
			}
		}
		return out
	}
	opLSTMGrad.jvp = func(n *node, t []Value) Value {
		t = slices.Clone(t)
		t[2] = Value{}
		if t[0].IsZero() && t[1].IsZero() && t[3].IsZero() {
			return Value{}
		}
		return layerJVP(n, t, lstmCotangent)
	}
	opLSTMGrad.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		return liftFormula(n, in, mapped, m, lstmCotangent)
	}
	opLSTMGrad.emit = emitLSTMGrad
}

// liftFormula is the lift of an operation by a formula for it.
func liftFormula(n *node, in []Value, mapped []bool, m int, formula func(in []Value) Value) Value {
	root := in[0].n.g.root
	body := func() *Graph {
		body, end := root.open()
		defer end()
		body.lifted = true
		var stand []Value
		for _, p := range n.in {
			stand = append(stand, Value{body.addInput(p.shape, p.dtype, p.shared)})
		}
		body.outs = append(body.outs, output{n: body.here(formula(stand).n, n.op.name)})
		return body
	}()
	all, flags := slices.Clone(in), slices.Clone(mapped)
	for _, c := range body.caps {
		all, flags = append(all, Value{c}), append(flags, false)
	}
	outs, lifted := lift(body, hereAll(all), flags, m)
	return repeatIf(outs[0], !lifted[0], m)
}

// lstmCotangent is the definition of the cotangent, of inputs, weights, the kept part and the cotangent of the states.
func lstmCotangent(in []Value) Value {
	return VJP([]Value{lstmFormula(in[0], in[1])}, in[3:4], in[:1])[0]
}

// lstmFormula is the definition, a loop over the positions.
func lstmFormula(in, u Value) Value {
	w := in.n.shape[1] / 4
	cut := func(v Value, axis, k int) Value { return Slice(v, axis, k*w, (k+1)*w) }
	zero := Rows(BroadcastTo(in.n.g.root.Scalar(in.n.dtype, 0), w))
	_, ys := LoopWith(LoopOptions{KeepAll: true}, in.n.shape[0], []Value{zero, zero}, []Value{in},
		func(_ Value, carry, x []Value) ([]Value, []Value) {
			h, c := carry[0], carry[1]
			gate := func(k int) Value { return Add(cut(x[0], 0, k), MatMulT(h, cut(u, 0, k), false, true)) }
			c = Add(Mul(Sigmoid(gate(1)), c), Mul(Sigmoid(gate(0)), Tanh(gate(2))))
			h = Mul(Sigmoid(gate(3)), Tanh(c))
			return []Value{h, c}, []Value{h}
		})
	return ys[0]
}

// LSTM runs a long short-term memory (Hochreiter & Schmidhuber 1997) over the positions of in [L,4W], what its gates
// have of the input, in the order i, f, g, o, with weights u [4W,W] of the state: from h_0 = c_0 = 0,
//
//	(i, f, g, o) = in_t + U h,  c ← σ(f)∘c + σ(i)∘tanh(g),  h ← σ(o)∘tanh(c),
//
// and returns every h, [L,W]. For a gradient gates and c are kept, 5·L·W numbers a row. Weights that are not shared by
// the rows of the batch are served by a loop.
func LSTM(in, u Value) Value {
	if in.n == nil || u.n == nil || !in.n.dtype.Float() || in.n.dtype != u.n.dtype || in.Rank() != 2 || u.Rank() != 2 {
		fail("lstm", "needs inputs [L,4W] and weights [4W,W] of one float type, got %s and %s", in, u)
	}
	l, w := in.n.shape[0], u.n.shape[1]
	if l < 1 || w < 1 || in.n.shape[1] != 4*w || u.n.shape[0] != 4*w {
		fail("lstm", "inputs %s and weights %s are not [L,4W] and [4W,W]", describe(in.n), describe(u.n))
	}
	if !u.n.shared || in.n.shared {
		return lstmFormula(in, u)
	}
	return add(opLSTM, lstmPart{l, w, lstmStates}, []int{l, w}, in.n.dtype, in, u)
}
