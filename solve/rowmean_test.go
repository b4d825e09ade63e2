package solve_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// ownMeans is the exact field of a mixture on mean-reverting paths with the μ of each row's condition.
type ownMeans struct {
	kind ito.Prediction
	mix  field.Mixture
}

func (f ownMeans) Kind() ito.Prediction { return f.kind }
func (f ownMeans) OutDim(d int) int     { return d }
func (f ownMeans) at(c []float64) *field.Exact {
	return must(must(field.NewMixture(must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta,
		SigmaInf: .3, Mean: c})), f.mix)).As(f.kind)).(*field.Exact)
}
func (f ownMeans) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	for i := range x.N {
		if err := f.at(c.Row(i)).Predict(ctx, dst.Slice(i, i+1), x.Slice(i, i+1), ito.Times{t.At(i)},
			ito.Cond{}); err != nil {
			return err
		}
	}
	return nil
}
func (f ownMeans) Divergence(ctx context.Context, div []float64, x ito.States, t ito.Times, c ito.Cond) error {
	for i := range x.N {
		if err := f.at(c.Row(i)).Divergence(ctx, div[i:i+1], x.Slice(i, i+1), ito.Times{t.At(i)},
			ito.Cond{}); err != nil {
			return err
		}
	}
	return nil
}

// fromMean is the field of a row seen from its mean.
type fromMean struct {
	ownMeans
	mean ito.Cond
}

func (f fromMean) Predict(ctx context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	x = x.Clone()
	matrix.AddScaled(x.X, 1, f.mean.X)
	if err := f.ownMeans.Predict(ctx, dst, x, t, f.mean); err != nil {
		return err
	}
	if f.kind == ito.PredX0 {
		matrix.AddScaled(dst.X, -1, f.mean.X)
	}
	return nil
}

// see records what a hook is shown.
type see struct {
	t    *testing.T
	x, p []float64
}

func (h *see) Before(_ context.Context, s *ito.Step) error { h.x = append(h.x, s.X.X...); return nil }
func (h *see) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	if s.Path.Name() != "centred" && s.Path.Name() != "reverting" {
		h.t.Errorf("the hook sees path %s", s.Path.Name())
	}
	h.p = append(append(h.p, e.X.X...), e.Pred.X...)
	return nil
}
func (h *see) After(_ context.Context, s *ito.Step) error { h.x = append(h.x, s.X.X...); return nil }

// Every solver with a μ in each row's condition gives what it gives on the path with that μ, to
// rounding; hooks and trajectories see the same states and predictions; so does the likelihood.
func TestRowMeanRunsEverySolver(t *testing.T) {
	ctx := context.Background()
	mix := field.Mixture{D: 2, Means: []float64{1, 0, -.7, .8}, Var: []float64{.04, .09}}
	inner := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3}))
	p := must(path.NewRowMean(inner, 0))
	const n = 3
	c := ito.Cond{C: 2, X: []float64{.4, -.3, 0, 1, -.5, .2}}
	start := ito.NewStates(n, 2, 5)
	if err := p.Prior(start, c, ito.Seed(3)); err != nil {
		t.Fatal(err)
	}
	grid := must(solve.LogSNR(inner, 1, .01, 12))
	for _, s := range solve.All() {
		if !serves(p, s) {
			continue
		}
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore} {
			f := ownMeans{kind, mix}
			x, hook := start.Clone(), &see{t: t}
			var traced []float64
			info, err := solve.Run(ctx, p, f, x, grid, s, solve.RunOptions{Cond: c, Hooks: []ito.Hook{hook},
				Trajectory: func(_ int, _ float64, x ito.States) error { traced = append(traced, x.X...); return nil }})
			if err != nil {
				t.Errorf("%s: %v", s.Info().Name, err)
				continue
			}
			for i := range n {
				own := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3,
					Mean: c.Row(i)}))
				want, alone := start.Slice(i, i+1).Clone(), &see{t: t}
				if _, err := solve.Run(ctx, own, f.at(c.Row(i)), want, grid, s,
					solve.RunOptions{Hooks: []ito.Hook{alone}}); err != nil {
					t.Fatal(err)
				}
				if s.Info().Adaptive && s.Info().Stochastic {
					// accepted steps and a rough Brownian path make much of rounding: to the bit with the path around μ
					copy(want.X, start.Row(i))
					matrix.AddScaled(want.X, -1, c.Row(i))
					if _, err := solve.Run(ctx, inner, fromMean{f, c.Slice(i, i+1)}, want, grid, s,
						solve.RunOptions{}); err != nil {
						t.Fatal(err)
					}
					matrix.AddScaled(want.X, 1, c.Row(i))
					if !slices.Equal(want.X, x.Row(i)) {
						t.Errorf("%s, %s, row %d: %v, around its mean %v", s.Info().Name, kind, i, x.Row(i), want.X)
					}
				}
				for k, w := range want.X {
					if e := math.Abs(x.Row(i)[k] - w); e > tol(s) {
						t.Errorf("%s, %s, row %d: %g, want %g", s.Info().Name, kind, i, x.Row(i)[k], w)
					}
				}
				if i == 0 && !s.Info().Adaptive {
					for k := range 2 {
						if len(hook.p) != n*len(alone.p) || math.Abs(hook.p[k]-alone.p[k])+math.Abs(
							hook.p[2*n+k]-alone.p[2+k]) > 1e-9*(1+math.Abs(alone.p[2+k])) {
							t.Errorf("%s, %s: a hook is shown %v, want %v", s.Info().Name, kind, hook.p[:4*n],
								alone.p[:4])
						}
					}
				}
			}
			if last := traced[len(traced)-2*n:]; math.Abs(last[0]-x.X[0]) > 1e-12 ||
				math.Abs(traced[0]-start.X[0]) > 1e-12 || len(info.Evals) != n {
				t.Errorf("%s: trajectory %v, states %v", s.Info().Name, last, x.X)
			}
		}
	}
	for _, kind := range every() { // the exact field and conversions know the means
		x := start.Clone()
		got, want, turned := x.Like(2), x.Like(2), x.Like(2)
		exact := must(must(field.NewMixture(p, mix)).As(kind))
		other := must(field.As(ownMeans{(kind + 1) % 4, mix}, p, kind))
		for _, at := range []float64{.8, .3, .05} {
			err := errors.Join(exact.Predict(ctx, got, x, ito.Times{at}, c), other.Predict(ctx, turned, x,
				ito.Times{at}, c),
				ownMeans{kind, mix}.Predict(ctx, want, x, ito.Times{at}, c))
			if err != nil {
				t.Fatal(err)
			}
			closeTo(t, "exact "+kind.String(), got, want, 1e-10)
			closeTo(t, "converted "+kind.String(), turned, want, 1e-9)
		}
	}
	f := ownMeans{ito.PredScore, mix}
	x := start.Like(2)
	ito.Seed(8).Normal(x, rng.PurposeUser, 0, 0)
	got := must(solve.Likelihood{Cond: c}.Rows(ctx, p, f, x))
	own := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3, Mean: c.Row(1)}))
	want := must(solve.Likelihood{}.Rows(ctx, own, f.at(c.Row(1)), x.Slice(1, 2)))
	if math.Abs(got.LogP[1]-want.LogP[0]) > 1e-3 || !got.Exact {
		t.Errorf("log p = %g, want %g", got.LogP[1], want.LogP[0])
	}
}

// ownX0 predicts an x0 that is a function of state, coordinate and time, of no data.
type ownX0 func(k int, x, t float64) float64

func (ownX0) Kind() ito.Prediction { return ito.PredX0 }
func (ownX0) OutDim(d int) int     { return d }

func (f ownX0) Predict(_ context.Context, dst, x ito.States, t ito.Times, _ ito.Cond) error {
	for i := range x.N {
		for k, v := range x.Row(i) {
			dst.Row(i)[k] = f(k, v, t.At(i))
		}
	}
	return nil
}

// DPM-Solver++(2M) on a path that reverts to a mean is the second-order sampler with data prediction that was
// published for such paths (mr-sampler 896764c, eq. of ODE-2), written out here in x with its terms in μ, for any
// predicted x0.
func TestMeanRevertingClosedForm(t *testing.T) {
	μ := []float64{.4, -.3}
	p := must(path.NewReverting(path.RevertingConfig{Theta: path.ConstantTheta, SigmaInf: .3, Mean: μ}))
	grid := ito.Grid{1, .7, .45, .2, .08, .02}
	predicted := ownX0(func(k int, x, t float64) float64 { return math.Tanh(3*x) / (float64(k) + 1 + t) })
	x := ito.NewStates(1, 2, 0)
	copy(x.X, []float64{.7, -.2})
	want := append([]float64(nil), x.X...)
	if _, err := solve.Run(ctx, p, predicted, x, grid, solve.DPMpp{Order: 2, Second: solve.SecondTaylor,
		LowerFinal: -1}, solve.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	αs, σs := make([]float64, len(grid)), make([]float64, len(grid))
	for i, at := range grid {
		p.Schedule(at, αs[i:i+1], σs[i:i+1], nil, nil)
	}
	var last [2]float64
	for i := range len(grid) - 1 {
		a, b := αs[i], αs[i+1]
		h, r := math.Log(b/σs[i+1])-math.Log(a/σs[i]), σs[i+1]/σs[i]
		f1 := math.Expm1(-h)
		f2 := f1/h + 1
		for k, v := range want {
			x0, d := predicted(k, v, grid[i]), 0.
			if i > 0 {
				d = (x0 - last[k]) * h / (math.Log(a/σs[i]) - math.Log(αs[i-1]/σs[i-1]))
			}
			last[k] = x0
			want[k] = r*v - b*(f1*x0-f2*d) + μ[k]*(1-r+r*a-b)
		}
	}
	for k, v := range want {
		if e := math.Abs(x.X[k] - v); e > 1e-14 {
			t.Errorf("coordinate %d is %.15g, by the published step %.15g", k, x.X[k], v)
		}
	}
}

// tol is rounding, or what an adaptive method leaves: its error is measured against |x|, which the centre changes.
func tol(s ito.Solver) float64 {
	if s.Info().Adaptive {
		return 1e-3
	}
	return 1e-8
}
