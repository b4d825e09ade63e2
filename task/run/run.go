// Package run runs a published experiment by its name.
package run

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
	"github.com/seed9a7962a8/ito/task"
)

// Config names a recipe and its settings.
type Config struct {
	Name    string `where:"remote" arg:"" optional:"" help:"The recipe; without a name they are listed"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all"`

	systems.RunConfig `embed:""`
}

// Run runs the recipe once for each seed. A check that is missed is a result, not an error.
func Run(ctx context.Context, c Config, env task.Env) (*systems.Result, error) {
	r, err := systems.Find(c.Name)
	if err != nil {
		return nil, err
	}
	out, err := r.Run(ctx, c.RunConfig, recipe.RunOptions{Progress: env.Train, Workers: c.Workers,
		Version: env.Version, Now: env.Now})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name, err)
	}
	return out, nil
}
