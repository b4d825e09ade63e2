package ad

import "slices"

// normAttr is a group normalisation of x [B…,P,C]: batch counts the axes B, of which every entry is normalised alone.
type normAttr struct {
	groups, batch int
	epsilon       float64
}

// The operations of a group normalisation. Its statistics are an operand of the others, so that they are made once for
// both directions; derivatives go through x, and none through that operand.
//
//	opNormStats  [B…,2,G]  mean and 1/√(variance + ε) of every group of x
//	opNorm       [B…,P,C]  a·x̂ + b, x̂ = (x − mean)/√(variance + ε), a and b [B…,C]
//	opNormSums   [B…,2,C]  Σ_p c and Σ_p c·x̂: the cotangents of b and a
//	opNormInput  [B…,P,C]  the cotangent of x
var (
	opNormStats = &opDef{name: "group_norm_stats", rowwise: true}
	opNorm      = &opDef{name: "group_norm", rowwise: true}
	opNormSums  = &opDef{name: "group_norm_sums", rowwise: true}
	opNormInput = &opDef{name: "group_norm_input", rowwise: true}
)

func init() {
	opNormStats.vjp = func(n *node, c Value, need []bool) []Value { return []Value{{}} }
	opNormStats.jvp = func(n *node, t []Value) Value { return Value{} }
	opNorm.vjp = func(n *node, c Value, need []bool) []Value {
		at := n.attr.(normAttr)
		x, a, stats := Value{n.in[0]}, Value{n.in[1]}, Value{n.in[3]}
		sums := normSums(x, c, stats, at)
		cots := make([]Value, 4)
		if need[0] {
			cots[0] = normInput(x, c, a, stats, sums, at)
		}
		cots[1], cots[2] = At(sums, at.batch, 1), At(sums, at.batch, 0)
		return cots
	}
	opNorm.jvp = jvpOf(3, func(in []Value, at normAttr) Value { return normFormula(in[0], in[1], in[2], at) })
	byFormula(opNormSums, 2, func(in []Value, at normAttr) Value {
		x, c := in[0], in[1]
		one, zero := full(At(x, at.batch, 0), 1), full(At(x, at.batch, 0), 0)
		return Stack(at.batch, Sum(c, at.batch), Sum(Mul(c, normFormula(x, one, zero, at)), at.batch))
	})
	byFormula(opNormInput, 3, func(in []Value, at normAttr) Value {
		x, c, a := in[0], in[1], in[2]
		return VJP([]Value{normFormula(x, a, full(a, 0), at)}, []Value{c}, []Value{x})[0]
	})
	for _, op := range []*opDef{opNormStats, opNorm, opNormSums, opNormInput} {
		op.lift = func(n *node, in []Value, mapped []bool, m int) Value {
			at := n.attr.(normAttr)
			at.batch++
			for i, v := range in {
				in[i] = repeatIf(v, !mapped[i], m)
			}
			return add(n.op, at, append([]int{m}, n.shape...), n.dtype, in...)
		}
		op.emit = emitNorm
	}
}

// byFormula differentiates an operation by a formula for it in its first k operands; the others are kept values.
func byFormula(op *opDef, k int, formula func(in []Value, at normAttr) Value) {
	op.vjp = func(n *node, c Value, need []bool) []Value {
		out := inBody(append(n.inputs()[:k:k], c), func(in []Value) []Value {
			return VJP([]Value{formula(in[:k], n.attr.(normAttr))}, in[k:], in[:k])
		})
		return append(out, make([]Value, len(n.in)-k)...)
	}
	op.jvp = jvpOf(k, formula)
}

func jvpOf(k int, formula func(in []Value, at normAttr) Value) func(n *node, t []Value) Value {
	return func(n *node, t []Value) Value {
		in := n.inputs()[:k:k]
		moved := false
		for i := range k {
			moved = moved || !t[i].IsZero()
			in = append(in, orZeros(t[i], in[i]))
		}
		if !moved {
			return Value{}
		}
		return inBody(in, func(in []Value) []Value {
			return JVP([]Value{formula(in[:k], n.attr.(normAttr))}, in[:k], in[k:])
		})[0]
	}
}

// inBody applies f to values as if they were inputs of a program of their own, and repeats its operations here: what
// the values are made of, and whether two are one, plays no part in derivatives that f takes.
func inBody(xs []Value, f func(in []Value) []Value) []Value {
	root := xs[0].n.g.root
	body := func() *Graph {
		body, end := root.open()
		defer end()
		body.lifted = true
		var in []Value
		for _, x := range xs {
			in = append(in, Value{body.addInput(x.n.shape, x.n.dtype, x.n.shared)})
		}
		for _, v := range f(in) {
			body.outs = append(body.outs, output{n: body.here(v.n, "formula")})
		}
		return body
	}()
	in := slices.Clone(xs)
	for _, n := range body.caps {
		in = append(in, Value{n})
	}
	outs, _ := lift(body, hereAll(in), make([]bool, len(in)), 1)
	return outs
}

// normFormula is the definition: x [B…,P,C], a and b [B…,C].
func normFormula(x, a, b Value, at normAttr) Value {
	shape := x.n.shape
	p, c := shape[at.batch], shape[at.batch+1]
	split := append(slices.Clone(shape[:at.batch]), p, at.groups, c/at.groups)
	y := Reshape(x, split...)
	spreadOver := func(v Value) Value {
		kept := append(slices.Clone(shape[:at.batch]), 1, at.groups, 1)
		return BroadcastTo(Reshape(v, kept...), split...)
	}
	y = Sub(y, spreadOver(Mean(y, at.batch, at.batch+2)))
	y = Mul(y, spreadOver(Recip(Sqrt(Shift(Mean(Square(y), at.batch, at.batch+2), at.epsilon)))))
	return Add(Mul(Reshape(y, shape...), unsqueeze(a, at.batch)), unsqueeze(b, at.batch))
}

func normSums(x, c, stats Value, at normAttr) Value {
	shape := append(slices.Clone(x.n.shape[:at.batch]), 2, x.n.shape[at.batch+1])
	return add(opNormSums, at, shape, x.n.dtype, x, c, stats)
}

func normInput(x, c, a, stats, sums Value, at normAttr) Value {
	return add(opNormInput, at, x.n.shape, x.n.dtype, x, c, a, stats, sums)
}

// GroupNorm normalises x [P…,C] over all of its axes but the last and over each of so many equal groups of channels
// (Wu & He 2018, arXiv:1803.08494), and scales and shifts the channels:
//
//	y = a·(x − mean)/√(variance + ε) + b
//
// with a and b [C], shared or of the sample, and the variance of all the P·C/groups numbers of a group. It takes some
// ten operations an element.
func GroupNorm(x, a, b Value, groups int, epsilon float64) Value {
	if x.n == nil || !x.n.dtype.Float() || x.Rank() < 2 || x.Size() == 0 {
		fail("group_norm", "needs floats of two axes or more, got %s", x)
	}
	c := x.n.shape[x.Rank()-1]
	if groups < 1 || c%groups != 0 || !(epsilon >= 0) {
		fail("group_norm", "%d groups do not divide the %d channels of %s, or ε = %g", groups, c, x, epsilon)
	}
	for _, v := range []Value{a, b} {
		if v.n == nil || v.n.dtype != x.n.dtype || !slices.Equal(v.n.shape, []int{c}) {
			fail("group_norm", "scale and shift of %s are %s and %s", describe(x.n), a, b)
		}
	}
	at := normAttr{groups, 0, epsilon}
	flat := Reshape(x, -1, c)
	stats := add(opNormStats, at, []int{2, groups}, x.n.dtype, flat)
	return Reshape(add(opNorm, at, flat.n.shape, x.n.dtype, flat, a, b, stats), x.n.shape...)
}
