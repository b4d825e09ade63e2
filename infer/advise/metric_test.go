package advise

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/rng"
)

// collinear is a logistic regression on features that are nearly one another, as those of breast cancer are: d
// weights N(0, 10²), 200 rows, features of a common factor and a tenth of their own.
func collinear(d int) infertest.Density {
	const rows = 200
	x, y := make([]float64, rows*d), make([]float64, rows)
	rng.NewKey(1, rng.PurposeUser, 0, 0).Normals64(x, rows*d, []uint64{0})
	z, noise := make([]float64, rows), make([]float64, rows)
	rng.NewKey(2, rng.PurposeUser, 0, 0).Normals64(z, rows, []uint64{0})
	rng.NewKey(3, rng.PurposeUser, 0, 0).Normals64(noise, rows, []uint64{0})
	for i := range rows {
		for j := range d {
			x[i*d+j] = z[i] + .1*x[i*d+j]
		}
		if z[i]+2*noise[i] > 0 {
			y[i] = 1
		}
	}
	return infertest.NewDensity(d, func(w, g []float64) float64 {
		l := 0.
		for j, v := range w {
			l -= v * v / 200
			if g != nil {
				g[j] = -v / 100
			}
		}
		for i := range rows {
			eta := 0.
			for j, v := range w {
				eta += v * x[i*d+j]
			}
			l += y[i]*eta - max(eta, 0) - math.Log1p(math.Exp(-math.Abs(eta)))
			if g != nil {
				r := y[i] - 1/(1+math.Exp(-eta))
				for j := range g {
					g[j] += r * x[i*d+j]
				}
			}
		}
		return l
	})
}

// The pilot takes a dense metric where parameters are correlated, and with it NUTS needs a fraction of the leapfrogs;
// of independent parameters, whatever their scales, it leaves the metric open.
func TestMetricByPilot(t *testing.T) {
	nuts := infer.Method{Name: "nuts"}
	const d = 24
	target := collinear(d)
	s := infer.DefaultSettings()
	s.Warmup = 400
	why, err := Metric(t.Context(), nuts, target, &s)
	if err != nil || s.Metric != "dense" || why == "" {
		t.Fatalf("%q, %q, %v", s.Metric, why, err)
	}
	if !testing.Short() {
		leaves := func(m mcmc.Metric) float64 {
			k := mcmc.NUTS{Warmup: 200, Metric: m}
			state := infer.NewState(k, 1, d, 0)
			if err := state.Scatter(t.Context(), target, 1, 2); err != nil {
				t.Fatal(err)
			}
			n := 0
			o := infer.RunOptions{Draws: 40, Sink: func(d infer.Draw) error {
				n += d.Info.Leapfrogs[0]
				return nil
			}}
			if _, err := infer.Run(t.Context(), target, k, state, o); err != nil {
				t.Fatal(err)
			}
			return float64(n) / 40
		}
		if dense, diagonal := leaves(mcmc.Dense), leaves(mcmc.Diagonal); !(3*dense < diagonal) {
			t.Errorf("%.1f leapfrogs a draw with the dense metric, %.1f with the diagonal one", dense, diagonal)
		}
	}
	mean, sd := make([]float64, d), make([]float64, d)
	for j := range sd {
		sd[j] = math.Exp(float64(j%7) - 3)
	}
	s.Metric = "auto"
	if why, err := Metric(t.Context(), nuts, infertest.Normal(0, mean, sd), &s); err != nil || s.Metric != "auto" ||
		why != "" {
		t.Errorf("independent parameters: %q, %q, %v", s.Metric, why, err)
	}
	for _, given := range []string{"diagonal", "unit", "dense"} {
		s.Metric = given
		if _, err := Metric(t.Context(), nuts, target, &s); err != nil || s.Metric != given {
			t.Errorf("%s became %s, %v", given, s.Metric, err)
		}
	}
}
