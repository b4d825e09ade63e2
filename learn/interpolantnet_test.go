package learn

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// twoHeads is a network of two targets that is not at its start, and the law of two ends that it could have learned.
func twoHeads() (*nn.Weights, field.Pairs) {
	net := must(nn.New(nn.MLP{Width: 16, Depth: 2}, nn.Flat(2, 4, 1), 5))
	for i := range net.Params {
		net.Params[i] += .1 * float32(math.Sin(float64(i)))
	}
	law := must(field.Independent(field.Mixture{D: 2, Means: []float64{-3, 2}, Var: []float64{1, 2}},
		field.Mixture{D: 2, Means: []float64{1, 0}, Var: []float64{1.5, .5}}))
	return net, law
}

// Derivatives of the network's predictions by differences, in float64.
func TestInterpolantNetDerivatives(t *testing.T) {
	net, law := twoHeads()
	f := must(field.NewBetween(path.Interpolant{}, net, law.Moments(), []path.InterpolantTarget{path.TargetV,
		path.TargetEta}, ito.PredVelocity)).Float64()
	x := ito.NewStates(3, 2, 0)
	copy(x.X, []float64{-1, 2, .5, .3, 1, -1})
	at, c := ito.Times{.2, .5, .9}, ito.Cond{C: 1, X: []float64{0, 1, -1}}
	ctx := context.Background()
	for _, kind := range []ito.Prediction{ito.PredVelocity, ito.PredScore, ito.PredEps} {
		g := must(f.As(kind)).(*field.Net)
		div, w, dx := make([]float64, 3), x.Like(2), x.Like(2)
		copy(w.X, []float64{1, -.5, .3, 2, 1, 1})
		if err := errors.Join(g.Divergence(ctx, div, x, at, c), g.VJP(ctx, dx, x, at, c, w)); err != nil {
			t.Fatal(err)
		}
		const h = 1e-5
		want, dwant := make([]float64, 3), x.Like(2)
		for k := range 2 {
			up, down, a, b := x.Clone(), x.Clone(), x.Like(2), x.Like(2)
			for i := range 3 {
				up.Row(i)[k] += h
				down.Row(i)[k] -= h
			}
			if err := errors.Join(g.Predict(ctx, a, up, at, c), g.Predict(ctx, b, down, at, c)); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				for j := range 2 {
					d := (a.Row(i)[j] - b.Row(i)[j]) / (2 * h)
					dwant.Row(i)[k] += w.Row(i)[j] * d
					if j == k {
						want[i] += d
					}
				}
			}
		}
		for i, v := range want {
			if math.Abs(div[i]-v) > 1e-6*(1+math.Abs(v)) {
				t.Errorf("%s: divergence %g, difference %g", kind, div[i], v)
			}
		}
		for i, v := range dwant.X {
			if math.Abs(dx.X[i]-v) > 1e-6*(1+math.Abs(v)) {
				t.Errorf("%s: VJP %g, difference %g", kind, dx.X[i], v)
			}
		}
	}
}

// Velocity and score by one call have the bytes of two, with a condition and with guidance, and no derivatives.
func TestInterpolantNetGivesBoth(t *testing.T) {
	net, law := twoHeads()
	x := ito.NewStates(3, 2, 0)
	copy(x.X, []float64{-1, 2, .5, .3, 1, -1})
	at, c := ito.Times{.2, .5, .9}, ito.Cond{C: 1, X: []float64{.5, 1, -1}}
	ctx := context.Background()
	for _, targets := range [][]path.InterpolantTarget{{path.TargetB, path.TargetEta}, {path.TargetV, path.TargetS}} {
		b := must(field.NewBetween(path.Interpolant{}, net, law.Moments(), targets, ito.PredVelocity))
		both, s := must(b.As(path.PredBoth)).(*field.Net), must(b.As(ito.PredScore))
		for _, w := range []float64{1, 2} {
			get := func(f ito.Field) ito.States {
				if w != 1 {
					f = field.Guided{Field: f, W: w}
				}
				y := x.Like(f.OutDim(2))
				if err := f.Predict(ctx, y, x, at, c); err != nil {
					t.Fatal(err)
				}
				return y
			}
			two, v, u := get(both), get(b), get(s)
			for i := range x.N {
				if !slices.Equal(two.Row(i), slices.Concat(v.Row(i), u.Row(i))) {
					t.Errorf("%v, guidance %g: both are %v, one by one %v and %v", targets, w, two.Row(i), v.Row(i),
						u.Row(i))
				}
			}
		}
		if err := both.VJP(ctx, x.Like(2), x, at, c, x); !errors.Is(err, ito.ErrInput) {
			t.Errorf("VJP of both: %v", err)
		}
		if err := both.Divergence(ctx, make([]float64, 3), x, at, c); !errors.Is(err, ito.ErrInput) {
			t.Errorf("divergence of both: %v", err)
		}
	}
	alone := must(field.NewBetween(path.Interpolant{Noise: path.NoNoise},
		must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 2, 0), 1)), law.Moments(),
		[]path.InterpolantTarget{path.TargetB}, ito.PredVelocity))
	if f, err := alone.As(path.PredBoth); f != nil || !errors.Is(err, ito.ErrInput) {
		t.Errorf("both of b alone: %v", err)
	}
}

// The log density that the SDE of a network estimates, on Gaussian ends where the network is exact: within four of its
// standard errors and .02 for its steps.
func TestLikelihoodOfAnInterpolantNet(t *testing.T) {
	g0, g1 := field.Mixture{D: 2, Means: []float64{-3, 2}, Var: []float64{1, 2}},
		field.Mixture{D: 2, Means: []float64{1, 0}, Var: []float64{1.5, .5}}
	law := must(field.Independent(g0, g1))
	p := path.Interpolant{}
	f := must(field.NewBetween(p, must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 4, 0), 1)), law.Moments(),
		[]path.InterpolantTarget{path.TargetB, path.TargetEta}, ito.PredVelocity))
	exact := must(field.NewInterpolant(p, law))
	x := ito.NewStates(4, 2, 0)
	if err := g0.Draw(x, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	sde := solve.InterpolantLikelihood{SDE: solve.InterpolantSDE{Score: must(f.As(ito.PredScore)),
		Epsilon: func(float64) float64 { return .5 }}, Steps: 300,
		Density: func(ctx context.Context, dst []float64, x ito.States) error {
			return exact.LogDensity(ctx, dst, x, ito.Times{1})
		}}
	got := must(sde.Rows(context.Background(), p, f, x))
	want := make([]float64, 4)
	if err := exact.LogDensity(context.Background(), want, x, ito.Times{0}); err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if math.Abs(got.LogP[i]-w) > 4*got.Err[i]+.02 {
			t.Errorf("row %d: %.3f ± %.3f, exact %.3f", i, got.LogP[i], got.Err[i], w)
		}
	}
}
