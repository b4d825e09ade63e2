package encode

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/rng"
)

// publicRows are made of a public schema, and more where a column has many levels.
const publicRows, publicGaps = 4096, .25

// FitPublic is [Fit] that has seen no data: the maps are those of columns that are uniform within their bounds and over
// their levels, alone of each other, and missing in a quarter of the rows where the schema says that cells may be. The
// moments are those of its states. A schema that leaves something open is an error that names all of it.
func FitPublic(s frame.Schema, given []string) (*Table, ito.Gaussian, error) {
	s.Columns = slices.Clone(s.Columns)
	var open []string
	n := publicRows
	for k := range s.Columns {
		c := &s.Columns[k]
		c.Counts, c.Rows = nil, 0
		switch {
		case (c.Kind.Numeric() || c.Kind == frame.Time) && !(c.Low < c.High):
			open = append(open, c.Name+" has no bounds (low, high)")
		case c.Kind.Levelled() && len(c.Levels) < 2:
			open = append(open, c.Name+" has no levels")
		case c.Kind == frame.Time && c.Step == 0:
			c.Step, c.Origin = 1, c.Low
			if c.Dated() && !c.Clocked() {
				c.Step = 86400
			}
		}
		n = max(n, 4*len(c.Levels))
	}
	if len(open) > 0 {
		return nil, ito.Gaussian{}, &ito.InputError{Where: "`public-schema`",
			What: fmt.Sprintf("%v", open), Do: "write what is known of the columns without the data"}
	}
	b, err := bind(&s)
	if err != nil {
		return nil, ito.Gaussian{}, err
	}
	if !b.free() {
		return nil, ito.Gaussian{}, &ito.UnsupportedError{
			What: "constraints other than ranges with differential privacy",
			Why:  "their maps are made of the rows", Nearest: "ranges"}
	}
	f := &frame.Frame{Name: "the public schema", Schema: s, Rows: n, X: make([]float64, n*len(s.Columns))}
	key := rng.NewKey(0, rng.PurposeSplit, 0, 9)
	for k := range s.Columns {
		c := &s.Columns[k]
		order := make([]int, n) // every part of the range, and every level, as often
		for i := range order {
			order[i] = i
			j := int(key.Intn(uint64(i), uint32(k), i+1))
			order[i], order[j] = order[j], i
		}
		for i := range n {
			u := (float64(order[i]) + .5) / float64(n)
			v := math.Floor(u * float64(len(c.Levels)))
			switch {
			case c.Kind.Numeric() || c.Kind == frame.Time:
				v = c.Snap(c.Low + (c.High-c.Low)*u)
			case !c.Kind.Levelled():
				v = 0
			}
			if c.Missing > 0 && c.Kind.Learnt() && key.Intn(uint64(n+i), uint32(k), 100) < 100*publicGaps {
				v = math.NaN()
			}
			f.X[i*len(s.Columns)+k] = v
		}
	}
	t, err := Fit(f, given)
	if err != nil {
		return nil, ito.Gaussian{}, err
	}
	m, err := NewSource(t, f).Moments()
	return t, m, err
}

// FillRows is Fill with rows that the caller chooses: row i of the step is row(i) of the table.
func (s *Source) FillRows(dst ito.States, cond []float64, seed uint64, step uint32, row func(i int) int) error {
	jitter := rng.NewKey(seed, rng.PurposeData, step, subJitter)
	given := rng.NewKey(seed, rng.PurposeData, step, subGiven)
	t := s.Table
	u, there, c := make([]float64, t.dim), make([]bool, len(t.Given)), t.width
	for i, id := range dst.ID {
		cells := s.Frame.Row(row(i))
		jitter.Uniforms64(u, len(u), dst.ID[i:i+1])
		t.Encode(dst.Row(i), cells, u)
		if c > 0 {
			subset(there, given, id)
			t.Condition(cond[i*c:(i+1)*c], cells, there)
		}
	}
	return s.Frame.Err()
}
