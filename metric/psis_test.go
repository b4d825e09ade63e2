package metric

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Leave-one-out by smoothed weights, and WAIC, are near the exact leave-one-out density of a normal mean, whose
// posterior is known; an outlier has a k̂ of its own.
func TestPSISLOO(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, draws, prior = 20, 4000, 100. // prior variance
	y := make([]float64, n)
	sum := 0.
	for i := range y {
		y[i] = 1 + r.NormFloat64()
		sum += y[i]
	}
	logNormal := func(x, m, v float64) float64 { return -.5*(x-m)*(x-m)/v - .5*math.Log(2*math.Pi*v) }
	posterior := func(sum float64, n float64) (m, v float64) { v = 1 / (1/prior + n); return sum * v, v }
	exact, l := 0., make([][]float64, n)
	m, v := posterior(sum, n)
	mu := make([]float64, draws)
	for i := range mu {
		mu[i] = m + math.Sqrt(v)*r.NormFloat64()
	}
	for i := range y {
		mi, vi := posterior(sum-y[i], n-1)
		exact += logNormal(y[i], mi, vi+1)
		for _, u := range mu {
			l[i] = append(l[i], logNormal(y[i], u, 1))
		}
	}
	o := PSISLOO(l, 1)
	if math.Abs(o.ELPD-exact) > .05 || math.Abs(o.WAIC-exact) > .1 || math.Abs(o.P-1) > .5 {
		t.Errorf("elpd %.3f, WAIC %.3f, exact %.3f, p %.3f", o.ELPD, o.WAIC, exact, o.P)
	}
	for i, k := range o.KHat {
		if !(k < .7) {
			t.Errorf("observation %d has k̂ %v", i, k)
		}
	}
	// weights of a known tail: exp of an exponential of rate 1/k is Pareto of shape k
	for _, k := range []float64{.3, .9} {
		w := make([]float64, 20000)
		for i := range w {
			w[i] = k * r.ExpFloat64()
		}
		s, got := SmoothWeights(w, 1)
		if math.Abs(got-k) > .12 {
			t.Errorf("k̂ %.3f, want %.2f", got, k)
		}
		if l := LogSumExp(s); math.Abs(l) > 1e-12 {
			t.Errorf("weights sum to e^%g", l)
		}
	}
}

// The quantile of the generalised Pareto law is the inverse of its distribution, also where the shape is 0 or hardly
// differs from it.
func TestParetoQuantile(t *testing.T) {
	for _, k := range []float64{-.4, -1e-12, 0, 1e-12, .3, 1.5} {
		for _, p := range []float64{.001, .3, .9, .9999} {
			q := paretoQuantile(k, 2.5, p)
			tail := math.Exp(-q / 2.5)
			if k != 0 {
				tail = math.Exp(-math.Log1p(k*q/2.5) / k)
			}
			if math.Abs(tail/(1-p)-1) > 1e-9 {
				t.Errorf("shape %g: above the quantile of %g is %g", k, p, tail)
			}
		}
	}
}
