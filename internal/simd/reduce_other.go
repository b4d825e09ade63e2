//go:build !amd64

package simd

func colSumAccOnce[T real](acc, x []T, rows, ld int) { colSumAccPortable(acc, x, rows, ld) }
func colMaxAccOnce[T real](acc, x []T, rows, ld int) { colMaxAccPortable(acc, x, rows, ld) }
func sumRowsOnce[T real](dst, x []T, cols int)       { sumRowsPortable(dst, x, cols) }

func sum32(x []float32) float32 { return sumPortable(x) }
func sum64(x []float64) float64 { return sumPortable(x) }
