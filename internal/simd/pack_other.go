//go:build !amd64

package simd

func packPanels[T real](out []T, next int, b []T, ldb, k, n, step int) {
	packPanelsPortable(out, next, b, ldb, k, n, step)
}
