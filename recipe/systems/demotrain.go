package systems

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/recipe"
)

// train is the configuration that all contenders share.
func (d Demo) train(steps int) recipe.TrainConfig {
	c := recipe.DefaultTrain()
	c.Transform, c.Scale, c.Seed, c.Steps = "none", spiralScale, d.Seed, steps
	c.Stages = min(c.Stages, steps-1)
	return c
}

// trained is a finished network.
type trained struct {
	model  *ito.Model
	report *recipe.TrainReport
}

// trainAll trains contenders side by side, each on its share of the processors.
func trainAll(ctx context.Context, list []contender, base recipe.TrainConfig, t *data.Table,
	run recipe.RunOptions) (map[string]trained, error) {
	return trainFrom(ctx, list, base, t, nil, run)
}

// trainFrom is trainAll between the rows of t and those of from, or noise where from is nil.
func trainFrom(ctx context.Context, list []contender, base recipe.TrainConfig, t, from *data.Table,
	run recipe.RunOptions) (map[string]trained,
	error) {
	out := make([]trained, len(list))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(run.WorkerCount())
	for i, c := range list {
		g.Go(func() error {
			cfg := base
			c.cfg(&cfg)
			share := max(run.WorkerCount()/len(list), 1)
			pool := ad.NewPool(share)
			defer pool.Close()
			own := recipe.RunOptions{Pool: pool, Workers: share, Version: run.Version, Now: run.Now}
			if run.Progress != nil {
				own.Progress = func(e learn.TrainEvent) {
					mu.Lock()
					defer mu.Unlock()
					e.Name = c.name
					run.Progress(e)
				}
			}
			var err error
			if out[i].model, out[i].report, err = recipe.FitBetween(ctx, t, from, cfg, own); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	byName := map[string]trained{}
	for i, c := range list {
		byName[c.name] = out[i]
	}
	return byName, nil
}
