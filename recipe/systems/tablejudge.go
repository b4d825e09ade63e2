package systems

import (
	"context"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/tabular"
)

// Sizes of the measurement.
const (
	judgedRows   = 2000 // of each side for a classifier
	judgedSplits = 2
)

// measure trains on one split and adds the figures of its samples, of real rows and of the controls.
func (s *tableSet) measure(ctx context.Context, cfg RunConfig, seed uint64, pool *ad.Pool, run recipe.RunOptions,
	r *Result) error {
	trained, held := s.split(seed)
	began := time.Now()
	m, err := s.fit(ctx, cfg, trained, seed, pool, run)
	if err != nil {
		return err
	}
	sample := recipe.DefaultSample()
	sample.N, sample.Seed = trained.Rows, seed
	x, err := recipe.Collect(ctx, m, sample, recipe.RunOptions{Workers: run.Workers})
	if err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	j := tableJudge{train: tableOf(trained.Schema, trained.X, trained.Rows),
		held: tableOf(held.Schema, held.X, held.Rows), seed: seed}
	for k, c := range j.train.Columns {
		if c.Name == s.target {
			j.target = k
		}
	}
	e, err := tabular.Efficient(ctx, j.train, j.held, j.target)
	if err != nil {
		return err
	}
	j.real, s.score = e.Value, e.Score
	add := func(name string, control bool, t tabular.Table, more ...float64) error {
		v, err := j.judge(ctx, t)
		if err == nil {
			r.add(fmt.Sprintf("%s: %s", s.name, name), control, append(v, more...)...)
		}
		return err
	}
	if err := add("samples", false, tableOf(trained.Schema, x.X, x.N), seconds); err != nil {
		return err
	}
	if err := add("real", true, j.train); err != nil {
		return err
	}
	for _, control := range []struct {
		name string
		draw func(tabular.Table, int, uint64) tabular.Table
	}{{tabular.NameSMOTE, tabular.SMOTE}, {tabular.NameCopula, tabular.Copula},
		{tabular.NameMarginals, tabular.Marginals}} {
		if err := add(control.name, true, control.draw(j.train, j.train.Rows, seed)); err != nil {
			return err
		}
	}
	return nil
}

// tableJudge holds rows against those that nothing was learnt from.
type tableJudge struct {
	train, held tabular.Table
	target      int
	real        float64 // score of what learnt the data
	seed        uint64
}

// judge returns the figures of tableColumns.
func (j tableJudge) judge(ctx context.Context, x tabular.Table) ([]float64, error) {
	e, err := tabular.Efficient(ctx, x, j.held, j.target)
	if err != nil {
		return nil, err
	}
	out := []float64{e.Value, e.Value / j.real}
	for _, c := range []tabular.Classifier{tabular.Trees, tabular.Logistic} {
		told, err := tabular.C2ST(ctx, x, j.held, judgedRows, judgedSplits, c, j.seed)
		if err != nil {
			return nil, err
		}
		out = append(out, told.AUC)
	}
	shapes := 0.0
	for k := range x.Columns {
		shapes += tabular.Shape(x.Columns[k], j.held.Columns[k]).Score / float64(len(x.Columns))
	}
	pairs, trends := 0.0, tabular.Trends(x, j.held)
	for _, p := range trends {
		pairs += p.Score / float64(len(trends))
	}
	if len(trends) == 0 {
		pairs = 1
	}
	out = append(out, shapes, pairs)
	closer := .5
	if h := tabular.Private(x, j.train, &j.held, j.seed).Holdout; h != nil {
		closer = h.Closer
	}
	return append(out, closer), nil
}
