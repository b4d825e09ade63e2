package sample

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/train"
)

// aModel is a small trained model and its file.
func aModel(t *testing.T) (*ito.Model, string) {
	t.Helper()
	c := spec.New[train.Config]()
	c.Data, c.Path, c.Steps, c.Batch, c.Width, c.Depth = "moons", "vp", 30, 32, 8, 1
	c.Out = filepath.Join(t.TempDir(), "m.safetensors")
	r, err := train.Run(context.Background(), c, train.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Model, c.Out
}

func config(model string, n int) Config {
	c := spec.New[Config]()
	c.Model, c.N, c.NFE = model, n, 6
	return c
}

// The same samples go to a file, to standard output and to a caller, from the file of a model and from one in memory.
func TestSameSamplesEverywhere(t *testing.T) {
	m, file := aModel(t)
	c := config(file, 3000) // more than a chunk
	c.Out = filepath.Join(t.TempDir(), "s.csv")
	r, err := Run(context.Background(), c, Env{})
	if err != nil || r.N != 3000 || r.NFE != 6 || r.Finished {
		t.Fatalf("%+v, %v", r, err)
	}
	want, err := os.ReadFile(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	c.Out = "-"
	var stdout bytes.Buffer
	if _, err := Run(context.Background(), c, Env{Env: task.Env{Stdout: &stdout}}); err != nil ||
		!bytes.Equal(stdout.Bytes(), want) {
		t.Errorf("standard output: %v, %d bytes of %d", err, stdout.Len(), len(want))
	}
	c.Out, c.Model, c.Workers = "", "", 3
	var rows []float64
	var done int64
	env := Env{Model: m, Sink: func(x ito.States) error { rows = append(rows, x.X...); return nil }}
	env.Progress = func(e task.ProgressEvent) { done = e.Done }
	if _, err := Run(context.Background(), c, env); err != nil || done != 3000 {
		t.Fatalf("%d, %v", done, err)
	}
	all := slices.Clone(rows)
	c.First, c.N, rows = 2990, 10, nil
	if _, err := Run(context.Background(), c, env); err != nil || !slices.Equal(rows, all[2990*2:]) {
		t.Errorf("samples from 2990 on differ: %v", err)
	}
	c.Out, c.First, c.N = filepath.Join(t.TempDir(), "t.csv"), 0, 3000
	env.Sink = nil
	if _, err := Run(context.Background(), c, env); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(c.Out); !bytes.Equal(got, want) {
		t.Error("a model in memory gives other samples")
	}
}

// A cancelled file goes on to the same bytes; a finished one is compared; another failure leaves nothing.
func TestCancelAndResume(t *testing.T) {
	_, file := aModel(t)
	c := config(file, 5000)
	c.Out, c.Every, c.Workers = filepath.Join(t.TempDir(), "s.npy"), 1, 1
	whole := c
	whole.Out = filepath.Join(t.TempDir(), "whole.npy")
	if _, err := Run(context.Background(), whole, Env{}); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile(whole.Out)
	ctx, cancel := context.WithCancel(context.Background())
	env := Env{Env: task.Env{Progress: func(e task.ProgressEvent) { cancel() }}}
	if _, err := Run(ctx, c, env); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if _, err := os.Stat(Partial(c.Out)); err != nil {
		t.Fatal(err)
	}
	c.Resume = true
	r, err := Run(context.Background(), c, Env{})
	if got, _ := os.ReadFile(c.Out); err != nil || !bytes.Equal(got, want) || r.N >= c.N {
		t.Fatalf("%v: %d rows were drawn, %d bytes of %d", err, r.N, len(got), len(want))
	}
	var notes []string
	env = Env{Env: task.Env{Note: func(s string) { notes = append(notes, s) }}}
	if r, err = Run(context.Background(), c, env); err != nil || !r.Finished || len(notes) != 1 {
		t.Errorf("%+v %q %v", r, notes, err)
	}
	c.Seed++
	if _, err := Run(context.Background(), c, env); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"`seed`") {
		t.Errorf("another seed: %v", err)
	}
	c.N++
	var changed *store.ConfigError
	if _, err := Run(context.Background(), c, env); !errors.As(err, &changed) || changed.Field != "n" {
		t.Errorf("another number: %v", err)
	}
	c.Out, c.Resume, c.Solver, c.NFE = filepath.Join(t.TempDir(), "x.csv"), false, "euler", 5
	c.Tol = 1 // which euler does not have
	if _, err := Run(context.Background(), c, Env{}); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	for _, name := range []string{c.Out, Partial(c.Out)} {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be is refused, by the names of settings; no request names a file.
func TestRefused(t *testing.T) {
	m, _ := aModel(t)
	none := func(ito.States) error { t.Error("a sample was drawn"); return nil }
	for want, change := range map[string]func(*Config){
		"`n`: 0 samples":  func(c *Config) { c.N = 0 },
		"beyond 2⁵³":      func(c *Config) { c.First = 1 << 53 },
		"no trajectories": func(c *Config) { c.Trajectory = "x.npy" },
		"where":           func(c *Config) { c.Where = "label=3" },
	} {
		c := config("", 1)
		change(&c)
		if _, err := Run(context.Background(), c, Env{Model: m, Sink: none}); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	c := config("", 1)
	c.Out = "-"
	if _, err := Run(context.Background(), c, Env{Model: m}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("without a standard output: %v", err)
	}
	for _, name := range []string{"model", "out", "trajectory", "from", "workers", "resume", "every"} {
		if !slices.Contains(spec.LocalNames(Config{}), name) {
			t.Errorf("%s is not local", name)
		}
	}
	if loose := spec.Untagged(Config{}); len(loose) > 0 {
		t.Errorf("neither local nor remote: %q", loose)
	}
}
