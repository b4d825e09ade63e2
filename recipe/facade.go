package recipe

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
)

// VSDM is the whole library in two calls: Fit learns a distribution from rows by the variational Schrödinger
// diffusion model, Sample draws more of them. The zero value is ready; every zero field is its default.
// For conditions, checkpoints and other paths use [TrainConfig] and [Fit].
type VSDM struct {
	Variant   string // constant (the default), diagonal or logistic
	Transform string // standardise (the default), none or whiten
	Steps     int    // of training; 0 means 20000
	Seed      uint64 // 0 means 1
}

// Fitted is a learnt distribution. It is safe for concurrent use.
type Fitted struct {
	Model  *ito.Model
	Report *TrainReport
}

// Fit learns the distribution of rows, which have one length.
func (v VSDM) Fit(ctx context.Context, rows [][]float64) (*Fitted, error) {
	if len(rows) == 0 {
		return nil, &ito.InputError{Where: "rows", What: "there are none"}
	}
	t := &data.Table{Name: "rows", Rows: len(rows), Cols: len(rows[0]), Columns: data.DefaultColumns(len(rows[0]))}
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
	c.Stages = min(c.Stages, max(c.Steps-1, 0))
	m, r, err := Fit(ctx, t, c, RunOptions{})
	if err != nil {
		return nil, err
	}
	return &Fitted{m, r}, nil
}

// Sample draws n rows. The first n rows are the same whatever n is.
func (f *Fitted) Sample(ctx context.Context, n int) ([][]float64, error) {
	cfg := DefaultSample()
	cfg.N = n
	var rows [][]float64
	_, err := Sample(ctx, f.Model, cfg, RunOptions{}, func(x ito.States) error {
		for i := range x.N {
			rows = append(rows, append([]float64(nil), x.Row(i)...))
		}
		return nil
	})
	return rows, err
}
