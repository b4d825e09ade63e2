package simd

import (
	"fmt"
	"testing"
)

func testTranspose[T real](t *testing.T, f func(dst []T, ldd int, a []T, lda, m, n int), draw func() T) {
	atLevels(t, func(t *testing.T) {
		try := func(m, n, gap int) {
			lda, ldd := n+gap, m+gap
			a, got, want := make([]T, m*lda), make([]T, n*ldd), make([]T, n*ldd)
			for i := range a {
				a[i] = draw()
			}
			for i := range m {
				for j := range n {
					want[j*ldd+i] = a[i*lda+j]
				}
			}
			f(got, ldd, a, lda, m, n)
			checkSame(t, fmt.Sprintf("%d×%d gap %d", m, n, gap), got, want)
		}
		for m := range 71 {
			for n := range 71 {
				try(m, n, (m+n)%3)
			}
		}
		try(300, 9, 0)
		try(8, 10000, 0)
		try(1, 70000, 0)
	})
}

func TestTranspose32(t *testing.T) { testTranspose(t, Transpose32, normal32(1)) }

func TestTranspose64(t *testing.T) { testTranspose(t, Transpose64, normal64(1)) }

// TestPack holds the layout to its definition, element by element.
func TestPack(t *testing.T) {
	draw := normal32(3)
	atLevels(t, func(t *testing.T) {
		for k := range 71 {
			for _, n := range []int{0, 1, 7, 8, 31, 32, 33, 40, 64, 70} {
				for _, trans := range []bool{false, true} {
					rows, cols := k, n
					if trans {
						rows, cols = n, k
					}
					ldb := cols + 2
					b := make([]float32, rows*ldb)
					for i := range b {
						b[i] = draw()
					}
					got, want := make([]float32, PackedLen32(k, n)), make([]float32, PackedLen32(k, n))
					for i := range got {
						got[i] = -1
					}
					for p := range k {
						for j := range n {
							x := b[min(p*ldb+j, len(b)-1)]
							if trans {
								x = b[j*ldb+p]
							}
							want[j/32*32*k+p*32+j%32] = x
						}
					}
					Pack32(got, b, k, n, ldb, trans)
					checkSame(t, fmt.Sprintf("k=%d n=%d trans=%v", k, n, trans), got, want)
				}
			}
		}
	})
}

func BenchmarkPack32(b *testing.B) {
	const n = 512
	src, dst := make([]float32, n*n), make([]float32, PackedLen32(n, n))
	for _, trans := range []bool{false, true} {
		b.Run(fmt.Sprintf("trans=%v", trans), func(b *testing.B) {
			b.SetBytes(4 * n * n)
			for b.Loop() {
				Pack32(dst, src, n, n, n, trans)
			}
		})
	}
}
