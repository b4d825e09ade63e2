package path

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func TestVSDMFixedPoint(t *testing.T) {
	const spiralB = .1 + 9.9/2.7
	x2, y2 := spiralMoments()
	for _, c := range []struct{ s0, B, want float64 }{
		{64, 4, 1.3661}, {x2, spiralB, 1.0791}, {y2, spiralB, 1.7755}, {1, 3, 1},
	} {
		D := VSDMFixedPoint(c.s0, c.B)
		if math.Abs(D-c.want) > 1e-4 {
			t.Errorf("D(s0=%g, B=%g) = %.5f, want %.5f", c.s0, c.B, D, c.want)
		}
	}
	for _, s0 := range []float64{0, 1e-3, .5, 1, 1e6} { // the root is Var x_T = 1 of the path itself
		for _, B := range []float64{.05, 1, 4, 20} {
			D := VSDMFixedPoint(s0, B)
			if v := math.Exp(-B*D)*s0 + decay(D, B); !(math.Abs(v-1) < 1e-12) {
				t.Errorf("s0=%g, B=%g: D=%g gives variance %.15g at T", s0, B, D, v)
			}
		}
	}
	if !math.IsNaN(VSDMFixedPoint(-1, 1)) || !math.IsNaN(VSDMFixedPoint(1, 0)) {
		t.Error("moments that cannot be must give NaN")
	}
}

// A warm start makes the moment prior standard normal, for both variants.
func TestWarmStartsEndAtThePrior(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{-8, 2}, Cov: []float64{1, 1, 1, 5}}
	for _, v := range []string{Constant, Logistic} {
		cfg := VSDMConfig{Variant: v, BetaMin: 4, BetaMax: 4, Mean: data.Mean}
		from := ConstantFromGaussian
		if v == Logistic {
			from = LogisticFromGaussian
		}
		var err error
		if cfg.A, err = from(data, 4); err != nil {
			t.Fatal(err)
		}
		p, err := NewVSDM(cfg)
		if err != nil {
			t.Fatal(err)
		}
		end, err := MomentPrior(p, data)
		if err != nil {
			t.Fatal(err)
		}
		if e := worst(end.Cov, identity(2)); e > 1e-12 {
			t.Errorf("%s: covariance at T %v", v, end.Cov)
		}
		if e := worst(end.Mean, data.Mean); e > 1e-15 {
			t.Errorf("%s: mean at T %v", v, end.Mean)
		}
	}
}

// spiralMoments returns E x² and E y² of the 8:1 spiral: θ = 3π√u − π/2, ρ = θ+π,
// .4[(cos θ, sin θ)ρ + .25n]·(1,8), by the midpoint rule in r = √u.
func spiralMoments() (x2, y2 float64) {
	const n = 20000
	for i := range n {
		r := (float64(i) + .5) / n
		θ := 3*math.Pi*r - math.Pi/2
		ρ := θ + math.Pi
		x2 += 2 * r / n * math.Pow(ρ*math.Cos(θ), 2)
		y2 += 2 * r / n * math.Pow(ρ*math.Sin(θ), 2)
	}
	return .16 * (x2 + .0625), 64 * .16 * (y2 + .0625)
}
