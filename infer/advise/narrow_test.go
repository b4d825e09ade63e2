package advise

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// covered runs smc where it begins by itself: the reference, nil for N(0, I), and log Z with its standard error.
func covered(t *testing.T, target ito.Target, draws int) (r *infer.Reference, logZ, se float64) {
	t.Helper()
	m, err := infer.FindMethod("smc")
	if err != nil {
		t.Fatal(err)
	}
	s := infer.DefaultSettings()
	s.Seed, s.Draws, s.Chains = 2, draws, 4
	b, err := Cover(t.Context(), m, target, &s)
	if err != nil || b.Warning != "" {
		t.Fatal(b.Warning, err)
	}
	p, err := m.Plan(target, s)
	if err != nil {
		t.Fatal(err)
	}
	report, _, err := p.Run(t.Context(), target, infer.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	e := report.Evidence()
	return s.Reference, e.LogZ, e.SD / 2
}

// A normal of which every standard deviation is τ has log Z = 2: N(0, I) stays where τ is 1.2 or less, and beyond that
// smc begins from a normal which is at least 4/5 as wide as the target, and has log Z within .1 and four standard
// errors.
func TestNarrowReferencesAreWidened(t *testing.T) {
	const d = 12
	for _, τ := range []float64{.5, 1, 1.2, 1.5, 2, 2.5, 4} {
		target := infertest.Normal(2, make([]float64, d), slices.Repeat([]float64{τ}, d))
		r, z, se := covered(t, target, 200)
		if (r == nil) != (τ <= 1.2) {
			t.Errorf("τ = %v begins from %v", τ, r)
			continue
		}
		if math.Abs(z-2) > .1+4*se {
			t.Errorf("τ = %v: log Z %.3f ± %.3f, want 2", τ, z, se)
		}
		for j := 0; r != nil && j < d; j++ {
			if _, sd := r.At(j); sd < .8*τ || sd > 2.2*τ {
				t.Errorf("τ = %v: coordinate %d begins with sd %v", τ, j, sd)
			}
		}
	}
}

// Where coordinates of unit variance are correlated, N(0, I) is too narrow along their sum: the variance there is at
// most 25/16 of the reference's afterwards.
func TestNarrowAlongACorrelation(t *testing.T) {
	for ρ, stays := range map[float64]bool{.5: true, .95: false, -.99: false} {
		target := infertest.Correlated(ρ)
		r, z, se := covered(t, target, 300)
		want := math.Log(2*math.Pi) + math.Log(1-ρ*ρ)/2
		if (r == nil) != stays || math.Abs(z-want) > .1+4*se {
			t.Errorf("ρ = %v begins from %v: log Z %.3f ± %.3f, want %.3f", ρ, r, z, se, want)
		}
		if r == nil {
			continue
		}
		_, a := r.At(0)
		_, b := r.At(1)
		// the larger eigenvalue of [[1/a², ρ/ab], [ρ/ab, 1/b²]]
		p, q := 1/(a*a), 1/(b*b)
		if λ := (p+q)/2 + math.Sqrt((p-q)*(p-q)/4+ρ*ρ*p*q); λ > mostRatio+1e-9 || λ < .5 {
			t.Errorf("ρ = %v: variances are up to %.3f of those of %v", ρ, λ, r)
		}
	}
}

// The logarithms of Gamma(k) variables, k = .2, have their mode at log k with curvature k, a standard deviation of 2.2,
// and are far wider to the left: 5.1, the root of the trigamma function. Chains from the mode see it, and log Z =
// d log Γ(k).
func TestRoamSeesBeyondTheMode(t *testing.T) {
	const d, k = 8, .2
	target := infertest.NewDensity(d, func(x, g []float64) float64 {
		l := 0.
		for j, v := range x {
			l += k*v - math.Exp(v)
			if g != nil {
				g[j] = k - math.Exp(v)
			}
		}
		return l
	})
	e, err := Survey(t.Context(), target, 2)
	if err != nil || len(e.shapes) != 1 || math.Abs(e.shapes[0].sd[0]*math.Sqrt(k)-1) > .6 {
		t.Fatalf("%+v, %v", e, err)
	}
	if err := e.Roam(t.Context(), target, 2); err != nil {
		t.Fatal(err)
	}
	for j, sd := range e.shapes[0].sd {
		if sd < 3.8 || sd > 7 {
			t.Errorf("coordinate %d: sd %.2f, want 5.1", j, sd)
		}
	}
	lg, _ := math.Lgamma(k)
	if r, z, se := covered(t, target, 300); r == nil || math.Abs(z-d*lg) > .15+4*se {
		t.Errorf("from %v: log Z %.3f ± %.3f, want %.3f", r, z, se, d*lg)
	}
}

// Where chains cannot run the extent stays: a gradient without end, or none at all.
func TestRoamWhereNothingMoves(t *testing.T) {
	mode := []float64{0, 0}
	for what, slope := range map[string]float64{"no number": math.NaN(), "no end": math.Inf(1), "flat": 0} {
		target := infertest.NewDensity(2, func(x, g []float64) float64 {
			if g != nil {
				g[0], g[1] = slope, slope
			}
			return 0
		})
		e := Extent{Modes: 1, Lo: mode, Hi: mode, Low: []float64{-2, -2}, High: []float64{2, 2},
			shapes: []shape{{mean: mode, sd: []float64{1, 1}}}}
		if err := e.Roam(t.Context(), target, 1); err != nil || e.shapes[0].sd[0] != 1 || e.High[1] != 2 {
			t.Errorf("%s: %+v, %v", what, e, err)
		}
	}
}
