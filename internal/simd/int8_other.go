//go:build !amd64

package simd

var vnniUnit bool

func words8Along([]uint32, []float32, int, *row8) (int, int32, float32) { return 0, 0, 0 }

func most8(x []float32) float32 { return most8Portable(x) }

func finish8Rows([]float32, int, int, []int32, []float32) int { return 0 }
