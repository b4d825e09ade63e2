package recipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/rng"
)

// Family are some rows of a parent, and all rows of its children that belong to them.
type Family struct {
	Parents  ito.States   // the numbers of their rows behind their own cells
	Children []ito.States // of each child, in the order of the parents and their places
	Of       [][]int      // the row of Parents that each belongs to
}

// familyRows bounds the rows of a child that are in memory at a time, by the largest number that parents can have.
const familyRows, mostFamilies = 1 << 18, 4096

// SampleTables draws cfg.N rows of the parent with the rows of all children, and gives them to sink, some parents with
// their children at a time. Row k of a child of parent i is the same whatever N, First, workers and the other parents
// are: its noise has the address (seed of the child's table, i·M+k), where M is the largest number of rows that a
// parent has of the child. cfg.Where and its like are of the parent; the numbers of rows are columns of it. With
// siblings that depend on the row before, the rows of all parents are drawn place by place, cfg.NFE calls each.
func SampleTables(ctx context.Context, m *relate.Model, cfg SampleConfig, run RunOptions, sink func(Family) error) (
	[]SampleReport, error) {
	began := run.Clock()
	f, block, err := newFamilies(m, cfg, run)
	if err != nil {
		return nil, err
	}
	for from := 0; from < cfg.N; from += block {
		got, err := f.draw(ctx, cfg.First+uint64(from), min(block, cfg.N-from))
		if err != nil {
			return nil, err
		}
		if err := sink(got); err != nil {
			return nil, err
		}
	}
	for i := range f.reports {
		f.reports[i].Seconds = run.Clock().Sub(began).Seconds()
	}
	return f.reports, nil
}

// families is a sampling of several tables.
type families struct {
	m        *relate.Model
	cfg      SampleConfig
	run      RunOptions
	parent   *sampler
	children []*sampler // nil: nothing of it is learnt
	reports  []SampleReport
}

// CheckTables reports what [SampleTables] would refuse before it draws.
func CheckTables(m *relate.Model, cfg SampleConfig) error {
	_, _, err := newFamilies(m, cfg, RunOptions{})
	return err
}

// newFamilies is a sampling that has been checked, so many parents at a time.
func newFamilies(m *relate.Model, cfg SampleConfig, run RunOptions) (f *families, block int, err error) {
	p, err := newSampler(m.Parent, cfg)
	if err != nil {
		return nil, 0, err
	}
	f = &families{m: m, cfg: cfg, run: run, parent: p, reports: make([]SampleReport, 1+len(m.Children))}
	block = mostFamilies
	for i := range m.Children {
		c := &m.Children[i]
		if last := cfg.First + uint64(cfg.N); c.Most > 0 && last > (1<<53)/uint64(c.Most) {
			return nil, 0, &ito.InputError{Where: "`n`", What: fmt.Sprintf("the rows of %s have ids beyond 2⁵³, of %d "+
				"for each of %d", c.Name, c.Most, last), Do: "give a smaller `n` or `first`"}
		}
		block = max(min(block, familyRows/max(c.Most, 1)), 16)
		s, err := f.child(i)
		if err != nil {
			return nil, 0, err
		}
		f.children = append(f.children, s)
	}
	return f, block, nil
}

// child is the sampler of a child's rows, of which only the context and the ids are missing.
func (f *families) child(i int) (*sampler, error) {
	c := &f.m.Children[i]
	if c.Model == nil {
		return nil, nil
	}
	t := c.Model.Encoding.(*encode.Table)
	q, err := t.Around(func([]float64, uint64) {})
	if err != nil {
		return nil, err
	}
	cfg := f.cfg
	cfg.N, cfg.First, cfg.Where, cfg.Balance, cfg.Guidance, cfg.Request = 1, 0, "", "", 1, q
	cfg.Seed = rng.NewKey(f.cfg.Seed, rng.PurposeSplit, uint32(i), 2).Uint64(0, 0)
	return newSampler(c.Model, cfg)
}

// draw draws n parents from first on, and their children.
func (f *families) draw(ctx context.Context, first uint64, n int) (Family, error) {
	s := *f.parent
	s.cfg.First, s.cfg.N, s.report.N, s.report.Broken = first, n, n, nil
	out := Family{Parents: ito.NewStates(n, len(f.m.Parent.Columns), first)}
	at := 0
	err := s.chunks(ctx, f.run, func(x ito.States) error {
		at += copy(out.Parents.X[at:], x.X)
		return nil
	})
	if err != nil {
		return out, err
	}
	f.add(0, s.report)
	for i := range f.m.Children {
		x, of, err := f.rows(ctx, i, out.Parents)
		if err != nil {
			return out, fmt.Errorf("table %s: %w", f.m.Children[i].Name, err)
		}
		out.Children, out.Of = append(out.Children, x), append(out.Of, of)
	}
	return out, nil
}

// add counts what a sampling of a table did.
func (f *families) add(table int, r SampleReport) {
	was := &f.reports[table]
	if was.N == 0 {
		*was = r
		return
	}
	was.N, was.NFE = was.N+r.N, max(was.NFE, r.NFE)
	for i := range r.Broken {
		if i < len(was.Broken) {
			was.Broken[i].Rows += r.Broken[i].Rows
		} else {
			was.Broken = append(was.Broken, r.Broken[i])
		}
	}
}

// rows draws the rows of a child that belong to parents, place by place where one depends on that before it.
func (f *families) rows(ctx context.Context, child int, parents ito.States) (ito.States, []int, error) {
	c := &f.m.Children[child]
	column := f.m.Own + child
	starts, of, most := make([]int, parents.N+1), []int(nil), 0
	for i := range parents.N {
		v := parents.Row(i)[column]
		if !(v >= 0 && v <= float64(c.Most)) {
			return ito.States{}, nil, fmt.Errorf("%g rows of at most %d", v, c.Most)
		}
		n := int(v)
		starts[i+1], most = starts[i]+n, max(most, n)
		of = append(of, slices.Repeat([]int{i}, n)...)
	}
	out := ito.NewStates(len(of), len(c.Schema.Columns), 0)
	for r, i := range of {
		out.ID[r] = c.ID(parents.ID[i], r-starts[i])
	}
	if f.children[child] == nil { // keys alone, which the caller writes
		f.reports[1+child].N += len(of)
	}
	if f.children[child] == nil || len(of) == 0 {
		return out, of, nil
	}
	s := *f.children[child]
	q, err := s.m.Encoding.(*encode.Table).Around(func(cells []float64, id uint64) {
		parent, place := c.Owner(id)
		i := int(parent - parents.ID[0])
		var before []float64
		if place > 0 && c.Siblings == relate.Previous {
			before = out.Row(starts[i] + place - 1)
		}
		c.Context(cells, parents.Row(i), place, before)
	})
	if err != nil {
		return out, of, err
	}
	s.typed, s.report.Broken = q, nil
	draw := func(rows []int) error {
		s.cfg.N, s.report.N, s.ids = len(rows), len(rows), make([]uint64, len(rows))
		for k, r := range rows {
			s.ids[k] = out.ID[r]
		}
		at := 0
		err := s.chunks(ctx, f.run, func(x ito.States) error {
			for k := range x.N {
				copy(out.Row(rows[at+k]), x.Row(k))
			}
			at += x.N
			return nil
		})
		f.add(1+child, s.report)
		s.report.Broken = nil
		return err
	}
	if c.Siblings != relate.Previous {
		all := make([]int, len(of))
		for r := range all {
			all[r] = r
		}
		return out, of, draw(all)
	}
	for place := range most {
		var rows []int
		for i := range parents.N {
			if starts[i]+place < starts[i+1] {
				rows = append(rows, starts[i]+place)
			}
		}
		if err := draw(rows); err != nil {
			return out, of, err
		}
	}
	return out, of, nil
}
