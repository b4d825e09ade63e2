// Package merge makes a model of its own of a model and a delta.
package merge

import (
	"context"
	"time"

	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config names the model, the delta and where the result goes.
type Config struct {
	Model string `where:"local" arg:"" help:"The model that ito train --from-model had"`
	Delta string `where:"local" arg:"" help:"The delta that it wrote"`
	Out   string `where:"local" required:"" placeholder:"FILE" help:"The model with the delta on it, a safetensors file"`
}

// Report describes what a merge did.
type Report struct {
	Out        string `json:"out"`
	Adaptation string `json:"adaptation"`
	Weights    int    `json:"weights"`
	Changed    int    `json:"changed"` // weights that are other than the model's
}

// Run writes the model with the delta on it.
func Run(_ context.Context, c Config, env task.Env) (r Report, err error) {
	if err := task.Apart(c.Out, &c); err != nil {
		return r, err
	}
	base, _, err := task.LoadModel(c.Model)
	if err != nil {
		return r, err
	}
	m, word, err := task.Merge(base, c.Delta)
	if err != nil {
		return r, err
	}
	m.Provenance.Created = env.Time().UTC().Format(time.RFC3339)
	if err := store.SaveModel(c.Out, m); err != nil {
		return r, err
	}
	r = Report{Out: c.Out, Adaptation: word}
	r.Weights, r.Changed = task.Changed(base, m)
	return r, nil
}
