package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task"
	"gonum.org/v1/gonum/mat"
)

// ForLikelihood asks for the log-likelihood of rows under a model, instead of samples beside them.
type ForLikelihood struct {
	Likelihood bool `omit:"default" help:"The log-likelihood of the rows of DATA under the model, by its probability flow, in the units of the columns, beside that of a normal fitted to them: no samples are drawn. --rows and --all say of how many, --tol how exactly (0: 1e-5)"`
	// Trace says how the divergence of the flow is found
	Trace  string `omit:"default" default:"auto" enum:"auto,exact,estimate" help:"The divergence of the flow: exact, by a product a column; estimate, by random vectors (Hutchinson); auto: exact up to 16 columns"`
	Probes int    `omit:"default" default:"8" min:"2" max:"10000" help:"Random vectors of an estimate"`
	Labels string `where:"local" placeholder:"FILE" help:"Labels of images, where the model was trained with some"`
}

// likelihoodRows are integrated together; up to exactColumns the divergence is exact unless otherwise asked for.
const likelihoodRows, exactColumns = 256, 16

// probed is a field without its divergence, which costs a product a column.
type probed struct {
	ito.Field
	ito.VJPer
}

// evalLikelihood measures the log-likelihood of rows under a model:
//
//	log p(row) = log p(state) + log |det ∂state/∂row|,
//
// the first term by [solve.Likelihood] on the path's own span. Whole numbers between bounds, as pixels are, are made
// continuous by a uniform variate of (−½, ½) first (Theis, van den Oord and Bethge 2016, arXiv:1511.01844, §3.1),
// which makes the mean a lower bound of that of the whole numbers.
func (c *Config) evalLikelihood(ctx context.Context, env *Env, m *ito.Model) (*Report, error) {
	if err := c.checkLikelihood(m); err != nil {
		return nil, err
	}
	truth, cond, err := c.heldOut(&env.Env, m)
	if err != nil {
		return nil, err
	}
	r := &LikelihoodReport{Model: c.Samples, Data: truth.Name, DataRows: truth.Rows, Tolerance: c.Of.Tol}
	if r.Tolerance == 0 {
		r.Tolerance = 1e-5
	}
	rows := chosen(truth.Rows, c.Rows, c.All, c.Seed)
	x, gain, err := r.states(m.Transform, truth, rows, c.Seed)
	if err != nil {
		return nil, err
	}
	l := solve.Likelihood{Tol: c.Of.Tol, Prior: m.Prior, Probes: c.Density.Probes, Noise: ito.Seed(c.Seed)}
	f := m.Field
	estimate := c.Density.Trace == "estimate" || c.Density.Trace == "auto" && x.D > exactColumns
	if d, ok := f.(ito.VJPer); ok && estimate {
		f, l.ExactDim = probed{f, d}, -1
	}
	r.Span[0], r.Span[1] = m.Path.Span()
	logp := make([]float64, 0, x.N)
	for lo := 0; lo < x.N; lo += likelihoodRows {
		hi := min(lo+likelihoodRows, x.N)
		if cond.C > 0 {
			l.Cond = ito.Cond{C: cond.C}
			for _, i := range rows[lo:hi] {
				l.Cond.X = append(l.Cond.X, cond.Row(i)...)
			}
		}
		got, err := l.Rows(ctx, m.Path, f, x.Slice(lo, hi))
		if err != nil {
			return nil, err
		}
		r.Exact = got.Exact
		for i, v := range got.LogP {
			logp = append(logp, v+gain)
			r.Numerical += got.Err[i] / float64(x.N)
			r.Calls += float64(got.Evals[i]) / float64(x.N)
		}
		env.Count("likelihood", int64(hi), int64(x.N))
	}
	if !r.Exact {
		r.Probes = c.Density.Probes
	}
	r.Value = scoreOf(logp, x.D)
	if err := r.normal(x, logp, gain); err != nil {
		return nil, err
	}
	return &Report{Likelihood: r, Verdict: r.verdict()}, nil
}

// checkLikelihood refuses models that have no density, and settings that are for samples.
func (c *Config) checkLikelihood(m *ito.Model) error {
	why, nearest := "", "the figures of samples, without `likelihood`"
	switch {
	case m.Encoding != nil:
		why = "its columns have types: categories, gaps and steps have chances and not densities, and numbers are " +
			"learnt by their ranks"
		nearest = "a model of columns of numbers alone"
	case m.Space.Tokens():
		why = "tokens have chances and not densities"
	case m.Space.Mask != nil:
		why = "graphs of unlike sizes have no one density"
	case !m.Space.Free():
		why = "its states fill only a part of their space, where no density is"
	case m.Provenance.Distilled != nil:
		why, nearest = "a student has no probability flow", "the model that it was distilled from"
	case recipe.PairsOf(m.Field) != nil && m.Prior == nil:
		why = "it lies between two sets of rows, and the density of the one that samples start at is not known"
	case path.DataDim(m.Path, m.Path.Dim()) != m.Path.Dim():
		why = "its states are positions and velocities, whose density is not that of the rows"
		nearest = "a model on another path"
	}
	if why != "" {
		return &ito.UnsupportedError{What: "the likelihood of rows under " + c.Samples, Why: why, Nearest: nearest}
	}
	of := c.Of
	for _, s := range []struct {
		name  string
		given bool
	}{{"guidance", of.Guidance != 1}, {"solver", of.Solver != "auto"}, {"grid", of.Grid != "auto"},
		{"final", of.Final != "stop"}, {"nfe", of.NFE != 0}, {"holdout", c.Typed.Holdout != ""},
		{"target", c.Typed.Target != ""}, {"report", c.Typed.Report != ""}} {
		if s.given {
			return &ito.InputError{Where: "`" + s.name + "`", What: "it is for samples, and `likelihood` draws none",
				Do: "leave it out"}
		}
	}
	return learn.CheckBound(m.Field, m.Path)
}

// heldOut are the rows, in the order of the model's columns, and their conditions.
func (c *Config) heldOut(env *task.Env, m *ito.Model) (*data.Table, ito.Cond, error) {
	if task.Shape(m) != nil {
		return c.heldOutImages(env, m)
	}
	if c.Density.Labels != "" {
		return nil, ito.Cond{}, &ito.InputError{Where: "`labels`", What: "it is for images", Do: "leave it out"}
	}
	a := Against{c.Against, c.Samples, c.Scale, c.Ignore, c.Of.Where, c.Reading}
	if len(m.Conditions) == 0 || c.Of.Where != "" {
		truth, err := Truth(env, m, a)
		if err != nil || c.Of.Where == "" {
			return truth, ito.Cond{}, err
		}
		where, err := data.ParseWhere(m.Conditions, c.Of.Where)
		return truth, data.RepeatCondition(where, truth.Rows), err
	}
	var names []string
	for _, k := range m.Conditions {
		names = append(names, k.Column)
	}
	t, err := env.RowsOf(a.Data, a.Reading, task.Columns(m, task.Width(m)), append(names[:len(names):len(names)],
		a.Ignore...))
	if err != nil {
		return nil, ito.Cond{}, err
	}
	if t, err = t.Without(a.Ignore); err != nil {
		return nil, ito.Cond{}, err
	}
	t, taken, err := t.Take(names)
	if err != nil {
		return nil, ito.Cond{}, err
	}
	cond, err := data.EncodeConditions(m.Conditions, taken)
	if err != nil {
		return nil, ito.Cond{}, err
	}
	if t, err = match(t, a.Name, task.Columns(m, task.Width(m))); err != nil {
		return nil, ito.Cond{}, err
	}
	return t, cond, scale(t, a.Scale)
}

// heldOutImages are images as rows of pixels.
func (c *Config) heldOutImages(env *task.Env, m *ito.Model) (*data.Table, ito.Cond, error) {
	if c.Of.Where != "" || len(c.Scale)+len(c.Ignore) > 0 {
		return nil, ito.Cond{}, &ito.InputError{
			What: "`where`, `scale` and `ignore` are for columns, and these are images", Do: "leave them out"}
	}
	set, done, err := env.SetOf(m, c.Against, c.Density.Labels, c.Reading)
	if err != nil {
		return nil, ito.Cond{}, err
	}
	defer done()
	x := ito.NewStates(set.Source.Len(), task.Width(m), 0)
	cond := ito.Cond{C: set.Source.CondWidth()}
	cond.X = make([]float64, x.N*cond.C)
	if err := set.Source.Read(x, cond.X, 0); err != nil {
		return nil, cond, err
	}
	t := &data.Table{Name: set.Name, Columns: data.DefaultColumns(x.D), Rows: x.N, Cols: x.D}
	t.X = make([]float64, len(x.X))
	for i := range x.N {
		if err := m.Transform.Inverse(t.Row(i), x.Row(i)); err != nil {
			return nil, cond, err
		}
	}
	return t, cond, nil
}

// chosen are at most n places of so many rows, all where all are asked for, in increasing order.
func chosen(rows, n int, all bool, seed uint64) []int {
	out := make([]int, rows)
	for i := range out {
		out[i] = i
	}
	if all || n >= rows {
		return out
	}
	out = rng.NewKey(seed, rng.PurposeData, 0, 0).Perm(0, rows)[:n]
	slices.Sort(out)
	return out
}

// states are those of some rows of t, and what their log density gains in the units of the columns.
func (r *LikelihoodReport) states(tr ito.Transform, t *data.Table, rows []int, seed uint64) (x ito.States, gain float64,
	err error) {
	columns, d := tr.Dims(t.Cols)
	if columns != t.Cols {
		return x, 0, &ito.InputError{Where: t.Name, What: fmt.Sprintf("it has %d columns, the model has %d", t.Cols,
			columns), Do: "give the columns that the model was trained on"}
	}
	x = ito.NewStates(len(rows), d, 0)
	u := ito.States{}
	if r.Dequantised = tr.Whole; tr.Whole {
		u = ito.NewStates(len(rows), columns, 0)
		ito.Seed(seed).Uniform(u, rng.PurposeUser, 0, 0)
	}
	row := make([]float64, columns)
	for i, at := range rows {
		copy(row, t.Row(at))
		if err := constants(tr, t, at, row); err != nil {
			return x, 0, err
		}
		for j := range u.D {
			row[j] += u.Row(i)[j] - .5
		}
		if err := tr.Forward(x.Row(i), row); err != nil {
			return x, 0, err
		}
	}
	r.Rows, r.Dim = x.N, d
	for k := range d {
		switch {
		case len(tr.Scale) == 1:
			gain -= math.Log(math.Abs(tr.Scale[0]))
		case tr.Scale != nil:
			gain -= math.Log(math.Abs(tr.Scale[k]))
		}
	}
	if tr.V != nil {
		det, _ := mat.LogDet(mat.NewDense(d, d, tr.V))
		gain -= det
	}
	return x, gain, nil
}

// constants refuses a row that is not where all that the model has learnt were: its density is 0.
func constants(tr ito.Transform, t *data.Table, at int, row []float64) error {
	if tr.Keep == nil {
		return nil
	}
	k := 0
	for j, v := range row {
		if k < len(tr.Keep) && tr.Keep[k] == j {
			k++
		} else if v != tr.Const[j] {
			return &ito.InputError{Where: fmt.Sprintf("%s: row %d", t.Name, at+1),
				What: fmt.Sprintf("column %s is %v, and the model knows only %v there: the row has no density",
					t.Columns[j], v, tr.Const[j]), Do: "leave such rows out, or train on data where the column varies"}
		}
	}
	return nil
}
