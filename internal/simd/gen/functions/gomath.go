package functions

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// likeMath are the functions of package math with its bits, as Go computes them on amd64 with fused multiply-adds:
// exp_amd64.s, expm1.go and log_amd64.s, operation by operation. Arguments for which a result or a step on the way
// would not be a normal number are left to package math.
func likeMath() []*vec.Func {
	var all []*vec.Func
	for _, u := range []struct {
		name, doc string
		describe  func(f *vec.Func, x *vec.Value) (y, escape *vec.Value)
		chains    int
	}{
		{"MathExp", "sets dst[i] = math.Exp(x[i]), bit for bit. dst is not x.", mathExp, 2},
		{"MathExpm1", "sets dst[i] = math.Expm1(x[i]), bit for bit; slow beyond −708 ≤ x ≤ ½ ln 2. dst is not x.",
			mathExpm1, 2},
		{"MathLog", "sets dst[i] = math.Log(x[i]), bit for bit. dst is not x.", mathLog, 2},
	} {
		f := vec.New(u.name, true, u.doc, "dst", "x")
		f.Chains, f.Again = u.chains, true
		x := f.In("x")
		y, escape := u.describe(f, x)
		f.Escape = escape
		f.Out("dst", y)
		all = append(all, f)
	}
	return all
}

// mathFar bounds the arguments of exponentials: e^±mathFar is normal.
const mathFar = 708

// mathRound is the format's round of float64.
const mathRound = 0x1.8p52

// mathExp is (e^(r/16))^16 2ⁿ with r = x − n ln 2, by Taylor's series and the doubling y ← y(y+2) of y = e^r − 1
// (N. Shibata, "Efficient evaluation methods of elementary functions suitable for SIMD computation", 2010).
func mathExp(f *vec.Func, x *vec.Value) (y, escape *vec.Value) {
	t := f.Add(f.Mul(x, f.Const(math.Log2E)), f.Const(mathRound))
	n := f.Sub(t, f.Const(mathRound))
	r := f.FNMA(n, f.Const(0.69314718055966295651160180568695068359375), x)
	r = f.FNMA(n, f.Const(0.28235290563031577122588448175013436025525412068e-12), r)
	r = f.Mul(r, f.Const(0.0625))
	p := f.Poly(r, []float64{1, 0.5, 1.6666666666666666667e-1, 4.1666666666666666667e-2, 8.3333333333333333333e-3,
		1.3888888888888888889e-3, 1.9841269841269841270e-4, 2.4801587301587301587e-5})
	y = f.Mul(r, p)
	for range 3 {
		y = f.Mul(y, f.Add(y, f.Const(2)))
	}
	y = f.FMA(f.Add(y, f.Const(2)), y, f.Const(1))
	return f.Mul(y, powerOf(f, t)), f.NotLessEq(f.Abs(x), f.Const(mathFar))
}

// powerOf is 2ⁿ for t = n + mathRound.
func powerOf(f *vec.Func, t *vec.Value) *vec.Value {
	return f.AsFloat(f.AddI(f.Shl(f.AsBits(t), 52), f.Word(math.Float64bits(1))))
}

// mathExpm1 is fdlibm's s_expm1.c: e^x − 1 with x = k ln 2 + r, in the cases k = 0, −1 and k ≤ −2.
func mathExpm1(f *vec.Func, x *vec.Value) (y, escape *vec.Value) {
	const (
		ln2HalfX3 = 1.03972077083991796413e+00
		ln2Half   = 3.46573590279972654709e-01
		ln2Hi     = 6.93147180369123816490e-01
		ln2Lo     = 1.90821492927058770002e-10
		invLn2    = 1.44269504088896338700e+00
		tiny      = 1.0 / (1 << 54)
	)
	unfused := func(a, b, c *vec.Value) *vec.Value { return f.Add(f.Mul(a, b), c) }
	one := f.Const(1)
	a := f.Abs(x)
	// Within reach and not tiny, in one comparison, since masks cannot be joined.
	reach := f.Max(f.Sub(x, f.Const(ln2Half)), f.Max(f.Sub(f.Const(-mathFar), x), f.Sub(f.Const(tiny), a)))
	escape = f.NotLessEq(reach, f.Const(0))
	// −k is the whole part of u; where it is 0, x is within reach of the polynomial whatever its sign.
	u := unfused(a, f.Const(invLn2), f.Const(0.5))
	k := f.Sub(f.Add(u, f.Const(0x1p52)), f.Const(0x1p52))
	k = f.Sub(k, f.Select(f.Less(u, k), one, f.Const(0)))
	k = f.Select(f.Less(a, f.Const(ln2HalfX3)), one, k)
	k = f.Select(f.Less(f.Const(ln2Half), a), f.Neg(k), f.Const(0))
	hi, lo := f.Sub(x, f.Mul(k, f.Const(ln2Hi))), f.Mul(k, f.Const(ln2Lo))
	r := f.Sub(hi, lo)
	c := f.Sub(f.Sub(hi, r), lo)

	h := f.Mul(r, f.Const(0.5))
	s := f.Mul(r, h)
	q := f.Const(-2.01099218183624371326e-07)
	for _, v := range []float64{4.00821782732936239552e-06, -7.93650757867487942473e-05, 1.58730158725481460165e-03,
		-3.33333333333331316428e-02, 1} {
		q = unfused(q, s, f.Const(v))
	}
	t := f.Sub(f.Const(3), f.Mul(q, h))
	e := f.Mul(s, f.Div(f.Sub(q, t), f.Sub(f.Const(6), f.Mul(r, t))))
	zero := f.Sub(r, f.Sub(f.Mul(r, e), s))

	e = f.Sub(f.Sub(f.Mul(r, f.Sub(e, c)), c), s)
	more := f.Sub(r, e)
	half := f.Sub(f.Mul(more, f.Const(0.5)), f.Const(0.5))
	far := f.Sub(f.Mul(f.Add(more, one), powerOf(f, f.Add(k, f.Const(mathRound)))), one)
	y = f.Select(f.Equal(k, f.Const(-1)), half, far)
	y = f.Select(f.Equal(k, f.Const(0)), zero, y)
	return y, escape
}

// mathLog is fdlibm's e_log.c: k ln 2 + ln(1+g) with √½ ≤ 1+g < √2 for x = 2ᵏ(1+g).
func mathLog(f *vec.Func, x *vec.Value) (y, escape *vec.Value) {
	const (
		ln2Hi = 6.93147180369123816490e-01
		ln2Lo = 1.90821492927058770002e-10
	)
	one := f.Const(1)
	bits := f.AsBits(x)
	m := f.AsFloat(f.Or(f.And(bits, f.Word(1<<52-1)), f.Word(math.Float64bits(0.5))))
	k := f.Sub(f.AsFloat(f.Or(f.Shr(bits, 52), f.Word(math.Float64bits(0x1p52)))), f.Const(0x1p52+0x3fe))
	low := f.Select(f.Less(f.Const(7.07106781186547524401e-01), m), f.Const(0), one)
	k = f.Sub(k, low)
	g := f.Sub(f.Mul(m, f.Add(low, one)), one)
	s := f.Div(g, f.Add(g, f.Const(2)))
	s2 := f.Mul(s, s)
	s4 := f.Mul(s2, s2)
	sum := func(c ...float64) *vec.Value {
		p := f.Const(c[0])
		for _, v := range c[1:] {
			p = f.Add(f.Mul(p, s4), f.Const(v))
		}
		return p
	}
	t1 := f.Mul(s2, sum(1.479819860511658591e-01, 1.818357216161805012e-01, 2.857142874366239149e-01,
		6.666666666666735130e-01))
	t2 := f.Mul(s4, sum(1.531383769920937332e-01, 2.222219843214978396e-01, 3.999999999940941908e-01))
	h := f.Mul(f.Mul(g, f.Const(0.5)), g)
	rest := f.Sub(h, f.Add(f.Mul(s, f.Add(h, f.Add(t1, t2))), f.Mul(k, f.Const(ln2Lo))))
	y = f.Sub(f.Mul(k, f.Const(ln2Hi)), f.Sub(rest, g))
	bound := f.Max(f.Sub(x, f.Const(math.MaxFloat64)), f.Sub(f.Const(0x1p-1021), x))
	return y, f.NotLessEq(bound, f.Const(0))
}
