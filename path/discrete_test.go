package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func discrete(t testing.TB, cfg DiscreteConfig) *Discrete {
	t.Helper()
	p, err := NewDiscrete(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rho is σ/α at t.
func rho(p ito.Diagonal, t float64) float64 { return math.Exp(-LogSNR(p, t)) }

// Noise levels σ/α of the published tables. Values with many digits are diffusers' own, computed in
// float32 (commit 58eb52c0803e, DPM-Solver and Euler schedulers at 10 steps).
func TestDiscreteTables(t *testing.T) {
	ddpm := discrete(t, DiscreteConfig{})
	sd := discrete(t, DiscreteConfig{Schedule: ScaledLinear})
	long := discrete(t, DiscreteConfig{N: 1100})
	for _, c := range []struct {
		p    *Discrete
		i    int
		want float64
		eps  float64 // relative
	}{
		{ddpm, 0, .01000050, 5e-7}, {ddpm, 999, 157.4073, 3e-7},
		{sd, 0, .02916716, 2e-7}, {sd, 999, 14.614641, 4e-8},
		{ddpm, 899, 60.27141189575195, 3e-6}, {ddpm, 799, 25.52848243713379, 3e-6}, {ddpm, 599, 6.135209560394287,
			3e-6},
		{ddpm, 500, 3.442966938018799, 3e-6}, {ddpm, 300, 1.2401612997055054, 3e-6}, {ddpm, 100, .34226012229919434,
			3e-6},
		{long, 1099, 261.0555725097656, 1e-5}, {long, 0, .010001329705119133, 1e-4},
	} {
		if r := rho(c.p, c.p.Time(c.i)); math.Abs(r/c.want-1) > c.eps {
			t.Errorf("%d of %d: σ/α = %.9g, want %.9g", c.i, c.p.Steps(), r, c.want)
		}
	}
	for i, want := range map[float64]float64{976.888916015625: 81.40567779541016, 610.5555419921875: 5.5358195304870605,
		122.11111450195312: .4001632332801819} {
		// Euler interpolates σ itself between the steps.
		j := int(i)
		u := i - float64(j)
		got := (1-u)*rho(long, long.Time(j)) + u*rho(long, long.Time(j+1))
		if math.Abs(got/want-1) > 1e-5 {
			t.Errorf("σ/α between steps at %g = %.9g, want %.9g", i, got, want)
		}
	}
}

// The span of the cosine table ends at the last step with log-SNR −5.1 or more; its last beta is capped.
func TestDiscreteCosine(t *testing.T) {
	p := discrete(t, DiscreteConfig{Schedule: SquaredCos})
	lo, hi := p.Span()
	if λ := LogSNR(p, hi); lo != .001 || !(λ >= -5.1 && LogSNR(p, hi+.001) < -5.1) {
		t.Errorf("the span is [%g, %g], λ=%g at its end", lo, hi, λ)
	}
	c := Cosine{}
	for _, at := range []float64{.1, .5, .9} { // the same ᾱ up to the capped end
		if a, b := LogSNR(p, at), LogSNR(c, at); math.Abs(a-b) > 1e-12 {
			t.Errorf("λ(%g) = %g in the table, %g of the formula", at, a, b)
		}
	}
	all := discrete(t, DiscreteConfig{Schedule: SquaredCos, LambdaMin: -100})
	if _, hi := all.Span(); hi != 1 {
		t.Errorf("without a limit the span ends at %g", hi)
	}
	if e := math.Exp(2 * (all.logα[1000] - all.logα[999])); math.Abs(e-.001) > 1e-12 {
		t.Errorf("the last factor is %g", e)
	}
}

// After the rescaling the first step is what it was, the last is pure noise, and the steps between
// keep their order; a predicted ε or score is refused, the others not.
func TestZeroTerminalSNR(t *testing.T) {
	for _, schedule := range []string{LinearBetas, ScaledLinear, SquaredCos} {
		old := discrete(t, DiscreteConfig{Schedule: schedule, LambdaMin: -100})
		p := discrete(t, DiscreteConfig{Schedule: schedule, ZeroSNR: true})
		if a, b := rho(p, p.Time(0)), rho(old, old.Time(0)); math.Abs(a/b-1) > 1e-14 {
			t.Errorf("%s: the first step moved from %g to %g", schedule, b, a)
		}
		var a, s, da, ds, g2 [1]float64
		p.Schedule(1, a[:], s[:], da[:], ds[:])
		p.Diffusion(1, g2[:])
		if a[0] != 0 || s[0] != 1 || !(da[0] < 0) || ds[0] != 0 || math.IsInf(g2[0], 0) || !(g2[0] > 0) {
			t.Errorf("%s: at 1 α=%g σ=%g α̇=%g σ̇=%g g²=%g", schedule, a[0], s[0], da[0], ds[0], g2[0])
		}
		if _, hi := p.Span(); hi != 1 {
			t.Errorf("%s: the span ends at %g", schedule, hi)
		}
		first, last := math.Exp(old.logα[1]), math.Exp(old.logα[1000])
		for i := range 1000 {
			p.Schedule(p.Time(i), a[:], nil, nil, nil)
			if want := (math.Exp(old.logα[i+1]) - last) * first / (first - last); math.Abs(a[0]-want) > 1e-14 {
				t.Fatalf("%s: √ᾱ_%d = %g, want %g", schedule, i, a[0], want)
			}
			if i > 0 && !(rho(p, p.Time(i)) > rho(p, p.Time(i-1))) {
				t.Fatalf("%s: noise falls at step %d", schedule, i)
			}
		}
		for k, ok := range map[ito.Prediction]bool{ito.PredEps: false, ito.PredScore: false, ito.PredX0: true,
			ito.PredVelocity: true} {
			if err := Admits(p, k); (err == nil) != ok || err != nil && !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s: prediction %s: %v", schedule, k, err)
			}
			if err := Admits(old, k); err != nil {
				t.Error(err)
			}
		}
	}
	if Admits(VP{}, ito.PredEps) != nil {
		t.Error("a path without limits refuses")
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		labels string
		n      int
		t      float64
		want   float64
	}{
		{"", 1000, 1, 999}, {"", 1000, .001, 0}, {"", 1000, .0005, 0}, {"", 1000, .5005, 499.5}, {"", 4000, .5, 1999},
		{LabelThousand, 1000, .5, 499}, {LabelThousand, 4000, .5, 499.75}, {LabelScoreSDE, 1000, .5, 499.5},
		{LabelScoreSDE, 1000, 1, 999},
	} {
		p := discrete(t, DiscreteConfig{N: c.n, Labels: c.labels})
		if l := p.Label(c.t); math.Abs(l-c.want) > 1e-12 {
			t.Errorf("%q, N=%d: label %g at %g, want %g", c.labels, c.n, l, c.t, c.want)
		}
	}
	p := discrete(t, DiscreteConfig{Schedule: ScaledLinear})
	for _, i := range []int{0, 1, 17, 500, 998, 999} { // at the steps the index, whatever the rounding
		if l := p.LabelAt(rho(p, p.Time(i))); math.Abs(l-float64(i)) > 1e-9 {
			t.Errorf("label %g of step %d", l, i)
		}
	}
	mid := math.Sqrt(rho(p, p.Time(40)) * rho(p, p.Time(41)))
	if l := p.LabelAt(mid); math.Abs(l-40.5) > 1e-9 {
		t.Errorf("label %g half way in log σ", l)
	}
	if p.LabelAt(1e-9) != 0 || p.LabelAt(1e9) != 999 {
		t.Error("noise outside the table")
	}
}

func TestDiscreteRefusals(t *testing.T) {
	for i, cfg := range []DiscreteConfig{
		{Schedule: "lin"}, {N: 1}, {BetaEnd: 1.5}, {BetaStart: -1}, {Labels: "x"}, {Betas: []float64{.1, .2}, N: 3},
		{Betas: []float64{.1, .2}, Schedule: LinearBetas}, {Betas: []float64{.1, math.NaN()}}, {LambdaMin: 10}, {N: -5},
	} {
		if _, err := NewDiscrete(cfg); !errors.Is(err, ito.ErrInput) {
			t.Errorf("case %d: %v", i, err)
		}
	}
	if p := discrete(t, DiscreteConfig{Betas: []float64{.1, .2, .3}}); p.Steps() != 3 ||
		math.Abs(math.Exp(2*p.logα[3])-.9*.8*.7) > 1e-15 {
		t.Error("trained betas")
	}
}
