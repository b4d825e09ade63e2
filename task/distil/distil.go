// Package distil makes a model one that samples in few steps.
package distil

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what is distilled, how, and where the student goes.
type Config struct {
	Model   string        `arg:"" where:"local" help:"A model that ito train wrote"`
	Data    string        `arg:"" optional:"" where:"local" help:"Rows or images to learn from, as the model's own; without them samples of the model are drawn"`
	Out     string        `required:"" where:"local" placeholder:"FILE" help:"The student to write, a safetensors file"`
	Labels  string        `where:"local" placeholder:"FILE" help:"Labels of the images of DATA, for a model that was trained with some"`
	Resume  bool          `where:"local" help:"Continue from the checkpoint beside --out, if there is one"`
	Every   time.Duration `where:"local" default:"2s" above:"0" help:"Shortest time between two checkpoints"`
	Workers int           `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the student"`

	task.Reading
	recipe.DistilConfig `embed:"" group:"Configuration"`
}

// Report describes what a distillation did; of one that was finished before, only that.
type Report struct {
	*recipe.DistilReport
	Finished bool   `json:"finished,omitempty"`
	Out      string `json:"out"`
}

// Run distils a model and saves the student. When ctx is cancelled a checkpoint is left, from which the same Config
// with Resume goes on to the same bytes.
func Run(ctx context.Context, c Config, env task.Env) (Report, error) {
	if err := task.Apart(c.Out, &c); err != nil {
		return Report{}, err
	}
	base, _, err := task.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	places, err := task.Beside(c.Out, ".checkpoint")
	if err != nil {
		return Report{}, err
	}
	release, err := store.Claim(c.Out)
	if err != nil {
		return Report{}, err
	}
	defer release()
	var set recipe.Set
	if c.Data == "" && c.Labels != "" {
		return Report{}, &ito.InputError{Where: "`labels`", What: "there are no images that they belong to",
			Do: "give DATA, or leave it out"}
	}
	if c.Data != "" {
		s, done, err := env.SetOf(base, c.Data, c.Labels, c.Reading)
		if err != nil {
			return Report{}, err
		}
		defer done()
		set = s
	}
	if places != nil && c.Resume && !task.There(places) && task.Exists(c.Out) {
		return c.finished(base, set, &env)
	}
	pool, done := env.PoolOf(c.Workers)
	defer done()
	m, r, err := recipe.Distil(ctx, base, set, c.DistilConfig, recipe.RunOptions{Progress: env.Train, Pool: pool,
		Workers: c.Workers, Checkpoint: places, Every: c.Every, Resume: c.Resume, Version: env.Version})
	if err != nil {
		return Report{}, err
	}
	m.Provenance.Created = env.Time().UTC().Format(time.RFC3339)
	if err := store.SaveModel(c.Out, m); err != nil {
		return Report{}, err
	}
	if places != nil {
		if err := places.Remove(); err != nil {
			return Report{}, err
		}
	}
	return Report{DistilReport: r, Out: c.Out}, nil
}

// finished answers Resume where the student is there and no checkpoint: it is done, if it is this one.
func (c *Config) finished(base *ito.Model, set recipe.Set, env *task.Env) (Report, error) {
	m, _, err := store.LoadSampled(c.Out)
	if err != nil {
		return Report{}, err
	}
	if err := recipe.Distilled(m, base, set, c.DistilConfig); err != nil {
		if changed := (*store.ConfigError)(nil); errors.As(err, &changed) {
			changed.Where = "the student"
		}
		return Report{}, fmt.Errorf("%s: %w", c.Out, err)
	}
	env.Tell(c.Out + " is finished; nothing to do")
	return Report{Finished: true, Out: c.Out}, nil
}
