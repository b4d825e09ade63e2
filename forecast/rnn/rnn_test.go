package rnn

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/store"
)

// sales are daily series of a week's season, noise of sd .3 and a promotion, known ahead, that adds 4.
func sales(series, n int) *forecast.Set {
	d := &forecast.Set{Name: "sales", Freq: forecast.Freq{N: 1, Unit: forecast.Day}}
	for i := range series {
		s := &forecast.Series{ID: fmt.Sprint(i), Freq: d.Freq, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		z, u := make([]float64, n), make([]float64, n)
		key := rng.NewKey(5, rng.PurposeTarget, 0, 0)
		key.Normals64(z, n, []uint64{uint64(i)})
		key.Uniforms64(u, n, []uint64{uint64(i)})
		promotion := make([]float64, n)
		for t := range n {
			if u[t] < .25 {
				promotion[t] = 1
			}
			s.Values = append(s.Values, 20+3*math.Sin(2*math.Pi*float64(t)/7)+4*promotion[t]+.3*z[t])
		}
		s.Values[3] = math.NaN()
		s.Known = []forecast.Covariate{{Name: "promotion", X: promotion}}
		d.Series = append(d.Series, s)
	}
	return d
}

func fit(t *testing.T, m RNN, d *forecast.Set, o forecast.FitOptions) forecast.Fitted {
	t.Helper()
	f, err := m.Fit(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestItLearnsAPromotion has a covariate that no method without covariates can use: the noise alone is left. An exact
// forecast has mean |error| .3·√(2/π) = .239 and covers 90 %.
func TestItLearnsAPromotion(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains for two seconds")
	}
	const h = 7
	d := sales(12, 150)
	f := fit(t, RNN{Width: 16, Layers: 1, Steps: 400, Batch: 16, LR: .01}, d.Until(h, h),
		forecast.FitOptions{Horizon: h,
			Seed: 1})
	var ws []forecast.Window
	for _, s := range d.Series {
		ws = append(ws, forecast.NewWindow(s, s.Len()-h, h))
	}
	fs, err := f.Predict(t.Context(), ws, forecast.Request{Levels: score.Levels(), Paths: 20})
	if err != nil {
		t.Fatal(err)
	}
	sum, inside := 0., 0.
	for i := range fs {
		low, high := fs[i].Quantile(1), fs[i].Quantile(len(fs[i].Levels)-2)
		for k, y := range d.Series[i].Values[150-h:] {
			sum += math.Abs(y - fs[i].Mean[k])
			if low[k] <= y && y <= high[k] {
				inside++
			}
		}
	}
	n := float64(len(fs) * h)
	if mae := sum / n; mae > .5 {
		t.Errorf("mean error %.3f; the noise leaves .239, and seasonal naive has 1.6", mae)
	}
	// 84 steps: a coverage of .9 has a standard error of .033
	if c := inside / n; c < .75 {
		t.Errorf("the interval of 90 %% covers %.2f", c)
	}
}

// TestSameBytes trains with other workers, with an interruption, and forecasts window by window: the same bytes.
func TestSameBytes(t *testing.T) {
	d := sales(3, 60)
	m := RNN{Width: 4, Layers: 1, Steps: 12, Batch: 3, LR: .01}
	o := forecast.FitOptions{Horizon: 5, Seed: 2}
	want := fit(t, m, d, o).(*fitted)
	pool := ad.NewPool(3)
	defer pool.Close()
	wide := o
	wide.Pool = pool
	if got := fit(t, m, d, wide).(*fitted); !slices.Equal(got.weights.Params, want.weights.Params) {
		t.Error("three workers make other weights")
	}
	turned := *d
	turned.Series = slices.Clone(d.Series)
	slices.Reverse(turned.Series)
	if got := fit(t, m, &turned, o).(*fitted); !slices.Equal(got.weights.Params, want.weights.Params) {
		t.Error("another order of the series makes other weights")
	}
	// interrupted after step 5, which a checkpoint keeps
	half := o
	half.Checkpoints, half.Every = store.CheckpointFile(filepath.Join(t.TempDir(), "c")), 5
	stop := errors.New("stop")
	saving := &failing{Checkpoints: half.Checkpoints, after: stop}
	broken := half
	broken.Checkpoints = saving
	if _, err := m.Fit(t.Context(), d, broken); !errors.Is(err, stop) {
		t.Fatalf("it was not interrupted: %v", err)
	}
	resumed := 0
	half.Progress = func(e learn.TrainEvent) { resumed++ }
	if got := fit(t, m, d, half).(*fitted); !slices.Equal(got.weights.Params, want.weights.Params) {
		t.Error("the resumed training has other weights")
	}
	other := half
	other.Seed++
	if _, err := m.Fit(t.Context(), d, other); !errors.Is(err, ito.ErrInput) {
		t.Errorf("the checkpoint of another seed is taken: %v", err)
	}
	var ws []forecast.Window
	for _, s := range d.Series {
		ws = append(ws, forecast.NewWindow(s, 50, 5))
	}
	r := forecast.Request{Levels: []float64{.1, .9}, Paths: 3, Seed: 1}
	all, err := want.Predict(t.Context(), ws, r)
	if err != nil {
		t.Fatal(err)
	}
	state, err := want.State()
	if err != nil {
		t.Fatal(err)
	}
	again, err := RNN{}.Restore(state)
	if err != nil {
		t.Fatal(err)
	}
	// what comes after the origin is another world
	s := *d.Series[1]
	s.Values = slices.Clone(s.Values)
	for k := 50; k < len(s.Values); k++ {
		s.Values[k] = 1e6
	}
	one, err := again.Predict(t.Context(), []forecast.Window{forecast.NewWindow(&s, 50, 5)}, r)
	if err != nil || !slices.Equal(one[0].Q, all[1].Q) || !slices.Equal(one[0].Paths, all[1].Paths) {
		t.Errorf("alone, restored, and in another future, the forecast is another: %v", err)
	}
	if _, err := again.Predict(t.Context(), []forecast.Window{forecast.NewWindow(&s, 50, 6)}, r); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a longer horizon: %v", err)
	}
	bare := s
	bare.Known = nil
	if _, err := again.Predict(t.Context(), []forecast.Window{forecast.NewWindow(&bare, 50, 5)}, r); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("a covariate less: %v", err)
	}
}

// failing keeps checkpoints and ends the run after the first.
type failing struct {
	store.Checkpoints
	after error
}

func (f *failing) Save(c *store.Checkpoint) error { return errors.Join(f.Checkpoints.Save(c), f.after) }

// TestOddSeries are short, constant, huge, tiny, and have no value in the context.
func TestOddSeries(t *testing.T) {
	d := &forecast.Set{Freq: forecast.Freq{N: 1, Unit: forecast.Day}}
	gone := make([]float64, 60)
	for i := range gone {
		gone[i] = math.NaN()
	}
	gone[0] = 3
	long := make([]float64, 60)
	huge, tiny := slices.Clone(long), slices.Clone(long)
	for i := range long {
		huge[i], tiny[i] = 1e100*float64(i%7), 1e-100*float64(i%5)
	}
	for i, x := range [][]float64{long, huge, tiny, gone, {1, 2}, {5}} {
		d.Series = append(d.Series, &forecast.Series{ID: fmt.Sprint(i), Freq: d.Freq, Values: x,
			Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	}
	f := fit(t, RNN{Width: 4, Layers: 1, Steps: 5, Batch: 8, LR: .01}, d, forecast.FitOptions{Horizon: 4})
	for _, s := range d.Series {
		fs, err := f.Predict(t.Context(), []forecast.Window{forecast.NewWindow(s, s.Len(), 4)},
			forecast.Request{Levels: []float64{.1, .5, .9}, Paths: 3})
		if err != nil {
			t.Errorf("series %s: %v", s.ID, err)
		} else if err := fs[0].Check(); err != nil {
			t.Error(err)
		}
	}
}
