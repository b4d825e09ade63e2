package systems

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

// fit trains on a table, or goes on with what Keep has of it.
func (s *tableSet) fit(ctx context.Context, cfg RunConfig, f *frame.Frame, seed uint64, pool *ad.Pool,
	run recipe.RunOptions) (*ito.Model, error) {
	c := recipe.DefaultTrain()
	c.Seed = seed
	c.Steps = cfg.Steps
	if c.Path = cmp.Or(cfg.Path, "auto"); c.Path == "auto" {
		c.Path = "mixed"
	}
	if cfg.train != nil {
		cfg.train(&c)
	}
	c = c.Sized(f.Rows, f.Schema.Learnt())
	own := recipe.RunOptions{Pool: pool, Workers: run.WorkerCount(), Version: run.Version, Now: run.Now,
		Progress: run.Progress}
	if cfg.Keep == "" {
		m, _, err := recipe.FitFrame(ctx, f, c, own)
		return m, err
	}
	if err := os.MkdirAll(cfg.Keep, 0o777); err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(c.Path, ":")
	file := filepath.Join(cfg.Keep, fmt.Sprintf("tables-%s-%s-%d.safetensors", s.name, kind, seed))
	places := store.CheckpointFile(file + ".checkpoint")
	if m, err := s.finished(file, c, f); m != nil || err != nil {
		return m, err
	}
	own.Checkpoint, own.Resume = places, true
	m, _, err := recipe.FitFrame(ctx, f, c, own)
	if err != nil {
		return nil, err
	}
	if err := store.SaveModel(file, m); err != nil {
		return nil, err
	}
	return m, places.Remove()
}

// finished is the model of a file, if it is there: that of this configuration and these rows.
func (s *tableSet) finished(file string, c recipe.TrainConfig, f *frame.Frame) (*ito.Model, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	m, err := store.LoadModel(file)
	if err != nil {
		return nil, err
	}
	var was recipe.TrainConfig
	if err := spec.Parse(file, m.Provenance.Config, &was); err != nil {
		return nil, err
	}
	if c, err = c.For(ito.Space{}); err != nil {
		return nil, err
	}
	if err := store.CompareConfig(spec.Canonical(&was), spec.Canonical(&c)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if m.Provenance.Digest != f.Digest() {
		return nil, &ito.InputError{Where: file, What: "it is a model of other rows", Do: "give `keep` another folder"}
	}
	return m, nil
}
