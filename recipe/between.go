package recipe

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/wrap"
)

// FitBetween is [Fit] on the path interpolant between the rows of t, which samples are like, and those of from, where sampling
// starts: the same columns, in the units of t, paired with those of t at random. With from nil sampling starts at N(0,I) in
// the states. The model does not keep the rows of from: see [SampleConfig].Start.
func FitBetween(ctx context.Context, t, from *data.Table, cfg Train, run Run) (*ito.Model, *Report, error) {
	return fitRows(ctx, t, from, cfg, run)
}

// DataDigest is what a model remembers of the rows that it learnt.
func DataDigest(t, from *data.Table) string {
	if from == nil {
		return t.Digest()
	}
	return store.Digest([]byte(t.Digest() + from.Digest()))
}

// trainer is what fits a network: a learn.Trainer, or crossing.
type trainer interface {
	Bind(p ito.Path) error
	Run(ctx context.Context, until int, opts learn.Options) error
	Step() int
	Losses() []learn.LossPoint
	State() learn.State
	Restore(s learn.State) error
	Moments() ito.Gaussian
	Field() (*field.Net, error)
}

// crossing is a trainer between two ends.
type crossing struct{ *learn.InterpolantTrainer }

// Bind implements trainer.
func (c crossing) Bind(p ito.Path) error {
	two, ok := p.(ito.TwoEnded)
	if !ok {
		return &ito.UnsupportedError{What: "training between two ends on path " + p.Name(), Why: "it has one", Nearest: "interpolant"}
	}
	return c.InterpolantTrainer.Bind(two)
}

// between is the wrapping of a field that lies between two ends, nil of another.
func between(f ito.Field) *wrap.Pairs {
	if n, ok := f.(*field.Net); ok {
		w, _ := n.Wrap.(*wrap.Pairs)
		return w
	}
	return nil
}

// newTrainer is the trainer of a resolved configuration.
func (f *fit) newTrainer(tc learn.Config, net *nn.Weights) (trainer, error) {
	if f.c.kind() != "interpolant" {
		if f.from != nil {
			return nil, &ito.InputError{Where: "--from", What: "path " + f.c.kind() + " begins at noise", Do: "leave it out, or give --path interpolant"}
		}
		return learn.NewTrainer(tc, net, f.data)
	}
	pairs := learn.Pairs{X0: f.data.X, Cond: f.data.Cond}
	if f.from != nil {
		var there []string // its rows need no conditions, and may have them
		for _, name := range f.cfg.Condition {
			if slices.Contains(f.from.AllColumns(), name) {
				there = append(there, name)
			}
		}
		rest, _, err := f.from.Take(there)
		if err != nil {
			return nil, err
		}
		if len(f.cfg.Scale) > 0 {
			if err := rest.Scale(f.cfg.Scale); err != nil {
				return nil, err
			}
		}
		if pairs.X1, err = data.Apply(f.model0.Transform, rest); err != nil {
			return nil, err
		}
	}
	t, err := learn.NewInterpolantTrainer(tc, net, pairs)
	if err != nil {
		return nil, err
	}
	return crossing{t}, nil
}
