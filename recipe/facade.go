package recipe

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/learn"
)

// VSDM is the whole library in two calls: Fit learns a distribution from rows by the variational Schrödinger
// diffusion model, Sample draws more of them. The zero value is ready; every zero field is its default.
// For checkpoints, other paths and tables with words use [TrainConfig] and [Fit].
type VSDM struct {
	Variant   string // constant (the default), diagonal or logistic
	Transform string // standardise (the default), none or whiten
	Steps     int    // of training; 0 means 20000
	Seed      uint64 // 0 means 1

	Columns    []string               // names of the columns; nil: x1, x2, …
	Conditions []string               // columns that are not learnt but conditioned on, see [Fitted.Draw]; nil: none
	Workers    int                    // of training; 0 means 1. They change no number
	Progress   func(learn.TrainEvent) // called as training goes on; nil: none
}

// Fitted is a learnt distribution. It is safe for concurrent use.
type Fitted struct {
	Model  *ito.Model
	Report *TrainReport

	seed uint64
	next atomic.Uint64 // id of the first row of the next Sample
}

// Draw says which rows of a learnt distribution to draw. A row is a function of the model, Seed, its id and Where,
// whatever N and Workers are.
type Draw struct {
	N       int    // of rows, at least 1
	First   uint64 // id of the first row; the others follow
	Seed    uint64 // 0 means that of the training
	Where   string // conditions, as "x3=2.5,x4=1": all that the model has, or "" for rows of all values of them
	NFE     int    // network calls of a row; 0 means as the model says
	Workers int    // 0 means all processors
}

// Fit learns the distribution of rows, which have one length.
func (v VSDM) Fit(ctx context.Context, rows [][]float64) (*Fitted, error) {
	if len(rows) == 0 {
		return nil, &ito.InputError{Where: "rows", What: "there are none"}
	}
	t := &data.Table{Name: "rows", Rows: len(rows), Cols: len(rows[0]), Columns: v.Columns}
	if t.Columns == nil {
		t.Columns = data.DefaultColumns(t.Cols)
	}
	if len(t.Columns) != t.Cols {
		return nil, &ito.InputError{Where: "columns", What: fmt.Sprintf("%d names of %d columns", len(t.Columns),
			t.Cols)}
	}
	for i, r := range rows {
		if len(r) != t.Cols {
			return nil, &ito.InputError{Where: fmt.Sprintf("row %d", i),
				What: fmt.Sprintf("it has %d values, the first row %d", len(r), t.Cols)}
		}
		t.X = append(t.X, r...)
	}
	if i := t.States().FirstNonFinite(); i >= 0 {
		return nil, &ito.InputError{Where: fmt.Sprintf("row %d", i), What: "it holds a NaN or an infinity"}
	}
	c := DefaultTrain()
	c.Variant, c.Transform = cmp.Or(v.Variant, c.Variant), cmp.Or(v.Transform, c.Transform)
	c.Steps = v.Steps
	c = c.Sized(0, 0)
	if v.Seed != 0 {
		c.Seed = v.Seed
	}
	c.Condition = v.Conditions
	c.Stages = min(c.Stages, max(c.Steps-1, 0))
	run := RunOptions{Progress: v.Progress}
	if v.Workers > 1 {
		run.Pool = ad.NewPool(v.Workers)
		defer run.Pool.Close()
	}
	m, r, err := Fit(ctx, t, c, run)
	if err != nil {
		return nil, err
	}
	return &Fitted{Model: m, Report: r, seed: c.Seed}, nil
}

// Sample draws the next n rows: those of a second call are others. The first n rows of all calls together are the same
// in every process; [Fitted.Draw] draws rows again.
func (f *Fitted) Sample(ctx context.Context, n int) ([][]float64, error) {
	if n < 1 {
		return nil, &ito.InputError{Where: "n", What: fmt.Sprintf("%d rows", n), Do: "give 1 or more"}
	}
	return f.Draw(ctx, Draw{N: n, First: f.next.Add(uint64(n)) - uint64(n)})
}

// Draw draws the rows that d names, the same in every call.
func (f *Fitted) Draw(ctx context.Context, d Draw) ([][]float64, error) {
	if d.N < 1 {
		return nil, &ito.InputError{Where: "n", What: fmt.Sprintf("%d rows", d.N), Do: "give 1 or more"}
	}
	cfg := DefaultSample()
	cfg.N, cfg.First, cfg.Where, cfg.NFE = d.N, d.First, d.Where, cmp.Or(d.NFE, cfg.NFE)
	cfg.Seed = cmp.Or(d.Seed, f.seed, cfg.Seed)
	var rows [][]float64
	_, err := Sample(ctx, f.Model, cfg, RunOptions{Workers: d.Workers}, func(x ito.States) error {
		for i := range x.N {
			rows = append(rows, append([]float64(nil), x.Row(i)...))
		}
		return nil
	})
	return rows, err
}
