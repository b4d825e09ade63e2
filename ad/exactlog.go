package ad

import "math"

// ExactLog is log x taken from how x was made, without x itself, and whether that is possible: x is eᵘ, a
// sigmoid, one minus either, a constant multiple of these, or a product, quotient, power or rearrangement of such
// values. It is exact where x rounds to 0 or 1 or overflows, as the constrained parameters of a density do far out:
// log eᵘ = u, log σ(u) = −log(1+e⁻ᵘ), log(1−σ(u)) = −log(1+eᵘ). [Log] and [Log1p] use it.
func ExactLog(x Value) (log Value, ok bool) {
	if x.n == nil || !x.DType().Float() {
		return Value{}, false
	}
	return logAffine(affine{s: 1}, x)
}

// affine is c + s·y of a value y; size is the sum of the magnitudes that c was summed from.
type affine struct{ c, s, size float64 }

func (a affine) shift(by float64) affine {
	a.c += by
	a.size += math.Abs(by)
	return a
}

func (a affine) scale(by float64) affine {
	a.s *= by
	return a
}

// plain reports c = 0 and s > 0, complement s = −c < 0, up to the rounding of constants.
func (a affine) plain() bool      { return a.s > 0 && math.Abs(a.c) <= 4e-16*a.size }
func (a affine) complement() bool { return a.s < 0 && math.Abs(a.c+a.s) <= 4e-16*a.size }

// logAffine is log(c + s·v), if it is exact.
func logAffine(a affine, v Value) (Value, bool) {
	n := v.n
	in := func(i int) Value { return Value{n.in[i]} }
	switch n.op {
	case opNeg:
		return logAffine(a.scale(-1), in(0))
	case opAdd:
		if k, ok := constant(in(1)); ok {
			return logAffine(a.shift(a.s*k), in(0))
		}
		if k, ok := constant(in(0)); ok {
			return logAffine(a.shift(a.s*k), in(1))
		}
	case opSub:
		if k, ok := constant(in(1)); ok {
			return logAffine(a.shift(-a.s*k), in(0))
		}
		if k, ok := constant(in(0)); ok {
			return logAffine(a.shift(a.s*k).scale(-1), in(1))
		}
	case opMul:
		if k, ok := constant(in(1)); ok && k != 0 {
			return logAffine(a.scale(k), in(0))
		}
		if k, ok := constant(in(0)); ok && k != 0 {
			return logAffine(a.scale(k), in(1))
		}
	case opDiv:
		if k, ok := constant(in(1)); ok && k != 0 {
			return logAffine(a.scale(1/k), in(0))
		}
	case opExp:
		if a.complement() {
			return shiftLog(log1mExp(in(0)), -a.s), true
		}
	case opSigm:
		if a.complement() {
			return shiftLog(Neg(Softplus(in(0))), -a.s), true
		}
	}
	if moved, ok := logMoved(a, v); ok {
		return moved, true
	}
	if a.plain() {
		if l, ok := logProduct(v); ok {
			return shiftLog(l, a.s), true
		}
	}
	return Value{}, false
}

func shiftLog(l Value, factor float64) Value {
	if factor == 1 {
		return l
	}
	return Shift(l, math.Log(factor))
}

// logProduct is log v for what is positive by its making. Of a product one factor may be data.
func logProduct(v Value) (Value, bool) {
	n := v.n
	of := func(i int, times float64) (Value, bool) {
		l, ok := ExactLog(Value{n.in[i]})
		if ok && times != 1 {
			l = Scale(l, times)
		}
		return l, ok
	}
	switch n.op {
	case opExp:
		return Value{n.in[0]}, true
	case opSigm:
		return Neg(Softplus(Neg(Value{n.in[0]}))), true
	case opSqrt:
		return of(0, .5)
	case opSqr:
		return of(0, 2)
	case opRecip:
		return of(0, -1)
	case opPow:
		if k, ok := constant(Value{n.in[1]}); ok {
			return of(0, k)
		}
	case opMul, opDiv:
		a, exactA := ExactLog(Value{n.in[0]})
		b, exactB := ExactLog(Value{n.in[1]})
		switch {
		case exactA && !exactB && n.in[1].shared:
			b = unary(opLog, Value{n.in[1]})
		case exactB && !exactA && n.in[0].shared:
			a = unary(opLog, Value{n.in[0]})
		case !exactA || !exactB:
			return Value{}, false
		}
		if n.op == opDiv {
			return Sub(a, b), true
		}
		return Add(a, b), true
	}
	return Value{}, false
}

// logMoved is log(c + s·v) of elements that v reads from elsewhere: the logarithm moves with them.
func logMoved(a affine, v Value) (Value, bool) {
	n := v.n
	var l Value
	ok := false
	switch n.op {
	case opReshape, opBroadcast, opSlice, opTranspose, opGather, opRows:
		if l, ok = logAffine(a, Value{n.in[0]}); !ok {
			return Value{}, false
		}
	case opConcat:
		parts := make([]Value, len(n.in))
		for i, p := range n.in {
			part, exact := logAffine(a, Value{p})
			if !exact {
				part = unary(opLog, Shift(Scale(Value{p}, a.s), a.c))
			}
			parts[i], ok = part, ok || exact
		}
		if !ok {
			return Value{}, false
		}
		return Concat(n.attr.(int), parts...), true
	}
	switch n.op {
	case opReshape:
		return Reshape(l, n.shape...), true
	case opBroadcast:
		return BroadcastTo(l, n.shape...), true
	case opSlice:
		return slice(l, n.attr.(sliceAttr)), true
	case opTranspose:
		return Transpose(l, n.attr.(ints)...), true
	case opGather:
		return gather(l, Value{n.in[1]}, n.attr.(gatherAttr)), true
	case opRows:
		return rowsLike(l, v), true
	}
	return Value{}, false
}
