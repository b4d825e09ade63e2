package steer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// EditReport describes what was made of drafts.
type EditReport struct {
	N      int     `json:"n"`
	Drafts int     `json:"drafts"`
	Level  float64 `json:"level"`
	Solver string  `json:"solver"`
	NFE    int     `json:"nfe"`
	// Survives is the part of a draft's offset from the data that is left in a sample, on average over the columns,
	// as of normal data; Least and Most are those of the columns.
	Survives float64 `json:"survives"`
	Least    float64 `json:"survives_least"`
	Most     float64 `json:"survives_most"`
}

// Survives is the part of an offset that survives noise ρ = σ/α put on a draft and its removal, for normal data of
// standard deviation s: s²/(s²+ρ²) by the reverse SDE, which is αs²/(α²s²+σ²) of what stands at the level, and
// s/√(s²+ρ²) by the probability flow.
func Survives(s, ρ float64, stochastic bool) float64 {
	v := s * s / (s*s + ρ*ρ)
	if stochastic {
		return v
	}
	return math.Sqrt(v)
}

// Edit draws N samples from drafts: noise is put on them up to a level, and taken off again by the model (Meng et al.
// 2022, arXiv:2108.01073, "SDEdit", algorithm 1).
func Edit(ctx context.Context, c Config, env task.Env) (EditReport, error) {
	if err := spec.Check(&c.Settings); err != nil {
		return EditReport{}, err
	}
	m, d, cond, err := c.open("drafts")
	if err != nil {
		return EditReport{}, err
	}
	if m.Encoding != nil {
		return EditReport{}, &ito.UnsupportedError{What: "drafts of a table with types",
			Why: "rows cannot be encoded here", Nearest: "ito impute"}
	}
	if err := c.check(m); err != nil {
		return EditReport{}, err
	}
	t, err := env.Rows(c.Start, c.Reading, nil, nil)
	if err != nil {
		return EditReport{}, err
	}
	rows, err := sample.StartRows(m, t)
	if err != nil {
		return EditReport{}, err
	}
	if rows.N == 0 {
		return EditReport{}, &ito.InputError{Where: c.Start, What: "there are no drafts"}
	}
	e, err := newEditor(m.Path, m.Field, c)
	if err != nil {
		return EditReport{}, err
	}
	drafts := ito.NewStates(rows.N, d, 0)
	for i := range rows.N {
		if err := m.Transform.Forward(drafts.Row(i), rows.Row(i)); err != nil {
			return EditReport{}, &ito.InputError{Where: "`start`", What: err.Error(),
				Do: "give the columns that the model learnt"}
		}
	}
	x := ito.NewStates(c.N, d, c.First)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(task.Workers(c.Workers))
	const chunk = 512
	evals := make([]int, (c.N+chunk-1)/chunk)
	for k := range evals {
		g.Go(func() error {
			part := x.Slice(k*chunk, min((k+1)*chunk, c.N))
			var given ito.Cond
			if c.Where != "" {
				given = data.RepeatCondition(cond, part.N)
			}
			info, err := e.run(gctx, part, drafts, given, ito.Seed(c.Seed))
			if err == nil {
				evals[k] = slices.Max(info.Evals)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return EditReport{}, err
	}
	r := EditReport{N: c.N, Drafts: rows.N, Level: c.Level, Solver: e.solver.Info().Name, NFE: slices.Max(evals)}
	r.survival(m, d, e.solver.Info().Stochastic)
	out, err := rowsOf(m, x)
	if err != nil {
		return r, err
	}
	return r, c.write(m, out, env)
}

// survival fills in how much of a draft is left, of columns whose deviations the model knows; otherwise they count as
// 1.
func (r *EditReport) survival(m *ito.Model, d int, stochastic bool) {
	r.Least = 1
	var g ito.Gaussian
	if n, ok := m.Field.(*field.Net); ok {
		g = n.Moments()
	}
	for i := range d {
		s := 1.
		if len(g.Mean) == d {
			s = math.Sqrt(g.Variance(i))
		}
		v := Survives(s, r.Level, stochastic)
		r.Survives += v / float64(d)
		r.Least, r.Most = math.Min(r.Least, v), math.Max(r.Most, v)
	}
}

// editor is a plan from a level to the data.
type editor struct {
	path   ito.Path
	field  ito.Field
	solver ito.Solver
	grid   ito.Grid
}

func newEditor(p ito.Path, f ito.Field, c Config) (*editor, error) {
	d, ok := p.(ito.Diagonal)
	if !ok || !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "drafts on path " + p.Name(), Why: "no noise can be put on them",
			Nearest: "path edm"}
	}
	lo, hi := p.Span()
	least, most := math.Exp(-path.LogSNR(d, lo)), math.Exp(-path.LogSNR(d, hi))
	if !(c.Level > least && c.Level < most) {
		return nil, &ito.InputError{Where: "`level`", What: fmt.Sprintf("noise %g, the path has %.3g to %.3g", c.Level,
			least, most), Do: "give a level between, such as the deviation of what is wrong with the draft"}
	}
	word := c.Solver
	if word == "auto" || word == "" {
		word = "ddim:eta=1"
	}
	s, err := solve.ByName(word)
	if err != nil {
		return nil, err
	}
	if err := solve.Check(p, s); err != nil {
		return nil, err
	}
	nfe := c.NFE
	if nfe == 0 {
		nfe = 50
	}
	steps, err := solve.StepsFor(s, nfe, ito.Calls(f))
	if err != nil {
		return nil, err
	}
	e := &editor{path: p, field: f, solver: s}
	if e.grid, err = solve.LogSNR(p, path.TimeAt(d, -math.Log(c.Level)), lo, steps); err != nil {
		return nil, err
	}
	_, err = solve.Plan(p, e.grid, s, f.Kind())
	return e, err
}

// run fills x, whose ids are set, from drafts by their ids.
func (e *editor) run(ctx context.Context, x, drafts ito.States, c ito.Cond, n ito.Noise) (solve.RunInfo, error) {
	from := x.Like(x.D)
	for i, id := range x.ID {
		copy(from.Row(i), drafts.Row(int(id%uint64(drafts.N))))
	}
	if err := e.path.Perturb(x, from, ito.Times{e.grid[0]}, c, n); err != nil {
		return solve.RunInfo{}, err
	}
	return solve.Run(ctx, e.path, e.field, x, e.grid, e.solver, solve.RunOptions{Cond: c, Noise: n})
}
