//go:build !amd64

package simd

func reduceRowsOnce[T real](k reduction, dst, x []T, cols int) {
	if k.isMax() {
		rowMaxesPortable(dst, x, cols)
	} else {
		rowSumsPortable(dst, x, cols)
	}
}

func colSumAccOnce[T real](_ reduction, acc, x []T, rows, ld int) {
	colSumAccPortable(acc, x, rows, ld)
}

func dot32(a, b []float32) float32 { return dot32Portable(a, b) }
func dot64(a, b []float64) float64 { return dot64Portable(a, b) }
