package affine

import (
	"math"
	"testing"
)

func TestPhi(t *testing.T) {
	for k, want := range map[int]float64{1: .71916385172656, 2: .40119449753349, 3: .1411507178093,
		4: .03645135551052} {
		near(t, "φ(−.7)", Phi(k, -.7), want, 1e-14)
	}
	for k := range 6 { // by Simpson's rule on φ_k = ∫₀¹ e^{(1−u)z} u^{k−1}/(k−1)! du
		for _, z := range []float64{-30, -3, -1.0001, -.9999, -1e-9, 0, .5, 1.5, 8} {
			want := math.Exp(z)
			if k > 0 {
				const n = 2000
				want = 0
				for j := range n + 1 {
					u := float64(j) / n
					w := float64(2 + 2*(j%2))
					if j == 0 || j == n {
						w = 1
					}
					want += w / 3 / n * math.Exp((1-u)*z) * math.Pow(u, float64(k-1))
				}
				want /= math.Gamma(float64(k))
			}
			near(t, "φ", Phi(k, z), want, 1e-8*(1+want))
		}
	}
	for k := range 4 { // the series and the recurrence meet
		near(t, "φ at 1", Phi(k, math.Nextafter(1, 2)), Phi(k, 1), 1e-14)
		near(t, "φ at −1", Phi(k, math.Nextafter(-1, -2)), Phi(k, -1), 1e-14)
	}
}

func TestWeights(t *testing.T) {
	r := []float64{-.9, -2.1, 1, -3.4}
	b := []float64{.3, -.7, .2, 1.1}
	w := MomentWeights(append([]float64(nil), r...), append([]float64(nil), b...))
	for k := range b {
		sum := 0.0
		for j, v := range w {
			sum += v * math.Pow(r[j], float64(k+1))
		}
		near(t, "moment", sum, b[k], 1e-13)
	}
}
