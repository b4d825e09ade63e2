package path

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// interpolants is every family with every noise that it takes.
func interpolants() map[string]ito.TwoEnded {
	out := map[string]ito.TwoEnded{"encdec": Interpolant{Family: EncDec}, "sb": Interpolant{Family: Schrodinger,
		Kappa: .7},
		"onesided": OneSided{}, "onesided trig": OneSided{Family: TrigFamily}}
	for _, noise := range []string{BrownianNoise, QuadraticNoise, SineNoise, NoNoise} {
		for _, family := range []string{LinearFamily, TrigFamily, Mirror} {
			if family != Mirror || noise != NoNoise {
				out[family+" "+noise] = Interpolant{Family: family, Noise: noise, Kappa: 1.3}
			}
		}
	}
	return out
}

// Coefficients begin at x_0 and end at x_1 (at z on a one-sided path), and their derivatives are those of
// their values.
func TestInterpolationEndsAndDerivatives(t *testing.T) {
	for name, p := range interpolants() {
		if q, ok := p.(Interpolant); ok {
			if _, err := q.Resolve(); err != nil {
				t.Fatal(name, err)
			}
		}
		start, end := p.Interpolation(0), p.Interpolation(1)
		if start.A != 1 || start.B != 0 || start.Gamma != 0 {
			t.Errorf("%s begins at %+v", name, start)
		}
		_, single := p.(OneSided)
		mirror := end.A == 1
		if !mirror && !single && (end.A != 0 || math.Abs(end.B-1) > 1e-15 || end.Gamma != 0) || mirror &&
			end.Gamma != 0 || single && (end.A != 0 || end.Gamma != 1) {
			t.Errorf("%s ends at %+v", name, end)
		}
		for _, at := range []float64{.01, .2, .49, .51, .77, .99} {
			const h = 1e-5
			c := p.Interpolation(at)
			slope := func(f func(ito.Interpolation) float64) float64 {
				v := func(s float64) float64 { return f(p.Interpolation(at + s)) }
				return (v(-2*h) - 8*v(-h) + 8*v(h) - v(2*h)) / (12 * h)
			}
			for what, d := range map[string][2]float64{
				"A":   {c.DA, slope(func(c ito.Interpolation) float64 { return c.A })},
				"B":   {c.DB, slope(func(c ito.Interpolation) float64 { return c.B })},
				"γ²½": {c.HalfDGamma2, slope(func(c ito.Interpolation) float64 { return c.Gamma * c.Gamma / 2 })},
			} {
				if math.Abs(d[0]-d[1]) > 1e-9*(1+math.Abs(d[0])) {
					t.Errorf("%s at %g: derivative of %s is %.12g, the difference %.12g", name, at, what, d[0], d[1])
				}
			}
		}
	}
}

// Half way, every trigonometric interpolant of unit variances has unit variance, as the paper builds it.
func TestTrigKeepsTheVariance(t *testing.T) {
	for _, noise := range []string{BrownianNoise, QuadraticNoise, SineNoise, NoNoise} {
		for _, at := range []float64{.1, .3, .5, .9} {
			c := Interpolant{Family: TrigFamily, Noise: noise, Kappa: 2}.Interpolation(at)
			if v := c.A*c.A + c.B*c.B + c.Gamma*c.Gamma; math.Abs(v-1) > 1e-14 {
				t.Errorf("%s at %g: variance %g", noise, at, v)
			}
		}
	}
}

// x_t is what its coefficients say, and the target of b is its time derivative with the ends and the
// noise held; v, η and s are the parts; antithetic noise turns the sign of what comes from z.
func TestBetweenAndTargets(t *testing.T) {
	const n = 4
	x0, x1 := ito.NewStates(n, 2, 5), ito.NewStates(n, 2, 5)
	ito.Seed(1).Normal(x0, rng.PurposeData, 0, 0)
	ito.Seed(2).Normal(x1, rng.PurposeData, 0, 0)
	z := x0.Like(2)
	ito.Seed(3).Normal(z, rng.PurposePath, 0, 0)
	times := ito.Times{.1, .4, .6, .93}
	for name, p := range interpolants() {
		draw := func(dt float64, noise ito.Noise) ito.States {
			at := append(ito.Times(nil), times...)
			for i := range at {
				at[i] += dt
			}
			x := x0.Like(2)
			if err := p.Between(x, x0, x1, at, noise); err != nil {
				t.Fatal(name, err)
			}
			return x
		}
		target := func(what InterpolantTarget, noise ito.Noise) (ito.States, error) {
			y := x0.Like(2)
			return y, Regression(p, what, y, x0, x1, times, noise)
		}
		const h = 1e-5
		x, up, down := draw(0, ito.Seed(3)), draw(h, ito.Seed(3)), draw(-h, ito.Seed(3))
		b, err := target(TargetB, ito.Seed(3))
		if err != nil {
			t.Fatal(name, err)
		}
		v, _ := target(TargetV, ito.Seed(3))
		η, _ := target(TargetEta, ito.Seed(3))
		s, err := target(TargetS, ito.Seed(3))
		noisy := p.Interpolation(.4).Gamma > 0
		if noisy == errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: target s: %v", name, err)
		}
		mirrored := draw(0, Antithetic{ito.Seed(3)})
		for i := range n {
			c := p.Interpolation(times[i])
			for k := range 2 {
				mean := c.A*x0.Row(i)[k] + c.B*x1.Row(i)[k]
				if e := math.Abs(x.Row(i)[k] - mean - c.Gamma*z.Row(i)[k]); e > 1e-14 {
					t.Errorf("%s: x_t is off by %g", name, e)
				}
				if e := math.Abs(x.Row(i)[k] + mirrored.Row(i)[k] - 2*mean); e > 1e-14 {
					t.Errorf("%s: antithetic noise is off by %g", name, e)
				}
				slope := (up.Row(i)[k] - down.Row(i)[k]) / (2 * h)
				if math.Abs(b.Row(i)[k]-slope) > 1e-7*(1+math.Abs(slope)) {
					t.Errorf("%s: target of b %g, dx/dt %g", name, b.Row(i)[k], slope)
				}
				if η.Row(i)[k] != z.Row(i)[k] {
					t.Errorf("%s: target of η", name)
				}
				if !noisy {
					continue
				}
				e := b.Row(i)[k] - v.Row(i)[k] + c.HalfDGamma2*s.Row(i)[k]
				if math.Abs(e) > 1e-12*(1+math.Abs(b.Row(i)[k])) {
					t.Errorf("%s: b − v + γγ̇s = %g", name, e)
				}
			}
		}
	}
	if err := Regression(Interpolant{}, TargetB, x0.Like(2), x0, x1, ito.Times{0}, ito.Seed(1)); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a target at an end: %v", err)
	}
}

func TestInterpolantRefusals(t *testing.T) {
	x := ito.NewStates(2, 2, 0)
	for what, err := range map[string]error{
		"family": second(Interpolant{Family: "cubic"}.Resolve()), "noise": second(Interpolant{Noise: "pink"}.Resolve()),
		"kappa": second(Interpolant{Kappa: -1}.Resolve()), "trig": second(Interpolant{Family: TrigFamily,
			Kappa: 4}.Resolve()),
		"still":   second(Interpolant{Family: Mirror, Noise: NoNoise}.Resolve()),
		"encdec":  second(Interpolant{Family: EncDec, Noise: NoNoise}.Resolve()),
		"sb":      second(Interpolant{Family: Schrodinger, Noise: SineNoise}.Resolve()),
		"one":     second(OneSided{Family: EncDec}.Resolve()),
		"perturb": Interpolant{}.Perturb(x.Like(2), x, ito.Times{.5}, ito.Cond{}, ito.Seed(0)),
		"prior":   Interpolant{}.Prior(x, ito.Cond{}, ito.Seed(0)),
		"shapes":  Interpolant{}.Between(x.Like(2), x, ito.NewStates(1, 2, 0), ito.Times{.5}, ito.Seed(0)),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := (Interpolant{Family: Mirror}).Perturb(x.Like(2), x, ito.Times{.5}, ito.Cond{}, ito.Seed(0)); err != nil {
		t.Error(err)
	}
	if !ito.Has(Interpolant{}, ito.CapTwoEnded) || !ito.Has(OneSided{}, ito.CapTwoEnded) || !ito.Has(OneSided{},
		ito.CapOneMode) || ito.Has(Interpolant{}, ito.CapDiagonal) {
		t.Error("capabilities")
	}
	kind, config, err := Marshal(Interpolant{Family: TrigFamily})
	if err != nil {
		t.Fatal(err)
	}
	if q, err := Unmarshal(kind, config); err != nil || q != (Interpolant{TrigFamily, BrownianNoise, 1}) {
		t.Errorf("%v, %v", q, err)
	}
}
