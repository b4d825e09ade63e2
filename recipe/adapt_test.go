package recipe

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
)

// setOf are rows in the states of a model.
func setOf(m *ito.Model, n int, by float64) Set {
	t := moons(n)
	for i := range t.X {
		t.X[i] += by
	}
	return Set{Source: learn.Data{X: must(data.Apply(m.Transform, t))}, Name: "moved", Transform: m.Transform}
}

// A model on any path is adapted in any way: the weights at no step are the model's, SaRA leaves all others as they are
// to the bit, the bytes do not depend on workers or an interruption, and the delta goes through its file.
func TestAdaptsEveryPath(t *testing.T) {
	pool := ad.NewPool(2)
	defer pool.Close()
	for _, p := range []string{"vp", "edm", "flow", "vsdm", "cld", "pfgm"} {
		c := tiny()
		c.Path = p
		base, _, err := Fit(t.Context(), moons(300), c, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, how := range []nn.Adaptation{nn.LoRA{Rank: 2}, nn.SaRA{Fraction: .1}, nn.FullTuning{}} {
			a := Adapting{base, how}
			short := DefaultTrain()
			short.Steps, short.Batch, short.Warmup = 40, 32, 5
			cfg, err := a.For(short)
			if err != nil {
				t.Fatal(err)
			}
			d, r, err := FitAdapted(t.Context(), a, setOf(base, 200, 1), cfg, RunOptions{})
			if err != nil {
				t.Fatalf("%s, %s: %v", p, how.Kind(), err)
			}
			if again := interrupted(t, a, cfg, RunOptions{Pool: pool}); !slices.Equal(again, d.Trained) {
				t.Errorf("%s, %s: interrupted, on two workers, it is another delta", p, how.Kind())
			}
			file := filepath.Join(t.TempDir(), "d")
			if err := store.SaveDelta(file, base, d); err != nil {
				t.Fatal(err)
			}
			back, err := store.LoadDelta(file, base)
			if err != nil {
				t.Fatal(err)
			}
			m, err := back.Apply(base)
			if err != nil {
				t.Fatal(err)
			}
			changed := 0
			for i, v := range params(base) {
				if v != params(m)[i] {
					changed++
				}
			}
			if changed == 0 || how.Kind() == "sara" && changed > r.Trained || r.Params != len(params(m)) {
				t.Errorf("%s, %s: %d of %d weights changed, %d numbers trained", p, how.Kind(), changed, r.Params,
					r.Trained)
			}
			sample(t, m, RunOptions{}, nil)
			if _, err := store.LoadDelta(file, m); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s, %s: a delta is taken by another model: %v", p, how.Kind(), err)
			}
		}
	}
}

// interrupted is the delta of a training that is interrupted after some steps, and goes on.
func interrupted(t *testing.T, a Adapting, cfg TrainConfig, run RunOptions) []float32 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	run.Checkpoint, run.Every = store.CheckpointFile(filepath.Join(t.TempDir(), "c")), time.Nanosecond
	now := time.Unix(1, 0)
	run.Now = func() time.Time { // looked at when a checkpoint may be due
		if now = now.Add(time.Second); now.Unix() > 3 {
			stop()
		}
		return now
	}
	set := setOf(a.Base, 200, 1)
	if _, _, err := FitAdapted(ctx, a, set, cfg, run); !errors.Is(err, context.Canceled) {
		t.Fatalf("it was not interrupted: %v", err)
	}
	run.Resume, run.Now = true, nil
	d, _, err := FitAdapted(t.Context(), a, set, cfg, run)
	if err != nil {
		t.Fatal(err)
	}
	cfg.LR *= 2
	if _, _, err := FitAdapted(t.Context(), a, set, cfg, run); err == nil {
		t.Error("a checkpoint of other settings is taken")
	}
	return d.Trained
}

// With no steps the adapted model is the model: it stands in the same wrapping, by the moments of its own data.
func TestAdaptedByNothing(t *testing.T) {
	c := tiny()
	c.Path = "vp"
	base, _, err := Fit(t.Context(), moons(300), c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a := Adapting{base, nn.LoRA{Rank: 2}}
	cfg, err := a.For(DefaultTrain())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Steps, cfg.LR = 1, 1e-30
	f := &fit{set: setOf(base, 200, 5), cfg: cfg}
	if err := f.adapt(a); err != nil {
		t.Fatal(err)
	}
	if err := f.trainer.Bind(f.start); err != nil {
		t.Fatal(err)
	}
	net, err := f.trainer.Field()
	if err != nil {
		t.Fatal(err)
	}
	m := *base
	m.Field = net
	if x, y := sample(t, base, RunOptions{}, nil), sample(t, &m, RunOptions{}, nil); !slices.Equal(x.X, y.X) {
		t.Error("an adaptation of no steps samples otherwise than its model")
	}
}

// What the model decides cannot be given.
func TestAdaptingRefuses(t *testing.T) {
	c := tiny()
	c.Path = "vp"
	base, _, err := Fit(t.Context(), moons(100), c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*TrainConfig){"path": func(c *TrainConfig) { c.Path = "edm" },
		"width": func(c *TrainConfig) { c.Width = 7 }, "epsilon": func(c *TrainConfig) { c.Epsilon = 1 },
		"transform": func(c *TrainConfig) { c.Transform = "none" }} {
		c := DefaultTrain()
		change(&c)
		if _, err := (Adapting{base, nn.SaRA{}}).For(c); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
}
