package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// unary is a function of one vector, its exact value, and the error that it may have.
type unary struct {
	name   string
	f32    func(dst, x []float32)
	f64    func(dst, x []float64)
	want   func(x float64) float64 // to some 1e-13, hence for f32 only
	ulp32  float64                 // against want
	ulp64  float64                 // against testdata/elementwise.txt
	slack  float64                 // absolute, in units of 2⁻²⁴ or 2⁻⁵³: for values near a zero of a sum
	lo, hi float64                 // where random arguments lie
}

var unaries = []unary{
	{"Neg", Neg32, Neg64, func(x float64) float64 { return -x }, 0, 0, 0, -1e30, 1e30},
	{"Abs", Abs32, Abs64, math.Abs, 0, 0, 0, -1e30, 1e30},
	{"Sqrt", Sqrt32, Sqrt64, math.Sqrt, 0.5, 0, 0, -1, 1e30},
	{"Recip", Recip32, Recip64, func(x float64) float64 { return 1 / x }, 0.5, 0, 0, -1e30, 1e30},
	{"Square", Square32, Square64, func(x float64) float64 { return x * x }, 0.5, 0, 0, -1e30, 1e30},
	{"Exp", Exp32, Exp64, math.Exp, 1, 1, 0, -90, 90},
	{"Log", Log32, Log64, math.Log, 1, 1, 0, 0, 4},
	{"Log1p", Log1p32, Log1p64, math.Log1p, 3, 3, 0, -1, 4},
	{"Expm1", Expm132, Expm164, math.Expm1, 2, 2, 0, -20, 90},
	{"Tanh", Tanh32, Tanh64, math.Tanh, 3, 3, 0, -10, 10},
	{"Sigmoid", Sigmoid32, Sigmoid64, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 3, 3, 0, -90, 90},
	{"Softplus", Softplus32, Softplus64, softplusExact, 3, 3, 0, -90, 90},
	{"Sin", Sin32, Sin64, math.Sin, 2, 2, 0, -3e5, 3e5},
	{"Cos", Cos32, Cos64, math.Cos, 2, 2, 0, -3e5, 3e5},
	{"Erf", Erf32, Erf64, math.Erf, 3, 3, 0, -5, 5},
	{"NormLogCDF", NormLogCDF32, NormLogCDF64, normLogCDFExact, 4, 4, 0, -300, 13},
	{"SiLU", SiLU32, SiLU64, siluExact, 3, 3, 0, -85, 85},
	{"SiLUGrad", SiLUGrad32, SiLUGrad64, siluGradExact, 4, 4, 2, -85, 85},
	{"GELU", GELU32, GELU64, geluExact, 4, 4, 0, -14, 12},
	{"GELUGrad", GELUGrad32, GELUGrad64, geluGradExact, 4, 4, 2, -12, 12},
}

func softplusExact(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func siluExact(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x / (1 + math.Exp(-x))
}

func siluGradExact(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Max(0, math.Copysign(1, x))
	}
	s := 1 / (1 + math.Exp(-x))
	return s * (1 + x*(1-s))
}

func phiExact(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }

func geluExact(x float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return x * phiExact(x)
}

func geluGradExact(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Max(0, math.Copysign(1, x))
	}
	return phiExact(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

func normLogCDFExact(x float64) float64 {
	switch {
	case x > 0:
		return math.Log1p(-phiExact(-x))
	case x > -20:
		return math.Log(phiExact(x))
	case math.IsInf(x, -1):
		return x
	}
	// The asymptotic series of Mills' ratio.
	r, term := 1.0, 1.0
	for k := 1.0; k < 20; k += 2 {
		term *= -k / (x * x)
		r += term
	}
	return -x*x/2 - math.Log(-x*math.Sqrt(2*math.Pi)) + math.Log(r)
}

// specials are the arguments where functions break.
var specials = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, math.Inf(1), math.Inf(-1), math.NaN(),
	0x1p-126, -0x1p-126, 0x1p-1022, math.MaxFloat32, -math.MaxFloat32, math.MaxFloat64, 1e-30, -1e-30, 1e-10, -1e-10,
	88.7, 88.73, 89, -87.3, -87.4, -88, -100, 100, 709.7, 709.8, -708.3, -708.5, -745, 1e4, 1e5, 1.1e5, 1e6, 1.1e6,
	1e22,
	math.Pi, math.Pi / 2, -math.Pi / 2, math.Sqrt2, math.Sqrt2 / 2, 3.5, 38, -38, 50, -50, -1.2784645,
}

func arguments(u unary) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	var x []float32
	for _, s := range specials {
		x = append(x, float32(s))
	}
	for range 20000 {
		x = append(x, float32(u.lo+(u.hi-u.lo)*r.Float64()))
		x = append(x, float32(math.Ldexp(2*r.Float64()-1, r.IntN(40)-35)))
	}
	return x
}

// ulps is the distance of got from want, less the slack, in units of the spacing of T at want.
func ulps[T real](got T, want, slack float64) float64 {
	g := float64(got)
	switch {
	case math.IsNaN(want) || math.IsInf(want, 0):
		if g == want || math.IsNaN(g) && math.IsNaN(want) {
			return 0
		}
		return math.Inf(1)
	case math.IsNaN(g):
		return math.Inf(1)
	}
	digits, least := 24, -126
	if _, ok := any(got).(float64); ok {
		digits, least = 53, -1022
	}
	if digits == 24 && math.IsInf(g, 0) && math.Abs(want) > math.MaxFloat32*(1-1e-6) {
		return 0
	}
	if least == -126 && math.Abs(want) < 1e-35 && g == 0 {
		return 0 // a product with a flushed factor
	}
	_, e := math.Frexp(want)
	unit := math.Ldexp(1, max(e, least+1)-digits)
	if math.Abs(want) < math.Ldexp(1, least)*(1+1e-6) && math.Abs(g) < math.Ldexp(1, least)*(1+1e-6) {
		return 0 // denormals may be flushed
	}
	return max(0, math.Abs(g-want)-slack*math.Ldexp(1, -digits)) / unit
}

// Every unary function of float32 against math.*, at every level, and float64 for special arguments.
func TestUnaryAccuracy(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, u := range unaries {
			x := arguments(u)
			want := make([]float64, len(x))
			for i, v := range x {
				want[i] = u.want(float64(v))
			}
			accurate(t, u.name+"32", u.f32, x, want, u.ulp32, u.slack)
		}
	})
}

// The functions of the normal distribution lose digits in places that are easily missed: here every 1009th float32.
func TestNormalTails32(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, u := range unaries {
			if u.name != "GELU" && u.name != "NormLogCDF" {
				continue
			}
			var x []float32
			var want []float64
			for b := math.Float32bits(1e-6); b < math.Float32bits(40); b += 1009 {
				for _, v := range []float32{math.Float32frombits(b), -math.Float32frombits(b)} {
					x, want = append(x, v), append(want, u.want(float64(v)))
				}
			}
			accurate(t, u.name+"32", u.f32, x, want, u.ulp32, u.slack)
		}
	})
}

// Every unary function of float64 against values of 80 digits.
func TestUnaryAccuracy64(t *testing.T) {
	file, err := os.ReadFile("testdata/elementwise.txt")
	if err != nil {
		t.Fatal(err)
	}
	x, want := map[string][]float64{}, map[string][]float64{}
	for line := range strings.Lines(string(file)) {
		var name string
		var a, v float64
		if _, err := fmt.Sscan(line, &name, &a, &v); err != nil {
			t.Fatal(err)
		}
		x[name], want[name] = append(x[name], a), append(want[name], v)
	}
	atLevels(t, func(t *testing.T) {
		for _, u := range unaries {
			accurate(t, u.name+"64", u.f64, x[u.name], want[u.name], u.ulp64, u.slack)
		}
	})
}

func accurate[T real](t *testing.T, name string, f func(dst, x []T), x []T, want []float64, limit, slack float64) {
	t.Helper()
	y := make([]T, len(x))
	f(y, x)
	worst, at := 0.0, 0
	for i, v := range y {
		if e := ulps(v, want[i], slack); e > worst {
			worst, at = e, i
		}
	}
	if worst > limit {
		t.Errorf("%s(%v) = %v, want %v: %.3g ulp", name, x[at], y[at], want[at], worst)
	}
	if testing.Verbose() && len(x) > 0 {
		t.Logf("%-14s %.2f ulp at %v", name, worst, x[at])
	}
	z := append([]T(nil), x...)
	f(z, z)
	for i := range z {
		if !sameBits(z[i], y[i]) {
			t.Fatalf("%s in place differs", name)
		}
	}
}

// sameBits compares bits; all NaNs are equal.
func sameBits[T real](a, b T) bool {
	return a != a && b != b || math.Float64bits(float64(a)) == math.Float64bits(float64(b))
}
