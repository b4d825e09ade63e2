package simd

import (
	"fmt"
	"math"
	"testing"
)

// A product is one of the four forms in one precision, as the tests see it: op(A) is [m,k], op(B) is [k,n].
type product[T real] struct {
	name           string
	transA, transB bool
	run            func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool)
}

func products32() []product[float32] {
	return []product[float32]{
		{"Gemm32", false, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int,
			acc bool) {
			packed := make([]float32, PackedLen32(k, n))
			Pack32(packed, b, k, n, ldb, false)
			Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm32 of Bᵀ", false, true, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n,
			k int, acc bool) {
			packed := make([]float32, PackedLen32(k, n))
			Pack32(packed, b, k, n, ldb, true)
			Gemm32(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"GemmTN32", true, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int,
			acc bool) {
			GemmTN32(c, ldc, a, lda, b, ldb, k, n, m, acc)
		}},
		{"GemmNN32", false, false, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int,
			acc bool) {
			GemmNN32(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{"GemmNT32", false, true, func(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, m, n, k int,
			acc bool) {
			GemmNT32(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
	}
}

func products64() []product[float64] {
	return []product[float64]{
		{"Gemm64", false, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int,
			acc bool) {
			packed := make([]float64, PackedLen64(k, n))
			Pack64(packed, b, k, n, ldb, false)
			Gemm64(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"Gemm64 of Bᵀ", false, true, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n,
			k int, acc bool) {
			packed := make([]float64, PackedLen64(k, n))
			Pack64(packed, b, k, n, ldb, true)
			Gemm64(c, ldc, a, lda, packed, m, n, k, acc)
		}},
		{"GemmTN64", true, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int,
			acc bool) {
			GemmTN64(c, ldc, a, lda, b, ldb, k, n, m, acc)
		}},
		{"GemmNN64", false, false, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int,
			acc bool) {
			GemmNN64(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{"GemmNT64", false, true, func(c []float64, ldc int, a []float64, lda int, b []float64, ldb int, m, n, k int,
			acc bool) {
			GemmNT64(c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
	}
}

// problem is one product with its data; the rows of each matrix lie a few elements further apart than they need.
type problem[T real] struct {
	m, n, k       int
	ldc, lda, ldb int
	c, a, b       []T
	acc           bool
}

// newProblem draws the elements with the given function.
func newProblem[T real](p product[T], m, n, k, gap int, acc bool, draw func() T) *problem[T] {
	q := &problem[T]{m: m, n: n, k: k, acc: acc, ldc: n + gap, lda: k + gap, ldb: n + gap}
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
	}{{&q.c, m * q.ldc}, {&q.a, rowsA * q.lda}, {&q.b, rowsB * q.ldb}} {
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
	p.run(c, q.ldc, q.a, q.lda, q.b, q.ldb, q.m, q.n, q.k, q.acc)
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
