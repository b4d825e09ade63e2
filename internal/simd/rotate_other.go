//go:build !amd64

package simd

func rotateVec(*Rotation, int, int) { panic("simd: no vector code") }

func scalesVec(in, lift []float64, r *Rotation, lo, hi int) { panic("simd: no vector code") }

func againVec(r *Rotation, in, lift []float64, lo, hi int) { panic("simd: no vector code") }

func cutSumsVec(sums, x *[cutSide]float64, v []float64, bound float64, some int) {
	panic("simd: no vector code")
}
