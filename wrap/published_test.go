package wrap

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

func scalings() map[string]Scaling {
	return map[string]Scaling{
		"edm": ScalingEDM{}, "edm wide": ScalingEDM{SigmaData: 1.3}, "vp": ScalingVP{}, "ve": ScalingVE{},
		"v":     ScalingV{},
		"iddpm": must(NewScalingIDDPM(0)),
	}
}

func scalarPaths() map[string]ito.Diagonal {
	return map[string]ito.Diagonal{
		"vp": path.VP{}, "ve": path.VE{}, "subvp": path.SubVP{}, "edm": path.EDM{}, "flow": path.Flow{},
		"cosine":    path.Cosine{},
		"discrete":  must(path.NewDiscrete(path.DiscreteConfig{})),
		"reverting": must(path.NewReverting(path.RevertingConfig{Mean: []float64{.3, -.2}})),
	}
}

// On path edm the coefficients are those of table 1 of Karras et al.
func TestScalingsOnEDM(t *testing.T) {
	for _, σ := range []float64{.002, .3, 1, 80} {
		sd := .5
		root := math.Sqrt(σ*σ + sd*sd)
		one := math.Sqrt(σ*σ + 1)
		time := (math.Sqrt(.01+2*19.9*math.Log(σ*σ+1)) - .1) / 19.9
		for name, want := range map[string]Scales{
			"edm": {sd * sd / (root * root), σ * sd / root, 1 / root, math.Log(σ) / 4},
			"vp":  {1, -σ, 1 / one, 999 * time},
			"ve":  {1, σ, 1, math.Log(σ / 2)},
			"v":   {1 / (one * one), -σ / one, 1 / one, 2 / math.Pi * math.Atan(σ)},
		} {
			got := scalings()[name].At(σ, 1, σ)
			for k, d := range [4]float64{got.Skip - want.Skip, got.Out - want.Out, got.In - want.In,
				got.Label - want.Label} {
				if w := [4]float64{want.Skip, want.Out, want.In, want.Label}[k]; math.Abs(d) > 1e-10*math.Abs(w)+1e-14 {
					t.Errorf("%s at σ=%g: coefficient %d is off by %.2g of %g", name, σ, k, d, w)
				}
			}
		}
	}
}

// Unit variance of input and target on data of variance σd², uncorrelated with the input: EDM's design.
func TestScalingEDMBalances(t *testing.T) {
	for _, σ := range []float64{.01, .5, 20} {
		for _, α := range []float64{1, .3} {
			s := ScalingEDM{SigmaData: .7}.At(0, α, σ)
			v := .49
			// y = αu + σε; F = (u − Skip y)/Out.
			in := s.In * s.In * (α*α*v + σ*σ)
			u, e := (1-s.Skip*α)/s.Out, -s.Skip*σ/s.Out
			if math.Abs(in-1) > 1e-14 || math.Abs(u*u*v+e*e-1) > 1e-12 || math.Abs(u*v*α+e*σ) > 1e-12 {
				t.Errorf("α=%g, σ=%g: variances %g, %g, covariance %g", α, σ, in, u*u*v+e*e, u*v*α+e*σ)
			}
		}
	}
}

// The raw outputs that the names promise: on a variance-preserving path ε of VP, v = αε−σx0 of V; −ε of VE.
func TestRawOutputsAreWhatTheyAreCalled(t *testing.T) {
	x0, ε := []float64{.7, -1.2}, []float64{-.4, 2}
	for at, want := range map[string]func(α, σ, x, e float64) float64{
		"vp": func(_, _, _, e float64) float64 { return e },
		"ve": func(_, _, _, e float64) float64 { return -e },
		"v":  func(α, σ, x, e float64) float64 { return α*e - σ*x },
	} {
		m := must(NewPreconditioning(path.VP{}, scalings()[at], ito.PredX0))
		for _, s := range []float64{.01, .5, 1} {
			m.At(s)
			α, σ := m.modes.Alpha[0], m.modes.Sigma[0]
			x, raw := make([]float64, 2), append([]float64(nil), x0...)
			for i := range x {
				x[i] = α*x0[i] + σ*ε[i]
			}
			m.Raw(raw, x)
			for i, v := range raw {
				if w := want(α, σ, x0[i], ε[i]); math.Abs(v-w) > 1e-11*(1+math.Abs(w)) {
					t.Errorf("%s at %g: F = %g, want %g", at, s, v, w)
				}
			}
		}
	}
}

// raw → prediction → raw for every wrapping, path and kind, 1e-11; and the predictions of one raw output
// agree with each other by the path's own conversions.
func TestPreconditioningRoundTrips(t *testing.T) {
	x, F := []float64{.6, -1.1}, []float64{.9, -.3}
	for pn, p := range scalarPaths() {
		lo, hi := p.Span()
		for sn, s := range scalings() {
			for _, u := range []float64{.02, .3, .7, .98} {
				at := lo + u*(hi-lo)
				base := append([]float64(nil), F...)
				m := must(NewPreconditioning(p, s, ito.PredX0))
				m.At(at)
				m.Row(base, x)
				for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
					m := must(NewPreconditioning(p, s, kind))
					m.At(at)
					row := append([]float64(nil), F...)
					m.Row(row, x)
					want, mean := append([]float64(nil), base...), append(p.Mean(), 0, 0)
					m.modes.At(at)
					if P, R := [1]float64{}, [1]float64{}; kind != ito.PredX0 {
						m.modes.Affine(ito.PredX0, kind, P[:], R[:])
						for i := range want {
							want[i] = P[0]*(base[i]-mean[i]) + R[0]*(x[i]-mean[i])
						}
					}
					for i := range row {
						if math.Abs(row[i]-want[i]) > 1e-11*(1+math.Abs(want[i])+math.Abs(m.p*F[i])+math.Abs(
							m.r*x[i])) {
							t.Errorf("%s on %s at %g: %s %g, by way of x0 %g", sn, pn, at, kind, row[i], want[i])
						}
					}
					scale := 1 + math.Abs(m.r/m.p)
					m.Raw(row, x)
					for i := range row {
						if math.Abs(row[i]-F[i]) > 1e-12*scale {
							t.Errorf("%s on %s at %g, %s: raw %g comes back as %g", sn, pn, at, kind, F[i], row[i])
						}
					}
				}
			}
		}
	}
}

// The levels of iDDPM fall to 0 and follow the products of ᾱ but for the capped first; labels count from
// the last level, and levels between are told the nearest.
func TestIDDPMLevels(t *testing.T) {
	s := must(NewScalingIDDPM(0))
	u := s.Levels()
	bar := func(j float64) float64 { return math.Pow(math.Sin(math.Pi/2*j/(1000*1.008)), 2) }
	for j := 1; j <= 1000; j++ {
		if want := math.Sqrt(bar(1000)/bar(float64(j)) - 1); math.Abs(u[j]-want) > 1e-9*(1+want) {
			t.Fatalf("u_%d = %.12g, want %.12g", j, u[j], want)
		}
	}
	if want := math.Sqrt((u[1]*u[1]+1)/.001 - 1); u[1000] != 0 || math.Abs(u[0]/want-1) > 1e-12 {
		t.Errorf("the ends are %g and %g", u[0], u[1000])
	}
	for _, j := range []int{0, 1, 500, 999, 1000} {
		if n := s.Nearest(u[j]); n != j {
			t.Errorf("level %d is found as %d", j, n)
		}
	}
	if s.At(0, 1, u[3]).Label != 996 || s.Nearest(u[3]*.7+u[4]*.3) != 3 || s.Nearest(u[3]*.3+u[4]*.7) != 4 ||
		s.Nearest(1e9) != 0 {
		t.Error("labels")
	}
	if _, err := NewScalingIDDPM(-1); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// A v-prediction is finite at zero terminal SNR and says x0 = −v there; an ε-prediction has no x0.
func TestPreconditioningAtZeroSNR(t *testing.T) {
	p := must(path.NewDiscrete(path.DiscreteConfig{Schedule: path.ScaledLinear, ZeroSNR: true}))
	m := must(NewPreconditioning(p, PathLabel{ScalingV{}, p}, ito.PredX0))
	m.At(1)
	row := []float64{.4}
	m.Row(row, []float64{1.7})
	if row[0] != -.4 || m.Label != 999 {
		t.Errorf("x0 = %g, label %g", row[0], m.Label)
	}
}
