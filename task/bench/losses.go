package bench

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/learn"
	samplers "github.com/seed9a7962a8/ito/recipe/bench"
	"github.com/seed9a7962a8/ito/task"
)

// LossesConfig sets which losses train which control, and how.
type LossesConfig struct {
	Target     string    `default:"grid9" placeholder:"NAME" help:"A density by its name in ito zoo"`
	Process    string    `default:"dis" enum:"pis,dds,dis,bridge" help:"The sampler whose control is trained: ${enum}"`
	Losses     []string  `default:"log-variance,kl" placeholder:"NAME,…" help:"log-variance, kl or both"`
	Rates      []float64 `default:"0.002,0.005,0.02" placeholder:"X,…" help:"Learning rates; the best of each loss, by the ESS of its weights, has a star"`
	Iterations int       `default:"2000" min:"1" help:"Iterations of a training"`
	Batch      int       `default:"256" min:"2" help:"Paths of an iteration"`
	Steps      int       `default:"50" min:"1" help:"Steps of a path"`
	Width      int       `default:"64" min:"1" help:"Width of the network"`
	Repeats    int       `default:"3" min:"1" help:"Trainings with other initial weights and noise"`
	Paths      int       `default:"10000" min:"10" help:"Paths of each of the 4 runs that judge a control"`
	Seed       uint64    `default:"1" help:"Seed of the first repeat; the next ones follow it"`
	Workers    int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes nothing but the seconds"`
}

// Losses trains the control of a path-space sampler by each loss at each rate. When ctx ends, the error is returned
// beside the rows that are complete.
func Losses(ctx context.Context, c LossesConfig, env task.Env) (samplers.LossTable, error) {
	pool := ad.NewPool(task.Workers(c.Workers))
	defer pool.Close()
	b := samplers.LossBench{Target: strings.TrimPrefix(c.Target, "zoo:"), Process: c.Process, Losses: c.Losses,
		Rates: c.Rates, Iterations: c.Iterations, Batch: c.Batch, Steps: c.Steps, Width: c.Width,
		Repeats: c.Repeats, Paths: c.Paths, Seed: c.Seed, Pool: pool}
	b.Progress = func(e samplers.LossEvent) {
		env.Train(learn.TrainEvent{Name: fmt.Sprintf("%d/%d %s", e.Done+1, e.Of, e.Name), Step: e.Step,
			Steps: e.Steps, Loss: e.Loss.Value, Elapsed: e.Elapsed})
	}
	t, err := b.Run(ctx)
	return t, placed(err, map[string]string{"target": "target", "losses": "losses", "rates": "rates"})
}
