package path

import (
	"errors"
	"math"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// The quantile of χ²_D/D inverts its distribution, 1e-11 relative in the probability of the nearer tail.
func TestChiSquareQuantile(t *testing.T) {
	for _, D := range []float64{1, 1.5, 2, 8, 128, 2048, 1e6} {
		last := 0.0
		for z := -6.0; z <= 6; z += .05 {
			x := chiSquare(D, z)
			p, got := math.Erfc(math.Abs(z)/math.Sqrt2)/2, 0.0
			if z > 0 {
				got = mathext.GammaIncRegComp(D/2, x*D/2)
			} else {
				got = mathext.GammaIncReg(D/2, x*D/2)
			}
			if !(math.Abs(got/p-1) < 1e-11) || !(x > last) {
				t.Errorf("D=%g, z=%g: %g has probability %g, want %g", D, z, x, got, p)
			}
			last = x
		}
	}
	for _, z := range []float64{-4, -1, 0, 2} { // the two ways for large D meet, in units of the width √(2/D)
		c := 2 / 9e6
		r := 1 - c + z*math.Sqrt(c)
		if e := math.Abs(chiSquare(1e6, z)-r*r*r) / math.Sqrt(2e-6); e > 1e-5 {
			t.Errorf("z=%g: Wilson–Hilferty is off by %.2g widths", z, e)
		}
	}
}

// The kernel's radius has the paper's law: with N = 2, P(R² ≤ ρr²) = 1−(1+ρ)^{−D/2}. 20 000 rows,
// Kolmogorov–Smirnov at 1.95/√n: one false alarm in a thousand each. E‖x_T‖² = Nσ²D/(D−2).
func TestPFGMKernel(t *testing.T) {
	const n = 20000
	for _, D := range []float64{3, 8, 128} {
		p := PFGM{Aug: D}
		x0, x := ito.NewStates(n, 2, 0), ito.NewStates(n, 2, 0)
		ito.Seed(3).Normal(x0, rng.PurposeData, 0, 0)
		if err := p.Perturb(x, x0, ito.Times{.5}, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		prior := x0.Like(2)
		if err := p.Prior(prior, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct {
			x ito.States
			σ float64
		}{"kernel": {x, .5}, "prior": {prior, 80}} {
			u := make([]float64, n)
			var s2, angle float64
			for i := range u {
				a, b := c.x.Row(i)[0], c.x.Row(i)[1]
				if what == "kernel" {
					a, b = a-x0.Row(i)[0], b-x0.Row(i)[1]
				}
				u[i] = 1 - math.Pow(1+(a*a+b*b)/(c.σ*c.σ*D), -D/2)
				s2 += (a*a + b*b) / n
				angle += a / math.Hypot(a, b) / n
			}
			sort.Float64s(u)
			worst := 0.0
			for i, v := range u {
				worst = max(worst, math.Abs(v-float64(i)/n), math.Abs(v-float64(i+1)/n))
			}
			if worst > 1.95/math.Sqrt(n) {
				t.Errorf("D=%g, %s: the radius is off by %.2g", D, what, worst)
			}
			if math.Abs(angle) > 4.5/math.Sqrt(2*n) {
				t.Errorf("D=%g, %s: the mean direction is %g", D, what, angle)
			}
			if want := 2 * c.σ * c.σ * D / (D - 2); D > 4 && math.Abs(s2/want-1) > 4.5/math.Sqrt(n)*math.Sqrt(
				2*D/(D-4)) {
				t.Errorf("D=%g, %s: E‖x‖² = %g, want %g", D, what, s2, want)
			}
		}
	}
}

// D → ∞ is EDM row by row: the same normals, divided by √(χ²_D/D) → 1.
func TestPFGMTendsToEDM(t *testing.T) {
	x0 := ito.NewStates(200, 3, 0)
	ito.Seed(3).Normal(x0, rng.PurposeData, 0, 0)
	want, got := x0.Like(3), x0.Like(3)
	if err := (EDM{}).Perturb(want, x0, ito.Times{.5}, ito.Cond{}, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	for D, tol := range map[float64]float64{1e6: .01, 1e10: 1e-4, 1e14: 1e-6} {
		if err := (PFGM{Aug: D}).Perturb(got, x0, ito.Times{.5}, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		if e := worst(got.X, want.X); e > tol {
			t.Errorf("D=%g is %g from EDM", D, e)
		}
	}
}

func TestPFGMRefusals(t *testing.T) {
	for _, p := range []PFGM{{Aug: .5}, {Aug: math.Inf(1)}, {Aug: math.NaN()}, {SigmaMin: 90}} {
		if _, err := p.Resolve(); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if ito.Has(PFGM{}, ito.CapGaussian) || !ito.Has(PFGM{}, ito.CapOneMode) || !ito.Has(EDM{}, ito.CapGaussian) {
		t.Error("capabilities")
	}
	if _, err := MomentPrior(PFGM{}, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("moments of a heavy tail: %v", err)
	}
}
