package field

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/matrix"
)

// inverseCholesky writes W = L⁻¹ (lower) with L Lᵀ = s, so that s⁻¹ = WᵀW, and returns log det s. It
// reports false when s is not positive definite to working precision. s is overwritten.
func inverseCholesky(w, s []float64, d int) (logdet float64, ok bool) {
	for j := range d {
		p := s[j*d+j] - matrix.Dot(s[j*d:j*d+j], s[j*d:j*d+j])
		if !(p > 1e-15*math.Abs(s[j*d+j])) || math.IsInf(p, 0) {
			return 0, false
		}
		p = math.Sqrt(p)
		logdet += 2 * math.Log(p)
		s[j*d+j] = p
		for i := j + 1; i < d; i++ {
			s[i*d+j] = (s[i*d+j] - matrix.Dot(s[i*d:i*d+j], s[j*d:j*d+j])) / p
		}
	}
	clear(w)
	for c := range d {
		for i := c; i < d; i++ {
			v := 0.0
			if i == c {
				v = 1
			}
			for j := c; j < i; j++ {
				v -= float64(s[i*d+j] * w[j*d+c])
			}
			w[i*d+c] = v / s[i*d+i]
		}
	}
	return logdet, true
}
