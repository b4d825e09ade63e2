package simd

import "unsafe"

// The callers of the flat vector routines: ordinary functions that are not inlined, where the scheduler can interrupt
// a loop of parts.

//go:noinline
func adamVec(p, m, v, g []float32, c *adamVector) {
	if level == avx512 {
		adam32Z(&p[0], &m[0], &v[0], &g[0], len(p), &c[0][0])
		return
	}
	adam32Y(&p[0], &m[0], &v[0], &g[0], len(p), &c[0][0])
}

//go:noinline
func emaVec(ema, p []float32, rate float32) {
	if level == avx512 {
		ema32Z(&ema[0], &p[0], len(p), rate)
		return
	}
	ema32Y(&ema[0], &p[0], len(p), rate)
}

//go:noinline
func sumSqVec(sums *[32]float64, x []float32) {
	if level == avx512 {
		sumSq32Z(&sums[0], &x[0], len(x))
		return
	}
	sumSq32Y(&sums[0], &x[0], len(x))
}

//go:noinline
func sumLanesVec[T real](dst, lanes []T, stride, g int) {
	d, l := unsafe.SliceData(dst), unsafe.SliceData(lanes)
	switch {
	case unsafe.Sizeof(*d) == 4 && level == avx512:
		sumLanes32Z(f32(d), f32(l), stride, g, len(dst))
	case unsafe.Sizeof(*d) == 4:
		sumLanes32Y(f32(d), f32(l), stride, g, len(dst))
	case level == avx512:
		sumLanes64Z(f64(d), f64(l), stride, g, len(dst))
	default:
		sumLanes64Y(f64(d), f64(l), stride, g, len(dst))
	}
}
