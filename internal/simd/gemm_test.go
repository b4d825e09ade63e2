package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// testProducts compares every form at every level with the chain of multiply-adds that its level promises, bit for bit.
func testProducts[T real](t *testing.T, ps []product[T], fused func(x, y, z T) T, size func(yield func(m, n, k int)),
	draw func() T) {
	atLevels(t, func(t *testing.T) {
		fma := fused
		if level == portable {
			fma = plain[T]
		}
		for _, p := range ps {
			for _, acc := range []bool{false, true} {
				size(func(m, n, k int) {
					q := newProblem(p, m, n, k, (m+n+k)%3, acc, draw)
					want := q.want(p, fma)
					checkSame(t, fmt.Sprint(p.name, q), q.run(p), want)
				})
			}
		}
	})
}

// sizes visits every value from 0 to 70 of each dimension, the others small, and some that are cut into several calls.
func sizes(yield func(m, n, k int)) {
	for i := range 71 {
		yield(i, 5, 3)
		yield(3, i, 5)
		yield(5, 3, i)
		yield(i, 32, 3)
		yield(13, i, 2)
		yield(8, 33, i)
	}
	yield(1, 1, 2*stripSum+3)
	yield(3, 40, stripSum+1)
	yield(31, 2, 1400)
	yield(1400, 2, 61)
	yield(2, 2, 300)
}

func normal32(seed uint64) func() float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	return func() float32 { return float32(r.NormFloat64()) }
}

func normal64(seed uint64) func() float64 {
	return rand.New(rand.NewPCG(seed, 1)).NormFloat64
}

func TestProducts32(t *testing.T) { testProducts(t, products32(), fused32, sizes, normal32(1)) }

func TestProducts64(t *testing.T) { testProducts(t, products64(), math.FMA, sizes, normal64(1)) }

// special draws NaN, ±Inf, ±0 and huge values often enough that most sums meet one or two.
func special(seed uint64) func() float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	values := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 3e38, -3e38, 1}
	return func() float64 {
		if r.IntN(12) > 0 {
			return r.NormFloat64()
		}
		return values[r.IntN(len(values))]
	}
}

func someSizes(yield func(m, n, k int)) {
	for i := range 40 {
		yield(1+i%15, 1+i, 1+i%7)
	}
}

func TestSpecialValues32(t *testing.T) {
	draw := special(3)
	testProducts(t, products32(), fused32, someSizes, func() float32 { return float32(draw()) })
}

func TestSpecialValues64(t *testing.T) {
	testProducts(t, products64(), math.FMA, someSizes, special(3))
}

// TestDenormals says that denormals count as zero in the vector routines, wherever they occur, and that the mode
// which does so ends with the call.
func TestDenormals(t *testing.T) {
	tiny := math.Float32frombits(1)
	atLevels(t, func(t *testing.T) {
		if level == portable {
			return
		}
		for _, n := range []int{1, 16, 17, 32} {
			for _, p := range products32() {
				q := newProblem(p, 9, n, 3, 0, true, func() float32 { return tiny })
				q.b[0] = 1
				checkSame(t, p.name, q.run(p), make([]float32, len(q.c)))
				q = newProblem(p, 9, n, 1, 0, false, func() float32 { return 1e-20 })
				checkSame(t, p.name, q.run(p), make([]float32, len(q.c)))
			}
		}
		least := tiny
		if least *= 3; least != 3*math.SmallestNonzeroFloat32 {
			t.Error("denormals still vanish after the call")
		}
	})
}

// TestLevelsAgree says that AVX2 and AVX-512 give the same bits, those of a NaN included.
func TestLevelsAgree(t *testing.T) {
	if detect() < avx512 {
		t.Skip("no AVX-512")
	}
	before := level
	defer func() { level = before }()
	draw := special(11)
	for _, p := range products32() {
		someSizes(func(m, n, k int) {
			q := newProblem(p, m, n, k, 1, true, func() float32 { return float32(draw()) })
			level = avx2
			x := q.run(p)
			level = avx512
			for i, y := range q.run(p) {
				if math.Float32bits(x[i]) != math.Float32bits(y) {
					t.Fatalf("%s %v: element %d is %v (%x) and %v (%x)", p.name, q, i, x[i], math.Float32bits(x[i]), y,
						math.Float32bits(y))
				}
			}
		})
	}
}

// TestRowsStandAlone says that a row's bits depend neither on the number of rows nor on its place among them.
func TestRowsStandAlone(t *testing.T) {
	const m, n, k = 61, 45, 37
	draw := normal32(7)
	atLevels(t, func(t *testing.T) {
		for _, p := range products32() {
			if p.transA {
				continue // rows of Aᵀ are no rows in memory
			}
			q := newProblem(p, m, n, k, 3, false, draw)
			all := q.run(p)
			for from := range m {
				one := *q
				one.m, one.a, one.c = min(1+from%5, m-from), q.a[from*q.lda:], q.c[from*q.ldc:]
				got := one.run(p)[:(one.m-1)*q.ldc+n]
				checkSame(t, fmt.Sprintf("%s rows from %d", p.name, from), got, all[from*q.ldc:][:len(got)])
			}
		}
	})
}

// TestProductError bounds the error of every level against float64: at most 2⁻²⁴·(k+2)·Σ|terms| to first order
// (Higham 2002, §3.1), and the double of that for the portable body, which rounds twice a term.
func TestProductError(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, p := range products32() {
			q := newProblem(p, 40, 50, 300, 0, true, normal32(9))
			got := q.run(p)
			for i := range q.m {
				for j := range q.n {
					exact, size := q.exact(p, i, j)
					if e := math.Abs(float64(got[i*q.ldc+j]) - exact); e > float64(q.k+2)*0x1p-23*size {
						t.Fatalf("%s: C[%d,%d] = %v, want %v", p.name, i, j, got[i*q.ldc+j], exact)
					}
				}
			}
		}
	})
}

func TestProductsAllocateNothing(t *testing.T) {
	const n = 40
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	packed := make([]float32, PackedLen32(n, n))
	atLevels(t, func(t *testing.T) {
		got := testing.AllocsPerRun(10, func() {
			Pack32(packed, b, n, n, n, true)
			Gemm32(c, n, a, n, packed, n, n, n, false)
			GemmTN32(c, n, a, n, b, n, n, n, n, true)
			GemmNN32(c, n, a, n, b, n, n, n, n, true)
			GemmNT32(c, n, a, n, b, n, n, n, n, true)
		})
		if got != 0 {
			t.Errorf("%v allocations", got)
		}
	})
}

func TestBadSizesPanic(t *testing.T) {
	x := make([]float32, 100)
	for name, f := range map[string]func(){
		"short C":      func() { Gemm32(x[:99], 10, x, 10, make([]float32, 320), 10, 10, 10, false) },
		"short A":      func() { Gemm32(x, 10, x[:99], 10, make([]float32, 320), 10, 10, 10, false) },
		"short packed": func() { Gemm32(x, 10, x, 10, make([]float32, 319), 10, 10, 10, false) },
		"narrow ld":    func() { GemmNN32(x, 9, x, 10, x, 10, 10, 10, 10, false) },
		"negative m":   func() { GemmTN32(x, 10, x, 10, x, 10, -1, 10, 10, false) },
		"short B":      func() { GemmNT32(x, 10, x, 10, x[:98], 10, 10, 10, 10, false) },
		"short dst":    func() { Pack32(x, x, 10, 10, 10, false) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
