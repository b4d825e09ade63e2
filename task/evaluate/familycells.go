package evaluate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/tabular"
)

// familyCells are tables that belong together, as they are written: the parent's with the numbers of rows, and one row
// of each parent's of every child, with the parent's.
type familyCells struct {
	tables   []*joined
	rows     []int
	own      int      // columns of the parent
	keys     []string // of the parent
	counts   [][]float64
	numbers  []string // the columns with the numbers of rows of each child
	beside   string   // before the parent's columns beside a child's
	orphans  []int
	twice    []int
	children []relate.ChildSide
	name     string
}

const purposePicked = rng.PurposeSplit

// readFamily reads them; samples have the names of columns that the data like have, which is nil of the data.
func readFamily(parent relate.Side, children []relate.ChildSide, like *familyCells,
	file func(relate.Side) (string, frame.ReadOptions)) (*familyCells, error) {
	f := &familyCells{children: children, name: relate.Name(parent.File)}
	p, err := readCells(file(parent))
	if err != nil {
		return nil, err
	}
	f.own = len(p.columns)
	files := make([]*joined, len(children))
	for i, side := range children {
		if files[i], err = readCells(file(side.Side)); err != nil {
			return nil, err
		}
	}
	if f.beside = besideName(f.name, files); like != nil {
		f.beside = like.beside
	}
	var joins []*joined
	whole := &joined{columns: slices.Clone(p.columns), decimal: p.decimal}
	numbers := make([][]string, len(p.rows))
	for i, side := range children {
		k := files[i]
		pa, err := p.places(side.Key.Parent)
		if err == nil {
			f.keys = append(f.keys, side.Key.Parent...)
		}
		ca, e := k.places(side.Key.Child)
		if err = errors.Join(err, e); err != nil {
			return nil, err
		}
		at, twice := map[string]int{}, 0
		for i, row := range p.rows {
			key, ok := keyAt(row, pa)
			if _, there := at[key]; there || !ok {
				twice++
				continue
			}
			at[key] = i
		}
		of, orphans := make([][]int, len(p.rows)), 0
		for r, row := range k.rows {
			key, ok := keyAt(row, ca)
			if i, there := at[key]; there && ok {
				of[i] = append(of[i], r)
			} else {
				orphans++
			}
		}
		f.orphans, f.twice = append(f.orphans, orphans), append(f.twice, twice)
		f.rows = append(f.rows, len(k.rows))
		if p.decimal != k.decimal {
			return nil, &ito.InputError{Where: side.File, What: "its numbers have another decimal point than those " +
				"of " +
				parent.File, Do: "write them alike, or give `decimal`"}
		}
		j := &joined{decimal: k.decimal}
		for c, name := range k.columns {
			if !slices.Contains(ca, c) {
				j.columns = append(j.columns, name)
			}
		}
		for _, name := range p.columns {
			j.columns = append(j.columns, f.beside+name)
		}
		var counts []float64
		pick := rng.NewKey(uint64(len(joins)), purposePicked, 0, 3)
		for i, rows := range of {
			counts = append(counts, float64(len(rows)))
			numbers[i] = append(numbers[i], fmt.Sprint(len(rows)))
			if len(rows) == 0 {
				continue
			}
			var cells []string
			for c, cell := range k.rows[rows[pick.Intn(uint64(i), 0, len(rows))]] {
				if !slices.Contains(ca, c) {
					cells = append(cells, cell)
				}
			}
			j.rows = append(j.rows, append(cells, p.rows[i]...))
		}
		if len(j.rows) == 0 && len(k.rows) > 0 {
			return nil, &ito.InputError{Where: relate.Name(side.File), What: "none of its rows belongs to a row of " +
				f.name,
				Do: "name the columns that say so in `key`"}
		}
		f.counts = append(f.counts, counts)
		if like != nil {
			f.numbers = like.numbers[:i+1]
		} else {
			f.numbers = append(f.numbers, relate.CountName(relate.Name(side.File), whole.columns))
		}
		whole.columns = append(whole.columns, f.numbers[i])
		joins = append(joins, j)
	}
	for i, row := range p.rows {
		whole.rows = append(whole.rows, append(slices.Clone(row), numbers[i]...))
	}
	f.tables = append([]*joined{whole}, joins...)
	f.rows = append([]int{len(p.rows)}, f.rows...)
	return f, nil
}

// shape has the columns of a joined table read as those of its parts: keys, and what names rows or is text, are left
// out.
func (f *familyCells) shape(c *Config, table int) error {
	if table == 0 {
		for _, k := range f.keys {
			if !slices.Contains(c.Ignore, k) {
				c.Ignore = append(slices.Clone(c.Ignore), k)
			}
		}
		if len(c.Tables.Columns) > 0 {
			c.Tables.Columns = append(slices.Clone(c.Tables.Columns), f.numbers...)
		}
		return nil
	}
	if err := f.identifiers(c, f.children[table-1].Side); err != nil {
		return err
	}
	whole := f.tables[0]
	own := &joined{columns: whole.columns[:f.own], decimal: whole.decimal}
	for _, r := range whole.rows {
		own.rows = append(own.rows, r[:f.own])
	}
	in, err := own.open(f.name, frame.ReadOptions{NA: c.NA})
	if err != nil {
		return err
	}
	s, err := in.Infer()
	if err != nil {
		return err
	}
	for _, k := range s.Columns {
		name := f.beside + k.Name
		switch {
		case !k.Kind.Learnt() || slices.Contains(f.keys, k.Name) || strings.Contains(name, "="):
			c.Ignore = append(slices.Clone(c.Ignore), name)
		case k.Kind == frame.Time:
			c.Types = append(slices.Clone(c.Types), name+"=time:"+k.Layout)
		default:
			c.Types = append(slices.Clone(c.Types), name+"="+string(k.Kind))
		}
		if len(c.Tables.Columns) > 0 {
			c.Tables.Columns = append(slices.Clone(c.Tables.Columns), name)
		}
	}
	return nil
}

// identifiers leaves out what names the rows of a child: of one row of each parent alone it would be numbers.
func (f *familyCells) identifiers(c *Config, side relate.Side) error {
	in, err := frame.Open(side.File, side.Options)
	if err != nil {
		return err
	}
	defer in.Close()
	s, err := in.Infer()
	if err != nil {
		return err
	}
	for _, k := range s.Columns {
		if k.Kind == frame.Identifier && !slices.Contains(c.Ignore, k.Name) {
			c.Ignore = append(slices.Clone(c.Ignore), k.Name)
		}
	}
	return nil
}

// joins compares how the rows of a child belong to those of the parent.
func (f *familyCells) joins(real *familyCells, child int, parent, t *TableReport) *Joins {
	key := f.children[child].Key
	j := &Joins{Key: key.String(), Orphans: f.orphans[child], Twice: f.twice[child]}
	j.Mean, j.Without = meanAndNone(f.counts[child])
	j.Real, j.RealOut = meanAndNone(real.counts[child])
	for _, c := range parent.Columns {
		if c.Name == real.numbers[child] {
			j.Score = c.Score
		}
	}
	if t == nil { // too few rows to compare
		return j
	}
	n := 0.
	for _, p := range t.Report.Pairs {
		if real.ofParent(t.Report, p.A) != real.ofParent(t.Report, p.B) {
			j.Cross += p.Score
			n++
		}
	}
	j.Cross /= max(n, 1)
	j.Floor = t.Report.Floor.Pairs
	return j
}

func (f *familyCells) ofParent(r *tabular.Report, column int) bool {
	return strings.HasPrefix(r.Columns[column].Name, f.beside)
}

// meanAndNone are the mean of numbers of rows and the share that has none.
func meanAndNone(counts []float64) (mean, none float64) {
	for _, n := range counts {
		mean += n / float64(len(counts))
		if n == 0 {
			none += 1 / float64(len(counts))
		}
	}
	return mean, none
}
