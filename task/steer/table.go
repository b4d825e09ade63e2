package steer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/task"
)

// ofTable stands for the way in which tables are searched, best, which has no settings but the budget.
const ofTable = "table"

// tableCalls are the network calls of a candidate of a table.
const tableCalls = 30

// searchTable draws so many candidates of each sample as the budget has calls for, by the model's own solver and under
// the conditions that are asked for, and takes the best: of these the first. Candidate 0 is the sample that
// ito sample draws with as many calls; candidate j has the noise of a seed of its own, so that a sample does not depend
// on the others. The other ways of searching branch at every level, and on path mixed numbers do not: only levels are
// drawn on the way.
func (c *Config) searchTable(ctx context.Context, m *ito.Model, env task.Env) (SearchReport, error) {
	report := SearchReport{N: c.N, Select: "best", Budget: c.Budget, Best: math.Inf(-1)}
	t, ok := m.Encoding.(*encode.Table)
	switch {
	case !ok:
		return report, &ito.UnsupportedError{What: "a search by reward of rows that are encoded as " +
			m.Encoding.Kind(),
			Why: "nothing reads them", Nearest: "*encode.Table"}
	case c.Select != "auto" && c.Select != "best":
		return report, &ito.UnsupportedError{What: "a search by `select=" + c.Select + "` of a table on path " +
			m.Path.Name() + ", or with conditions of a table with types",
			Why: "a step of it does not branch, or its branches know no conditions", Nearest: "`select=best`"}
	case c.Budget < tableCalls:
		return report, &ito.InputError{Where: "`budget`", What: fmt.Sprintf("%d network calls are not enough for one "+
			"candidate", c.Budget), Do: fmt.Sprintf("allow at least %d", tableCalls)}
	}
	if err := c.unused(ofTable); err != nil {
		return report, err
	}
	q, err := t.ParseWhere(c.Where)
	if err != nil {
		return report, err
	}
	if q.Tested() {
		return report, &ito.InputError{Where: "`where`", What: "ranges and sets are drawn until they are met, which " +
			"no budget foresees", Do: "give single values, or put them into the reward"}
	}
	if err := c.check(m); err != nil {
		return report, err
	}
	r, err := c.rater(ctx, &env, m, c.Reward, false)
	if err != nil {
		return report, err
	}
	defer r.close()
	if err := task.Fits("n", c.N, 2*len(m.Columns)); err != nil {
		return report, err
	}
	best, rewards := ito.NewStates(c.N, len(m.Columns), c.First), make([]float64, c.N)
	candidates := c.Budget / tableCalls
	for j := range candidates {
		cfg := recipe.DefaultSample()
		cfg.N, cfg.First, cfg.Where, cfg.NFE, cfg.Seed = c.N, c.First, c.Where, tableCalls, c.Seed
		if j > 0 {
			cfg.Seed = rng.NewKey(c.Seed, rng.PurposeSplit, uint32(j), 4).Uint64(0, 0)
		}
		at := 0
		got, err := recipe.Sample(ctx, m, cfg, recipe.RunOptions{Workers: c.Workers, Version: env.Version},
			func(x ito.States) error {
				worth := make([]float64, x.N)
				if err := r.rate(ctx, worth, x); err != nil {
					return err
				}
				for i, v := range worth {
					if k := at + i; j == 0 || v > rewards[k] {
						rewards[k] = v
						copy(best.Row(k), x.Row(i))
					}
				}
				at += x.N
				env.Count("sample", int64(j)*int64(c.N)+int64(at), int64(candidates)*int64(c.N))
				return nil
			})
		if err != nil {
			return report, err
		}
		report.Spent += got.NFE
	}
	report.sum(rewards)
	return report, c.write(m, best, env)
}
