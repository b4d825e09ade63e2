package bench

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	samplers "github.com/seed9a7962a8/ito/recipe/bench"
	"github.com/seed9a7962a8/ito/task"
)

// DensityConfig sets which samplers are compared, on which densities, at which budget.
type DensityConfig struct {
	Targets   []string `default:"grid16,gmm40,funnel,manywell" placeholder:"NAME,…" help:"Densities, by the names of ito zoo"`
	Methods   []string `default:"dilation,geometric,nuts,mala,pt,smc,ais,pdds,dis" placeholder:"NAME,…" help:"Samplers, by the names of ito infer"`
	Gradients float64  `default:"1e6" above:"0" help:"Evaluations of the density that a run may use, all included"`
	Repeats   int      `default:"3" min:"1" max:"1000" help:"Runs with other seeds"`
	Draws     int      `default:"1000" min:"2" max:"5000" help:"Draws of a run that are judged"`
	Seed      uint64   `default:"0" help:"Seed of the first run; the next ones follow it"`
	Workers   int      `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes nothing but the seconds"`
}

// DensityReport are the tables, a density each.
type DensityReport struct {
	Gradients float64                 `json:"gradients"`
	Repeats   int                     `json:"repeats"`
	Draws     int                     `json:"draws"`
	Seed      uint64                  `json:"seed"`
	Complete  bool                    `json:"complete"`
	Targets   []samplers.DensityTable `json:"targets"`
}

// Density measures samplers on densities whose truth is known. When ctx ends, the error is returned beside a report of
// the rows that are complete.
func Density(ctx context.Context, c DensityConfig, env task.Env) (DensityReport, error) {
	pool := ad.NewPool(task.Workers(c.Workers))
	defer pool.Close()
	b := samplers.DensityBench{Targets: slices.Clone(c.Targets), Methods: c.Methods, Gradients: c.Gradients,
		Repeats: c.Repeats, Draws: c.Draws, Seed: c.Seed, Pool: pool}
	b.Progress = func(e samplers.DensityEvent) { env.Count("runs", int64(e.Done), int64(e.Of)) }
	for i, name := range b.Targets {
		b.Targets[i] = strings.TrimPrefix(name, "zoo:")
	}
	tables, err := b.Run(ctx)
	return DensityReport{Gradients: c.Gradients, Repeats: c.Repeats, Draws: c.Draws, Seed: c.Seed,
			Complete: err == nil, Targets: tables}, placed(err, map[string]string{"targets": "targets",
			"method": "methods"})
}

// placed writes the place of an error of input as the setting that it is.
func placed(err error, settings map[string]string) error {
	var e *ito.InputError
	if errors.As(err, &e) && settings[e.Where] != "" {
		e.Where = "`" + settings[e.Where] + "`"
	}
	return err
}
