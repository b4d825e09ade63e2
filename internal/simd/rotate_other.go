//go:build !amd64

package simd

func rotateVec(*Rotation, int, int) { panic("simd: no vector code") }

func cutSumsVec(sums, x *[cutSide]float64, v []float64, bound float64) { panic("simd: no vector code") }
