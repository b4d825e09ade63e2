package infer

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// isLearned reports that a name is that of a model that ito train wrote.
func isLearned(name string) bool { return strings.EqualFold(filepath.Ext(name), ".safetensors") }

// ownRows is how many samples of a model take the place of its data, where none are given.
const ownRows = 4096

// openLearned opens a trained model as a target for dmcmc: its field leads, and the noise levels are learned from
// rows of its data, or from samples of its own.
func openLearned(ctx context.Context, name, rowsFile string, seed uint64, workers int, env *task.Env) (*problem,
	error) {
	m, digest, err := task.LoadModel(name)
	if err != nil {
		return nil, err
	}
	refuse := func(why string) (*problem, error) {
		return nil, &ito.UnsupportedError{What: "dmcmc on " + name, Why: why, Nearest: "ito sample"}
	}
	diagonal, ok := m.Path.(ito.Diagonal)
	switch {
	case !ok:
		return refuse("the path " + m.Path.Name() + " has no one level of noise")
	case len(m.Conditions) > 0:
		return refuse("it was trained under conditions, which dmcmc does not give")
	}
	width := task.Width(m)
	_, d := m.Transform.Dims(width)
	score, err := mcmc.NewFieldScore(m.Field, diagonal, d)
	if err != nil {
		return nil, err
	}
	p := &problem{name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), digest: digest,
		transform: &m.Transform, columns: task.Columns(m, path.DataDim(m.Path, width))}
	// a file's own names may be what draws cannot be called
	if (&draws.Meta{Columns: p.columns, Chains: 1}).Check() != nil {
		p.columns = draws.Names("x", width)
	}
	var rows ito.States
	if rowsFile != "" {
		t, err := env.RowsOf(rowsFile, task.Reading{}, m.Columns, nil)
		if err != nil {
			return nil, err
		}
		if rows, err = sample.StartRows(m, t); err != nil {
			return nil, err
		}
		p.data = t.Digest()
	} else {
		cfg := spec.New[recipe.SampleConfig]()
		cfg.N, cfg.Seed = ownRows, seed
		if _, err := recipe.Sample(ctx, m, cfg, recipe.RunOptions{Workers: workers, Version: env.Version},
			func(x ito.States) error {
				if rows.N == 0 {
					rows.D = x.D
				}
				rows.N += x.N
				rows.X, rows.ID = append(rows.X, x.X...), append(rows.ID, x.ID...)
				return nil
			}); err != nil {
			return nil, err
		}
	}
	inside := ito.NewStates(rows.N, d, 0)
	for i := range rows.N {
		if err := m.Transform.Forward(inside.Row(i), rows.Row(i)); err != nil {
			return nil, &ito.InputError{Where: "`data` " + rowsFile, What: err.Error(),
				Do: "give the columns that the model learnt"}
		}
	}
	if p.learned, err = mcmc.NewFieldTarget(score, inside); err != nil {
		return nil, err
	}
	p.Target = p.learned
	return p, nil
}

// drawLearned turns states of a field into rows of its data.
func (p *problem) drawLearned(dst, x ito.States) error {
	for i := range x.N {
		if err := p.transform.Inverse(dst.Row(i), x.Row(i)); err != nil {
			return err
		}
	}
	return nil
}
