package evaluate

import (
	"cmp"
	"context"
	"slices"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/tabular"
)

// TableReport is the report on tables with types.
type TableReport struct {
	SamplesName string                `json:"samples_name"`
	DataName    string                `json:"data_name"`
	HoldoutName string                `json:"holdout_name,omitempty"`
	HoldoutRows int                   `json:"holdout_rows,omitempty"`
	Kinds       map[string]frame.Kind `json:"kinds"`
	LeftOut     []LeftOut             `json:"left_out,omitempty"`
	Extra       []string              `json:"extra_columns,omitempty"` // of the samples, which the data does not have
	Constraints []Kept                `json:"constraints,omitempty"`
	*tabular.Report
	Caution string `json:"caution"`
}

// mostPairs are in the JSON of a report: those that are farthest off.
const mostPairs = 2000

// compareTables compares samples with data as tables with types.
func (c *Config) compareTables(ctx context.Context, r *reader) (*TableReport, error) {
	p, err := r.pair()
	if err != nil {
		return nil, err
	}
	return c.comparePair(ctx, p)
}

// comparePair compares two tables that were read.
func (c *Config) comparePair(ctx context.Context, p *pair) (*TableReport, error) {
	rows := 0
	if c.All {
		rows = max(p.data.Rows, p.samples.Rows)
	}
	t := &TableReport{SamplesName: c.Samples, DataName: c.Against, HoldoutName: c.Typed.Holdout, LeftOut: p.left,
		Extra: p.extra, Kinds: map[string]frame.Kind{}, Caution: tabular.Caution}
	for j, k := range p.kinds {
		t.Kinds[p.data.Columns[j].Name] = k
	}
	t.Constraints = p.kept
	if p.holdout != nil {
		t.HoldoutRows = p.holdout.Rows
	}
	cfg := tabular.Config{Rows: rows, Target: c.Typed.Target, Seed: c.Seed}
	var err error
	if t.Report, err = tabular.Compare(ctx, cfg, p.samples, p.data, p.holdout); err != nil {
		return nil, err
	}
	if c.Typed.Report != "" {
		if err := t.write(c.Typed.Report, p); err != nil {
			return nil, err
		}
	}
	t.Pairs = foremost(t.Pairs, mostPairs)
	return t, nil
}

// foremost are the n pairs with the least scores, in their own order.
func foremost(pairs []tabular.Pair, n int) []tabular.Pair {
	if len(pairs) <= n {
		return pairs
	}
	order := slices.Clone(pairs)
	slices.SortStableFunc(order, func(a, b tabular.Pair) int { return cmp.Compare(a.Score, b.Score) })
	order = order[:n]
	slices.SortFunc(order, func(a, b tabular.Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
	return order
}
