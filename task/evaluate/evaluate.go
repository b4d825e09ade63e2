// Package evaluate measures how far samples, or those of a model, are from data.
package evaluate

import (
	"context"
	"errors"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what is compared with what, and how.
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

	Child []string `where:"local" sep:"none" placeholder:"FILE" help:"A table of the data whose rows belong to those of DATA: SAMPLES is then a folder of tables of the same names. May be given again; without it a folder that ito sample wrote says which there are, and DATA may be their folder"`
	Key   []string `where:"local" sep:"none" placeholder:"COL" help:"By which columns they belong together, as ito train --key"`

	task.Reading
	task.Tables
	Typed ForTables    `embed:"" group:"For tables with types"`
	Of    ModelSamples `embed:"" group:"For a model"`

	Density ForLikelihood `embed:"" group:"For the likelihood of a model"`

	tables *relate.Model // of which SAMPLES is the file; nil: it is something else
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
	if !c.Density.Likelihood {
		if err := c.sampling().Check(); err != nil {
			return nil, err
		}
	}
	if len(c.Child) == 0 && len(c.Key) > 0 {
		return nil, &ito.InputError{Where: "`key`", What: "it is for tables that belong together",
			Do: "name one in `child`, or leave it out"}
	}
	if env.Model == nil && task.KindOf(c.Samples) == task.Safetensors {
		var err error
		if env.Model, err = store.LoadModel(c.Samples); errors.Is(err, store.ErrTables) {
			if c.tables, _, err = store.LoadTables(c.Samples); err != nil {
				return nil, err
			}
			return c.evalFamily(ctx, &env)
		} else if err != nil {
			return nil, err
		}
	}
	if env.Model != nil && len(c.Child) > 0 {
		return nil, &ito.InputError{Where: "`child`", What: c.Samples + " is a model of one table",
			Do: "leave it out, or give a model of several"}
	}
	if env.Model == nil && env.Open == nil && c.family() {
		return c.evalFamily(ctx, &env)
	}
	var r *Report
	var err error
	m := env.Model
	model := m != nil
	switch {
	case c.Density.Likelihood && model:
		return c.evalLikelihood(ctx, &env, m)
	case c.Density.Likelihood:
		return nil, &ito.InputError{Where: "`likelihood`", What: c.Samples + " holds samples, which have no density",
			Do: "give a model"}
	case c.Density.Trace != "auto" && c.Density.Trace != "" || c.Density.Probes != 8 && c.Density.Probes != 0:
		return nil, &ito.InputError{What: "`trace` and `probes` are for `likelihood`",
			Do: "give it too, or leave them out"}
	}
	if model {
		if err = c.tablesOf(m); err != nil {
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
		return c.evalSamples(ctx, env)
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
func (c *Config) evalSamples(ctx context.Context, env *Env) (*Report, error) {
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
	return compare(ctx, samples.Name, samples.States(), truth, c.protocol())
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

func scale(t *data.Table, by []float64) error {
	if len(by) == 0 {
		return nil
	}
	return t.Scale(by)
}
