package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// defaultAdapt is how a model is trained on where nothing is said.
const defaultAdapt = "lora"

// adapt trains a model on and saves the delta.
func (c *Config) adapt(ctx context.Context, env *Env) (Report, error) {
	if err := c.unadapted(); err != nil {
		return Report{}, err
	}
	base, _, err := task.LoadModel(c.FromModel)
	if err != nil {
		return Report{}, err
	}
	word := c.Adapt
	if word == "" {
		word = defaultAdapt
	}
	how, err := nn.ParseAdaptation(word)
	if err != nil {
		return Report{}, fmt.Errorf("`adapt`: %w", err)
	}
	a := recipe.Adapting{Base: base, How: how}
	cfg, err := a.For(c.TrainConfig)
	if err != nil {
		return Report{}, err
	}
	places := env.Checkpoints
	if places == nil {
		if places, err = task.Beside(c.Out, ".checkpoint"); err != nil {
			return Report{}, err
		}
		release, err := store.Claim(c.Out)
		if err != nil {
			return Report{}, err
		}
		defer release()
	}
	set, closeSet, err := env.SetOf(base, c.Data, c.Labels, c.Reading)
	if err != nil {
		return Report{}, err
	}
	defer closeSet()
	if c.Resume && !task.There(places) && task.Exists(c.Out) {
		return c.adapted(a, set, cfg, env)
	}
	pool, done := env.PoolOf(c.Workers)
	defer done()
	d, report, err := recipe.FitAdapted(ctx, a, set, cfg, recipe.RunOptions{Progress: env.Env.Train, Pool: pool,
		Workers: c.Workers, Checkpoint: places, Every: c.Every, Resume: c.Resume, Version: env.Version})
	if err != nil {
		return Report{}, err
	}
	d.Provenance.Created = env.Time().UTC().Format(time.RFC3339)
	if err := store.SaveDelta(c.Out, base, d); err != nil {
		return Report{}, err
	}
	return Report{TrainReport: report, Model: base}, places.Remove()
}

// adapted answers Resume where the delta is there and no checkpoint: it is done, if it is this one.
func (c *Config) adapted(a recipe.Adapting, set recipe.Set, cfg recipe.TrainConfig, env *Env) (Report, error) {
	d, err := store.LoadDelta(c.Out, a.Base)
	if err != nil {
		return Report{}, err
	}
	now, err := a.Identity(set, cfg)
	if err != nil {
		return Report{}, err
	}
	if err := store.CompareConfig(d.Provenance.Config, now); err != nil {
		if changed := (*store.ConfigError)(nil); errors.As(err, &changed) {
			changed.Where = "the delta"
		}
		return Report{}, fmt.Errorf("%s: %w", c.Out, err)
	}
	env.Tell(c.Out + " is finished; nothing to do")
	return Report{Finished: true, Out: c.Out, Model: a.Base}, nil
}

// unadapted refuses what an adaptation has from its model, or does not have.
func (c *Config) unadapted() error {
	for setting, given := range map[string]bool{"from": c.From != "", "flip": c.Flip, "length": c.Length != 0,
		"unit": c.Unit != "auto" && c.Unit != "", "public-schema": c.PublicSchema != "",
		"child": len(c.Several.Child) > 0, "key": c.Several.asked(), "types": c.Asked()} {
		if given {
			return &ito.InputError{Where: "`" + setting + "`",
				What: "data for `from-model` are read as its model's were", Do: "leave it out"}
		}
	}
	return nil
}
