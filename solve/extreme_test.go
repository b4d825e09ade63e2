package solve_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// oneNormal is the exact field of N(0,1) that predicts kind.
func oneNormal(p ito.Path, kind ito.Prediction) ito.Field {
	return must(must(field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{1}})).As(kind))
}

// A level that is smaller than what rounding leaves of a state is refused or does not matter: every deterministic
// solver gives the same whatever the exact field predicts, to 10⁻⁴, where the cancellations of x0 and of ε are not
// the same; and solvers without a memory give with the level what they give without it, to what a step more is
// worth. (What rules of order 3 and more lose by extrapolating over a step that is ten times the one before is not
// rounding, and not seen here.) From 80 to 1, 10⁻²⁰ and 0 Heun's method used to return 11178.
func TestTinyLevels(t *testing.T) {
	for _, v := range []struct {
		p    ito.Path
		from float64
		grid ito.Grid
	}{
		{path.EDM{}, 80, ito.Grid{80, 20, 8, 4, 2, 1, .5, .25, .12, .06, .03, .015, .008, .004, .002, 0}},
		{path.EDM{}, 80, ito.Grid{80, 10, 1, 0}},
		{path.Flow{}, 1, ito.Grid{1, .9, .7, .5, .3, .2, .1, .05, .02, .01, .005, .002, 0}},
		{path.VP{}, 1, ito.Grid{1, .8, .6, .4, .3, .2, .15, .1, .06, .03, .02, .01, .006, .003, .0015, 0}},
	} {
		for _, s := range solve.Every() {
			if info := s.Info(); !serves(v.p, s) || info.Stochastic || info.Adaptive {
				continue
			}
			end := func(g ito.Grid, kind ito.Prediction) (float64, error) {
				x := ito.NewStates(1, 1, 0)
				x.X[0] = v.from
				_, err := solve.Run(ctx, v.p, oneNormal(v.p, kind), x, g, s, solve.RunOptions{})
				return x.X[0], err
			}
			_, memory := must(s.Plan(v.p, v.grid, ito.PredX0)).(ito.Resetter)
			plain := must(end(v.grid, ito.PredX0))
			for _, tiny := range []float64{1e-3, 1e-6, 1e-9, 1e-13, 1e-16, 1e-20, 5e-324} {
				g := append(append(ito.Grid(nil), v.grid[:len(v.grid)-1]...), tiny, 0)
				for _, g := range []ito.Grid{g, g[:len(g)-1]} {
					want, err := end(g, ito.PredX0)
					if err != nil {
						if !errors.Is(err, ito.ErrInput) || tiny > 1e-8 {
							t.Errorf("%s on %s, %v: %v", s.Info().Name, v.p.Name(), g, err)
						}
						continue
					}
					if !memory && len(v.grid) > 4 && math.Abs(want-plain) > .03 {
						t.Errorf("%s on %s: %.5g with a level of t=%g, %.5g without", s.Info().Name, v.p.Name(), want,
							tiny, plain)
					}
					for _, kind := range []ito.Prediction{ito.PredEps, ito.PredVelocity} {
						if got := must(end(g, kind)); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
							t.Errorf("%s on %s, %v: %.5g by %s, %.5g by x0", s.Info().Name, v.p.Name(), g, got, kind,
								want)
						}
					}
				}
			}
		}
	}
}

// What no run can mean is refused before anything is computed, by every solver: times above the drawn end or below
// the sampled one and 0, repeats, turns, no step at all, steps that rounding swallows.
func TestGridsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		p    ito.Path
		grid ito.Grid
	}{
		{path.VP{}, ito.Grid{2, .5, 1e-3}}, {path.VP{}, ito.Grid{1, .5, -.1}}, {path.VP{}, ito.Grid{1, .5, .5, 1e-3}},
		{path.VP{}, ito.Grid{1, .5, .6}},
		{path.VP{}, ito.Grid{1}}, {path.VP{}, ito.Grid{1, 1}}, {path.VP{}, nil}, {path.VP{}, ito.Grid{1, math.NaN()}},
		{path.VP{}, ito.Grid{math.Inf(1), 1e-3}},
		{path.Flow{}, ito.Grid{1.5, .5, 1e-3}}, {path.Flow{}, ito.Grid{5, 4, 3}}, {path.EDM{}, ito.Grid{80, 1, -1}},
		{path.EDM{}, ito.Grid{100, 1, 0}},
		{path.EDM{}, ito.Grid{80, 10, 1, 1e-20, 0}}, {path.VP{}, ito.Grid{1, .5, 1e-16}}, {path.VE{SigmaMin: 1e-20},
			ito.Grid{1, 0}}, {path.EDM{SigmaMin: 1e-20}, ito.Grid{80, 10, 1, 1e-20}}, {path.EDM{SigmaMin: 1e-20},
			ito.Grid{1e-20, 1, 80}},
		{path.Interpolant{}, ito.Grid{1.2, .5, 0}}, {must(path.NewCLD(path.CLDConfig{D: 1})), ito.Grid{1, .5, -.5}},
	} {
		for _, s := range solve.Every() {
			if !serves(c.p, s) {
				continue
			}
			if _, err := solve.Plan(c.p, c.grid, s, ito.PredVelocity); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s on %s plans %v: %v", s.Info().Name, c.p.Name(), c.grid, err)
			}
		}
	}
}

// Two levels that are all but one: solvers with a memory refuse to draw a line through them, or it does not matter.
func TestLevelsThatAreNearlyOne(t *testing.T) {
	p := path.EDM{}
	plain := ito.Grid{80, 20, 8, 4, 2, 1, .5, .25, .12, .06, .03, .015, .008, .004, .002}
	m := must(field.NewMixture(p, field.Mixture{D: 1, Weights: []float64{1, 2}, Means: []float64{-1, .7},
		Var: []float64{.1, .2}}))
	for _, s := range solve.Every() {
		if info := s.Info(); !serves(p, s) || info.Stochastic || info.Adaptive {
			continue
		}
		end := func(g ito.Grid) (float64, error) {
			x := ito.NewStates(1, 1, 0)
			x.X[0] = 33
			_, err := solve.Run(ctx, p, must(m.As(ito.PredX0)), x, g, s, solve.RunOptions{})
			return x.X[0], err
		}
		want, err := end(plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, gap := range []float64{1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 2.3e-16} {
			g := append(append(append(ito.Grid(nil), plain[:5]...), 2*(1-gap)), plain[5:]...)
			got, err := end(g)
			if err != nil && (!errors.Is(err, ito.ErrInput) || gap > 1e-5) {
				t.Errorf("%s with a gap of %g: %v", s.Info().Name, gap, err)
			}
			if err == nil && math.Abs(got-want) > .15 {
				t.Errorf("%s: %.5g with a gap of %g, %.5g without", s.Info().Name, got, gap, want)
			}
		}
	}
}

// One step from end to end, and runs that stop half way as warm starts and trajectories do: every solver is finite,
// counts its calls, and ends at the node that it was given.
func TestOneStepAndHalfWay(t *testing.T) {
	for _, pr := range problems() {
		f, x := exact(pr), noise(pr, 3)
		for _, s := range solve.Every() {
			if !serves(pr.p, s) || s.Info().Adaptive {
				continue
			}
			for _, g := range []ito.Grid{{pr.from, pr.to}, {pr.from, (pr.from + pr.to) / 2}, {(pr.from + pr.to) / 2,
				pr.to}} {
				y, info := run(t, pr, f, x, g, s)
				if y.FirstNonFinite() >= 0 || info.Steps != 1 {
					t.Errorf("%s on %s, %v: %d steps, %v", s.Info().Name, pr.name, g, info.Steps, y.X)
				}
			}
		}
	}
}

// Levels of σ/α on a path whose drawn end has none that is finite: inf is that end, and no number is.
func TestLevelsFromInfinity(t *testing.T) {
	p := path.Flow{}
	lo, hi := p.Span()
	for _, word := range []string{"inf,4,1,0.001001001", "lambdas:-inf,-1,0,6.9067548", "inf,4,1,0"} {
		g, err := must3(solve.ParseLevels(word)).Times(p, hi, lo)
		if err != nil || g[0] != 1 || g[len(g)-1] > lo {
			t.Errorf("%s: %v, %v", word, g, err)
		}
	}
	for _, word := range []string{"5,4,3", "1e300,1,0.001001001", "lambdas:-700,0,6.9"} {
		if g, err := must3(solve.ParseLevels(word)).Times(p, hi, lo); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s is %v: %v", word, g, err)
		}
	}
	for _, word := range []string{"5,inf", "sigmas:-inf,1", "times:inf,1", "lambdas:inf,1", "lambdas:0,inf"} {
		if l, _, err := solve.ParseLevels(word); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s is %v: %v", word, l, err)
		}
	}
	if l := must3(solve.ParseLevels("inf,4,0")); fmt.Sprint(must3(solve.ParseLevels(l.String()))) != fmt.Sprint(l) {
		t.Errorf("%s is not read as it is written", l)
	}
}
