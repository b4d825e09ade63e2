package zoo

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/interop/modeldata"
)

// The evidence of the Brownian motion: a Kalman filter integrates the path out for given scales, the midpoint
// rule over their logarithms the rest.
func TestBrownianEvidence(t *testing.T) {
	b, err := models.Files.ReadFile("brownian.json")
	if err != nil {
		t.Fatal(err)
	}
	d, err := modeldata.Read("brownian.json", b)
	if err != nil {
		t.Fatal(err)
	}
	y := d["observed_loc"].([]any)
	logp := func(innovation, observation float64) float64 {
		lp, m, v := 0., 0., 0.
		for _, o := range y {
			v += innovation * innovation
			if o == nil {
				continue
			}
			s := v + observation*observation
			r := o.(float64) - m
			lp -= .5 * (r*r/s + math.Log(2*math.Pi*s))
			m, v = m+v/s*r, v*observation*observation/s
		}
		return lp
	}
	known, err := Known("brownian")
	if err != nil {
		t.Fatal(err)
	}
	const n, lo, hi = 300, -10., 4.
	z, h := 0., (hi-lo)/n
	for i := range n {
		for j := range n {
			a, b := lo+(float64(i)+.5)*h, lo+(float64(j)+.5)*h
			z += h * h * math.Exp(logp(math.Exp(a), math.Exp(b))-(a*a+b*b)/8) / (8 * math.Pi)
		}
	}
	if math.Abs(math.Log(z)-known.LogZ) > 2e-5 {
		t.Errorf("log Z %v, known %v", math.Log(z), known.LogZ)
	}
	if got := logp(.1, .15); math.Abs(got-5.613043) > 1e-6 {
		t.Errorf("log Z at the known scales %v, want 5.613043", got)
	}
}
