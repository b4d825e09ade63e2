package solve_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// Guided Gaussians of one variance are a Gaussian at the guided mean.
func TestGuideIsExactOnGaussians(t *testing.T) {
	for _, kind := range every() {
		f := classes{path.VP{}, kind}
		x, start, info := hooked(t, f, solve.Dopri5{Tol: 1e-9}, 3, 1, solve.Guide{W: 2.5})
		closeTo(t, "guided flow by "+kind.String(), x, flowOf(start, []float64{2.5, -1.25}), 1e-6)
		y, _, _ := hooked(t, field.Guided{Field: f, W: 2.5}, solve.DPMpp{}, 3, 10)
		x, _, info = hooked(t, f, solve.DPMpp{}, 3, 10, solve.Guide{W: 2.5})
		closeTo(t, "a hook and a field", x, y, 0)
		if info.Evals[0] != 20 {
			t.Errorf("%d network calls in 10 guided steps", info.Evals[0])
		}
	}
}

// On an interval, the nodes inside are guided and paid for, the others are the condition's.
func TestGuideOnAnInterval(t *testing.T) {
	f := classes{path.VP{}, ito.PredEps}
	g := must(solve.LogSNR(path.VP{}, 1, 1e-3, 8))
	var a, s [1]float64
	rho := make([]float64, 8)
	for i := range rho {
		path.VP{}.Schedule(g[i], a[:], s[:], nil, nil)
		rho[i] = s[0] / a[0]
	}
	h := solve.Guide{W: 3, Lo: (rho[5] + rho[6]) / 2, Hi: (rho[2] + rho[3]) / 2} // nodes 3, 4 and 5
	x, start, info := hooked(t, f, solve.DDIM{}, 4, 8, h)
	if info.Evals[0] != 8+3 {
		t.Errorf("%d network calls for 8 steps of which 3 are guided", info.Evals[0])
	}
	c := ito.Cond{C: 2, X: []float64{1, -.5, 1, -.5, 1, -.5, 1, -.5}}
	for _, part := range []struct {
		w        float64
		from, to int
	}{{1, 0, 3}, {3, 3, 6}, {1, 6, 8}} {
		if _, err := solve.Run(ctx, path.VP{}, field.Guided{Field: f, W: part.w}, start, g[part.from:part.to+1],
			solve.DDIM{}, solve.RunOptions{Cond: c}); err != nil {
			t.Fatal(err)
		}
	}
	closeTo(t, "an interval", x, start, 1e-12)
}

// With Rescale 1 the spread of a row is that of the conditional prediction.
func TestGuideRescaled(t *testing.T) {
	f := classes{path.VP{}, ito.PredEps}
	seen := 0
	check := spy{func(s *ito.Step, e ito.Evaluation) error {
		c := e.Pred.Clone()
		if err := f.Predict(ctx, c, e.X, e.T, e.Cond); err != nil {
			return err
		}
		for i := range c.N {
			got, want := e.Pred.Row(i), c.Row(i)
			if math.Abs(math.Abs(got[0]-got[1])-math.Abs(want[0]-want[1])) > 1e-12 {
				t.Errorf("a row spreads by %g, want %g", got[0]-got[1], want[0]-want[1])
			}
		}
		seen++
		return nil
	}}
	hooked(t, f, solve.DDIM{}, 4, 5, solve.Guide{W: 4, Rescale: 1}, check)
	if seen != 5 {
		t.Errorf("looked at %d predictions", seen)
	}
	x := ito.NewStates(1, 2, 0)
	_, err := solve.Run(ctx, path.VP{}, f, x, ito.Grid{1, .5}, solve.DDIM{},
		solve.RunOptions{Hooks: []ito.Hook{solve.Guide{W: 2}}})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("guidance without a condition: %v", err)
	}
}

// A classifier of noisy states turns the field of all data into that of one class.
func TestClassifierIsBayes(t *testing.T) {
	// x0 ~ N(0, 1), y = x0 + N(0, 1/3) seen as (1, −.5)·4/3: then x0 | y ~ N((1, −.5), ¼)
	for _, kind := range every() {
		f := must(must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0,
			1}})).As(kind))
		grad := func(_ context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
			var a, s [1]float64
			for i := range x.N {
				path.VP{}.Schedule(t.At(i), a[:], s[:], nil, nil)
				α, σ := a[0], s[0]
				v := α*α + σ*σ // y | x_t ~ N(αx_t/v, 1/3 + σ²/v)
				for j, z := range x.Row(i) {
					y := []float64{4. / 3, -2. / 3}[j]
					dst.Row(i)[j] = (y - α*z/v) / (1./3 + σ*σ/v) * α / v
				}
			}
			return nil
		}
		x, start, _ := hooked(t, f, solve.Dopri5{Tol: 1e-9}, 3, 1, solve.Classifier{Scale: 1, Gradient: grad})
		closeTo(t, "classifier by "+kind.String(), x, flowOf(start, []float64{1, -.5}), 1e-6)
	}
}
