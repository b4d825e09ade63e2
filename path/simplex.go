package path

import "math"

// Corner writes corner k of a regular simplex of len(dst)+1 corners around 0, all at distance scale·√2 from each
// other: scale times column k of a Helmert matrix, whose row j has 1 j times, then −j, over √(j(j+1)).
func Corner(dst []float64, k int, scale float64) {
	for i := range dst {
		j := float64(i + 1)
		root := scale / math.Sqrt(j*(j+1))
		switch {
		case k <= i:
			dst[i] = root
		case k == i+1:
			dst[i] = -j * root
		default:
			dst[i] = 0
		}
	}
}

// CornerScores writes the product of x with every corner of scale 1, len(x)+1 of them: the largest is that of the
// nearest corner, and of x = Σ_k p_k corner_k it is p_k − 1/K.
func CornerScores(s, x []float64) {
	tail := 0.
	for k := len(x); k > 0; k-- {
		j := float64(k)
		root := 1 / math.Sqrt(j*(j+1))
		s[k] = tail - j*root*x[k-1]
		tail += root * x[k-1]
	}
	s[0] = tail
}

// CornerMean writes Σ_k p_k corner_k.
func CornerMean(dst, p []float64, scale float64) {
	sum := p[0]
	for i := range dst {
		j := float64(i + 1)
		dst[i] = scale / math.Sqrt(j*(j+1)) * (sum - j*p[i+1])
		sum += p[i+1]
	}
}
