package ad

import "slices"

// layerAttr is a layer normalisation of x [B…,P,C]: batch counts the axes B, and every one of their entries has its own
// scale and shift. part says which cotangent it is.
type layerAttr struct {
	batch, part int
	epsilon     float64
}

// The cotangents of a layer normalisation; one instruction makes those that are needed.
const (
	layerInput = iota // [B…,P,C], of x
	layerScale        // [B…,C], Σ_p c·x̂
	layerShift        // [B…,C], Σ_p c
)

// The operations of a layer normalisation. Statistics of a place are quicker made again than kept.
//
//	opLayerNorm      [B…,P,C]  a·x̂ + b, x̂ = (x − mean)/√(variance + ε) over the last axis, a and b [B…,C]
//	opLayerNormGrad  the cotangents, of x, c and a
var (
	opLayerNorm     = &opDef{name: "layer_norm", rowwise: true}
	opLayerNormGrad = &opDef{name: "layer_norm_grad", rowwise: true}
)

func init() {
	opLayerNorm.vjp = func(n *node, c Value, need []bool) []Value {
		at := n.attr.(layerAttr)
		out := make([]Value, 3)
		for i := range out {
			if need[i] {
				at.part = i
				out[i] = add(opLayerNormGrad, at, n.in[i].shape, n.dtype, Value{n.in[0]}, c, Value{n.in[1]})
			}
		}
		return out
	}
	opLayerNorm.jvp = func(n *node, t []Value) Value { return layerJVP(n, t, n.attr.(layerAttr).formula) }
	opLayerNormGrad.vjp = func(n *node, c Value, need []bool) []Value {
		at := n.attr.(layerAttr)
		out := make([]Value, 3)
		for i := range out {
			if need[i] {
				out[i] = defined(n.inputs(), []Value{c}, func(in, t []Value) Value {
					return orZeros(VJP([]Value{at.cotangent(in)}, t, in[i:i+1])[0], in[i])
				})
			}
		}
		return out
	}
	opLayerNormGrad.jvp = func(n *node, t []Value) Value { return layerJVP(n, t, n.attr.(layerAttr).cotangent) }
	for _, op := range []*opDef{opLayerNorm, opLayerNormGrad} {
		op.lift = func(n *node, in []Value, mapped []bool, m int) Value {
			at := n.attr.(layerAttr)
			at.batch++
			return add(n.op, at, append([]int{m}, n.shape...), n.dtype, allMapped(in, mapped, m)...)
		}
	}
	opLayerNorm.emit = emitLayerNorm
	opLayerNormGrad.emit = emitLayerNormGrad
}

func layerJVP(n *node, t []Value, f func(in []Value) Value) Value {
	return defined(n.inputs(), t, func(in, t []Value) Value {
		var wrt, along []Value
		for i, v := range t {
			if !v.IsZero() {
				wrt, along = append(wrt, in[i]), append(along, v)
			}
		}
		return JVP([]Value{f(in)}, wrt, along)[0]
	})
}

// formula is the definition, of x, a and b.
func (at layerAttr) formula(in []Value) Value {
	y := Mul(layerFormula(in[0], at.epsilon), unsqueeze(in[1], at.batch))
	return Add(y, unsqueeze(in[2], at.batch))
}

// layerFormula is x̂.
func layerFormula(x Value, epsilon float64) Value {
	last := x.Rank() - 1
	d := Sub(x, unsqueeze(Mean(x, last), last))
	return Mul(d, unsqueeze(Recip(Sqrt(Shift(Mean(Square(d), last), epsilon))), last))
}

// cotangent is the definition of a part, of x, c and a.
func (at layerAttr) cotangent(in []Value) Value {
	x, c := in[0], in[1]
	switch at.part {
	case layerScale:
		return Sum(Mul(c, layerFormula(x, at.epsilon)), at.batch)
	case layerShift:
		return Sum(c, at.batch)
	}
	y := Mul(layerFormula(x, at.epsilon), unsqueeze(in[2], at.batch))
	return VJP([]Value{y}, []Value{c}, []Value{x})[0]
}

// LayerNorm normalises the last axis of x [P…,C] (Ba et al. 2016, arXiv:1607.06450), and scales and shifts channels:
//
//	y = a·(x − mean)/√(variance + ε) + b
//
// with a and b [C], shared or of the sample, and the variance that divides by C. It takes some ten operations an
// element, and its derivatives of first order some twenty, in the first-level cache.
func LayerNorm(x, a, b Value, epsilon float64) Value {
	if x.n == nil || !x.n.dtype.Float() || x.Rank() < 1 || x.Size() == 0 {
		fail("layer_norm", "needs floats of one axis or more, got %s", x)
	}
	c := x.n.shape[x.Rank()-1]
	if !(epsilon >= 0) {
		fail("layer_norm", "the number %g is added to variances and cannot be negative", epsilon)
	}
	for _, v := range []Value{a, b} {
		if v.n == nil || v.n.dtype != x.n.dtype || !slices.Equal(v.n.shape, []int{c}) {
			fail("layer_norm", "scale and shift of %s are %s and %s", describe(x.n), a, b)
		}
	}
	flat := Reshape(x, -1, c)
	return Reshape(add(opLayerNorm, layerAttr{epsilon: epsilon}, flat.n.shape, x.n.dtype, flat, a, b), x.n.shape...)
}
