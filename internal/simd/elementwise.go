package simd

import "math"

func checkLen(ok bool) {
	if !ok {
		panic("simd: slices of different lengths")
	}
}

// Add32 sets dst[i] = a[i] + b[i].
func Add32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

// Sub32 sets dst[i] = a[i] - b[i].
func Sub32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

// Mul32 sets dst[i] = a[i] * b[i].
func Mul32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// Div32 sets dst[i] = a[i] / b[i].
func Div32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

// Max32 sets dst[i] = max(a[i], b[i]).
func Max32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

// Min32 sets dst[i] = min(a[i], b[i]).
func Min32(dst, a, b []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}

// AddS32 sets dst[i] = a[i] + s.
func AddS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] + s
	}
}

// SubS32 sets dst[i] = a[i] - s.
func SubS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] - s
	}
}

// RSubS32 sets dst[i] = s - a[i].
func RSubS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = s - a[i]
	}
}

// MulS32 sets dst[i] = a[i] * s.
func MulS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] * s
	}
}

// DivS32 sets dst[i] = a[i] / s.
func DivS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] / s
	}
}

// RDivS32 sets dst[i] = s / a[i].
func RDivS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = s / a[i]
	}
}

// MaxS32 sets dst[i] = max(a[i], s).
func MaxS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = max(a[i], s)
	}
}

// MinS32 sets dst[i] = min(a[i], s).
func MinS32(dst, a []float32, s float32) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = min(a[i], s)
	}
}

// MulAdd32 sets dst[i] = a[i]·b[i] + c[i].
func MulAdd32(dst, a, b, c []float32) {
	checkLen(len(a) == len(dst) && len(b) == len(dst) && len(c) == len(dst))
	for i := range dst {
		dst[i] = float32(a[i]*b[i]) + c[i]
	}
}

// Axpy32 adds s·x[i] to dst[i].
func Axpy32(dst []float32, s float32, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] += float32(s * x[i])
	}
}

// Neg32 sets dst[i] = Neg(x[i]). dst may be x.
func Neg32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = -x[i]
	}
}

// Abs32 sets dst[i] = Abs(x[i]). dst may be x.
func Abs32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Abs(float64(x[i])))
	}
}

// Sqrt32 sets dst[i] = Sqrt(x[i]). dst may be x.
func Sqrt32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Sqrt(float64(x[i])))
	}
}

// Recip32 sets dst[i] = Recip(x[i]). dst may be x.
func Recip32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = 1 / x[i]
	}
}

// Square32 sets dst[i] = Square(x[i]). dst may be x.
func Square32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = x[i] * x[i]
	}
}

// Exp32 sets dst[i] = Exp(x[i]). dst may be x.
func Exp32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Exp(float64(x[i])))
	}
}

// Log32 sets dst[i] = Log(x[i]). dst may be x.
func Log32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Log(float64(x[i])))
	}
}

// Log1p32 sets dst[i] = Log1p(x[i]). dst may be x.
func Log1p32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Log1p(float64(x[i])))
	}
}

// Expm132 sets dst[i] = Expm1(x[i]). dst may be x.
func Expm132(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Expm1(float64(x[i])))
	}
}

// Tanh32 sets dst[i] = Tanh(x[i]). dst may be x.
func Tanh32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Tanh(float64(x[i])))
	}
}

// Sin32 sets dst[i] = Sin(x[i]). dst may be x.
func Sin32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Sin(float64(x[i])))
	}
}

// Cos32 sets dst[i] = Cos(x[i]). dst may be x.
func Cos32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Cos(float64(x[i])))
	}
}

// Erf32 sets dst[i] = Erf(x[i]). dst may be x.
func Erf32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Erf(float64(x[i])))
	}
}

// Sigmoid32 sets dst[i] = Sigmoid(x[i]). dst may be x.
func Sigmoid32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = sigmoid32(x[i])
	}
}

// Softplus32 sets dst[i] = Softplus(x[i]). dst may be x.
func Softplus32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(math.Max(float64(x[i]), 0) + math.Log1p(math.Exp(-math.Abs(float64(x[i])))))
	}
}

// NormLogCDF32 sets dst[i] = NormLogCDF(x[i]). dst may be x.
func NormLogCDF32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float32(normLogCDF(float64(x[i])))
	}
}

// SiLU32 sets dst[i] = SiLU(x[i]). dst may be x.
func SiLU32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = silu32(x[i])
	}
}

// SiLUGrad32 sets dst[i] = SiLUGrad(x[i]). dst may be x.
func SiLUGrad32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = siluGrad32(x[i])
	}
}

// GELU32 sets dst[i] = GELU(x[i]). dst may be x.
func GELU32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = gelu32(x[i])
	}
}

// GELUGrad32 sets dst[i] = GELUGrad(x[i]). dst may be x.
func GELUGrad32(dst, x []float32) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = geluGrad32(x[i])
	}
}

// SiLUDual32 sets y[i] = SiLU(x[i]) and d[i] = SiLU'(x[i]).
func SiLUDual32(y, d, x []float32) {
	checkLen(len(y) == len(x) && len(d) == len(x))
	for i, v := range x {
		y[i], d[i] = silu32(v), siluGrad32(v)
	}
}

// BiasSiLUDual32 is SiLUDual32 of x[r·cols+j] + bias[j].
func BiasSiLUDual32(y, d, x, bias []float32, rows, cols int) {
	checkLen(len(x) == rows*cols && len(y) == len(x) && len(d) == len(x) && len(bias) == cols)
	for r := range rows {
		for j, b := range bias {
			i := r*cols + j
			v := x[i] + b
			y[i], d[i] = silu32(v), siluGrad32(v)
		}
	}
}

// GELUDual32 sets y[i] = GELU(x[i]) and d[i] = GELU'(x[i]).
func GELUDual32(y, d, x []float32) {
	checkLen(len(y) == len(x) && len(d) == len(x))
	for i, v := range x {
		y[i], d[i] = gelu32(v), geluGrad32(v)
	}
}

// BiasGELUDual32 is GELUDual32 of x[r·cols+j] + bias[j].
func BiasGELUDual32(y, d, x, bias []float32, rows, cols int) {
	checkLen(len(x) == rows*cols && len(y) == len(x) && len(d) == len(x) && len(bias) == cols)
	for r := range rows {
		for j, b := range bias {
			i := r*cols + j
			v := x[i] + b
			y[i], d[i] = gelu32(v), geluGrad32(v)
		}
	}
}

func sigmoid32(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
func silu32(x float32) float32 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return x * sigmoid32(x)
}
func siluGrad32(x float32) float32 {
	s := sigmoid32(x)
	if s == 0 || s == 1 {
		return s
	}
	return s * (1 + x*(1-s))
}
func gelu32(x float32) float32 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return float32(float64(x) * 0.5 * math.Erfc(-float64(x)/math.Sqrt2))
}
func geluGrad32(x float32) float32 {
	v := float64(x)
	e := math.Exp(-v * v / 2)
	if e != 0 {
		e *= v
	}
	return float32(0.5*math.Erfc(-v/math.Sqrt2) + e/math.Sqrt(2*math.Pi))
}

// Sum32 returns Σ x[i].
func Sum32(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s
}

// Dot32 returns Σ a[i]·b[i].
func Dot32(a, b []float32) float32 {
	checkLen(len(a) == len(b))
	var s float32
	for i, v := range a {
		s += float32(v * b[i])
	}
	return s
}

// SumSq32 returns Σ x[i]².
func SumSq32(x []float32) float32 { return Dot32(x, x) }

// MaxReduce32 returns the largest x[i], NaN when one is NaN, −Inf when x is empty.
func MaxReduce32(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

// ColSumAcc32 adds Σ_r x[r·ld+j] to acc[j], in the order of r.
func ColSumAcc32(acc, x []float32, rows, cols, ld int) {
	for r := range rows {
		for j := range cols {
			acc[j] += x[r*ld+j]
		}
	}
}

// RowSums32 sets dst[r] = Sum32(x[r·cols : (r+1)·cols]).
func RowSums32(dst, x []float32, rows, cols int) {
	for r := range rows {
		dst[r] = Sum32(x[r*cols : (r+1)*cols])
	}
}

// Add64 sets dst[i] = a[i] + b[i].
func Add64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

// Sub64 sets dst[i] = a[i] - b[i].
func Sub64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

// Mul64 sets dst[i] = a[i] * b[i].
func Mul64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// Div64 sets dst[i] = a[i] / b[i].
func Div64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

// Max64 sets dst[i] = max(a[i], b[i]).
func Max64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

// Min64 sets dst[i] = min(a[i], b[i]).
func Min64(dst, a, b []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst))
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}

// AddS64 sets dst[i] = a[i] + s.
func AddS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] + s
	}
}

// SubS64 sets dst[i] = a[i] - s.
func SubS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] - s
	}
}

// RSubS64 sets dst[i] = s - a[i].
func RSubS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = s - a[i]
	}
}

// MulS64 sets dst[i] = a[i] * s.
func MulS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] * s
	}
}

// DivS64 sets dst[i] = a[i] / s.
func DivS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = a[i] / s
	}
}

// RDivS64 sets dst[i] = s / a[i].
func RDivS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = s / a[i]
	}
}

// MaxS64 sets dst[i] = max(a[i], s).
func MaxS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = max(a[i], s)
	}
}

// MinS64 sets dst[i] = min(a[i], s).
func MinS64(dst, a []float64, s float64) {
	checkLen(len(a) == len(dst))
	for i := range dst {
		dst[i] = min(a[i], s)
	}
}

// MulAdd64 sets dst[i] = a[i]·b[i] + c[i].
func MulAdd64(dst, a, b, c []float64) {
	checkLen(len(a) == len(dst) && len(b) == len(dst) && len(c) == len(dst))
	for i := range dst {
		dst[i] = float64(a[i]*b[i]) + c[i]
	}
}

// Axpy64 adds s·x[i] to dst[i].
func Axpy64(dst []float64, s float64, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] += float64(s * x[i])
	}
}

// Neg64 sets dst[i] = Neg(x[i]). dst may be x.
func Neg64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = -x[i]
	}
}

// Abs64 sets dst[i] = Abs(x[i]). dst may be x.
func Abs64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Abs(float64(x[i])))
	}
}

// Sqrt64 sets dst[i] = Sqrt(x[i]). dst may be x.
func Sqrt64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Sqrt(float64(x[i])))
	}
}

// Recip64 sets dst[i] = Recip(x[i]). dst may be x.
func Recip64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = 1 / x[i]
	}
}

// Square64 sets dst[i] = Square(x[i]). dst may be x.
func Square64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = x[i] * x[i]
	}
}

// Exp64 sets dst[i] = Exp(x[i]). dst may be x.
func Exp64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Exp(float64(x[i])))
	}
}

// Log64 sets dst[i] = Log(x[i]). dst may be x.
func Log64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Log(float64(x[i])))
	}
}

// Log1p64 sets dst[i] = Log1p(x[i]). dst may be x.
func Log1p64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Log1p(float64(x[i])))
	}
}

// Expm164 sets dst[i] = Expm1(x[i]). dst may be x.
func Expm164(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Expm1(float64(x[i])))
	}
}

// Tanh64 sets dst[i] = Tanh(x[i]). dst may be x.
func Tanh64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Tanh(float64(x[i])))
	}
}

// Sin64 sets dst[i] = Sin(x[i]). dst may be x.
func Sin64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Sin(float64(x[i])))
	}
}

// Cos64 sets dst[i] = Cos(x[i]). dst may be x.
func Cos64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Cos(float64(x[i])))
	}
}

// Erf64 sets dst[i] = Erf(x[i]). dst may be x.
func Erf64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Erf(float64(x[i])))
	}
}

// Sigmoid64 sets dst[i] = Sigmoid(x[i]). dst may be x.
func Sigmoid64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = sigmoid64(x[i])
	}
}

// Softplus64 sets dst[i] = Softplus(x[i]). dst may be x.
func Softplus64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(math.Max(float64(x[i]), 0) + math.Log1p(math.Exp(-math.Abs(float64(x[i])))))
	}
}

// NormLogCDF64 sets dst[i] = NormLogCDF(x[i]). dst may be x.
func NormLogCDF64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = float64(normLogCDF(float64(x[i])))
	}
}

// SiLU64 sets dst[i] = SiLU(x[i]). dst may be x.
func SiLU64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = silu64(x[i])
	}
}

// SiLUGrad64 sets dst[i] = SiLUGrad(x[i]). dst may be x.
func SiLUGrad64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = siluGrad64(x[i])
	}
}

// GELU64 sets dst[i] = GELU(x[i]). dst may be x.
func GELU64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = gelu64(x[i])
	}
}

// GELUGrad64 sets dst[i] = GELUGrad(x[i]). dst may be x.
func GELUGrad64(dst, x []float64) {
	checkLen(len(x) == len(dst))
	for i := range dst {
		dst[i] = geluGrad64(x[i])
	}
}

// SiLUDual64 sets y[i] = SiLU(x[i]) and d[i] = SiLU'(x[i]).
func SiLUDual64(y, d, x []float64) {
	checkLen(len(y) == len(x) && len(d) == len(x))
	for i, v := range x {
		y[i], d[i] = silu64(v), siluGrad64(v)
	}
}

// BiasSiLUDual64 is SiLUDual64 of x[r·cols+j] + bias[j].
func BiasSiLUDual64(y, d, x, bias []float64, rows, cols int) {
	checkLen(len(x) == rows*cols && len(y) == len(x) && len(d) == len(x) && len(bias) == cols)
	for r := range rows {
		for j, b := range bias {
			i := r*cols + j
			v := x[i] + b
			y[i], d[i] = silu64(v), siluGrad64(v)
		}
	}
}

// GELUDual64 sets y[i] = GELU(x[i]) and d[i] = GELU'(x[i]).
func GELUDual64(y, d, x []float64) {
	checkLen(len(y) == len(x) && len(d) == len(x))
	for i, v := range x {
		y[i], d[i] = gelu64(v), geluGrad64(v)
	}
}

// BiasGELUDual64 is GELUDual64 of x[r·cols+j] + bias[j].
func BiasGELUDual64(y, d, x, bias []float64, rows, cols int) {
	checkLen(len(x) == rows*cols && len(y) == len(x) && len(d) == len(x) && len(bias) == cols)
	for r := range rows {
		for j, b := range bias {
			i := r*cols + j
			v := x[i] + b
			y[i], d[i] = gelu64(v), geluGrad64(v)
		}
	}
}

func sigmoid64(x float64) float64 { return float64(1 / (1 + math.Exp(-float64(x)))) }
func silu64(x float64) float64 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return x * sigmoid64(x)
}
func siluGrad64(x float64) float64 {
	s := sigmoid64(x)
	if s == 0 || s == 1 {
		return s
	}
	return s * (1 + x*(1-s))
}
func gelu64(x float64) float64 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return float64(float64(x) * 0.5 * math.Erfc(-float64(x)/math.Sqrt2))
}
func geluGrad64(x float64) float64 {
	v := float64(x)
	e := math.Exp(-v * v / 2)
	if e != 0 {
		e *= v
	}
	return float64(0.5*math.Erfc(-v/math.Sqrt2) + e/math.Sqrt(2*math.Pi))
}

// Sum64 returns Σ x[i].
func Sum64(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

// Dot64 returns Σ a[i]·b[i].
func Dot64(a, b []float64) float64 {
	checkLen(len(a) == len(b))
	var s float64
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

// SumSq64 returns Σ x[i]².
func SumSq64(x []float64) float64 { return Dot64(x, x) }

// MaxReduce64 returns the largest x[i], NaN when one is NaN, −Inf when x is empty.
func MaxReduce64(x []float64) float64 {
	m := float64(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

// ColSumAcc64 adds Σ_r x[r·ld+j] to acc[j], in the order of r.
func ColSumAcc64(acc, x []float64, rows, cols, ld int) {
	for r := range rows {
		for j := range cols {
			acc[j] += x[r*ld+j]
		}
	}
}

// RowSums64 sets dst[r] = Sum64(x[r·cols : (r+1)·cols]).
func RowSums64(dst, x []float64, rows, cols int) {
	for r := range rows {
		dst[r] = Sum64(x[r*cols : (r+1)*cols])
	}
}

func normLogCDF(x float64) float64 { return math.Log(0.5 * math.Erfc(-x/math.Sqrt2)) }

// CvtF32F64 sets dst[i] = float64(x[i]).
func CvtF32F64(dst []float64, x []float32) {
	checkLen(len(dst) == len(x))
	for i, v := range x {
		dst[i] = float64(v)
	}
}

// CvtF64F32 sets dst[i] = float32(x[i]), rounded to nearest even.
func CvtF64F32(dst []float32, x []float64) {
	checkLen(len(dst) == len(x))
	for i, v := range x {
		dst[i] = float32(v)
	}
}
