package systems

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
)

// budget is a solver with a number of network calls: a column of a table.
type budget struct {
	name   string
	solver string
	nfe    int
}

// budgets are the columns of the NFE tables: Euler and Heun, by network calls.
var budgets = []budget{{"E6", "euler", 6}, {"E10", "euler", 10}, {"E20", "euler", 20}, {"E50", "euler", 50},
	{"H20", "heun", 20}, {"H50", "heun", 50}}

func budgetNames() []string {
	names := make([]string, len(budgets))
	for i, b := range budgets {
		names[i] = b.name
	}
	return names
}

// protocol says how a W2 is taken: samples is the number from which the subsets are drawn.
type protocol struct{ samples, draws, rows int }

// house is the protocol of every figure: five draws of 1500 of 6000 samples.
var house = protocol{6000, metric.Draws, metric.DrawnRows}

// orHouse is p, or the house's where p is zero.
func (p protocol) orHouse() protocol {
	if p == (protocol{}) {
		return house
	}
	return p
}

// measured is what is known of one model.
type measured struct {
	w2, w2sd []float64  // by column of budgets
	samples  ito.States // at the last budget
	sd, mean []float64
	straight metric.Straightness
}

// measure samples m at every budget and takes the W2 to the truth, mean over the draws of the protocol, and the
// straightness of its probability flow on 100 Euler steps. prior is that of SampleConfig.
func measure(ctx context.Context, m *ito.Model, truth ito.States, prior string, pr protocol, seed uint64,
	run recipe.RunOptions) (*measured, error) {
	out := &measured{}
	cfg := recipe.DefaultSample()
	cfg.Seed, cfg.N, cfg.Prior = seed, pr.samples, prior
	for _, b := range budgets {
		cfg.Solver, cfg.NFE = b.solver, b.nfe
		x, err := recipe.Collect(ctx, m, cfg, run)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
		w, err := metric.W2Draws(ctx, x, truth, pr.draws, pr.rows, seed)
		if err != nil {
			return nil, err
		}
		out.w2, out.w2sd, out.samples = append(out.w2, w.Value), append(out.w2sd, w.SD), x
	}
	var err error
	if out.sd, err = metric.SD(out.samples); err != nil {
		return nil, err
	}
	if out.mean, err = metric.Mean(out.samples); err != nil {
		return nil, err
	}
	cfg.Solver, cfg.NFE, cfg.N = "euler", 100, pr.rows
	tr, _, err := recipe.Trace(ctx, m, cfg, run)
	if err != nil {
		return nil, err
	}
	states := make([]ito.States, len(tr.Times))
	for k := range states {
		states[k] = tr.At(k)
	}
	out.straight, err = metric.Straighten(states, tr.Times)
	return out, err
}
