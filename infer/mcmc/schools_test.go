package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/metric"
)

// NUTS and HMC agree with posteriordb's 10 000 reference draws of eight schools within 4 standard errors, theirs
// and ours; R̂ and ESS are in order.
func TestEightSchools(t *testing.T) {
	τ := func(x []float64) float64 { return math.Exp(x[1]) }
	for _, k := range []infer.Kernel{NUTS{Warmup: 500}, HMC{Warmup: 500, Leapfrogs: 12, Jitter: .3}} {
		c, r := infertest.Sample(t, infertest.EightSchools, k, 4, 1000, 1)
		for what, q := range map[string]struct {
			f         func(x []float64) float64
			mean, err float64
		}{
			"μ":   {infertest.Coordinate(0), 4.411, .033},
			"τ":   {τ, 3.602, .032},
			"θ_1": {func(x []float64) float64 { return x[0] + τ(x)*x[2] }, 6.151, .056},
		} {
			s := metric.Summarise(what, c.Values(q.f))
			if math.Abs(s.Mean-q.mean) > 4*math.Hypot(s.MCSEMean, q.err) || s.RHat > 1.02 || s.ESSBulk < 400 {
				t.Errorf("%s: %+v, want a mean of %v", k.Name(), s, q.mean)
			}
		}
		if r.Divergent > 10 {
			t.Errorf("%s: %d divergences", k.Name(), r.Divergent)
		}
	}
}
