package simd

import "fmt"

// SumLanes32 adds g lanes that lie stride elements apart: dst[i] = Σ_l lanes[l·stride+i] in the order l = 0, 1, …,
// zero for g = 0. dst may be the first lane itself. All levels give the same bits.
func SumLanes32(dst, lanes []float32, stride, g int) { sumLanes(dst, lanes, stride, g) }

// SumLanes64 is [SumLanes32] in float64.
func SumLanes64(dst, lanes []float64, stride, g int) { sumLanes(dst, lanes, stride, g) }

func sumLanes[T real](dst, lanes []T, stride, g int) {
	n := len(dst)
	if g < 0 || g > 0 && n > 0 && (stride < 0 || len(lanes) < (g-1)*stride+n) {
		panic(fmt.Sprintf("simd: %d lanes of %d elements, %d apart, in %d elements", g, n, stride, len(lanes)))
	}
	if n == 0 {
		return
	}
	if g == 0 {
		clear(dst)
		return
	}
	from := 0
	if level != portable {
		block := 2 * panel[T]() // 256 bytes
		from = n / block * block
		step := max(flatPart/g/block*block, block)
		for part := newCut(from, step); part.next(); {
			if part.len() > 0 {
				sumLanesVec(dst[part.from:part.end], lanes[part.from:], stride, g)
			}
		}
	}
	for i := from; i < n; i++ {
		s := lanes[i]
		for l := 1; l < g; l++ {
			s += lanes[l*stride+i]
		}
		dst[i] = s
	}
}

// NormSq32 returns Σ x², summed in float64. The squares are exact; element i goes to sum i mod 32, and the 32 sums are
// added in pairs at distances 16, 8, 4, 2, 1. All levels give the same bits.
func NormSq32(x []float32) float64 {
	var sums [32]float64
	from := 0
	if level != portable {
		from = len(x) &^ 31
		for part := newCut(from, flatPart); part.next(); {
			if part.len() > 0 {
				sumSqVec(&sums, x[part.from:part.end])
			}
		}
	}
	for i, y := range x[from:] {
		sums[i&31] += float64(y) * float64(y)
	}
	for d := 16; d > 0; d /= 2 {
		for i := range d {
			sums[i] += sums[i+d]
		}
	}
	return sums[0]
}
