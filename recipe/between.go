package recipe

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/wrap"
)

// FitBetween is [Fit] on the path interpolant between the rows of t, which samples are like, and those of from,
// where sampling starts: the same columns, in the units of t, paired with those of t at random. With from nil
// sampling starts at N(0,I) in the states. The model does not keep the rows of from: see [SampleConfig].Start.
func FitBetween(ctx context.Context, t, from *data.Table, cfg TrainConfig, run RunOptions) (*ito.Model, *TrainReport,
	error) {
	return fitRows(ctx, t, from, cfg, run)
}

// DataDigest is what a model remembers of the rows that it learnt.
func DataDigest(t, from *data.Table) string {
	if from == nil {
		return t.Digest()
	}
	return store.Digest([]byte(t.Digest() + from.Digest()))
}

// PairsOf is the wrapping of a field that lies between two ends, nil of another.
func PairsOf(f ito.Field) wrap.Between {
	if n, ok := f.(*field.Net); ok {
		w, _ := n.Wrap.(wrap.Between)
		return w
	}
	return nil
}

// drawn is the other end of a resolved configuration.
func (f *fit) drawn(p ito.Path) (learn.Drawn, error) {
	var d learn.Drawn
	switch {
	case f.from == nil:
		return d, nil
	case !between(p):
		return d, &ito.InputError{Where: "`from`", What: "path " + f.c.Path + " begins at noise",
			Do: "leave it out, or give `path=interpolant`"}
	}
	var there []string // its rows need no conditions, and may have them
	for _, name := range f.cfg.Condition {
		if slices.Contains(f.from.AllColumns(), name) {
			there = append(there, name)
		}
	}
	rest, _, err := f.from.Take(there)
	if err != nil {
		return d, err
	}
	if len(f.cfg.Scale) > 0 {
		if err := rest.Scale(f.cfg.Scale); err != nil {
			return d, err
		}
	}
	d.X, err = data.Apply(f.set.Transform, rest)
	return d, err
}
