package functions

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// format holds what depends on the precision.
type format struct {
	mantissa     int     // bits of the fraction
	round        float64 // added to a number of moderate size, it leaves the nearest integer in the low bits
	ln2hi, ln2lo float64 // their sum is ln 2; both are of the precision
	expTop       float64 // the largest x whose exponential is finite
	expBottom    float64 // the smallest x whose exponential is normal
	one          uint64  // the bits of 1
	expP, logP   []float64
}

func formatOf(f *vec.Func) format {
	if f.Double {
		return format{
			mantissa: 52, round: 0x1.8p52,
			ln2hi: 0x1.62e42fefa39efp-1, ln2lo: 0x1.abc9e3b39803fp-56,
			expTop: 709.782712893384, expBottom: -708.3964185322641,
			one: math.Float64bits(1), expP: expP64, logP: logP64,
		}
	}
	return format{
		mantissa: 23, round: 0x1.8p23,
		ln2hi: 0x1.62e43p-1, ln2lo: -0x1.05c61p-29,
		expTop: 88.72283, expBottom: -87.33654,
		one: uint64(math.Float32bits(1)), expP: expP32, logP: logP32,
	}
}

// reduced is x = n·ln 2 + r with |r| ≤ ½ ln 2. N is n as a float; low holds n in its low bits.
type reduced struct {
	n, r *vec.Value
	low  *vec.Value
}

func reduce(f *vec.Func, x *vec.Value) reduced {
	c := formatOf(f)
	t := f.FMA(x, f.Const(math.Log2E), f.Const(c.round))
	n := f.Sub(t, f.Const(c.round))
	r := f.FNMA(n, f.Const(c.ln2hi), x)
	r = f.FNMA(n, f.Const(c.ln2lo), r)
	return reduced{n: n, r: r, low: f.AsBits(t)}
}

// power is 2ⁿ⁺ᵏ for a reduction whose n+k lies within the normal exponents.
func (q reduced) power(f *vec.Func, k int) *vec.Value {
	c := formatOf(f)
	one := c.one + uint64(k)<<c.mantissa
	if !f.Double {
		one &= 1<<32 - 1
	}
	return f.AsFloat(f.AddI(f.Shl(q.low, c.mantissa), f.Word(one)))
}

// expPoly is e^r.
func expPoly(f *vec.Func, r *vec.Value) *vec.Value {
	p := f.Poly(r, formatOf(f).expP)
	p = f.FMA(p, r, f.Const(1))
	return f.FMA(p, r, f.Const(1))
}

// expOf is e^x for x clamped to the range of normal results. A NaN passes.
func expOf(f *vec.Func, x *vec.Value) *vec.Value {
	q := reduce(f, x)
	p := expPoly(f, q.r)
	// 2p·2ⁿ⁻¹, for n reaches the exponent of infinity where p < 1; n−1 is no exponent of a normal number
	// only where p·2ⁿ is none either.
	return f.Mul(f.Add(p, p), q.power(f, -1))
}

// exp is e^x. The exponent n is added to that of the polynomial, so that every normal result is exact in it.
func exp(f *vec.Func, x *vec.Value) *vec.Value {
	c := formatOf(f)
	q := reduce(f, x)
	p := expPoly(f, q.r)
	y := f.AsFloat(f.AddI(f.AsBits(p), f.Shl(q.low, c.mantissa)))
	y = f.Select(f.Less(x, f.Const(c.expBottom)), f.Const(0), y)
	// Above the range x+∞ is ∞, and it is NaN for NaN.
	return f.Select(f.NotLessEq(x, f.Const(c.expTop)), f.Add(x, f.Const(math.Inf(1))), y)
}

// clamp bounds x from both sides; a NaN passes.
func clamp(f *vec.Func, x *vec.Value, lo, hi float64) *vec.Value {
	return f.Max(f.Const(lo), f.Min(f.Const(hi), x))
}

// expm1 is e^x − 1 = 2·((e^r−1)·2ⁿ⁻¹ + (2ⁿ⁻¹ − ½)).
func expm1(f *vec.Func, x *vec.Value) *vec.Value {
	c := formatOf(f)
	lo := -float64(c.mantissa+3) * math.Ln2
	q := reduce(f, clamp(f, x, lo, c.expTop+0.3))
	p := f.Poly(q.r, c.expP)
	p = f.FMA(f.Mul(q.r, q.r), p, q.r)
	s := q.power(f, -1)
	y := f.FMA(p, s, f.Sub(s, f.Const(0.5)))
	y = f.Add(y, y)
	return f.Select(f.Equal(x, f.Const(0)), x, y) // keeps −0 and denormals
}

// tanh is sign(x)·m/(m+2) with m = e^(2|x|) − 1.
func tanh(f *vec.Func, x *vec.Value) *vec.Value {
	c := formatOf(f)
	a := f.Abs(x)
	// Beyond this the result is 1.
	q := reduce(f, f.Min(f.Const(float64(c.mantissa+3)*math.Ln2), f.Add(a, a)))
	p := f.Poly(q.r, c.expP)
	p = f.FMA(f.Mul(q.r, q.r), p, q.r)
	s := q.power(f, 0)
	m := f.FMA(p, s, f.Sub(s, f.Const(1)))
	y := f.Div(m, f.Add(m, f.Const(2)))
	return f.CopySign(y, x)
}

// sigmoid is 1/(1+e^(−x)).
func sigmoid(f *vec.Func, x *vec.Value) *vec.Value {
	s, _ := logistic(f, x)
	return s
}

// logistic returns s = 1/(1+e) and e = e^(−x), the latter bounded: where s is 0 or 1 for the precision.
func logistic(f *vec.Func, x *vec.Value) (s, e *vec.Value) {
	c := formatOf(f)
	e = expOf(f, clamp(f, f.Neg(x), c.expBottom+1, c.expTop-0.25))
	return f.Flush(f.Div(f.Const(1), f.Add(e, f.Const(1)))), e
}

// log is ln x.
func log(f *vec.Func, x *vec.Value) *vec.Value {
	return logSpecial(f, x, logNormal(f, x))
}

// logSpecial replaces y, the logarithm of a normal number, where x is none.
func logSpecial(f *vec.Func, x, y *vec.Value) *vec.Value {
	inf := f.Const(math.Inf(1))
	y = f.Select(f.Equal(x, inf), inf, y)
	y = f.Select(f.NotLessEq(f.Const(0), x), f.Const(math.NaN()), y)
	return f.Select(f.Equal(f.Flush(x), f.Const(0)), f.Const(math.Inf(-1)), y)
}

// logNormal is ln x for positive normal x: x = 2ⁿ·(1+g) with √½ ≤ 1+g < √2.
func logNormal(f *vec.Func, x *vec.Value) *vec.Value {
	n, g := split(f, x)
	return logSum(f, n, g, nil)
}

// logNormalPlus is ln x + c for a correction c to ln x, rounded no more often than ln x.
func logNormalPlus(f *vec.Func, x, c *vec.Value) *vec.Value {
	n, g := split(f, x)
	return logSum(f, n, g, c)
}

// split returns n and g of x = 2ⁿ·(1+g).
func split(f *vec.Func, x *vec.Value) (n, g *vec.Value) {
	c := formatOf(f)
	// Adding one minus the bits of √½ carries into the exponent where the fraction exceeds √½.
	var half uint64 = 0x3f3504f3
	wrap := uint64(1<<32 - 1)
	if f.Double {
		half, wrap = 0x3fe6a09e667f3bcd, 1<<64-1
	}
	shifted := f.AddI(f.AsBits(x), f.Word((c.one-half)&wrap))
	// The biased exponent as a float, in the low bits of a number whose unit is 1.
	k := f.Shr(shifted, c.mantissa)
	if f.Double {
		n = f.Sub(f.AsFloat(f.Or(k, f.Word(math.Float64bits(0x1p52)))), f.Const(0x1p52+1023))
	} else {
		n = f.Sub(f.FromInt(k), f.Const(127))
	}
	fraction := f.And(shifted, f.Word(1<<c.mantissa-1))
	m := f.AsFloat(f.AddI(fraction, f.Word(half)))
	return n, f.Sub(m, f.Const(1))
}

// logSum is n·ln 2 + ln(1+g) + small, the last nil for none.
func logSum(f *vec.Func, n, g, small *vec.Value) *vec.Value {
	c := formatOf(f)
	low := func() *vec.Value {
		if small == nil {
			return f.Mul(n, f.Const(c.ln2lo))
		}
		return f.FMA(n, f.Const(c.ln2lo), small)
	}
	h := f.Mul(f.Mul(g, g), f.Const(0.5))
	if !f.Double {
		// ln(1+g) = g − g²/2 + g³·P(g)
		p := f.Poly(g, c.logP)
		y := f.FMA(f.Mul(f.Mul(g, g), g), p, low())
		y = f.Add(f.Sub(y, h), g)
		return f.FMA(n, f.Const(c.ln2hi), y)
	}
	// ln(1+g) = g − (h − s·(h + R)), s = g/(2+g), R = s²·P(s²), after fdlibm's e_log.c.
	s := f.Div(g, f.Add(g, f.Const(2)))
	z := f.Mul(s, s)
	r := f.Mul(z, f.Poly(z, c.logP))
	t := f.FMA(s, f.Add(h, r), low())
	return f.FMA(n, f.Const(c.ln2hi), f.Sub(g, f.Sub(h, t)))
}

// log1p is ln(1+x) = ln u · x/(u−1) with u = 1+x rounded: the quotient undoes the rounding of u
// (Hewlett-Packard; Higham, "Accuracy and stability of numerical algorithms", §1.14.1).
func log1p(f *vec.Func, x *vec.Value) *vec.Value {
	u := f.Add(x, f.Const(1))
	l := logNormal(f, u)
	y := log1pScale(f, l, u, x)
	y = logSpecial(f, u, y)
	return f.Select(f.Equal(u, f.Const(1)), x, y)
}

func log1pScale(f *vec.Func, l, u, x *vec.Value) *vec.Value {
	return f.Mul(l, f.Div(x, f.Sub(u, f.Const(1))))
}

// softplus is max(x, 0) + ln(1 + e^(−|x|)). A NaN passes by the maximum.
func softplus(f *vec.Func, x *vec.Value) *vec.Value {
	c := formatOf(f)
	a := f.Neg(f.Abs(x))
	q := reduce(f, a)
	e := f.AsFloat(f.AddI(f.AsBits(expPoly(f, q.r)), f.Shl(q.low, c.mantissa)))
	e = f.Select(f.Less(a, f.Const(c.expBottom)), f.Const(0), e)
	f.NextStage()
	u := f.Add(e, f.Const(1))
	n, g := split(f, u)
	f.NextStage()
	l := log1pScale(f, logSum(f, n, g, nil), u, e)
	l = f.Select(f.Equal(u, f.Const(1)), e, l)
	return f.Add(f.Max(f.Const(0), x), l)
}

// softplusDual is softplus and its derivative.
func softplusDual(double bool) *vec.Func {
	f := vec.New("SoftplusDual", double, "sets y[i] = ln(1+exp(x[i])) and d[i] = 1/(1+exp(−x[i])), the bits of both "+
		"as they are alone. y or d may be x.", "y", "d", "x")
	x := f.In("x")
	d := sigmoid(f, x)
	f.Out("y", softplus(f, x))
	f.Out("d", d)
	return f
}
