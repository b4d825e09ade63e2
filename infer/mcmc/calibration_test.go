package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"
)

// Simulation-based calibration (Talts et al., arXiv:1804.06788) on a conjugate model: λ ~ Gamma(3), four counts y ~
// Poisson(λ), in u = log λ, 500 times; the rank of λ among 15 thinned draws of its posterior is uniform on 0 … 15.
// χ² of 16 bins below 44.3, a false alarm in 10 000.
func TestSimulationBasedCalibration(t *testing.T) {
	const n, draws, counts = 500, 15, 4
	u := make([]float64, n*67)
	rng.NewKey(5, rng.PurposeUser, 0, 0).Uniforms64(u, n*67, []uint64{0})
	for _, k := range []struct {
		infer.Kernel
		thin int
	}{{NUTS{Warmup: 150}, 3}, {HMC{Warmup: 150, Leapfrogs: 3, Jitter: .3}, 3}, {MALA{Warmup: 150}, 8}} {
		var bins [draws + 1]float64
		for i := range n {
			v := u[i*67 : (i+1)*67]
			λ := -math.Log(v[0] * v[1] * v[2]) // Gamma(3) is the sum of three exponentials
			sum, at := 0., 0.                  // the sum of the counts is Poisson: arrivals of rate 1 before counts·λ
			for _, w := range v[3:] {
				if at -= math.Log(w); at > counts*λ {
					break
				}
				sum++
			}
			posterior := infertest.NewDensity(1, func(x, g []float64) float64 {
				if g != nil {
					g[0] = 3 + sum - (1+counts)*math.Exp(x[0])
				}
				return (3+sum)*x[0] - (1+counts)*math.Exp(x[0])
			})
			s := infer.NewState(k, 1, 1, uint64(i))
			if err := s.Scatter(t.Context(), posterior, 1, 2); err != nil {
				t.Fatal(err)
			}
			rank := 0
			if _, err := infer.Run(t.Context(), posterior, k.Kernel, s, infer.RunOptions{Seed: 8, Draws: draws,
				Thin: k.thin,
				Sink: func(d infer.Draw) error {
					if d.State.X[0] < math.Log(λ) {
						rank++
					}
					return nil
				}}); err != nil {
				t.Fatal(err)
			}
			bins[rank]++
		}
		χ2, want := 0., float64(n)/(draws+1)
		for _, b := range bins {
			χ2 += (b - want) * (b - want) / want
		}
		if !(χ2 < 44.3) {
			t.Errorf("%s: χ² = %.1f, ranks %v", k.Name(), χ2, bins)
		}
	}
}
