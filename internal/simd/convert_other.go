//go:build !amd64

package simd

func cvtF32F64(dst []float64, x []float32) { cvtPortable(dst, x) }
func cvtF64F32(dst []float32, x []float64) { cvtPortable(dst, x) }
