// Package tune searches how to sample a model with few network calls and stores what it finds in the model.
package tune

import (
	"context"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets for how many calls is searched, how, and where the model goes.
type Config struct {
	Model   string        `arg:"" where:"local" help:"A model that ito train wrote"`
	NFE     []int         `name:"nfe" required:"" placeholder:"K" help:"Network calls a sample: one search for each"`
	Out     string        `where:"local" placeholder:"FILE" help:"The model to write, with its schedules; without it, MODEL itself"`
	Resume  bool          `where:"local" help:"Continue from the checkpoint beside the model to write, if there is one"`
	Every   time.Duration `where:"local" default:"2s" above:"0" help:"Shortest time between two checkpoints"`
	Workers int           `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the model"`

	recipe.TuneConfig `embed:"" group:"Configuration"`
}

// Env surrounds a search.
type Env struct {
	task.Env
	// Checkpoints is where they are kept; nil: in the file OUT.tuning.
	Checkpoints store.Checkpoints
	// Save keeps the model with its schedules; nil: in the file OUT.
	Save func(*ito.Model) error
}

// Report describes what was found; of a search that was finished before, only that.
type Report struct {
	Model string `json:"model,omitempty"` // the file
	*recipe.TuneReport
	Finished bool   `json:"finished,omitempty"` // before; TuneReport is nil
	Out      string `json:"out,omitempty"`      // the model that was finished before
}

// Checkpoint is the name of the file beside a model where a search for it keeps its checkpoints.
func Checkpoint(out string) string { return out + ".tuning" }

// Run searches a schedule for every number of calls and saves the model with them. When ctx is cancelled a
// checkpoint is left, from which the same Config with Resume goes on to the same bytes.
func Run(ctx context.Context, c Config, env Env) (Report, error) {
	if c.Out == "" {
		c.Out = c.Model
	}
	places := env.Checkpoints
	if places == nil {
		var err error
		if places, err = task.Beside(c.Out, ".tuning"); err != nil {
			return Report{}, err
		}
		release, err := store.Claim(c.Out)
		if err != nil {
			return Report{}, err
		}
		defer release()
	}
	m, err := store.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	if places != nil && c.Resume && env.Save == nil && c.finished(places) {
		env.Tell(c.Out + " is finished; nothing to do")
		return Report{Finished: true, Out: c.Out}, nil
	}
	if places != nil && !c.Resume {
		if err := places.Remove(); err != nil {
			return Report{}, err
		}
	}
	r, err := recipe.Tune(ctx, m, c.NFE, c.TuneConfig, recipe.RunOptions{
		Progress: env.Train, Workers: c.Workers, Checkpoint: places, Every: c.Every, Resume: c.Resume,
		Version: env.Version,
	})
	if err != nil {
		return Report{}, err
	}
	save := env.Save
	if save == nil {
		save = func(m *ito.Model) error { return store.SaveModel(c.Out, m) }
	}
	if err := save(m); err != nil {
		return Report{}, err
	}
	if places != nil {
		if err := places.Remove(); err != nil {
			return Report{}, err
		}
	}
	return Report{Model: c.Out, TuneReport: r}, nil
}

// finished reports that the same search was done before and its schedules are in the model.
func (c *Config) finished(places store.Checkpoints) bool {
	if task.There(places) || !task.Exists(c.Out) {
		return false
	}
	done, err := store.LoadModel(c.Out)
	return err == nil && recipe.Tuned(done, c.NFE, c.TuneConfig)
}
