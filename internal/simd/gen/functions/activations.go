package functions

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd/gen/vec"
)

// activations are the functions of hidden layers: the value, the derivative, both, and both of x + bias.
func activations(double bool) []*vec.Func {
	var all []*vec.Func
	for _, act := range []struct {
		name, note string
		describe   func(f *vec.Func, x *vec.Value) (y, d *vec.Value)
		chains     int
	}{
		{"SiLU", "SiLU(x) = x/(1+exp(−x)); within 3 ulp; it is 0 where 1/(1+exp(−x)) is a denormal", silu, 2},
		{"GELU", "GELU(x) = x·Φ(x), Φ the normal distribution function, within 6 ulp in the left tail too until Φ(x) is a denormal, then 0", gelu, 1},
	} {
		f := vec.New(act.name, double, "sets y[i] = "+act.name+"(x[i]). "+act.note+". y may be x.", "y", "x")
		y, _ := act.describe(f, f.In("x"))
		f.Out("y", y)
		f.Chains = act.chains
		all = append(all, f)

		f = vec.New(act.name+"Grad", double, "sets d[i] to the derivative of "+act.name+" at x[i]. d may be x.", "d", "x")
		_, d := act.describe(f, f.In("x"))
		f.Out("d", d)
		f.Chains = act.chains
		all = append(all, f)

		f = vec.New(act.name+"Dual", double, "sets y[i] = "+act.name+"(x[i]) and d[i] to the derivative there. y or d may be x.", "y", "d", "x")
		y, d = act.describe(f, f.In("x"))
		f.Out("y", y)
		f.Out("d", d)
		f.Chains = act.chains
		all = append(all, f)

		f = vec.New("Bias"+act.name+"Dual", double,
			"sets y and d, [rows, cols], to "+act.name+" and its derivative at x[r·cols+j] + bias[j]. y or d may be x.", "y", "d", "x", "bias")
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

// tail returns t·P(q) = e^(a²/2)·Φ(−a) for a ≥ 0, with t = 1/(a+K) and q = 1 − 2K·t = (a−K)/(a+K): the mapping
// of Shepherd and Laframboise, "Chebyshev approximation of (1+2x)exp(x²)erfc(x)" (Math. Comp. 36, 1981).
func tail(f *vec.Func, a *vec.Value) *vec.Value {
	k, p := 3.0, tailP32
	if f.Double {
		k, p = 4.0, tailP64
	}
	t := f.Div(f.Const(1), f.Add(a, f.Const(k)))
	q := f.FMA(t, f.Const(-2*k), f.Const(1))
	return f.Mul(f.Poly(q, p), t)
}

// gauss is e^(−a²/2) for 0 ≤ a ≤ 50: the rounding of the square is carried along.
func gauss(f *vec.Func, a *vec.Value) *vec.Value {
	s := f.Mul(a, a)
	low := f.FNMA(a, a, s) // s − a²
	e := exp(f, f.Mul(s, f.Const(-0.5)))
	return f.FMA(e, f.Mul(low, f.Const(0.5)), e)
}

// gelu is y = x·Φ(x) and y′ = Φ(x) + x·φ(x).
func gelu(f *vec.Func, x *vec.Value) (y, d *vec.Value) {
	far := 20.0
	if f.Double {
		far = 50
	}
	a := f.Min(f.Const(far), f.Abs(x))
	e := gauss(f, a)
	low := f.Flush(f.Mul(e, tail(f, a))) // Φ(−|x|)
	phi := f.Select(f.Less(x, f.Const(0)), low, f.Sub(f.Const(1), low))
	y = f.Mul(f.Max(f.Const(-far), x), phi)
	d = f.FMA(f.Mul(clamp(f, x, -far, far), f.Const(1/math.Sqrt(2*math.Pi))), e, phi)
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
	t := f.Mul(e, tail(f, f.Mul(a, f.Const(math.Sqrt2))))
	return f.Select(f.Less(a, f.Const(1)), near, f.CopySign(f.FNMA(t, f.Const(2), f.Const(1)), x))
}

// normLogCDF is ln(e^(a²/2)·Φ(−a)) − a²/2 for x = −a < 0 and ln(1 − Φ(−x)) for x ≥ 0, the latter as in log1p.
func normLogCDF(f *vec.Func, x *vec.Value) *vec.Value {
	far := 20.0
	if f.Double {
		far = 50
	}
	a := f.Abs(x)
	r := tail(f, a)
	low := f.Flush(f.Mul(gauss(f, f.Min(f.Const(far), a)), r))
	u := f.Sub(f.Const(1), low)
	left := f.Less(x, f.Const(0))
	l := logNormal(f, f.Select(left, r, u))
	minus := f.Neg(low)
	right := f.Select(f.Equal(u, f.Const(1)), minus, log1pScale(f, l, u, minus))
	y := f.Select(left, f.FNMA(f.Mul(a, f.Const(0.5)), a, l), right)
	return f.Select(f.Equal(a, f.Const(math.Inf(1))), f.Min(f.Const(0), x), y)
}
