// Package quantise makes a model one of bytes.
package quantise

import (
	"context"
	"os"
	"time"

	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config says what is quantised, how, and where it goes.
type Config struct {
	Model   string `arg:"" where:"local" help:"A model that ito train wrote"`
	Out     string `required:"" where:"local" placeholder:"FILE" help:"The quantised model to write, a safetensors file"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte of the model"`

	recipe.QuantiseConfig `embed:"" group:"Configuration"`
}

// Report says what a quantisation did.
type Report struct {
	*recipe.QuantiseReport
	Before  int64   `json:"bytes_before"` // of the model's file
	After   int64   `json:"bytes_after"`
	Seconds float64 `json:"seconds"`
	Out     string  `json:"out"`
}

// Run quantises a model and saves it. When ctx is cancelled nothing is left.
func Run(ctx context.Context, c Config, env task.Env) (Report, error) {
	began := time.Now()
	if err := task.Apart(c.Out, &c); err != nil {
		return Report{}, err
	}
	base, _, err := task.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	release, err := store.Claim(c.Out)
	if err != nil {
		return Report{}, err
	}
	defer release()
	pool, done := env.PoolOf(c.Workers)
	defer done()
	m, r, err := recipe.Quantise(ctx, base, c.QuantiseConfig, recipe.RunOptions{Pool: pool, Workers: c.Workers})
	if err != nil {
		return Report{}, err
	}
	m.Provenance.Created = env.Time().UTC().Format(time.RFC3339)
	if err := store.SaveModel(c.Out, m); err != nil {
		return Report{}, err
	}
	report := Report{QuantiseReport: r, Out: c.Out, Seconds: time.Since(began).Seconds()}
	for _, f := range []struct {
		name string
		size *int64
	}{{c.Model, &report.Before}, {c.Out, &report.After}} {
		i, err := os.Stat(f.name)
		if err != nil {
			return Report{}, err
		}
		*f.size = i.Size()
	}
	return report, nil
}
