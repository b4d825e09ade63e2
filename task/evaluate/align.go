package evaluate

import (
	"math"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/tabular"
)

// fits reports that a column of kind b can be compared with one of kind a.
func fits(a, b frame.Kind) bool {
	switch {
	case b == frame.Constant:
		return true
	case a.Numeric():
		return b.Numeric()
	case a == frame.Time:
		return b == frame.Time
	}
	return b.Levelled()
}

// join makes tables of the columns of y: of y itself, and of others that have them. Levels are numbered as y has them,
// new ones behind.
func join(columns []frame.Column, y *frame.Frame, others []*frame.Frame) []tabular.Table {
	frames := append([]*frame.Frame{y}, others...)
	out := make([]tabular.Table, len(frames))
	for k := range columns {
		c := &columns[k]
		labels := slices.Clone(c.Levels)
		if c.Kind == frame.Constant {
			labels = []string{c.Value}
		}
		place := map[string]int{}
		for l, w := range labels {
			place[w] = l
			place[plainNumber(w)] = l
		}
		level := func(w string) float64 {
			l, ok := place[w]
			if !ok {
				l, ok = place[plainNumber(w)]
			}
			if !ok {
				l = len(labels)
				labels = append(labels, w)
				place[w] = l
			}
			return float64(l)
		}
		for i, f := range frames {
			from := &f.Schema.Columns[f.Schema.Find(c.Name)]
			col := tabular.Column{Name: c.Name, X: make([]float64, f.Rows)}
			if c.Kind.Numeric() {
				col.Step, col.Origin = c.Step, c.Origin
			}
			if c.Kind == frame.Time {
				col.Write = func(v float64) string { return string(c.Append(nil, v, 0)) }
			}
			cell := cells(c, from, level)
			at := f.Schema.Find(c.Name)
			for r := range f.Rows {
				col.X[r] = cell(f.Row(r)[at])
			}
			out[i].Rows = f.Rows
			out[i].Columns = append(out[i].Columns, col)
		}
		if !c.Kind.Numeric() && c.Kind != frame.Time {
			for i := range out {
				j := len(out[i].Columns) - 1
				out[i].Columns[j].Levels, out[i].Columns[j].Labels = len(labels), labels
			}
		}
	}
	return out
}

// cells turns the numbers of a column from, which is c as another table has it, into those of c.
func cells(c, from *frame.Column, level func(string) float64) func(float64) float64 {
	same := func(v float64) float64 { return v }
	switch {
	case from.Kind == frame.Constant:
		v := math.NaN()
		switch {
		case from.Missing > 0 || from.Value == "" || from.Value == from.Gap:
		case c.Kind.Numeric() || c.Kind == frame.Time:
			if w, err := c.Parse(from.Value); err == nil {
				v = w
			}
		default:
			v = level(from.Value)
		}
		return func(float64) float64 { return v }
	case c.Kind.Numeric() || c.Kind == frame.Time:
		return same
	}
	codes := make([]float64, len(from.Levels))
	for l, w := range from.Levels {
		codes[l] = level(w)
	}
	return func(v float64) float64 {
		if v != v {
			return v
		}
		return codes[int(v)]
	}
}

// plainNumber writes a number in one way: 1.0 and 1 are one level.
func plainNumber(w string) string {
	if v, err := strconv.ParseFloat(w, 64); err == nil {
		return "number " + strconv.FormatFloat(v, 'g', -1, 64)
	}
	return w
}
