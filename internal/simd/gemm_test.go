package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A product is one of the four forms in one precision, as the tests see it: op(A) is [m,k], op(B) is [k,n].
type product[T real] struct {
	name           string
	transA, transB bool
	bias           bool
	run            func(c []T, ldc int, a []T, lda int, b []T, ldb int, bias []T, m, n, k int, acc bool)
}

func products32() []product[float32] {
	return []product[float32]{
		{"Gemm32", false, false, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, _ []float32, m, n, k int, acc bool) {
			packed := make([]float32, PackedLen32(k, n))
			Pack32(packed, b, k, n, ldb, false)
			Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm32 of Bᵀ", false, true, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, _ []float32, m, n, k int, acc bool) {
			packed := make([]float32, PackedLen32(k, n))
			Pack32(packed, b, k, n, ldb, true)
			Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm32Bias", false, false, true, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, bias []float32, m, n, k int, _ bool) {
			packed := make([]float32, PackedLen32(k, n))
			Pack32(packed, b, k, n, ldb, false)
			Gemm32Bias(c, ldc, a, lda, packed, bias, m, n, k)
		}},
		{"GemmTN32", true, false, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, _ []float32, m, n, k int, acc bool) {
			GemmTN32(c, ldc, a, lda, b, ldb, k, n, m, acc)
		}},
		{"GemmNN32", false, false, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, _ []float32, m, n, k int, acc bool) {
			GemmNN32(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{"GemmNT32", false, true, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, _ []float32, m, n, k int, acc bool) {
			GemmNT32(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
	}
}

func products64() []product[float64] {
	return []product[float64]{
		{"Gemm64", false, false, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, _ []float64, m, n, k int, acc bool) {
			packed := make([]float64, PackedLen64(k, n))
			Pack64(packed, b, k, n, ldb, false)
			Gemm64(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm64 of Bᵀ", false, true, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, _ []float64, m, n, k int, acc bool) {
			packed := make([]float64, PackedLen64(k, n))
			Pack64(packed, b, k, n, ldb, true)
			Gemm64(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm64Bias", false, false, true, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, bias []float64, m, n, k int, _ bool) {
			packed := make([]float64, PackedLen64(k, n))
			Pack64(packed, b, k, n, ldb, false)
			Gemm64Bias(c, ldc, a, lda, packed, bias, m, n, k)
		}},
		{"GemmTN64", true, false, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, _ []float64, m, n, k int, acc bool) {
			GemmTN64(c, ldc, a, lda, b, ldb, k, n, m, acc)
		}},
		{"GemmNN64", false, false, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, _ []float64, m, n, k int, acc bool) {
			GemmNN64(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{"GemmNT64", false, true, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, _ []float64, m, n, k int, acc bool) {
			GemmNT64(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
	}
}

// problem is one product with its data; the rows of each matrix lie a few elements further apart than they need.
type problem[T real] struct {
	m, n, k       int
	ldc, lda, ldb int
	c, a, b, bias []T
	acc           bool
}

// newProblem draws the elements with the given function.
func newProblem[T real](p product[T], m, n, k, gap int, acc bool, draw func() T) *problem[T] {
	q := &problem[T]{m: m, n: n, k: k, acc: acc && !p.bias, ldc: n + gap, lda: k + gap, ldb: n + gap}
	rowsA, rowsB := m, k
	if p.transA {
		q.lda, rowsA = m+gap, k
	}
	if p.transB {
		q.ldb, rowsB = k+gap, n
	}
	for _, x := range []struct {
		s *[]T
		n int
	}{{&q.c, m * q.ldc}, {&q.a, rowsA * q.lda}, {&q.b, rowsB * q.ldb}, {&q.bias, n}} {
		*x.s = make([]T, x.n)
		for i := range *x.s {
			(*x.s)[i] = draw()
		}
	}
	return q
}

// run returns the whole of C, the gaps included, that the routine leaves.
func (q *problem[T]) run(p product[T]) []T {
	c := append([]T(nil), q.c...)
	p.run(c, q.ldc, q.a, q.lda, q.b, q.ldb, q.bias, q.m, q.n, q.k, q.acc)
	return c
}

// terms calls f with the factors of every term of C[i,j], in order.
func (q *problem[T]) terms(p product[T], i, j int, f func(x, y T)) {
	for t := range q.k {
		at, bt := i*q.lda+t, t*q.ldb+j
		if p.transA {
			at = t*q.lda + i
		}
		if p.transB {
			bt = j*q.ldb + t
		}
		f(q.a[at], q.b[bt])
	}
}

// want computes C as chains of the given multiply-add.
func (q *problem[T]) want(p product[T], fma func(x, y, z T) T) []T {
	c := append([]T(nil), q.c...)
	for i := range q.m {
		for j := range q.n {
			var s T
			if q.acc {
				s = q.c[i*q.ldc+j]
			}
			q.terms(p, i, j, func(x, y T) { s = fma(x, y, s) })
			if p.bias {
				s += q.bias[j]
			}
			c[i*q.ldc+j] = s
		}
	}
	return c
}

// exact computes C[i,j] in float64, and the sum of the magnitudes of its terms.
func (q *problem[T]) exact(p product[T], i, j int) (sum, size float64) {
	add := func(x float64) { sum, size = sum+x, size+math.Abs(x) }
	if q.acc {
		add(float64(q.c[i*q.ldc+j]))
	}
	q.terms(p, i, j, func(x, y T) { add(float64(x) * float64(y)) })
	if p.bias {
		add(float64(q.bias[j]))
	}
	return sum, size
}

// fused32 is the fused multiply-add of float32: the sum is rounded to odd in float64, which makes the second rounding
// harmless (Boldo and Melquiond 2008).
func fused32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	v := s - p
	err := (p - (s - v)) + (c - v)
	if bits := math.Float64bits(s); err != 0 && bits&1 == 0 && !math.IsInf(s, 0) && s == s {
		if (err > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

func plain[T real](x, y, z T) T { return T(x*y) + z }

// same reports equality of bits, any NaN being equal to any other.
func same[T real](x, y T) bool {
	if x != x || y != y {
		return x != x && y != y
	}
	return x == y && math.Signbit(float64(x)) == math.Signbit(float64(y))
}

func checkSame[T real](t testing.TB, what string, got, want []T) {
	t.Helper()
	for i := range got {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func (q *problem[T]) String() string {
	return fmt.Sprintf("m=%d n=%d k=%d ldc=%d lda=%d ldb=%d acc=%v", q.m, q.n, q.k, q.ldc, q.lda, q.ldb, q.acc)
}

// testProducts compares every form at every level with the chain of multiply-adds that its level promises, bit for bit.
func testProducts[T real](t *testing.T, ps []product[T], fused func(x, y, z T) T, size func(yield func(m, n, k int)), draw func() T) {
	atLevels(t, func(t *testing.T) {
		fma := fused
		if level == portable {
			fma = plain[T]
		}
		for _, p := range ps {
			for _, acc := range []bool{false, true} {
				if acc && p.bias {
					continue
				}
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
				clear(q.bias)
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
					t.Fatalf("%s %v: element %d is %v (%x) and %v (%x)", p.name, q, i, x[i], math.Float32bits(x[i]), y, math.Float32bits(y))
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
			Gemm32Bias(c, n, a, n, packed, b[:n], n, n, n)
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
		"short bias":   func() { Gemm32Bias(x, 10, x, 10, make([]float32, 320), x[:9], 10, 10, 10) },
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
