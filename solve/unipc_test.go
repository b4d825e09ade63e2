package solve

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/solve/affine"
)

// levels are knots of one mode with α = 1 at the given λ.
func levels(λ ...float64) []*affine.Knot {
	var out []*affine.Knot
	for _, l := range λ {
		out = append(out, &affine.Knot{Alpha: []float64{1}, Sigma: []float64{math.Exp(-l)}, Lambda: []float64{l}})
	}
	return out
}

// The coefficients ρ of UniPC-3 for x̂0 at h = .8 with earlier predictions at r = −.9 and −2.1.
func TestUniPCCoefficients(t *testing.T) {
	from, to := levels(0, -.72, -1.68), levels(.8)[0]
	r := []float64{0, -.9, -2.1}
	for b, want := range map[UniB][2][]float64{
		UniB1: {{.911807831189, -.522231324756}, {.131432591399, -.043936822949, .302080737983}},
		UniB2: {{1.324649777125, -.758683556209}, {.190941717047, -.063830229064, .438854732933}},
	} {
		B := math.Expm1(-.8)
		if b == UniB1 {
			B = -.8
		}
		m := make([]float64, 4)
		UniPC{Order: 3, B: b}.Predict(to, from, 0, m[:3])
		for k := 1; k < 3; k++ {
			near(t, "predictor", m[k]*r[k]/-B, want[0][k-1], 1e-12)
		}
		clear(m)
		UniPC{Order: 3, B: b}.Correct(to, append(from[:3:3], to), 0, m)
		for k := 1; k < 3; k++ {
			near(t, "corrector", m[k]*r[k]/-B, want[1][k-1], 1e-12)
		}
		near(t, "corrector", m[3]/-B, want[1][2], 1e-12)
	}
}
