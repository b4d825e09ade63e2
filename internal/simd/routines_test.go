package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// routine is a flat routine of one precision in a common form: it reads the vectors a, b, c and writes y, z.
type routine[T real] struct {
	name string
	run  func(y, z, a, b, c []T)
}

// flat lists every flat routine of one precision.
func flat32() []routine[float32] {
	list := []routine[float32]{
		{"CvtF32F64", func(y, _, a, _, _ []float32) {
			wide := make([]float64, len(a))
			CvtF32F64(wide, a)
			for i, v := range wide {
				if !sameBits(float32(v), a[i]) {
					v = -1e9
				}
				y[i] = float32(v)
			}
		}},
		{"CvtF64F32", func(y, _, a, b, _ []float32) {
			wide := make([]float64, len(a))
			for i := range wide {
				wide[i] = float64(a[i]) + 1e-9*float64(b[i])
			}
			CvtF64F32(y, wide)
		}},
	}
	list = append(list, binaries(Add32, Sub32, Mul32, Div32, Max32, Min32)...)
	list = append(list, withScalars(AddS32, SubS32, RSubS32, MulS32, DivS32, RDivS32, MaxS32, MinS32)...)
	list = append(list, ofRows(AddPerRow32, SubPerRow32, RSubPerRow32, MulPerRow32, DivPerRow32, RDivPerRow32,
		MaxPerRow32, MinPerRow32,
		AddPeriodic32, SubPeriodic32, RSubPeriodic32, MulPeriodic32, DivPeriodic32, RDivPeriodic32, MaxPeriodic32,
		MinPeriodic32)...)
	list = append(list, duals(SiLUDual32, GELUDual32, SoftplusDual32)...)
	list = append(list, biased(BiasSiLUDual32, BiasGELUDual32)...)
	list = append(list, reductions(Sum32, SumRows32, ColSumAcc32, ColMaxAcc32)...)
	list = append(list, softmaxes(ExpSub32, SubMul32)...)
	for _, u := range unaries {
		list = append(list, routine[float32]{u.name, func(y, _, a, _, _ []float32) { u.f32(y, a) }})
	}
	return list
}

func flat64() []routine[float64] {
	list := binaries(Add64, Sub64, Mul64, Div64, Max64, Min64)
	list = append(list, withScalars(AddS64, SubS64, RSubS64, MulS64, DivS64, RDivS64, MaxS64, MinS64)...)
	list = append(list, ofRows(AddPerRow64, SubPerRow64, RSubPerRow64, MulPerRow64, DivPerRow64, RDivPerRow64,
		MaxPerRow64, MinPerRow64,
		AddPeriodic64, SubPeriodic64, RSubPeriodic64, MulPeriodic64, DivPeriodic64, RDivPeriodic64, MaxPeriodic64,
		MinPeriodic64)...)
	list = append(list, routine[float64]{"MulAdd", func(y, _, a, b, c []float64) { MulAdd64(y, a, b, c) }})
	list = append(list, duals(SiLUDual64, GELUDual64, SoftplusDual64)...)
	list = append(list, reductions(Sum64, SumRows64, ColSumAcc64, ColMaxAcc64)...)
	list = append(list, softmaxes(ExpSub64, SubMul64)...)
	for _, u := range unaries {
		list = append(list, routine[float64]{u.name, func(y, _, a, _, _ []float64) { u.f64(y, a) }})
	}
	return list
}

func binaries[T real](fs ...func(dst, a, b []T)) (list []routine[T]) {
	for i, f := range fs {
		name := []string{"Add", "Sub", "Mul", "Div", "Max", "Min"}[i]
		list = append(list, routine[T]{name, func(y, _, a, b, _ []T) { f(y, a, b) }})
	}
	return list
}

func withScalars[T real](fs ...func(dst, a []T, s T)) (list []routine[T]) {
	for i, f := range fs {
		name := []string{"AddS", "SubS", "RSubS", "MulS", "DivS", "RDivS", "MaxS", "MinS"}[i]
		list = append(list, routine[T]{name, func(y, z, a, b, _ []T) {
			f(y, a, 1.25)
			if len(b) > 0 {
				f(z, a, b[0])
			}
		}})
	}
	return list
}

func ofRows[T real](fs ...func(dst, a, b []T, rows, cols int)) (list []routine[T]) {
	for i, f := range fs {
		name := []string{"Add", "Sub", "RSub", "Mul", "Div", "RDiv", "Max", "Min"}[i%8]
		// One row, then three.
		if i < 8 {
			list = append(list, routine[T]{name + "PerRow", func(y, z, a, b, _ []T) {
				n := len(a) / 3
				if n > 0 {
					f(y, a, b[:1], 1, len(a))
					f(z[:3*n], a[:3*n], b[:3], 3, n)
				}
			}})
			continue
		}
		list = append(list, routine[T]{name + "Periodic", func(y, z, a, b, _ []T) {
			n := len(a) / 3
			f(y, a, b, 1, len(a))
			f(z[:3*n], a[:3*n], b[:n], 3, n)
		}})
	}
	return list
}

func duals[T real](silu, gelu, softplus func(y, d, x []T)) (list []routine[T]) {
	for i, f := range []func(y, d, x []T){silu, gelu, softplus} {
		list = append(list, routine[T]{[]string{"SiLUDual", "GELUDual", "SoftplusDual"}[i],
			func(y, z, a, _, _ []T) { f(y, z, a) }})
	}
	return list
}

func biased(silu, gelu func(y, d, x, bias []float32, rows, cols int)) (list []routine[float32]) {
	for i, f := range []func(y, d, x, bias []float32, rows, cols int){silu, gelu} {
		list = append(list, routine[float32]{[]string{"BiasSiLUDual", "BiasGELUDual"}[i],
			func(y, z, a, b, _ []float32) {
				// One row, then three.
				f(y, z, a, b, 1, len(a))
				n := len(a) / 3
				f(y[:3*n], z[:3*n], a[:3*n], b[:n], 3, n)
			}})
	}
	return list
}

func softmaxes[T real](expSub func(dst, a, p []T, rows, cols int), subMul func(dst, a, b, p []T, rows, cols int),
) []routine[T] {
	return []routine[T]{
		{"ExpSubPeriodic", func(y, z, a, b, _ []T) {
			n := len(a) / 3
			expSub(y, a, b, 1, len(a))
			expSub(z[:3*n], a[:3*n], b[:n], 3, n)
		}},
		{"SubMulPeriodic", func(y, z, a, b, c []T) {
			n := len(a) / 3
			subMul(y, a, b, c, 1, len(a))
			subMul(z[:3*n], a[:3*n], b[:3*n], c[:n], 3, n)
		}},
	}
}

func reductions[T real](sum func(x []T) T, sumRows func(dst, x []T, cols int), colSumAcc, colMaxAcc func(acc, x []T,
	rows, cols, ld int)) []routine[T] {
	one := func(y []T, v T) {
		if len(y) > 0 {
			y[0] = v
		}
	}
	return []routine[T]{
		{"Sum", func(y, _, a, _, _ []T) { one(y, sum(a)) }},
		{"SumRows", func(y, z, a, _, _ []T) {
			n := len(a) / 3
			if n > 0 {
				sumRows(y[:3], a[:3*n], n)
				sumRows(z[:1], a, len(a))
			}
		}},
		{"ColMaxAcc", func(y, _, a, b, _ []T) {
			copy(y, b)
			colMaxAcc(y, a, 1, len(a), len(a))
			n := len(a) / 3
			colMaxAcc(y[:n], a[:3*n], 3, n, n)
			if n > 1 {
				colMaxAcc(y[:n-1], a, 3, n-1, n)
			}
		}},
		{"ColSumAcc", func(y, _, a, b, _ []T) {
			copy(y, b)
			colSumAcc(y, a, 1, len(a), len(a))
			n := len(a) / 3
			colSumAcc(y[:n], a[:3*n], 3, n, n)
			if n > 1 {
				colSumAcc(y[:n-1], a, 3, n-1, n)
			}
		}},
	}
}

// values fills x with numbers of all sizes, but no denormals, and some specials.
func values[T real](r *rand.Rand, x []T, special bool) {
	for i := range x {
		x[i] = T(math.Ldexp(2*r.Float64()-1, r.IntN(12)-6))
		if special && r.IntN(6) == 0 {
			v := specials[r.IntN(len(specials))]
			if math.Abs(float64(T(v))) >= 0x1p-126 || v == 0 {
				x[i] = T(v)
			}
		}
	}
}

// The duals are the two functions, and the bias is added before, also where a row is longer than a chunk.
func TestDuals(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, shape := range [][2]int{{7, 37}, {700, 37}, {3, chunk + 5}} {
		rows, cols := shape[0], shape[1]
		n := rows * cols
		vector := func() []float32 { return make([]float32, n) }
		x, bias := vector(), make([]float32, cols)
		values(r, x, true)
		values(r, bias, false)
		sum := vector()
		for i := range sum {
			sum[i] = x[i] + bias[i%cols]
		}
		y, d, y2, d2, y3, d3 := vector(), vector(), vector(), vector(), vector(), vector()
		atLevels(t, func(t *testing.T) {
			for _, f := range []struct {
				name       string
				y, d       func(y, x []float32)
				dual       func(y, d, x []float32)
				biasedDual func(y, d, x, bias []float32, rows, cols int)
			}{
				{"SiLU", SiLU32, SiLUGrad32, SiLUDual32, BiasSiLUDual32},
				{"GELU", GELU32, GELUGrad32, GELUDual32, BiasGELUDual32},
				{"Softplus", Softplus32, Sigmoid32, SoftplusDual32, nil},
			} {
				f.y(y, sum)
				f.d(d, sum)
				f.dual(y2, d2, sum)
				if f.biasedDual == nil {
					copy(y3, y2)
					copy(d3, d2)
				} else {
					f.biasedDual(y3, d3, x, bias, rows, cols)
				}
				for i := range y {
					if !sameBits(y[i], y2[i]) || !sameBits(d[i], d2[i]) || !sameBits(y[i], y3[i]) ||
						!sameBits(d[i], d3[i]) {
						t.Fatalf("%s(%v): %v %v, dual %v %v, with bias %v %v", f.name, sum[i], y[i], d[i], y2[i], d2[i],
							y3[i], d3[i])
					}
				}
			}
		})
	}
}

// Misfitting lengths panic, and nothing is allocated.
func TestElementwiseContracts(t *testing.T) {
	x := make([]float32, 3*chunk)
	y := make([]float64, len(x))
	if n := testing.AllocsPerRun(3, func() {
		var a [10]float32
		Exp32(a[:], a[:])
		SiLUDual32(x[:chunk], x[chunk:2*chunk], x[2*chunk:])
		Sin32(x, x)
		_ = Sum32(x)
		CvtF32F64(y, x)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for i, f := range []func(){
		func() { Exp32(x[:3], x[:4]) },
		func() { Add32(x[:3], x[:3], x[:4]) },
		func() { ColSumAcc32(x[:3], x[:8], 3, 3, 3) },
		func() { BiasSiLUDual32(x[:6], x[:6], x[:6], x[:2], 2, 3) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("misfit %d accepted", i)
				}
			}()
			f()
		}()
	}
}

// BenchmarkElementwise reports ns an element in the first-level cache.
func BenchmarkElementwise(b *testing.B) {
	const n = 2048
	benchFlat(b, "32/", flat32(), n)
	benchFlat(b, "64/", flat64(), n/2)
}

func benchFlat[T real](b *testing.B, prefix string, list []routine[T], n int) {
	r := rand.New(rand.NewPCG(15, 16))
	var v [5][]T
	for i := range v {
		v[i] = make([]T, n)
		values(r, v[i], false)
	}
	for _, f := range list {
		b.Run(prefix+f.name, func(b *testing.B) {
			for b.Loop() {
				f.run(v[0], v[1], v[2], v[3], v[4])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/elem")
		})
	}
}
