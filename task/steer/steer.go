// Package steer draws samples that are worth much by a reward, under a budget, and samples that begin at a draft.
package steer

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/inverse"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// Settings are the flags of ito sample that this package serves.
type Settings struct {
	Reward      string  `where:"local" placeholder:"EXPR" help:"Search samples that are worth much: an expression of the columns, as -(x-1)*(x-1), or of row, the list of all; exec:PROGRAM, which answers lines of JSON; model:FILE, the log density of a model file of the columns; or classifier:TABLE:COL=LEVEL, trained on a labelled table"`
	Select      string  `default:"auto" enum:"auto,best,svdd,beam,rbf,smc" help:"How a search spends its budget: ${enum}; auto: svdd, for a table on path mixed, and with --where of a table with types, best, which is all that there is; see docs/restore.md"`
	Budget      int     `default:"0" min:"0" placeholder:"B" help:"Network calls of a sample that a search spends, exactly; 0: 500"`
	SearchSteps int     `select:"best,svdd,beam,rbf,smc" default:"25" min:"2" max:"100000" help:"Noise levels of a search: the least budget; with inpaint and colourise, where it is given, those of the method"`
	Width       int     `select:"beam" default:"4" min:"1" max:"1000000" help:"Particles that go on in a search by beam"`
	Temperature float64 `select:"smc" default:"1" above:"0" help:"T of e^{reward/T}, by which smc resamples"`
	Start       string  `where:"local" placeholder:"FILE" help:"Begin at drafts, rows of the model's columns: sample i at row i, and at the first again after the last"`
	Blend       string  `where:"local" placeholder:"A|B" help:"Blend the concepts of several conditions, as label=3|label=5: one of them acts at a time"`
	BlendBy     string  `default:"price" enum:"price,greedy,lerp,alternate,switch" help:"Which: price: of every sample the one whose score is worth least as an option; greedy: that of least score; lerp: their mean; alternate: in turn; switch: one after the other, each for its part of the steps"`
	Score       string  `where:"local" placeholder:"A|B" help:"How much of each concept is in a sample, from 0 to 1, as --reward has it, for price and greedy; the means over the samples are printed"`
	Strike      float64 `default:"0.25" above:"0" placeholder:"K" help:"Strike of the options of price"`
	Level       float64 `default:"0" min:"0" placeholder:"S" help:"Noise that is put on drafts, as σ/α in the model's units: more forgets more of the draft"`
}

// Config sets what is drawn from which model, and where it goes.
type Config struct {
	Model   string
	Out     string
	N       int
	First   uint64
	Seed    uint64
	Where   string
	Solver  string // of drafts; auto: ddim:eta=1
	NFE     int    // of drafts; 0: 50
	Workers int
	Settings
	task.Reading

	// Given names the settings that somebody asked for: one that changes nothing is then refused at its default too.
	Given []string
}

// SearchReport describes what a search did.
type SearchReport struct {
	N      int     `json:"n"`
	Select string  `json:"select"`
	Budget int     `json:"budget"`
	Spent  int     `json:"spent"`  // network calls of a sample, the most
	Reward float64 `json:"reward"` // its mean
	SD     float64 `json:"sd"`
	Best   float64 `json:"best"`
}

// rowsOf leads from states to rows of the user's columns.
func rowsOf(m *ito.Model, x ito.States) (ito.States, error) {
	width := task.Width(m)
	if m.Encoding != nil {
		width = len(m.Encoding.Columns())
	}
	out := x.Like(width)
	for i := range x.N {
		var err error
		if m.Encoding != nil {
			err = m.Encoding.Decode(out.Row(i), x.Row(i))
		} else {
			err = m.Transform.Inverse(out.Row(i), x.Row(i))
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// columnsOf are the names of the rows' columns.
func columnsOf(m *ito.Model) []string {
	if m.Encoding != nil {
		return m.Encoding.Columns()
	}
	return task.Columns(m, task.Width(m))
}

// open loads the model and refuses those whose samples are no rows of numbers.
func (c *Config) open(what string) (m *ito.Model, d int, cond []float64, err error) {
	if m, _, err = task.LoadModel(c.Model); err != nil {
		return m, 0, nil, err
	}
	if !m.Space.Free() || m.Nodes != nil || m.Vocabulary != nil {
		return m, 0, nil, &ito.UnsupportedError{What: what + " for this model",
			Why: "its samples are no rows of numbers", Nearest: "a model of images or columns"}
	}
	if m.Encoding != nil && c.Where != "" {
		return m, 0, nil, &ito.UnsupportedError{What: what + " with conditions of a table with types",
			Why: "they are not served yet", Nearest: what + " without `where`"}
	}
	if d = m.Path.Dim(); d == 0 {
		d = m.Space.Dim()
	}
	if d == 0 && m.Encoding != nil {
		d = m.Encoding.Dim()
	}
	if d == 0 {
		_, d = m.Transform.Dims(len(m.Columns))
	}
	if m.Encoding == nil {
		cond, err = data.ParseWhere(m.Conditions, c.Where)
	}
	return m, d, cond, err
}

// Search draws N samples, each by a search of its own. The same configuration makes the same bytes.
func Search(ctx context.Context, c Config, env task.Env) (SearchReport, error) {
	if err := spec.Check(&c.Settings); err != nil {
		return SearchReport{}, err
	}
	where := c.Where
	c.Where = "" // which tables with types have another way to ask for
	m, d, cond, err := c.open("a search by reward")
	if err != nil {
		return SearchReport{}, err
	}
	if c.Budget == 0 {
		c.Budget = 500
	}
	if c.Where = where; m.Encoding != nil && (where != "" || ito.Has(m.Path, path.CapMixed)) {
		return c.searchTable(ctx, m, env)
	}
	if m.Encoding == nil {
		if cond, err = data.ParseWhere(m.Conditions, c.Where); err != nil {
			return SearchReport{}, err
		}
	}
	if c.Select == "auto" {
		c.Select = "svdd"
	}
	if err := c.unused(c.Select); err != nil {
		return SearchReport{}, err
	}
	if _, ok := m.Path.(ito.Diagonal); !ok {
		return SearchReport{}, &ito.UnsupportedError{What: "a search by reward on path " + m.Path.Name(),
			Why: "it has no Gaussian schedule", Nearest: "path edm"}
	}
	if err := c.check(m); err != nil {
		return SearchReport{}, err
	}
	r, err := c.rater(ctx, &env, m, c.Reward, false)
	if err != nil {
		return SearchReport{}, err
	}
	defer r.close()
	report := SearchReport{N: c.N, Select: c.Select, Budget: c.Budget, Best: math.Inf(-1)}
	rewards := make([]float64, c.N)
	var start func(x ito.States, n ito.Noise) error
	if m.Prior != nil && len(m.Prior.Mean) == d {
		p, err := recipe.NewGaussianPrior(*m.Prior, d)
		if err != nil {
			return report, err
		}
		start = func(x ito.States, n ito.Noise) error { p.Draw(x, n); return nil }
	}
	search := func(ctx context.Context, x ito.States, at int) (inverse.Info, error) {
		s := inverse.Search{Select: c.Select, Budget: c.Budget, Width: c.Width, Temperature: c.Temperature,
			Found: func(i int, reward float64, _ int) { rewards[at+i] = reward },
			Reward: func(ctx context.Context, dst []float64, x0 ito.States) error {
				rows, err := rowsOf(m, x0)
				if err != nil {
					return err
				}
				return r.rate(ctx, dst, rows)
			}}
		var given ito.Cond
		if c.Where != "" {
			given = data.RepeatCondition(cond, x.N)
		}
		return inverse.Restore(ctx, inverse.SearchProblem(m.Path, m.Field, d, given, start), s, x,
			inverse.RestoreOptions{Levels: c.SearchSteps, Noise: ito.Seed(c.Seed)})
	}
	x := ito.NewStates(c.N, d, c.First)
	if err := task.Fits("n", c.N, d); err != nil {
		return report, err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(task.Workers(c.Workers))
	spent := make(chan int, c.N)
	for i := range c.N {
		g.Go(func() error {
			info, err := search(gctx, x.Slice(i, i+1), i)
			spent <- info.Evals
			return err
		})
	}
	wait := make(chan error, 1)
	go func() { wait <- g.Wait(); close(spent) }()
	done := 0
	for s := range spent {
		done++
		report.Spent = max(report.Spent, s)
		env.Count("sample", int64(done), int64(c.N))
	}
	if err := <-wait; err != nil {
		return report, err
	}
	report.sum(rewards)
	rows, err := rowsOf(m, x)
	if err != nil {
		return report, err
	}
	return report, c.write(m, rows, env)
}

// unused refuses settings that change nothing where steps are selected so, or candidates of a table are.
func (c *Config) unused(by string) error {
	name, has := spec.Unused(&c.Settings, "select", by, c.Given)
	if name == "" {
		return nil
	}
	what := "`select=" + by + "` has no such setting"
	if by == ofTable {
		what = fmt.Sprintf("the candidates of a table are whole samples of %d network calls each, and "+
			"the best is taken", tableCalls)
	}
	return &ito.InputError{Where: "`" + name + "`", What: what, Do: "leave it out; it is of `select` " +
		strings.Join(has, ", ")}
}

// sum notes what the samples are worth.
func (r *SearchReport) sum(rewards []float64) {
	n := float64(len(rewards))
	for _, v := range rewards {
		r.Reward += v / n
		r.Best = math.Max(r.Best, v)
	}
	for _, v := range rewards {
		r.SD += (v - r.Reward) * (v - r.Reward) / n
	}
	r.SD = math.Sqrt(r.SD)
}

// write writes rows.
func (c *Config) write(m *ito.Model, rows ito.States, env task.Env) error {
	cfg := sample.Config{Out: c.Out, SampleConfig: recipe.DefaultSample()}
	cfg.N, cfg.First = c.N, c.First
	put := func(w io.Writer) error {
		out, err := sample.NewWriter(w, &cfg, m)
		if err != nil {
			return err
		}
		if err := out.WriteRows(rows); err != nil {
			return err
		}
		return out.Close()
	}
	if c.Out == "-" {
		if env.Stdout == nil {
			return &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
		}
		return put(env.Stdout)
	}
	return store.WriteFile(c.Out, put)
}

// check refuses a place that cannot be written, before anything is drawn.
func (c *Config) check(m *ito.Model) error {
	cfg := sample.Config{Out: c.Out, SampleConfig: recipe.DefaultSample()}
	cfg.N, cfg.First = c.N, c.First
	if err := task.Learnt(c.Out, m); err != nil {
		return err
	}
	if c.N < 1 {
		return &ito.InputError{Where: "`n`", What: fmt.Sprintf("%d samples", c.N), Do: "give 1 or more"}
	}
	_, err := sample.NewWriter(io.Discard, &cfg, m)
	return err
}
