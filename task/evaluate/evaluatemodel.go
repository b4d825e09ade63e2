package evaluate

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
)

// ModelSamples sets how a model is sampled for its evaluation.
type ModelSamples struct {
	// N is 0 for as many as the data has rows
	N        int     `short:"n" default:"7500" min:"2" help:"Samples to draw; of a model of several tables as many parents as DATA has rows, where nothing else is said"`
	Where    string  `placeholder:"COL=VALUE,…" help:"Sample for these conditions and compare with the rows of DATA that meet them"`
	Guidance float64 `default:"1" help:"Weight of the condition"`
	Solver   string  `default:"auto" placeholder:"NAME" help:"Solver, as ito sample takes it; auto: the schedule that ito tune has stored for --nfe, if there is one and neither --grid nor --final is given, else heun"`
	Grid     string  `default:"auto" placeholder:"NAME" help:"Spacing of the steps, as ito sample takes it"`
	Final    string  `default:"stop" enum:"stop,denoise,euler" help:"What is done with the noise that is left at the end, as ito sample takes it"`
	NFE      int     `default:"0" min:"0" placeholder:"K" help:"Network calls a sample; 0: 50"`
	Tol      float64 `default:"0" min:"0" help:"Tolerance of a solver that chooses its own steps; 0: its own"`
}

// evalModel samples a model and compares.
func (c *Config) evalModel(ctx context.Context, env *Env, m *ito.Model) (*Report, error) {
	again, err := c.keepStdin(env)
	if err != nil {
		return nil, err
	}
	truth, err := Truth(&env.Env, m, Against{c.Against, c.Samples, c.Scale, c.Ignore, c.Of.Where, c.Reading})
	if err != nil {
		return nil, err
	}
	cfg := c.sampling()
	if cfg.N == 0 {
		cfg.N = truth.Rows
	}
	if err := task.Fits("n", cfg.N, task.Width(m)); err != nil {
		return nil, err
	}
	x := ito.NewStates(cfg.N, task.Width(m), 0)
	run := recipe.RunOptions{Workers: c.Workers, Version: env.Version}
	done := 0
	sampled, err := recipe.Sample(ctx, m, cfg, run, func(s ito.States) error {
		copy(x.X[done*x.D:], s.X)
		done += s.N
		env.Count("sample", int64(done), int64(cfg.N))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if c.table() {
		again()
		t, err := c.compareModel(ctx, env, m, x)
		if err != nil {
			return nil, err
		}
		return &Report{Table: t}, nil
	}
	if x, err = Seen(m, x); err != nil {
		return nil, err
	}
	r, err := compare(ctx, c.Samples, x, truth, c.protocol())
	if err != nil {
		return nil, err
	}
	r.Solver, r.NFE = sampled.Solver, sampled.NFE
	if sampled.Schedule != "" {
		r.Solver = "the stored schedule " + sampled.Schedule
	}
	r.Straightness, err = straighten(ctx, m, cfg, run)
	return r, err
}

// sampling is how a model is sampled.
func (c *Config) sampling() recipe.SampleConfig {
	cfg := spec.New[recipe.SampleConfig]()
	cfg.N, cfg.Seed, cfg.Where, cfg.Guidance = c.Of.N, c.Seed, c.Of.Where, c.Of.Guidance
	cfg.Solver, cfg.NFE, cfg.Tol, cfg.Grid, cfg.Final = c.Of.Solver, c.Of.NFE, c.Of.Tol, c.Of.Grid, c.Of.Final
	return cfg
}

// Truth opens the data that a model is compared with: its columns, and the rows that meet the conditions.
func Truth(env *task.Env, m *ito.Model, a Against) (*data.Table, error) {
	if t, ok := m.Encoding.(*encode.Table); ok {
		return typedTruth(env, t, a)
	}
	var conditions []string
	for _, k := range m.Conditions {
		conditions = append(conditions, k.Column)
	}
	truth, err := env.RowsOf(a.Data, a.Reading, task.Columns(m, task.Width(m)), append(slices.Clone(a.Ignore),
		conditions...))
	if err != nil {
		return nil, err
	}
	if truth, err = truth.Without(a.Ignore); err != nil {
		return nil, err
	}
	if truth, err = meeting(truth, m.Conditions, a.Where); err != nil {
		return nil, err
	}
	if truth, err = truth.Without(conditions); err != nil {
		return nil, err
	}
	if truth, err = match(truth, a.Name, task.Columns(m, task.Width(m))); err != nil {
		return nil, err
	}
	return truth, scale(truth, a.Scale)
}

// straighten measures the paths of 1000 samples on 100 Euler steps, in the columns that vary.
func straighten(ctx context.Context, m *ito.Model, cfg recipe.SampleConfig, run recipe.RunOptions) (*Straightness,
	error) {
	calls := 1
	if cfg.Guidance != 1 {
		calls = 2
	}
	cfg.N, cfg.Solver, cfg.NFE, cfg.Tol, cfg.Grid = 1000, "euler", 100*calls, 0, "uniform"
	tr, _, err := recipe.Trace(ctx, m, cfg, run)
	if err != nil {
		return nil, err
	}
	keep := m.Transform.Keep
	if keep == nil {
		for i := range tr.D {
			keep = append(keep, i)
		}
	}
	names := task.Columns(m, tr.D)
	s := &Straightness{Steps: len(tr.Times) - 1, Paths: tr.N}
	var states []ito.States
	for k := range tr.Times {
		x := ito.NewStates(tr.N, len(keep), 0)
		for i := range tr.N {
			for j, col := range keep {
				x.X[i*x.D+j] = tr.X[(k*tr.N+i)*tr.D+col]
			}
		}
		states = append(states, x)
	}
	for _, col := range keep {
		s.Columns = append(s.Columns, names[col])
	}
	s.Straightness, err = metric.Straighten(states, tr.Times)
	return s, err
}
