package ad

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito/internal/simd"
)

var (
	opGammaTail  [2]*opDef // log P(a, x) and log Q(a, x)
	opGammaSlope [2]*opDef // their slopes in a
	opBetaTail   [2]*opDef // log I and log 1−I of (a, b, logit x)
	opBetaSlopeA [2]*opDef
	opBetaSlopeB [2]*opDef
	opNdtri      *opDef
	opLogI0      *opDef
	opI1I0       *opDef
	opAtan       *opDef
)

// scalar64 is a kernel of float64 alone; float32 goes through it.
func scalar64(f func(a, b float64) float64) binaryKernels {
	return binaryKernels{f64: scalarBinary(f), f32: scalarBinary(func(a, b float32) float32 {
		return float32(f(float64(a), float64(b)))
	})}
}

func each3(f func(a, b, c float64) float64) ternaryKernel {
	return func(dst, a, b, c, _ []float64) {
		for i := range dst {
			dst[i] = f(a[i], b[i], c[i])
		}
	}
}

// noSecond refuses the derivative of a slope.
func noSecond(name string) func(a, b, c Value) Value {
	return func(a, b, c Value) Value {
		fail(name, "has no second derivative in its shapes")
		return Value{}
	}
}

func init() {
	for i := range 2 {
		name := []string{"log_gamma_p", "log_gamma_q"}[i]
		opGammaSlope[i] = newBinary(name+"_slope", scalar64(func(a, x float64) float64 {
			_, _, pa, qa := logGammaTails(a, x)
			return [2]float64{pa, qa}[i]
		}), func(a, x, y Value) Value { return noSecond(name)(a, x, y) },
			func(a, x, y Value) Value { return noSecond(name)(a, x, y) })
		opGammaTail[i] = newBinary(name, scalar64(func(a, x float64) float64 {
			p, q, _, _ := logGammaTails(a, x)
			return [2]float64{p, q}[i]
		}), func(a, x, y Value) Value { return add(opGammaSlope[i], nil, a.n.shape, a.n.dtype, a, x) },
			func(a, x, y Value) Value {
				logPDF := Sub(Sub(Mul(Shift(a, -1), Log(x)), x), Lgamma(a))
				return Scale(Exp(Sub(logPDF, y)), 1-2*float64(i))
			})

		betaName := []string{"log_beta_p", "log_beta_q"}[i]
		part := func(a, b, l float64) d2 {
			p, q := logBetaTails(a, b, l)
			return [2]d2{p, q}[i]
		}
		no := noSecond(betaName)
		refused := [3]func(a, b, c Value) Value{no, no, no}
		opBetaSlopeA[i] = newTernary(betaName+"_slope_a", each3(func(a, b, l float64) float64 {
			return part(a, b, l).a
		}), refused)
		opBetaSlopeB[i] = newTernary(betaName+"_slope_b", each3(func(a, b, l float64) float64 {
			return part(a, b, l).b
		}), refused)
		opBetaTail[i] = newTernary(betaName, each3(func(a, b, l float64) float64 { return part(a, b, l).v }),
			[3]func(a, b, l Value) Value{
				func(a, b, l Value) Value { return ternary(opBetaSlopeA[i], a, b, l) },
				func(a, b, l Value) Value { return ternary(opBetaSlopeB[i], a, b, l) },
				func(a, b, l Value) Value {
					// dI/dl = x^a (1−x)^b/B(a, b)
					logB := Sub(Add(Lgamma(a), Lgamma(b)), Lgamma(Add(a, b)))
					logPDF := Sub(Neg(Add(Mul(a, Softplus(Neg(l))), Mul(b, Softplus(l)))), logB)
					return Scale(Exp(Sub(logPDF, ternary(opBetaTail[i], a, b, l))), 1-2*float64(i))
				}})
	}
	opNdtri = newUnary("ndtri", scalarUnary(ndtri), func(x, y Value) Value {
		return Exp(Shift(Scale(Square(y), .5), .5*math.Log(2*math.Pi)))
	})
	opI1I0 = newUnary("bessel_ratio", scalarUnary(func(k float64) float64 {
		_, r := besselI0(math.Abs(k))
		return math.Copysign(r, k)
	}), func(x, y Value) Value {
		// (I₁/I₀)' = 1 − r/κ − r²
		small := LessEqual(Abs(x), full(x, 1e-8))
		return Select(small, full(x, .5), Sub(Shift(Neg(Square(y)), 1), Div(y, Select(small, full(x, 1), x))))
	})
	opLogI0 = newUnary("log_bessel_i0", scalarUnary(func(k float64) float64 {
		l, _ := besselI0(math.Abs(k))
		return l + math.Abs(k)
	}), func(x, y Value) Value { return unary(opI1I0, x) })
	opAtan = newUnary("atan", scalarUnary(math.Atan), func(x, y Value) Value { return Recip(Shift(Square(x), 1)) })
}

// LogGammaTails are log P(a, x) and log Q(a, x) of the incomplete gamma functions, a > 0, x ≥ 0: the log chances that
// a gamma of shape a and rate 1 is below x and above it. Cost: some √a terms an element; its second derivative in a is
// refused.
func LogGammaTails(a, x Value) (p, q Value) {
	a, x = Broadcast2("log_gamma_tails", a, x)
	out := [2]Value{}
	for i := range out {
		out[i] = add(opGammaTail[i], nil, a.n.shape, a.n.dtype, a, x)
	}
	return out[0], out[1]
}

// LogBetaTails are log I_x(a, b) and log 1−I_x(a, b), the log chances that a beta is below x and above it, of l = logit
// x, which holds both ends of (0, 1) exactly. Float64 only. Cost: some √(a+b) terms an element.
func LogBetaTails(a, b, l Value) (p, q Value) {
	return ternary(opBetaTail[0], a, b, l), ternary(opBetaTail[1], a, b, l)
}

// Ndtri is the normal quantile Φ⁻¹(p), ±∞ at 1 and 0.
func Ndtri(p Value) Value { return unary(opNdtri, p) }

// LogBesselI0 is log I₀(κ).
func LogBesselI0(k Value) Value { return unary(opLogI0, k) }

// Atan is the arcus tangent.
func Atan(x Value) Value { return unary(opAtan, x) }

// ndtri starts from math.Erfinv, or far out from the tail's expansion, and ends with steps of Newton in log Φ.
func ndtri(p float64) float64 {
	switch {
	case !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return math.Inf(-1)
	case p == 1:
		return math.Inf(1)
	case p > .5:
		return -ndtri(1 - p)
	case p > 1e-2:
		return math.Sqrt2 * math.Erfinv(2*p-1)
	}
	l := math.Log(p)
	z := -math.Sqrt(-2*l - math.Log(-4*math.Pi*l))
	var f, x [1]float64
	for range 8 {
		x[0] = z
		simd.NormLogCDF64(f[:], x[:])
		step := (f[0] - l) * math.Exp(f[0]+.5*z*z+.5*math.Log(2*math.Pi))
		z -= step
		if math.Abs(step) < 1e-15*math.Abs(z) {
			break
		}
	}
	return z
}

// GammaQuantile is x with P(a, x) = p; BetaQuantile is x with I_x(a, b) = p, and the third is that of a negative
// binomial of shape a whose mean is a·odds. Float64 only. Their derivative is that of the implicit function.
func GammaQuantile(p, a Value) Value {
	q := quantileOf("gamma_quantile", gammaQuantile, p, a, a)
	return newton(q, p, func(x Value) (f, logPDF Value) {
		l, _ := LogGammaTails(a, x)
		return l, Sub(Sub(Mul(Shift(a, -1), Log(x)), x), Lgamma(a))
	})
}

// BetaQuantile is x with I_x(a, b) = p.
func BetaQuantile(p, a, b Value) Value {
	q := quantileOf("beta_quantile", betaQuantile, p, a, b)
	logB := Sub(Add(Lgamma(a), Lgamma(b)), Lgamma(Add(a, b)))
	return newton(q, p, func(x Value) (f, logPDF Value) {
		lx, ly := Log(x), Log1p(Neg(x))
		l, _ := LogBetaTails(a, b, Sub(lx, ly))
		return l, Sub(Add(Mul(Shift(a, -1), lx), Mul(Shift(b, -1), ly)), logB)
	})
}

// newton is a step in log F from a quantile that has no derivative: it makes the derivative, and the last bits. Where
// the step is not finite the quantile stays.
func newton(q, p Value, f func(x Value) (logF, logPDF Value)) Value {
	x := StopGradient(q)
	l, pdf := f(x)
	step := Mul(Sub(l, Log(p)), Exp(Sub(StopGradient(l), StopGradient(pdf))))
	bad := Not(Less(Abs(StopGradient(step)), Shift(Scale(Abs(x), .1), 1e-300)))
	return Sub(x, Select(bad, Zeros(step), step))
}

// NegBinomialQuantile is the least integer k with P(X ≤ k) ≥ u for a negative binomial of shape a and chance c of an
// end; see [PoissonQuantile].
func NegBinomialQuantile(u, a, c Value) Value {
	return quantileOf("neg_binomial_quantile", func(u, a, c float64) float64 {
		if !(a > 0) || !(c > 0 && c <= 1) || !(u >= 0 && u <= 1) {
			return math.NaN()
		}
		mean := a * (1 - c) / c
		return invert(u, mean, math.Sqrt(mean/c), math.Inf(1), func(k float64) float64 {
			return mathext.RegIncBeta(a, k+1, c)
		})
	}, u, a, c)
}
