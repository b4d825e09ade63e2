package wrap

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// The time feature of many modes has the bits of its formula, for a time by itself and for batches of every length,
// with times that rows share; rows that share one have the batch of rows that do not.
func TestFeatureOfManyModes(t *testing.T) {
	const d = 131
	a, g := make([]float64, d), ito.Gaussian{Mean: make([]float64, d), Cov: make([]float64, d)}
	for k := range a {
		a[k], g.Mean[k], g.Cov[k] = .4-float64(k)/40, float64(k)/10, math.Exp(float64(k)/8-8)
	}
	p := must(path.NewVSDM(path.VSDMConfig{D: d, A: a}))
	c := must(NewMoments(p, g))
	want := func(at float64) float64 {
		s, sum := c.newSchedule(), 0.0
		s.set(p, at, false)
		for k, l := range c.log {
			sum += cut(math.Log(s.sigma[k]/s.alpha[k]) - l)
		}
		return sum / d
	}
	for _, kind := range []ito.Prediction{ito.PredEps, ito.PredX0, ito.PredVelocity, ito.PredScore} {
		for n := 1; n < 14; n++ {
			x0, eps, at := normals(n, d, 1, 1), normals(n, d, 2, 1), make(ito.Times, n)
			for i := range at {
				at[i] = .01 + .9*float64(i*i%n/2)/float64(n) // some neighbours share one
			}
			b := NewBatch(n, d)
			if err := c.Prepare(b, x0, eps, at, kind); err != nil {
				t.Fatal(err)
			}
			for i, v := range at {
				if b.Feat[i] != float32(want(v)) {
					t.Fatalf("row %d of %d at %g: feature %v, want %v", i, n, v, b.Feat[i], want(v))
				}
				alone := NewBatch(1, d)
				if err := c.Prepare(alone, x0.Slice(i, i+1), eps.Slice(i, i+1), at[i:i+1], kind); err != nil {
					t.Fatal(err)
				}
				for k := range d {
					if at := i*d + k; alone.X[k] != b.X[at] || alone.Target[k] != b.Target[at] ||
						alone.Weight[k] != b.Weight[at] {
						t.Fatalf("%v, row %d of %d, column %d: another batch alone", kind, i, n, k)
					}
				}
			}
		}
	}
	s := c.newSchedule()
	s.set(p, .3, false)
	if got := c.feature(s); got != want(.3) {
		t.Errorf("feature %v, want %v", got, want(.3))
	}
}
