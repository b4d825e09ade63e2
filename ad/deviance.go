package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// The deviance of a from t is D = t − a − a·log(t/a) ≥ 0, the one place where the large terms of a log mass or
// density cancel (C. Loader, Fast and accurate computation of binomial probabilities, 2000). Its operands say r =
// log(t/a) and t, or log t, beside a, because whoever has them has them without cancellation: D = a(eʳ−1−r) near r
// = 0.
var opDeviance, opDevianceSlope, opDevianceLog, opDevianceLogSlope *opDef

// nearDeviance is the r up to which D is a(eʳ−1−r); beyond, t is known well enough.
const nearDeviance = 1

func init() {
	logRatio := func(a, t, r Value) Value { return Neg(r) } // ∂D/∂a
	opDeviance = newTernary("deviance", func(dst, a, t, r, work []float64) {
		deviance(dst, a, r, work)
		for i, x := range r {
			if !(x < nearDeviance) || math.IsNaN(dst[i]) {
				dst[i] = farDeviance(a[i], t[i], x)
			}
		}
	}, [3]func(a, t, r Value) Value{logRatio, func(a, t, r Value) Value { return ternary(opDevianceSlope, a, t, r) },
		nil})
	// 1 − a/t = 1 − e⁻ʳ
	opDevianceSlope = newTernary("deviance_slope", func(dst, a, t, r, work []float64) {
		simd.Neg64(work, r)
		simd.Expm164(dst, work)
		simd.Neg64(dst, dst)
		for i, x := range a {
			if x == 0 {
				dst[i] = 1
			}
		}
	}, [3]func(a, t, r Value) Value{func(a, t, r Value) Value { return Neg(Recip(t)) },
		func(a, t, r Value) Value { return Div(a, Square(t)) }, nil})
	opDevianceLog = newTernary("deviance_log", func(dst, a, l, r, work []float64) {
		deviance(dst, a, r, work)
		for i, x := range r {
			if !(x < nearDeviance) || math.IsNaN(dst[i]) {
				dst[i] = farDeviance(a[i], math.Exp(l[i]), x)
			}
		}
	}, [3]func(a, l, r Value) Value{logRatio, func(a, l, r Value) Value { return ternary(opDevianceLogSlope, a, l, r) },
		nil})
	// ∂D/∂log t = t − a = a(eʳ−1)
	opDevianceLogSlope = newTernary("deviance_log_slope", func(dst, a, l, r, work []float64) {
		simd.Expm164(work, r)
		simd.Mul64(dst, a, work)
		for i, x := range r {
			switch {
			case x == 0:
				dst[i] = 0
			case !(x < nearDeviance):
				dst[i] = math.Exp(l[i]) - a[i]
			}
		}
	}, [3]func(a, l, r Value) Value{func(a, l, r Value) Value { return full(a, -1) },
		func(a, l, r Value) Value { return Exp(l) }, nil})
}

// deviance sets dst to a(eʳ−1−r).
func deviance(dst, a, r, work []float64) {
	simd.Expm164(work, r)
	simd.Sub64(work, work, r)
	simd.Mul64(dst, a, work)
}

func farDeviance(a, t, r float64) float64 {
	switch {
	case a == 0:
		return t
	case math.IsInf(a, 1) && r != 0: // a shape that overflows is infinitely far from what is not it
		return a
	case r == 0:
		return 0
	}
	return t - a - a*r
}

// Deviance is D = t − a − a·log(t/a) for a, t ≥ 0, t at a = 0, where r = log(t/a) is known without cancellation.
// Derivatives are with respect to a and t alone. float64.
func Deviance(a, t, r Value) Value { return ternary(opDeviance, a, t, r) }

// DevianceLog is [Deviance] where log t is known in place of t, which may overflow or vanish. Derivatives are with
// respect to a and logt alone.
func DevianceLog(a, logt, r Value) Value { return ternary(opDevianceLog, a, logt, r) }
