package functions

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// activations are the functions of hidden layers: the value, the derivative, both, and both of x + bias in float32.
func activations(double bool) []*vec.Func {
	var all []*vec.Func
	for _, act := range []struct {
		name, note string
		describe   func(f *vec.Func, x *vec.Value) (y, d *vec.Value)
		chains     int
	}{
		{"SiLU", "SiLU(x) = x/(1+exp(−x)); within 3 ulp; it is 0 where 1/(1+exp(−x)) is a denormal", silu, 2},
		{"GELU", "GELU(x) = x·Φ(x), Φ the normal distribution function, within 4 ulp in the left tail too until Φ(x) " +
			"is a denormal, then 0", gelu, 1},
	} {
		f := vec.New(act.name, double, "sets y[i] = "+act.name+"(x[i]). "+act.note+". y may be x.", "y", "x")
		y, _ := act.describe(f, f.In("x"))
		f.Out("y", y)
		f.Chains = act.chains
		all = append(all, f)

		f = vec.New(act.name+"Grad", double, "sets d[i] to the derivative of "+act.name+" at x[i]. d may be x.", "d",
			"x")
		_, d := act.describe(f, f.In("x"))
		f.Out("d", d)
		f.Chains = act.chains
		all = append(all, f)

		f = vec.New(act.name+"Dual", double, "sets y[i] = "+act.name+"(x[i]) and d[i] to the derivative there. y or "+
			"d may be x.", "y", "d", "x")
		y, d = act.describe(f, f.In("x"))
		f.Out("y", y)
		f.Out("d", d)
		f.Chains = act.chains
		all = append(all, f)

		if double { // a bias is added on the way in the networks of float32
			continue
		}
		f = vec.New("Bias"+act.name+"Dual", double,
			"sets y and d, [rows, cols], to "+act.name+" and its derivative at x[r·cols+j] + bias[j]. y or d may be x.",
			"y", "d", "x", "bias")
		f.Periodic = "bias"
		y, d = act.describe(f, f.Add(f.In("x"), f.In("bias")))
		f.Out("y", y)
		f.Out("d", d)
		f.Chains = act.chains
		all = append(all, f)
	}
	return all
}

// silu is y = x·s and y′ = s·(1 + x·(1−s)), where s is the logistic function and 1−s = s·e^(−x). Far out x is
// clamped where it meets s = 0 or 1−s = 0, so that infinities give the limits 0 and 1.
func silu(f *vec.Func, x *vec.Value) (y, d *vec.Value) {
	far := formatOf(f).expTop + 20
	s, e := logistic(f, x)
	y = f.Mul(f.Max(f.Const(-far), x), s)
	d = f.Mul(s, f.FMA(clamp(f, x, -far, far), f.Mul(e, s), f.Const(1)))
	return f.Flush(y), f.Flush(d)
}

// tail returns r = t·P(q), which is e^(a²/2)·Φ(−a) for a ≥ 0, with t = 1/(a+K) and q = 1 − 2K·t = (a−K)/(a+K): the
// mapping of Shepherd and Laframboise, "Chebyshev approximation of (1+2x)exp(x²)erfc(x)" (Math. Comp. 36, 1981).
//
// The rounding of t is the largest error of r: of every relative error ε of t, r has (a+K)·(φ(a)/Φ(−a) − a)·ε, two or
// three times as much. So r·(1 + slope·ε) is the better value, ε = 1 − t·(a+K) to all digits and slope that factor on a
// straight line in t, which it nearly is.
func tail(f *vec.Func, a *vec.Value) mills {
	k, p := 3.0, tailP32
	slope0, slope1 := 0.97, 4.35
	if f.Double {
		k, p = 4.0, tailP64
		slope0, slope1 = 0.8, 9.0
	}
	d := f.Add(a, f.Const(k))
	t := f.Div(f.Const(1), d)
	q := f.FMA(t, f.Const(-2*k), f.Const(1))
	high := f.Poly(q, p[1:])
	poly := f.FMA(high, q, f.Const(p[0]))
	r := f.Mul(poly, t)
	low := f.Sub(a, f.Sub(d, f.Const(k))) // a + K − d
	ε := f.FNMA(t, low, f.FNMA(t, d, f.Const(1)))
	excess := f.FNMA(poly, t, r)
	lost := f.FMA(high, q, f.Sub(f.Const(p[0]), poly))
	return mills{r, excess, f.FNMA(lost, t, excess), f.FMA(t, f.Const(slope1), f.Const(slope0)), ε}
}

// mills is e^(a²/2)·Φ(−a) as r·(1 + slope·ε) − excess, the last what the rounding of r = P·t added; fine is excess
// with the rounding of P's last step.
type mills struct{ r, excess, fine, slope, ε *vec.Value }

// gauss returns z and s of e^(−a²/2) = (1+z)·s, s a power of two. The square is taken to all digits: n·ln 2 is
// subtracted from it as it is multiplied out, its upper part short enough that n times it is exact. At gaussFar,
// the largest a, s is 0.
func gauss(f *vec.Func, a *vec.Value) (z, s *vec.Value) {
	c := formatOf(f)
	ln2hi := 0x1.62e4p-1
	if f.Double {
		ln2hi = 0x1.62e42feep-1
	}
	t := f.FMA(f.Mul(a, a), f.Const(-math.Log2E/2), f.Const(c.round))
	n := f.Sub(t, f.Const(c.round))
	r := f.FNMA(f.Mul(a, f.Const(0.5)), a, f.Mul(n, f.Const(-ln2hi)))
	r = f.FNMA(n, f.Const(ln2lo(ln2hi)), r)
	q := reduced{n: n, r: r, low: f.AsBits(t)}
	return f.FMA(f.Mul(r, r), f.Poly(r, c.expP), r), q.power(f, 0)
}

// ln2lo is what hi, an upper part of ln 2, lacks.
func ln2lo(hi float64) float64 { return (0x1.62e42fefa39efp-1 - hi) + 0x1.abc9e3b39803fp-56 }

// gaussFar is an a whose power of two has the exponent below that of the least normal number: by its bits it is 0.
func gaussFar(f *vec.Func) float64 {
	if f.Double {
		return 37.66
	}
	return 13.25
}

// lower returns Φ(−a) for 0 ≤ a ≤ gaussFar and e^(−a²/2), 0 where they are denormal. All that r lacks is taken from
// it in one step that rounds.
func lower(f *vec.Func, a *vec.Value, m mills) (Φ, e *vec.Value) {
	z, s := gauss(f, a)
	less := f.FNMA(m.r, f.FMA(m.slope, m.ε, z), m.excess)
	Φ = f.Flush(f.Mul(f.Sub(m.r, less), s))
	return Φ, f.Flush(f.FMA(z, s, s))
}

// gelu is y = x·Φ(x) = max(x, 0) − |x|·Φ(−|x|) and y′ = Φ(x) + x·φ(x), which is Φ(−|x|) − |x|·φ(x) for x < 0 and 1 less
// that for the rest.
func gelu(f *vec.Func, x *vec.Value) (y, d *vec.Value) {
	a := f.Min(f.Const(gaussFar(f)), f.Abs(x))
	low, e := lower(f, a, tail(f, a))
	y = f.Sub(f.Max(f.Const(0), x), f.Flush(f.Mul(a, low)))
	d = f.FNMA(f.Mul(a, f.Const(1/math.Sqrt(2*math.Pi))), e, low)
	d = f.Select(f.Less(x, f.Const(0)), d, f.Sub(f.Const(1), d))
	return f.Flush(y), f.Flush(d)
}

// erf is x·P(x²) up to 1 and 1 − 2Φ(−√2·x) beyond.
func erf(f *vec.Func, x *vec.Value) *vec.Value {
	p := erfP32
	if f.Double {
		p = erfP64
	}
	a := f.Min(f.Const(9), f.Abs(x))
	z := f.Mul(a, a)
	near := f.Mul(x, f.Poly(z, p))
	e := expOf(f, f.Neg(z))
	t := f.Mul(e, tail(f, f.Mul(a, f.Const(math.Sqrt2))).r)
	return f.Select(f.Less(a, f.Const(1)), near, f.CopySign(f.FNMA(t, f.Const(2), f.Const(1)), x))
}

// normLogCDF is ln(e^(a²/2)·Φ(−a)) − a²/2 for x = −a < 0, and for x ≥ 0 ln(1 − Φ(−x)) = ln u + c/u, where u is the
// rounded difference and c what it lacks; 2 − u does for 1/u, since c is nothing beside ln u where u is far from 1.
func normLogCDF(f *vec.Func, x *vec.Value) *vec.Value {
	a := f.Abs(x)
	m := tail(f, a)
	m.excess = m.fine
	low, _ := lower(f, f.Min(f.Const(gaussFar(f)), a), m)
	u := f.Sub(f.Const(1), low)
	c := f.Sub(f.Sub(f.Const(1), u), low)
	left := f.Less(x, f.Const(0))
	y := logNormalPlus(f, f.Select(left, m.r, u), f.Select(left, f.Mul(m.slope, m.ε), f.Mul(c, f.Sub(f.Const(2), u))))
	y = f.Select(left, f.FNMA(f.Mul(a, f.Const(0.5)), a, y), y)
	return f.Select(f.Equal(a, f.Const(math.Inf(1))), f.Min(f.Const(0), x), y)
}
