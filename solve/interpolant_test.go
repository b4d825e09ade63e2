package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// two and three are the laws of the paper's one-dimensional example: drawn at t = 1, sampled at t = 0.
var (
	three = field.Mixture{D: 1, Means: []float64{-6, 0, 6}, Var: []float64{.5, .33, .5}}
	two   = field.Mixture{D: 1, Means: []float64{-3, 3}, Var: []float64{.25, .25}}
)

// cdf is the distribution function of a one-dimensional mixture of equal weights.
func cdf(m field.Mixture, x float64) float64 {
	s := 0.0
	for k, μ := range m.Means {
		s += math.Erfc((μ-x)/math.Sqrt(2*m.Var[k])) / 2
	}
	return s / float64(len(m.Means))
}

// distance is the Kolmogorov–Smirnov statistic of the rows, and their Wasserstein-1 distance from the law by the
// area between the distribution functions.
func distance(m field.Mixture, x ito.States) (ks, w1 float64) {
	v := append([]float64(nil), x.X...)
	sort.Float64s(v)
	n := float64(len(v))
	for i, a := range v {
		f := cdf(m, a)
		ks = max(ks, f-float64(i)/n, float64(i+1)/n-f)
	}
	const cells = 4000
	for i := range cells {
		a := -12 + 24*(float64(i)+.5)/cells
		w1 += math.Abs(cdf(m, a)-float64(sort.SearchFloat64s(v, a))/n) * 24 / cells
	}
	return ks, w1
}

// With exact fields the ODE and the SDE of every ε carry one mixture to the other, in both directions.
// Kolmogorov–Smirnov at 1.95/√n: one false alarm in a thousand a case.
func TestInterpolantMarginals(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 300
	}
	for name, p := range map[string]path.Interpolant{
		"linear": {}, "trig": {Family: path.TrigFamily, Noise: path.QuadraticNoise}, "encdec": {Family: path.EncDec},
	} {
		b := must(field.NewInterpolant(p, must(field.Independent(three, two))))
		for _, down := range []bool{true, false} {
			from, to, start, end := two, three, 1., 0.
			if !down {
				from, to, start, end = three, two, 0., 1.
			}
			for _, ε := range []float64{0, .5, 2, 5} {
				if name != "linear" && (!down || ε == .5 || ε == 5) {
					continue
				}
				x := ito.NewStates(n, 1, 0)
				if err := from.Draw(x, ito.Seed(11)); err != nil {
					t.Fatal(err)
				}
				var s ito.Solver = solve.Heun{}
				steps := 60
				if ε > 0 {
					s, steps = solve.InterpolantSDE{Score: b.Score(), Epsilon: func(float64) float64 { return ε }}, 300
				}
				info, err := solve.Run(ctx, p, b, x, must(solve.Uniform(p, start, end, steps)), s,
					solve.RunOptions{Noise: ito.Seed(12)})
				if err != nil {
					t.Fatal(name, err)
				}
				if info.Evals[0] != 2*steps {
					t.Errorf("%s: %d evaluations of %d steps", name, info.Evals[0], steps)
				}
				if ks, w1 := distance(to, x); ks > 1.95/math.Sqrt(float64(n)) {
					t.Errorf("%s, ε=%g, to data %t: the law is off by %.4f, W1 %.3f", name, ε, down, ks, w1)
				}
			}
		}
	}
}

// A mirror with noise carries data to themselves, shuffling them; a one-sided path takes the SDE from one
// field of any prediction, and from two, with the same samples.
func TestInterpolantSDEOfOneEnd(t *testing.T) {
	const n, few = 800, 20
	mirror := path.Interpolant{Family: path.Mirror, Kappa: 6}
	b := must(field.NewInterpolant(mirror, must(field.Same(three))))
	x := ito.NewStates(n, 1, 0)
	if err := three.Draw(x, ito.Seed(4)); err != nil {
		t.Fatal(err)
	}
	start := x.Clone()
	sde := solve.InterpolantSDE{Score: b.Score(), Epsilon: func(float64) float64 { return 6 }}
	if _, err := solve.Run(ctx, mirror, b, x, must(solve.Uniform(mirror, 1, 0, 300)), sde,
		solve.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	if ks, _ := distance(three, x); ks > 1.95/math.Sqrt(n) {
		t.Errorf("mirror: the law is off by %.4f", ks)
	}
	moved := 0
	for i, v := range x.X {
		if math.Abs(v-start.X[i]) > 3 {
			moved++
		}
	}
	if moved < n/20 {
		t.Errorf("mirror: %d of %d rows changed their mode", moved, n)
	}

	p := path.OneSided{}
	e := must(field.NewMixture(p, three))
	// of constant noise the last steps, at ε/σ² of 180, would blow up rounding
	ε := func(t float64) float64 { return t }
	var want []float64
	for _, kind := range []ito.Prediction{ito.PredVelocity, ito.PredScore, ito.PredX0, ito.PredEps} {
		for _, score := range []ito.Field{nil, e, must(e.As(ito.PredEps))} {
			if score != nil && kind != ito.PredVelocity {
				continue
			}
			x := ito.NewStates(few, 1, 0)
			if want == nil {
				x = ito.NewStates(n, 1, 0)
			}
			if err := p.Prior(x, ito.Cond{}, ito.Seed(4)); err != nil {
				t.Fatal(err)
			}
			if _, err := solve.Run(ctx, p, must(e.As(kind)), x, must(solve.Uniform(p, 1, 1e-3, 300)),
				solve.InterpolantSDE{Score: score, Epsilon: ε}, solve.RunOptions{}); err != nil {
				t.Fatal(kind, err)
			}
			if want == nil {
				want = x.X
				if ks, _ := distance(three, x); ks > 1.95/math.Sqrt(n) {
					t.Errorf("one-sided: the law is off by %.4f", ks)
				}
			}
			for i, v := range x.X {
				if math.Abs(v-want[i]) > 1e-11 {
					t.Fatalf("%s, score %t: row %d is %g, %g from the velocity alone", kind, score != nil, i, v,
						want[i])
				}
			}
		}
	}
}

// firsts remembers the first number of every prediction that a hook sees, which it changes.
type firsts []float64

func (*firsts) Before(context.Context, *ito.Step) error { return nil }
func (*firsts) After(context.Context, *ito.Step) error  { return nil }
func (f *firsts) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	*f = append(*f, e.Pred.X[0])
	e.Pred.X[0] *= .9
	return nil
}

// A field of velocity and score halves the calls of the two, for the same bytes, and hooks see the velocity.
func TestInterpolantSDEByOneCall(t *testing.T) {
	const steps = 20
	p := path.Interpolant{}
	b := must(field.NewInterpolant(p, must(field.Independent(three, two))))
	g := must(solve.Ends(p, 1, 0, steps))
	var seen [2]firsts
	var ends [2]ito.States
	for i, sde := range []solve.InterpolantSDE{{Score: b.Score()}, {Both: b.Both()}} {
		x := ito.NewStates(5, 1, 0)
		if err := two.Draw(x, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		info := must(solve.Run(ctx, p, b, x, g, sde, solve.RunOptions{Noise: ito.Seed(2), Hooks: []ito.Hook{&seen[i]}}))
		if calls := steps * (2 - i); info.Evals[0] != calls || steps*sde.Info().Evals != calls {
			t.Errorf("%d calls, %d a step, want %d", info.Evals[0], sde.Info().Evals, calls)
		}
		ends[i] = x
	}
	if !slices.Equal(ends[0].X, ends[1].X) || !slices.Equal(seen[0], seen[1]) || len(seen[0]) != steps {
		t.Errorf("one call: %v, two: %v", ends[1].X, ends[0].X)
	}
}

// A row's bytes do not depend on its batch.
func TestInterpolantRowsAlone(t *testing.T) {
	p := path.Interpolant{}
	b := must(field.NewInterpolant(p, must(field.Independent(three, two))))
	all := ito.NewStates(8, 1, 3)
	if err := two.Draw(all, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	start := all.Clone()
	g := must(solve.Uniform(p, 1, 0, 20))
	if _, err := solve.Run(ctx, p, b, all, g, solve.InterpolantSDE{Score: b.Score()},
		solve.RunOptions{Noise: ito.Seed(2)}); err != nil {
		t.Fatal(err)
	}
	for i := range all.N {
		one := start.Slice(i, i+1).Clone()
		if _, err := solve.Run(ctx, p, b, one, g, solve.InterpolantSDE{Score: b.Score()},
			solve.RunOptions{Noise: ito.Seed(2)}); err != nil {
			t.Fatal(err)
		}
		if one.X[0] != all.X[i] {
			t.Errorf("row %d: %v alone, %v in the batch", i, one.X[0], all.X[i])
		}
	}
}

// The likelihood of the ODE is the exact density (1e-6 at tolerance 1e-9), that of the SDE is within four standard
// errors and the error of its steps.
func TestInterpolantLikelihood(t *testing.T) {
	p := path.Interpolant{Noise: path.QuadraticNoise}
	b := must(field.NewInterpolant(p, must(field.Independent(three, two))))
	x := ito.NewStates(6, 1, 0)
	copy(x.X, []float64{-6.5, -3, 0, .4, 5, 6})
	want := make([]float64, x.N)
	if err := b.LogDensity(ctx, want, x, ito.Times{0}); err != nil {
		t.Fatal(err)
	}
	drawn := func(ctx context.Context, dst []float64, x ito.States) error {
		return b.LogDensity(ctx, dst, x, ito.Times{1})
	}
	ode := must(solve.Likelihood{Tol: 1e-9, Density: drawn}.Rows(ctx, p, b, x))
	for i, w := range want {
		if math.Abs(ode.LogP[i]-w) > 1e-6 {
			t.Errorf("ODE at %g: log p = %.8f, want %.8f", x.X[i], ode.LogP[i], w)
		}
	}
	// A score that was learned as η is another field of the same s.
	few := solve.InterpolantLikelihood{SDE: solve.InterpolantSDE{Score: b.Score()}, Density: drawn, Steps: 20, Draws: 2}
	s := must(few.Rows(ctx, p, b, x))
	few.SDE.Score = b.Eta()
	for i, v := range must(few.Rows(ctx, p, b, x)).LogP {
		if math.Abs(v-s.LogP[i]) > 1e-9*(1+math.Abs(v)) {
			t.Errorf("with η at %g: log p = %.12g, with s %.12g", x.X[i], v, s.LogP[i])
		}
	}
	if testing.Short() {
		return
	}
	for _, ε := range []float64{.2, 1} {
		sde := must(solve.InterpolantLikelihood{SDE: solve.InterpolantSDE{Score: b.Score(),
			Epsilon: func(float64) float64 { return ε }},
			Density: drawn, Steps: 1000, Draws: 16}.Rows(ctx, p, b, x))
		for i, w := range want {
			if e := math.Abs(sde.LogP[i] - w); e > 4*sde.Err[i]+.02 {
				t.Errorf("SDE, ε=%g, at %g: log p = %.4f ± %.4f, want %.4f", ε, x.X[i], sde.LogP[i], sde.Err[i], w)
			}
		}
	}
}

func TestInterpolantSolverRefusals(t *testing.T) {
	p := path.Interpolant{}
	b := must(field.NewInterpolant(p, must(field.Independent(three, two))))
	g := ito.Grid{1, .5, 0}
	run := func(p ito.Path, f ito.Field, s ito.Solver) error {
		_, err := solve.Run(ctx, p, f, ito.NewStates(2, 1, 0), g, s, solve.RunOptions{})
		return err
	}
	for what, err := range map[string]error{
		"v for b": run(p, b.Reduced(), solve.Heun{}), "s for b": run(p, b.Score(), solve.Euler{}),
		"em": run(p, b, solve.EM{}), "ddim": run(p, b, solve.DDIM{}),
		"no score": run(p, b, solve.InterpolantSDE{}), "b for s": run(p, b, solve.InterpolantSDE{Score: b}),
		"s for b in the sde": run(p, b.Score(), solve.InterpolantSDE{Score: b.Score()}),
		"negative ε": run(p, b, solve.InterpolantSDE{Score: b.Score(),
			Epsilon: func(float64) float64 { return -1 }}),
		"b for both":     run(p, b, solve.InterpolantSDE{Both: b}),
		"s beside both":  run(p, b.Score(), solve.InterpolantSDE{Both: b.Both()}),
		"score and both": run(p, b, solve.InterpolantSDE{Both: b.Both(), Score: b.Score()}),
		"both for b":     run(p, b.Both(), solve.Heun{}),
		"linear":         run(must(path.NewCLD(path.CLDConfig{D: 1})), b, solve.InterpolantSDE{Score: b.Score()}),
		"no density": second1(solve.InterpolantLikelihood{SDE: solve.InterpolantSDE{Score: b.Score()}}.Rows(ctx,
			p, b, ito.NewStates(1, 1, 0))),
		"b for the score": second1(solve.InterpolantLikelihood{SDE: solve.InterpolantSDE{Score: b},
			Density: func(context.Context, []float64, ito.States) error { return nil }}.Rows(ctx, p, b,
			ito.NewStates(1, 1, 0))),
		"no prior": second1(solve.Likelihood{}.Rows(ctx, p, b, ito.NewStates(1, 1, 0))),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if solve.BestEpsilon(4, 1) != 2 {
		t.Error("the best ε")
	}
}

func second1[T any](_ T, err error) error { return err }
