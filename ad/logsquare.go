package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

var opLog1mExp, opLogHyp *opDef

func init() {
	opLog1mExp = newUnary("log1m_exp", scalarUnary(func(x float64) float64 {
		if x > -math.Ln2 {
			return math.Log(-math.Expm1(x))
		}
		return math.Log1p(-math.Exp(x))
	}), func(x, y Value) Value { return Neg(Recip(Expm1(Neg(x)))) })
	opLogHyp = newUnary("log1p_square", unaryKernel{
		f32: func(dst, x []float32) {
			for i, v := range x {
				dst[i] = float32(math.Log1p(float64(v) * float64(v)))
			}
		},
		f64: log1pSquare64,
	}, func(x, y Value) Value { return Div(full(x, 2), Add(x, Recip(x))) })
}

// squareOverflows is where x² loses to nothing but itself: log(1+x²) is 2 log x to the bit beyond.
const squareOverflows = 1e9

func log1pSquare64(dst, x []float64) {
	for i := 0; i < len(x); i += 64 {
		var large [64]float64
		d, v := dst[i:min(i+64, len(dst))], x[i:min(i+64, len(x))]
		n := copy(large[:], v)
		simd.Square64(d, v)
		simd.Log1p64(d, d)
		for j, w := range large[:n] {
			if math.Abs(w) > squareOverflows {
				d[j] = 2 * math.Log(math.Abs(w))
			}
		}
	}
}

// log1mExp is log(1−eˣ) for x < 0, exact at both ends.
func log1mExp(x Value) Value { return unary(opLog1mExp, x) }

// Log1pSquare is log(1+x²), exact where x² overflows or vanishes.
func Log1pSquare(x Value) Value { return unary(opLogHyp, x) }
