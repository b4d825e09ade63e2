package learn

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// restored are rows beside degraded ones, which are far from each other: x_0 − μ is ±1 in the first column, with the
// sign of a third number of the condition, and normal with sd .3 in both.
func restored(n int) Data {
	x, z := ito.NewStates(n, 2, 0), ito.NewStates(n, 5, 0)
	ito.Seed(7).Normal(z, rng.PurposeUser, 0, 0)
	c := ito.Cond{C: 3, X: make([]float64, 3*n)}
	for i := range n {
		sign := math.Copysign(1, z.Row(i)[0])
		c.X[3*i] = sign
		for k := range 2 {
			c.X[3*i+1+k] = 2 * z.Row(i)[1+k]
			x.Row(i)[k] = c.X[3*i+1+k] + .3*z.Row(i)[3+k]
		}
		x.Row(i)[0] += sign
	}
	return Data{X: x, Cond: c}
}

func trainRestored(t *testing.T, p ito.Path, o Objective, steps int, pool *ad.Pool) *field.Net {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Objective, cfg.Batch, cfg.Steps = o, 128, max(steps, 1)
	d := restored(2000)
	net := must(nn.New(nn.MLP{Width: 32, Depth: 2}, nn.Flat(2, 2, 3), 1))
	tr := must(NewTrainer(cfg, net, d, Drawn{}))
	if err := errors.Join(tr.Bind(p), tr.Run(context.Background(), steps, LoopOptions{Pool: pool})); err != nil {
		t.Fatal(err)
	}
	return must(tr.Field())
}

// A network on a path around a mean of each row begins as the exact field of normal residuals, whatever the objective
// and the prediction.
func TestCentredBeginsWithTheGaussian(t *testing.T) {
	p := must(path.NewRowMean(path.VP{}, 1))
	d := restored(2000)
	residuals, err := residualMoments(p, d)
	if err != nil {
		t.Fatal(err)
	}
	if v := residuals.Variance(0); math.Abs(v-1.09) > .05 || math.Abs(residuals.Variance(1)-.09) > .01 {
		t.Fatalf("residuals have variances %v", residuals.Cov)
	}
	exact := must(field.NewGaussian(path.VP{}, residuals))
	for _, o := range []Objective{ScoreMatching{}, FlowMatching{}, Denoising{}} {
		f := trainRestored(t, p, o, 0, nil)
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore, ito.PredVelocity} {
			got, err := f.As(kind)
			if err != nil {
				t.Fatal(err)
			}
			want, err := exact.As(kind)
			if err != nil {
				t.Fatal(err)
			}
			x, y, z := ito.NewStates(50, 2, 0), ito.NewStates(50, 2, 0), ito.NewStates(50, 2, 0)
			copy(x.X, d.X.X)
			c, around := d.Cond.Slice(0, 50), x.Clone()
			for i := range x.N {
				for k := range 2 {
					around.Row(i)[k] -= c.Row(i)[1+k]
				}
			}
			if err := errors.Join(got.Predict(context.Background(), y, x, ito.Times{.4}, c),
				want.Predict(context.Background(), z, around, ito.Times{.4}, c)); err != nil {
				t.Fatal(err)
			}
			for i := range y.X {
				if kind == ito.PredX0 {
					z.X[i] += x.X[i] - around.X[i]
				}
				if math.Abs(y.X[i]-z.X[i]) > 1e-5*(1+math.Abs(z.X[i])) {
					t.Fatalf("%s, %v: %g, exactly %g", o.Name(), kind, y.X[i], z.X[i])
				}
			}
		}
	}
}

// After training the samples of a condition are at its mean and its sign, which no row of the data
// has; the weights do not depend on the workers.
func TestCentredLearnsWhatIsLeft(t *testing.T) {
	p := must(path.NewRowMean(path.VP{}, 1))
	f := trainRestored(t, p, ScoreMatching{}, 300, nil)
	pool := ad.NewPool(2)
	defer pool.Close()
	if again := trainRestored(t, p, ScoreMatching{}, 300, pool); !slices.Equal(again.Weights.Params, f.Weights.Params) {
		t.Error("two workers train other weights")
	}
	const n = 400
	for _, sign := range []float64{1, -1} {
		x := ito.NewStates(n, 2, 0)
		c := ito.Cond{C: 3}
		for range n {
			c.X = append(c.X, sign, 3, -2)
		}
		if err := p.Prior(x, c, ito.Seed(3)); err != nil {
			t.Fatal(err)
		}
		lo, hi := p.Span()
		_, err := solve.Run(context.Background(), p, f, x, must(solve.Uniform(p, hi, lo, 20)), solve.Heun{},
			solve.RunOptions{Cond: c})
		if err != nil {
			t.Fatal(err)
		}
		mean, square := [2]float64{}, [2]float64{}
		for i := range n {
			for k, v := range x.Row(i) {
				r := v - []float64{3, -2}[k]
				mean[k] += r / n
				square[k] += r * r / n
			}
		}
		if math.Abs(mean[0]-sign) > .15 || math.Abs(mean[1]) > .1 || square[0]-mean[0]*mean[0] > .3 || square[1] > .2 {
			t.Errorf("sign %g: residuals of mean %v and second moment %v", sign, mean, square)
		}
	}
}

// What a path around means cannot be trained on is refused with the place.
func TestCentredRefuses(t *testing.T) {
	cfg := DefaultConfig()
	d := restored(10)
	try := func(cfg Config, d Data, from int, c int) error {
		tr, err := NewTrainer(cfg, must(nn.New(nn.MLP{Width: 4, Depth: 1}, nn.Flat(2, 2, c), 1)), d, Drawn{})
		if err != nil {
			return err
		}
		return tr.Bind(must(path.NewRowMean(path.VP{}, from)))
	}
	if err := try(cfg, d, 2, 3); !errors.Is(err, ito.ErrInput) { // the centre would begin at the last column
		t.Errorf("too few columns: %v", err)
	}
	if err := try(cfg, Data{X: d.X}, 0, 0); !errors.Is(err, ito.ErrInput) {
		t.Errorf("no condition: %v", err)
	}
	f := trainRestored(t, must(path.NewRowMean(path.VP{}, 1)), ScoreMatching{}, 0, nil)
	x := ito.NewStates(3, 2, 0)
	if err := f.Predict(context.Background(), x.Clone(), x, ito.Times{.5}, ito.Cond{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("predicted without a condition: %v", err)
	}
}
