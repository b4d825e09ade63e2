package recipe

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
)

// FitFrame is [Fit] on a table with types: all of its columns are learnt, each as its type asks for, and those of
// cfg.Condition, or all, are what samples may be asked for, in any combination. The path is by default mixed; see
// [TrainConfig.OfTable]. The settings Scale and Transform belong to rows of numbers and are refused.
func FitFrame(ctx context.Context, f *frame.Frame, cfg TrainConfig, run RunOptions) (*ito.Model, *TrainReport, error) {
	if cfg.Transform != "standardise" && cfg.Transform != "" {
		return nil, nil, &ito.InputError{Where: "`transform`",
			What: "the columns of a table with types each have a map " +
				"of their own", Do: "leave it out"}
	}
	cfg = cfg.OfTable()
	t, err := encode.Fit(f, cfg.given())
	if err != nil {
		return nil, nil, err
	}
	s := Set{Source: encode.NewSource(t, f), Name: f.Name, Columns: f.Schema.Names(), Encoding: t}
	return FitSource(ctx, s, cfg, run)
}

// OfTable is the configuration with the path that a table with types has by default: mixed, or edm for differential
// privacy, whose steps are checked on it.
func (c TrainConfig) OfTable() TrainConfig {
	if c.Path == "auto" || c.Path == "" {
		if c.Path = "mixed"; c.Epsilon > 0 {
			c.Path = "edm"
		}
	}
	return c
}
