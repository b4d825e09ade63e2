package train

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// memory keeps a checkpoint and counts.
type memory struct {
	last           *store.Checkpoint
	saves, removed int
}

func (m *memory) Load() (*store.Checkpoint, error) {
	if m.last == nil {
		return nil, fs.ErrNotExist
	}
	return m.last, nil
}

func (m *memory) Save(c *store.Checkpoint) error {
	// The tensors are the trainer's own: a place that keeps them keeps a copy.
	m.last = &store.Checkpoint{Config: c.Config, State: slices.Clone(c.State)}
	for _, t := range c.Tensors {
		t.Data = slices.Clone(t.Data)
		m.last.Tensors = append(m.last.Tensors, t)
	}
	m.saves++
	return nil
}

func (m *memory) Remove() error { m.last, m.removed = nil, m.removed+1; return nil }
func (*memory) String() string  { return "memory" }

func small(t *testing.T) Config {
	c := spec.New[Config]()
	c.Data, c.Path, c.Steps, c.Batch, c.Width, c.Depth = "moons", "vp", 60, 32, 8, 1
	c.Out = filepath.Join(t.TempDir(), "m.safetensors")
	return c
}

func weights(m *ito.Model) []float32 { return m.Field.(*field.Net).Weights.Params }

// A file and a caller's own places give the same model; with the latter no file is written.
func TestPlaces(t *testing.T) {
	c := small(t)
	want, err := Run(context.Background(), c, Env{})
	if err != nil {
		t.Fatal(err)
	}
	saved, err := store.LoadModel(c.Out)
	if err != nil || !slices.Equal(weights(saved), weights(want.Model)) {
		t.Fatalf("the file holds another model: %v", err)
	}
	if _, err := os.Stat(Checkpoint(c.Out)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a checkpoint is left: %v", err)
	}
	c.Out, c.Every, c.Data = "", 1, "a request"
	place, kept := &memory{}, (*ito.Model)(nil)
	opened := ""
	got, err := Run(context.Background(), c, Env{
		Env: task.Env{Open: func(name string, o data.OpenOptions) (*data.Table, error) {
			opened = name
			return data.Open("moons", o)
		}},
		Checkpoints: place, Save: func(m *ito.Model) error { kept = m; return nil },
	})
	if err != nil || kept != got.Model || !slices.Equal(weights(kept), weights(want.Model)) || opened != "a request" {
		t.Errorf("another model from %q: %v", opened, err)
	}
	if place.saves == 0 || place.removed != 1 {
		t.Errorf("%d checkpoints, %d removed", place.saves, place.removed)
	}
}

// A cancelled training goes on from the caller's checkpoint to the same weights.
func TestResumeFromMemory(t *testing.T) {
	c := small(t)
	whole, err := Run(context.Background(), c, Env{})
	if err != nil {
		t.Fatal(err)
	}
	place := &memory{}
	env := Env{Checkpoints: place, Save: func(*ito.Model) error { return nil }}
	ctx, cancel := context.WithCancel(context.Background())
	env.Progress = func(e task.ProgressEvent) {
		if e.Training == nil || e.Total != 60 {
			t.Errorf("event %+v", e)
		}
		if e.Done > 0 {
			cancel()
		}
	}
	c.Out, c.Every = "", 1
	_, err = Run(ctx, c, env)
	if !errors.Is(err, context.Canceled) || place.last == nil {
		t.Fatalf("%v, checkpoint %v", err, place.last)
	}
	c.Resume, env.Progress = true, nil
	got, err := Run(context.Background(), c, env)
	if err != nil || !slices.Equal(weights(got.Model), weights(whole.Model)) {
		t.Errorf("other weights: %v", err)
	}
	c.Seed++
	place.saves = 0
	if _, err := Run(ctx, c, env); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	c.Seed++
	var changed *store.ConfigError
	if _, err := Run(context.Background(), c, env); !errors.As(err, &changed) || changed.Field != "seed" {
		t.Errorf("another seed: %v", err)
	}
}

// A model that is there is finished, if it is this one.
func TestFinished(t *testing.T) {
	c := small(t)
	c.Network = "mlp:width=8" // the same as Width in another word
	if _, err := Run(context.Background(), c, Env{}); err != nil {
		t.Fatal(err)
	}
	var notes []string
	env := Env{Env: task.Env{Note: func(s string) { notes = append(notes, s) }}}
	c.Resume, c.Network = true, "dense"
	r, err := Run(context.Background(), c, env)
	text, _ := json.Marshal(r)
	if want := `{"finished":true,"out":"` + c.Out + `"}`; err != nil || string(text) != want || len(notes) != 1 {
		t.Errorf("%s %v %q", text, err, notes)
	}
	for field, change := range map[string]func(*Config){"lr": func(c *Config) { c.LR = .002 },
		"data": func(c *Config) { c.Data = "rings" }} {
		other := c
		change(&other)
		var changed *store.ConfigError
		if _, err := Run(context.Background(), other, env); !errors.As(err, &changed) || changed.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// Errors name settings as such, and a request may not name a file.
func TestErrorsNameSettings(t *testing.T) {
	c := small(t)
	for out, want := range map[string]string{"": "`out`: an empty name", "-": "`out`: a model is not written",
		t.TempDir(): "`out` " + "/"} {
		c.Out = out
		if _, err := Run(context.Background(), c, Env{}); !errors.Is(err, ito.ErrInput) ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", out, err)
		}
	}
	for _, body := range []string{`{"data": "/etc/passwd"}`, `{"out": "x"}`, `{"from": "x"}`, `{"workers": 9}`,
		`{"every": "1s"}`, `{"resume": true}`} {
		got := spec.New[Config]()
		if err := spec.DecodeRemote("body", []byte(body), &got); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", body, err)
		}
	}
	got := spec.New[Config]()
	if err := spec.DecodeRemote("body", []byte(`{"steps": 5, "path": "edm"}`), &got); err != nil || got.Steps != 5 ||
		got.Path != "edm" {
		t.Errorf("%+v, %v", got, err)
	}
	if loose := spec.Untagged(Config{}); len(loose) > 0 {
		t.Errorf("neither local nor remote: %q", loose)
	}
}
