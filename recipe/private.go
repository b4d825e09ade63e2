package recipe

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/learn"
)

// PrivateReport says what a differentially private training promises: the model, and all that is made of it, is
// (Epsilon, Delta)-differentially private for one row that is there or not. The schema, the number of rows and the
// settings are taken to be public.
type PrivateReport struct {
	Epsilon float64 `json:"epsilon"` // of the steps, by the accountant; not above what was asked for
	Delta   float64 `json:"delta"`
	Noise   float64 `json:"noise"` // standard deviation over the clipping norm
	Clip    float64 `json:"clip"`
	Rate    float64 `json:"rate"` // with which a row is in a step
	Steps   int     `json:"steps"`
}

// privateRows is a source whose steps are Poisson samples, and whose moments have seen no data.
type privateRows struct {
	*encode.Source
	rows    *learn.PoissonRows
	moments ito.Gaussian
}

// Moments are those of the public schema.
func (s *privateRows) Moments() (ito.Gaussian, error) { return s.moments, nil }

// Fill implements ito.Source: rows beyond those of the step are the first row, and do not count.
func (s *privateRows) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	rows := s.rows.Rows(step)
	return s.FillRows(dst, cond, seed, step, func(i int) int {
		if i < len(rows) {
			return rows[i]
		}
		return 0
	})
}

// private is what a fit has of privacy.
type private struct {
	report PrivateReport
	source *privateRows
	secret uint64
}

// FitPrivate is [FitFrame] with differential privacy: cfg.Epsilon and cfg.Delta, on rows that were read by a public
// schema. secret is a seed that nobody can guess, from crypto/rand, the same again when a training is resumed; it is
// not stored.
func FitPrivate(ctx context.Context, f *frame.Frame, cfg TrainConfig, secret uint64, run RunOptions) (*ito.Model,
	*TrainReport, error) {
	cfg = cfg.OfTable()
	t, moments, err := encode.FitPublic(f.Schema, cfg.given())
	if err != nil {
		return nil, nil, err
	}
	cfg = cfg.Sized(f.Rows, f.Schema.Learnt())
	if cfg.Batch > f.Rows {
		return nil, nil, &ito.InputError{Where: "`batch`", What: fmt.Sprintf("%d rows a step of %d", cfg.Batch, f.Rows),
			Do: "give fewer"}
	}
	delta, clip := cmp.Or(cfg.Delta, 1e-5), cmp.Or(cfg.RowClip, 1)
	rate := float64(cfg.Batch) / float64(f.Rows)
	a, err := learn.Calibrate(rate, cfg.Steps, cfg.Epsilon, delta)
	if err != nil {
		return nil, nil, err
	}
	p := &private{secret: secret, report: PrivateReport{Epsilon: a.Epsilon(cfg.Steps, delta), Delta: delta,
		Noise: a.Noise, Clip: clip, Rate: rate, Steps: cfg.Steps}}
	p.source = &privateRows{encode.NewSource(t, f), &learn.PoissonRows{N: f.Rows, Rate: rate,
		Most: learn.Room(f.Rows, rate), Seed: secret}, moments}
	s := Set{Source: p.source, Name: f.Name, Columns: t.Schema.Names(), Encoding: t}
	return (&fit{set: s, cfg: cfg, run: run, private: p}).fit(ctx)
}

// given are the columns that may be asked for; nil: all.
func (c TrainConfig) given() []string {
	if len(c.Condition) > 0 {
		return c.Condition
	}
	return nil
}

// make has the trainer's steps be private.
func (p *private) make(c TrainConfig, start ito.Path, t *learn.Trainer) error {
	objective := c.Objective
	if learns(start) || !slices.Contains([]string{"dsm", "edm", "flow"}, objective) {
		return &ito.UnsupportedError{What: "differential privacy with path " + c.kind() + " and objective " + objective,
			Why: "its loss is no mean over rows, or its path is fitted to them", Nearest: "path edm, objective edm"}
	}
	return t.MakePrivate(learn.Private{Clip: p.report.Clip, Noise: p.report.Noise,
		Rows: p.report.Rate * float64(p.source.rows.N), Seed: p.secret,
		Present: func(step uint32) int { return len(p.source.rows.Rows(step)) }})
}
