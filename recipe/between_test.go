package recipe

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/store"
)

// betweenConfig is a small training of an interpolant.
func betweenConfig(steps int) TrainConfig {
	c := DefaultTrain()
	c.Path, c.Steps, c.Width, c.Depth, c.Batch, c.Warmup = "interpolant", steps, 16, 2, 32, 5
	return c
}

// A training between two sets of rows that was stopped goes on to the same network, and refuses other rows at the
// drawn end.
func TestBetweenResumes(t *testing.T) {
	ctx := context.Background()
	from := must(data.Builtin("moons", 200, 2))
	file := filepath.Join(t.TempDir(), "c")
	cfg := betweenConfig(60)
	whole, _, err := FitBetween(ctx, moons(300), from, cfg, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	stop, cancel := context.WithCancel(ctx)
	f := &fit{table: moons(300), from: from, cfg: cfg, run: RunOptions{Checkpoint: store.CheckpointFile(file),
		Every: time.Nanosecond}}
	if err := f.begin(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := f.learn(&stopAfter{stop, f, 21}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cancel()
	if _, _, err := FitBetween(ctx, moons(300), must(data.Builtin("moons", 200, 3)), cfg,
		RunOptions{Checkpoint: store.CheckpointFile(file), Resume: true}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("other rows: %v", err)
	}
	m, _, err := FitBetween(ctx, moons(300), from, cfg, RunOptions{Checkpoint: store.CheckpointFile(file),
		Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(params(m), params(whole)) {
		t.Error("a resumed training ended elsewhere")
	}
}

// Sample i starts at row i and its bytes do not depend on the chunk, by the flow and by the SDE; without noise they
// are the same.
func TestSampleBetween(t *testing.T) {
	ctx := context.Background()
	from := must(data.Builtin("moons", 50, 2))
	m, _, err := FitBetween(ctx, moons(300), from, betweenConfig(20), RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultSample()
	cfg.N, cfg.NFE, cfg.Start = 60, 20, from.States()
	flow := must(Collect(ctx, m, cfg, RunOptions{}))
	cfg.Chunk = 7
	if again := must(Collect(ctx, m, cfg, RunOptions{})); !reflect.DeepEqual(again.X, flow.X) {
		t.Error("other chunks, other bytes")
	}
	if !reflect.DeepEqual(flow.Row(3), flow.Row(53)) {
		t.Error("the rows do not start again after the last")
	}
	cfg.Solver = "interpolant-sde"
	if sde := must(Collect(ctx, m, cfg, RunOptions{})); reflect.DeepEqual(sde.Row(3), sde.Row(53)) {
		t.Error("the SDE has no noise")
	}
	cfg.Epsilon = 0
	still := must(Collect(ctx, m, cfg, RunOptions{}))
	cfg.Solver, cfg.Epsilon = "euler", 1 // as the SDE, one call a step
	if euler := must(Collect(ctx, m, cfg, RunOptions{})); !near(euler.X, still.X, 1e-12) {
		t.Error("without noise the SDE is not Euler's flow")
	}
	for what, spoil := range map[string]func(*SampleConfig){
		"no rows":       func(c *SampleConfig) { c.Start = ito.States{} },
		"other columns": func(c *SampleConfig) { c.Start = ito.NewStates(2, 3, 0) },
		"moments":       func(c *SampleConfig) { c.Prior = "moments" },
		"ε of heun":     func(c *SampleConfig) { c.Solver, c.Epsilon = "heun", 2 },
	} {
		bad := cfg
		spoil(&bad)
		if _, err := Collect(ctx, m, bad, RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The SDE takes a step for each call. Without a word the steps are fine at the ends where γ̇ has no bound, and only
// there.
func TestBetweenGrid(t *testing.T) {
	ctx := context.Background()
	from := must(data.Builtin("moons", 50, 2))
	for _, c := range []struct{ family, noise, grid string }{{"linear", "auto", "ends"}, {"trig", "brownian", "ends"},
		{"mirror", "brownian", "ends"},
		{"linear", "quadratic", "uniform"}, {"linear", "none", "uniform"}, {"encdec", "auto", "uniform"}} {
		train := betweenConfig(2)
		train.Family, train.Noise = c.family, c.noise
		m, _, err := FitBetween(ctx, moons(300), from, train, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := DefaultSample()
		cfg.N, cfg.NFE, cfg.Start = 5, 9, from.States()
		if c.noise != "none" {
			cfg.Solver = "interpolant-sde"
		}
		auto := must(Collect(ctx, m, cfg, RunOptions{}))
		cfg.Grid = c.grid
		named := must(Collect(ctx, m, cfg, RunOptions{}))
		if !reflect.DeepEqual(auto.X, named.X) {
			t.Errorf("%+v: it is another grid", c)
		}
		r, err := Sample(ctx, m, cfg, RunOptions{}, func(ito.States) error { return nil })
		if err != nil || cfg.Solver == "interpolant-sde" && (r.Steps != 9 || r.NFE != 9) {
			t.Errorf("%+v: %d steps and %d calls, %v", c, r.Steps, r.NFE, err)
		}
	}
}

func near(a, b []float64, tol float64) bool {
	for i := range a {
		if d := a[i] - b[i]; d > tol || d < -tol {
			return false
		}
	}
	return len(a) == len(b)
}
