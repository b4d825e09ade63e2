// Package evaluate measures how far samples, or those of a model, are from data.
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
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config says what is compared with what, and how.
type Config struct {
	Samples string    `arg:"" where:"local" help:"Samples in a CSV or npy file, - or a built-in set; or a model, which is sampled first"`
	Against string    `required:"" where:"local" placeholder:"DATA" help:"The data to compare with"`
	Scale   []float64 `placeholder:"1,8" help:"Multiply the columns of DATA by these factors first, as ito train --scale does"`
	Rows    int       `default:"1500" min:"2" max:"1000000" help:"Rows of each draw"`
	Draws   int       `default:"5" min:"1" max:"10000" help:"Draws, whose mean and standard deviation are reported"`
	All     bool      `help:"Use all rows, in one draw; exact W2 takes seconds at 5000 rows and grows with their cube"`
	Seed    uint64    `default:"1" help:"Seed of the draws, and of the samples of a model"`
	Unit    string    `default:"auto" enum:"auto,character,word,byte,id" help:"What text is cut into, as ito train --unit; a model knows its own. Samples are then a text a line, as ito sample writes them, or rows of ids"`
	Workers int       `where:"local" min:"0" max:"4096" default:"0" help:"Processors to sample a model with; 0: all"`

	task.Reading
	task.Tables
	Typed ForTables    `embed:"" group:"For tables with types"`
	Of    ModelSamples `embed:"" group:"For a model"`
}

// ModelSamples says how a model is sampled for its evaluation.
type ModelSamples struct {
	N        int     `short:"n" default:"7500" min:"2" help:"Samples to draw"` // 0: as many as the data has rows
	Where    string  `placeholder:"COL=VALUE,…" help:"Sample for these conditions and compare with the rows of DATA that meet them"`
	Guidance float64 `default:"1" help:"Weight of the condition"`
	Solver   string  `default:"auto" placeholder:"NAME" help:"Solver, as ito sample takes it; auto: the schedule that ito tune has stored for --nfe, if there is one and neither --grid nor --final is given, else heun"`
	Grid     string  `default:"auto" placeholder:"NAME" help:"Spacing of the steps, as ito sample takes it"`
	Final    string  `default:"stop" enum:"stop,denoise,euler" help:"What is done with the noise that is left at the end, as ito sample takes it"`
	NFE      int     `default:"0" min:"0" placeholder:"K" help:"Network calls a sample; 0: 50"`
	Tol      float64 `default:"0" min:"0" help:"Tolerance of a solver that chooses its own steps; 0: its own"`
}

// Env surrounds an evaluation.
type Env struct {
	task.Env
	// Model is the model to sample, loaded before, SAMPLES being its name; nil: what the file SAMPLES holds.
	Model *ito.Model
}

// Run compares samples with data, and says in the report's Verdict what the numbers say.
func Run(ctx context.Context, c Config, env Env) (*Report, error) {
	if c.Samples == "-" && c.Against == "-" {
		return nil, &ito.InputError{What: "both sides are standard input", Do: "give one of them a file"}
	}
	if err := c.sampling().Check(); err != nil {
		return nil, err
	}
	var r *Report
	m, err := env.Model, error(nil)
	model := m != nil || task.KindOf(c.Samples) == task.Safetensors
	if model && m == nil {
		if m, err = store.LoadModel(c.Samples); err != nil {
			return nil, err
		}
	}
	if model {
		if err := c.tablesOf(m); err != nil {
			return nil, err
		}
	}
	switch {
	case model && m.Space.Mask != nil:
		return nil, &ito.UnsupportedError{What: "evaluating " + c.Samples,
			Why: "ito eval compares rows and text, and " +
				"these are graphs", Nearest: "figures of what ito sample writes"}
	case model && m.Space.Tokens(), !model && task.Unit(c.Against, c.Unit) != "":
		return c.evalTokens(ctx, &env, m)
	case c.Unit != "auto":
		return nil, &ito.InputError{Where: "`unit`", What: c.Samples + " is a model of no text", Do: "leave it out"}
	case model:
		r, err = c.evalModel(ctx, &env, m)
	default:
		r, err = c.evalFiles(ctx, &env)
	}
	if err != nil {
		return nil, err
	}
	if r.Table != nil {
		r.Verdict = r.Table.Verdict.Text
	} else {
		r.Verdict = r.verdict()
	}
	return r, nil
}

// protocol is how the distances are measured.
func (c *Config) protocol() Protocol {
	p := Protocol{Draws: c.Draws, Rows: c.Rows, Seed: c.Seed}
	if c.All {
		p.Draws, p.Rows = 1, 0
	}
	return p
}

// evalFiles compares two sets of rows, as tables with types or as numbers.
func (c *Config) evalFiles(ctx context.Context, env *Env) (*Report, error) {
	for _, bad := range []struct {
		name string
		set  bool
	}{{"where", c.Of.Where != ""}, {"nfe", c.Of.NFE != 0}, {"tol", c.Of.Tol != 0}} {
		if bad.set {
			return nil, &ito.InputError{What: "`" + bad.name + "` is for a model, and " + c.Samples + " holds samples",
				Do: "leave it out"}
		}
	}
	read := &reader{c: c, env: env}
	typed, err := read.typed()
	if err != nil {
		return nil, err
	}
	if !typed {
		return c.evalSamples(env)
	}
	if len(c.Scale) > 0 {
		return nil, &ito.InputError{Where: "`scale`",
			What: "it is for rows of numbers, and these are tables with types",
			Do:   "leave it out, or give `as=numbers`"}
	}
	t, err := c.compareTables(ctx, read)
	if err != nil {
		return nil, err
	}
	return &Report{Table: t}, nil
}

// evalSamples compares two sets of rows of numbers.
func (c *Config) evalSamples(env *Env) (*Report, error) {
	samples, err := env.Rows(c.Samples, c.Reading, nil, c.Ignore)
	if err != nil {
		return nil, err
	}
	truth, err := env.Rows(c.Against, c.Reading, nil, c.Ignore)
	if err != nil {
		return nil, err
	}
	for _, name := range c.Ignore {
		if all := append(samples.AllColumns(), truth.AllColumns()...); !slices.Contains(all, name) {
			return nil, data.UnknownColumn("`ignore`", name, all)
		}
	}
	if samples, err = samples.Without(c.Ignore); err != nil {
		return nil, err
	}
	if truth, err = truth.Without(c.Ignore); err != nil {
		return nil, err
	}
	if samples, err = dropID(samples, truth); err != nil {
		return nil, err
	}
	if truth, err = match(truth, samples.Name, samples.Columns); err != nil {
		return nil, err
	}
	if err := scale(truth, c.Scale); err != nil {
		return nil, err
	}
	return compare(samples.Name, samples.States(), truth, c.protocol())
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
	r, err := compare(c.Samples, x, truth, c.protocol())
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

// Against is what a model's samples are compared with.
type Against struct {
	Data    string // the rows
	Name    string // of the model, for messages
	Scale   []float64
	Ignore  []string
	Where   string
	Reading task.Reading
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

func scale(t *data.Table, by []float64) error {
	if len(by) == 0 {
		return nil
	}
	return t.Scale(by)
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
