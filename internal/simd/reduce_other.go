//go:build !amd64

package simd

func colSumAccOnce[T real](acc, x []T, rows, ld int) { colSumAccPortable(acc, x, rows, ld) }

func sum32(x []float32) float32 { return sumPortable(x) }
func sum64(x []float64) float64 { return sumPortable(x) }
