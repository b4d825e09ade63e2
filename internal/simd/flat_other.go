//go:build !amd64

package simd

// No level of this architecture calls the flat vector routines; these bodies are what the routines compute.

func adamVec(p, m, v, g []float32, c *adamVector) {
	var k [10]float32
	for i := range k {
		k[i] = c[i][0]
	}
	adamPortable(p, m, v, g, &k)
}

func emaVec(ema, p []float32, rate float32) { emaPortable(ema, p, rate) }

func sumSqVec(sums *[32]float64, x []float32) {
	for i, y := range x {
		sums[i&31] += float64(y) * float64(y)
	}
}

func sumLanesVec[T real](dst, lanes []T, stride, g int) {
	for i := range dst {
		s := lanes[i]
		for l := 1; l < g; l++ {
			s += lanes[l*stride+i]
		}
		dst[i] = s
	}
}
