package recipe

import (
	"cmp"
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/store"
)

// TablesOptions are [RunOptions] of a training of several tables.
type TablesOptions struct {
	RunOptions
	// Places is where the checkpoints of a table's training are kept, instead of Checkpoint; nil: nowhere.
	Places func(table string) store.Checkpoints
	// Siblings is what a row of a child depends on beside its parent: relate.Previous, Place or None; "": Previous.
	Siblings string
	// Begin is called before each table's training; nil: nothing is.
	Begin func(table string, of *encode.Table)
}

// FitTables learns several tables of which one has the rows that the rows of the others belong to:
//
//	p(parents, n_1 … n_C) Π_c Π_k p(child_c,k | parent, n_1 … n_C, k, child_c,k−1)
//
// with n_c, the rows of child c, as one more column of the parent, and child k of a parent drawn given all cells of the
// parent, its place k and the row before it. Each table has a model by [FitFrame] of its own; cfg.Condition names
// columns of the parent. The settings Path and Width are by default those of a table with types, mixed and 256.
func FitTables(ctx context.Context, t *relate.Tables, cfg TrainConfig, o TablesOptions) (*relate.Model, []*TrainReport,
	error) {
	if cfg.Epsilon > 0 {
		return nil, nil, &ito.UnsupportedError{What: "differential privacy of several tables",
			Why:     "its promise is for one row of one table, and a parent has as many more as it has children",
			Nearest: "one table with a row a person"}
	}
	if cfg.Transform != "standardise" && cfg.Transform != "" {
		return nil, nil, &ito.InputError{Where: "`transform`", What: "the columns of a table with types each have a " +
			"map of their own", Do: "leave it out"}
	}
	cfg, err := cfg.OfTables()
	if err != nil {
		return nil, nil, err
	}
	siblings := cmp.Or(o.Siblings, relate.Previous)
	fit := func(name string, m *encode.Table, s *encode.Source) (*ito.Model, *TrainReport, error) {
		run := o.RunOptions
		if run.Checkpoint = nil; o.Places != nil {
			run.Checkpoint = o.Places(name)
		}
		if o.Begin != nil {
			o.Begin(name, m)
		}
		model, r, err := FitSource(ctx, Set{Source: s, Name: name, Columns: m.Schema.Names(), Encoding: m}, cfg, run)
		if err != nil {
			return nil, nil, fmt.Errorf("table %s: %w", name, err)
		}
		return model, r, nil
	}
	parent, err := encode.Fit(t.Parent, cfg.given())
	if err != nil {
		return nil, nil, err
	}
	out := &relate.Model{Name: t.Name, Own: t.Own}
	var r *TrainReport
	if out.Parent, r, err = fit(t.Name, parent, encode.NewSource(parent, t.Parent)); err != nil {
		return nil, nil, err
	}
	reports := []*TrainReport{r}
	for i := range t.Children {
		c := &t.Children[i]
		m := relate.ChildModel{Name: c.Name, Key: c.Key, Count: c.Count, Most: c.Most, Siblings: siblings,
			Schema: c.Frame.Schema}
		table, ok, err := t.Fit(c, parent, siblings)
		if err != nil {
			return nil, nil, err
		}
		if r = nil; ok {
			if m.Model, r, err = fit(c.Name, table, t.Source(c, table, siblings)); err != nil {
				return nil, nil, err
			}
		}
		out.Children, reports = append(out.Children, m), append(reports, r)
	}
	return out, reports, out.Check()
}

// OfTables is the configuration with the defaults of tables with types, where nothing else was said.
func (c TrainConfig) OfTables() (TrainConfig, error) {
	c = c.OfTable()
	if c.Width == 0 && (c.Network == "auto" || c.Network == "dense" || c.Network == "residual") {
		c.Width = tableWidth
	}
	return c.For(ito.Space{})
}
