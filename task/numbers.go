package task

import (
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
)

// RowsOf is [Env.Rows] of what is to have certain columns of numbers: columns beside them may be anything, and the
// table may be written in any way that the reader of tables knows: with decimal commas, in Parquet, as lines of JSON.
func (e *Env) RowsOf(name string, r Reading, want, words []string) (*data.Table, error) {
	if e.Open != nil || name == "-" || slices.Contains(data.Names(), name) {
		return e.Rows(name, r, nil, words)
	}
	in, err := frame.Open(name, frame.ReadOptions{Header: r.Header, Columns: want})
	if err != nil {
		return e.Rows(name, r, nil, words)
	}
	defer in.Close()
	if slices.ContainsFunc(want, func(n string) bool { return !slices.Contains(in.Columns, n) }) || len(want) == 0 {
		return e.Rows(name, r, nil, words)
	}
	others := slices.DeleteFunc(slices.Clone(in.Columns), func(n string) bool {
		return slices.Contains(want, n) || slices.Contains(words, n)
	})
	var t *data.Table
	if in.Usual || in.Format == "npy" || in.Format == "zip" {
		if t, err = e.Rows(name, r, nil, append(slices.Clone(words), others...)); err == nil {
			return t.Without(slices.DeleteFunc(others, func(n string) bool { return slices.Contains(t.Columns, n) }))
		}
	}
	if len(words) > 0 { // what is a condition is read by the reader of words
		return e.Rows(name, r, nil, words)
	}
	s, wrong := in.Numbered()
	if wrong != nil {
		return nil, wrong
	}
	f, wrong := in.Frame(s)
	if wrong != nil {
		return nil, wrong
	}
	t = &data.Table{Name: f.Name, Columns: slices.Clone(want), Rows: f.Rows, Cols: len(want), Notes: in.Notes}
	t.X = make([]float64, 0, f.Rows*len(want))
	for i := range f.Rows {
		for _, n := range want {
			k := s.Find(n)
			v := math.NaN()
			if c := &s.Columns[k]; c.Numbers() {
				v = c.Number(f.Row(i)[k])
			}
			if math.IsNaN(v) { // a word or a gap where a number is wanted
				if err != nil {
					return nil, err
				}
				return e.Rows(name, r, nil, others)
			}
			t.X = append(t.X, v)
		}
	}
	for _, n := range in.Notes {
		e.Tell(in.Name + ": " + n)
	}
	return t, nil
}
