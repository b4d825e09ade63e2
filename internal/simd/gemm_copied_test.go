package simd

import (
	"fmt"
	"testing"
)

// The copies change no bits: any cut of any form is the packed product.
func testCopied[T real](t *testing.T, draw func() T) {
	forms := []struct {
		product[T]
		run func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool)
	}{
		{product[T]{name: "A·B"}, func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int, acc bool) {
			gemmCopied(false, c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{product[T]{name: "A·Bᵀ", transB: true}, func(c []T, ldc int, a []T, lda int, b []T, ldb int, m, n, k int,
			acc bool) {
			gemmCopied(true, c, ldc, a, lda, b, ldb, m, n, k, acc)
		}},
		{product[T]{name: "Aᵀ·B", transA: true}, gemmPanels[T]},
	}
	atLevels(t, func(t *testing.T) {
		for _, s := range [][3]int{{1, 1, 1}, {95, 31, 63}, {97, 33, 130}, {200, 70, 1031}, {3, copiedCols + 45, 60},
			{64, 256, 64}, {261, 1030, 20}} {
			m, n, k := s[0], s[1], s[2]
			for _, f := range forms {
				for _, acc := range []bool{false, true} {
					q := newProblem(f.product, m, n, k, n%3, acc, draw)
					a, lda := q.a, q.lda
					if f.transA {
						a, lda = make([]T, m*k), k
						transpose(a, lda, q.a, q.lda, k, m)
					}
					packed := make([]T, packedLen[T](k, n))
					pack(packed, q.b, k, n, q.ldb, f.transB)
					want := append([]T(nil), q.c...)
					gemmPacked(want, q.ldc, a, lda, packed, m, n, k, acc)
					f.run(q.c, q.ldc, q.a, q.lda, q.b, q.ldb, m, n, k, acc)
					checkSame(t, fmt.Sprint(f.name, s, acc), q.c, want)
				}
			}
		}
	})
}

func TestCopied32(t *testing.T) { testCopied(t, normal32(1)) }

func TestCopied64(t *testing.T) { testCopied(t, normal64(1)) }

// A product that copies allocates nothing once there was one.
func TestCopiedAllocateNothing(t *testing.T) {
	const n = 256
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	if level != portable && !panelsPay[float32](n, n, n, n, n, n) {
		t.Error("rows a power of two apart are not copied")
	}
	if got := testing.AllocsPerRun(20, func() { GemmTN32(c, n, a, n, b, n, n, n, n, false) }); got != 0 {
		t.Errorf("%g allocations", got)
	}
}
