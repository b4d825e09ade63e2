// Package train learns a distribution from rows and keeps it as a model.
package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what is learnt, how, and where the model goes.
type Config struct {
	Data         string        `arg:"" where:"local" help:"Rows to learn: a CSV or npy file, - for standard input, or a built-in set; or images: npy of [N,H,W] or [N,H,W,C], IDX, or a folder or zip of PNG or JPEG files; or text: a .txt file, or any with --unit; or graphs: a .jsonl file of {\"n\":3,\"edges\":[[0,1],[1,2]]}, with node features \"x\":[[…],…] or without"`
	Out          string        `required:"" where:"local" placeholder:"FILE" help:"The model to write, a safetensors file"`
	From         string        `where:"local" placeholder:"FILE" help:"Rows where sampling starts, of the same columns: --path interpolant then learns to carry them to DATA"`
	Resume       bool          `where:"local" help:"Continue from the checkpoint beside --out, if there is one"`
	Every        time.Duration `where:"local" default:"2s" above:"0" help:"Shortest time between two checkpoints, beside those at the end of a stage"`
	Labels       string        `where:"local" placeholder:"FILE" help:"Labels of images, one row each in their order: an IDX, CSV or npy file; they are conditioned on, all columns, or those of --condition, which may be words"`
	Flip         bool          `where:"local" help:"Mirror half of the images, left to right, as they are drawn"`
	Unit         string        `where:"local" default:"auto" enum:"auto,character,word,byte,id" help:"What text is cut into: ${enum}; id: rows of whole numbers, or one column of them; auto: characters of a file that is named .txt, and no text otherwise"`
	Length       int           `where:"local" min:"0" default:"0" help:"Tokens of a window of the text, which the model learns; 0: 32, or all where there are fewer"`
	Workers      int           `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the model"`
	FromModel    string        `where:"local" name:"from-model" placeholder:"MODEL" help:"Train this model on instead of a new one: DATA are read as its own were, and --out is a delta, which ito sample --delta and ito merge take"`
	Adapt        string        `where:"local" placeholder:"WORD" help:"With --from-model, what is trained: lora:rank=8, sara:fraction=.1 or full; default: lora"`
	PublicSchema string        `where:"local" placeholder:"FILE" help:"With --epsilon: types, levels, bounds and gaps of the columns, known without the rows, as ito schema writes them"`

	task.Reading
	task.Tables
	Several            Tables `embed:"" group:"For tables that belong together"`
	recipe.TrainConfig `embed:"" group:"Configuration"`

	// Given names the settings that somebody asked for: one that changes nothing is then refused at its default too.
	Given []string `kong:"-"`
}

// Env surrounds a training.
type Env struct {
	task.Env
	// Checkpoints is where they are kept; nil: in the file OUT.checkpoint, if OUT is given.
	Checkpoints store.Checkpoints
	// Save keeps the finished model; nil: in the file OUT, which otherwise need not be given.
	Save func(*ito.Model) error
}

// Report describes what a training did; of a training that was finished before, only that.
type Report struct {
	*recipe.TrainReport
	Finished bool       `json:"finished,omitempty"` // before; Report is nil
	Out      string     `json:"out,omitempty"`      // the model that was finished before
	Model    *ito.Model `json:"-"`
	// of several tables, instead of the report and the model
	Tables []TableReport `json:"tables,omitempty"`
	Family *relate.Model `json:"-"`
}

// Checkpoint is the name of the file beside a model where its training keeps its checkpoints.
func Checkpoint(out string) string { return out + ".checkpoint" }

// Run trains a model and saves it. When ctx is cancelled a checkpoint is left, from which the same Config with
// Resume goes on to the same bytes. With Resume and a finished model of the same configuration and rows nothing is
// done; another one is a *store.ConfigError.
func Run(ctx context.Context, c Config, env Env) (Report, error) {
	if _, err := c.TrainConfig.Expand(nil); err != nil {
		return Report{}, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return Report{}, err
	}
	switch {
	case c.FromModel != "":
		return c.adapt(ctx, &env)
	case c.Adapt != "":
		return Report{}, &ito.InputError{Where: "`adapt`", What: "there is no model to adapt", Do: "give `from-model`"}
	case len(c.Several.Child) > 0:
		return c.several(ctx, &env)
	}
	if c.Several.asked() {
		return Report{}, &ito.InputError{What: "`key`, `orphans` and `siblings` are for tables that belong together",
			Do: "name one in `child`, or leave them out"}
	}
	var err error
	places := env.Checkpoints
	if places == nil && (env.Save == nil || c.Out != "") {
		if places, err = task.Beside(c.Out, ".checkpoint"); err != nil {
			return Report{}, err
		}
		release, err := store.Claim(c.Out)
		if err != nil {
			return Report{}, err
		}
		defer release()
	}
	in, err := c.open(&env)
	if err != nil {
		return Report{}, err
	}
	defer in.close()
	if c.TrainConfig, err = c.For(in.space()); err != nil {
		return Report{}, err
	}
	if err := c.Unused(c.Given); err != nil {
		return Report{}, err
	}
	c.sized(in, &env)
	if env.Save == nil && places != nil && c.Resume && !task.There(places) && task.Exists(c.Out) {
		return c.finished(in, &env)
	}
	pool, done := env.PoolOf(c.Workers)
	defer done()
	run := recipe.RunOptions{
		Progress: env.Env.Train, Pool: pool, Workers: c.Workers,
		Checkpoint: places, Every: c.Every, Resume: c.Resume,
		Version: env.Version,
	}
	var model *ito.Model
	var report *recipe.TrainReport
	forget := func() error { return nil }
	switch {
	case in.table == nil && in.frame == nil:
		model, report, err = recipe.FitSource(ctx, in.set(), c.TrainConfig, run)
	case c.Epsilon > 0:
		seed, gone, e := c.secret()
		if e != nil {
			return Report{}, e
		}
		forget = gone
		model, report, err = recipe.FitPrivate(ctx, in.frame, c.TrainConfig, seed, run)
	case in.frame != nil:
		model, report, err = recipe.FitFrame(ctx, in.frame, c.TrainConfig, run)
	default:
		model, report, err = recipe.FitBetween(ctx, in.table, in.from, c.TrainConfig, run)
	}
	if err != nil {
		return Report{}, err
	}
	model.Provenance.Created = env.Time().UTC().Format(time.RFC3339)
	save := env.Save
	if save == nil {
		save = func(m *ito.Model) error { return store.SaveModel(c.Out, m) }
	}
	if err := save(model); err != nil {
		return Report{}, err
	}
	if places != nil {
		if err := places.Remove(); err != nil {
			return Report{}, err
		}
	}
	return Report{TrainReport: report, Model: model}, forget()
}

// finished answers Resume where the model is there and no checkpoint: it is done, if it is this one.
func (c *Config) finished(in input, env *Env) (Report, error) {
	m, err := store.LoadModel(c.Out)
	if err != nil {
		return Report{}, err
	}
	var was recipe.TrainConfig
	if err := spec.Parse(c.Out, m.Provenance.Config, &was); err != nil {
		return Report{}, err
	}
	if err := store.CompareConfig(spec.Canonical(&was), spec.Canonical(&c.TrainConfig)); err != nil {
		if changed := (*store.ConfigError)(nil); errors.As(err, &changed) {
			changed.Where = "the model"
		}
		return Report{}, fmt.Errorf("%s: %w", c.Out, err)
	}
	if name, d := in.names(); d != m.Provenance.Digest && c.Epsilon == 0 {
		changed := &store.ConfigError{Field: "data", Saved: brief(m.Provenance.Data, m.Provenance.Digest),
			Now: brief(name, d), Where: "the model"}
		return Report{}, fmt.Errorf("%s: %w", c.Out, changed)
	}
	env.Tell(c.Out + " is finished; nothing to do")
	return Report{Finished: true, Out: c.Out, Model: m}, nil
}

// brief is a data set by name and the beginning of its digest.
func brief(name, digest string) string {
	return fmt.Sprintf("%s (%.12s)", name, digest)
}
