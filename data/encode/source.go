package encode

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// Source is what training draws from: rows of a table as states, each with some of its own cells as a condition. Two
// fifths of the rows have none; of the others k cells, of few columns each k equally often, of many few cells more
// often, and each subset of k equally often, so that every column is asked for alone and with others, and what is
// not given is integrated out.
type Source struct {
	Table *Table
	Frame *frame.Frame

	digest string
	held   *held // which of the rows are this source's; nil: all

	context func(cells []float64, row int) // of a table with a context
}

// NewSource makes the source of the rows of a frame of the table's schema.
func NewSource(t *Table, f *frame.Frame) *Source {
	return &Source{Table: t, Frame: f, digest: f.Digest()}
}

// Len implements [ito.Source].
func (s *Source) Len() int {
	if s.held != nil {
		return s.held.len(s.Frame.Rows)
	}
	return s.Frame.Rows
}

// Space implements [ito.Source].
func (s *Source) Space() ito.Space { return ito.FlatSpace(s.Table.dim) }

// CondWidth implements [ito.Source].
func (s *Source) CondWidth() int { return s.Table.width }

// Digest implements [ito.Source].
func (s *Source) Digest() string { return s.digest }

// The streams of a step beside that of the rows.
const (
	subJitter uint32 = 1 // within the places of lattices
	subGiven  uint32 = 2 // which cells are given
)

// stepRead stands for no step of training.
const stepRead = math.MaxUint32

// Read implements [ito.Source]. Jitter has the address of the row; all conditions are absent.
func (s *Source) Read(dst ito.States, cond []float64, from int) error {
	key := rng.NewKey(0, rng.PurposeData, stepRead, subJitter)
	u := make([]float64, s.Table.dim)
	for i := range dst.N {
		r := s.held.row(from + i)
		key.Uniforms64(u, len(u), []uint64{uint64(r)})
		s.Table.Encode(dst.Row(i), s.Frame.Row(r), u)
	}
	clear(cond)
	return s.Frame.Err()
}

// Example implements [ito.Coupled].
func (s *Source) Example(seed uint64, step uint32, id uint64) int {
	return s.held.draw(rng.NewKey(seed, rng.PurposeData, step, 0), id, s.Frame.Rows)
}

// Fill implements [ito.Source].
func (s *Source) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	rows := rng.NewKey(seed, rng.PurposeData, step, 0)
	jitter := rng.NewKey(seed, rng.PurposeData, step, subJitter)
	given := rng.NewKey(seed, rng.PurposeData, step, subGiven)
	t := s.Table
	u, there, c := make([]float64, t.dim), make([]bool, len(t.Given)), t.width
	around := s.around()
	for i, id := range dst.ID {
		at := s.held.draw(rows, id, s.Frame.Rows)
		row := s.Frame.Row(at)
		jitter.Uniforms64(u, len(u), dst.ID[i:i+1])
		t.Encode(dst.Row(i), row, u)
		if c > 0 {
			subset(there, given, id)
			t.Condition(cond[i*c:(i+1)*c], row, there)
			around(cond[i*c:(i+1)*c], at)
		}
	}
	return s.Frame.Err()
}

// around returns what writes the context of a row into its condition.
func (s *Source) around() func(cond []float64, row int) {
	c := s.Table.Context
	if c == nil || s.context == nil {
		return func([]float64, int) {}
	}
	cells, there := make([]float64, len(c.Schema.Columns)), make([]bool, len(c.Given))
	return func(cond []float64, row int) {
		s.context(cells, row)
		s.Table.surround(cond, cells, there)
	}
}

// withoutGiven is the part of the rows without a condition; up to fewGiven columns each number of them is as likely.
const withoutGiven, fewGiven = .4, 4

// subset draws which of n columns are given: none, or k of them, with k even in 1 … n, or 1 + ⌊n u²⌋ where there are
// many.
func subset(there []bool, key rng.Key, id uint64) {
	clear(there)
	var u [2]float64
	key.Uniforms64(u[:], 2, []uint64{id})
	if u[0] < withoutGiven {
		return
	}
	n := len(there)
	if n > fewGiven {
		u[1] *= u[1]
	}
	k := min(1+int(float64(n)*u[1]), n)
	for left, i := k, 0; left > 0; i++ { // each of the subsets of k alike
		if key.Intn(id, uint32(2+i), n-i) < left {
			there[i] = true
			left--
		}
	}
}

// momentRows are the rows that moments are of, at most.
const momentRows = 1 << 16

// Moments are those of the states, by which networks are scaled: in full up to 256 values, else value by value.
func (s *Source) Moments() (ito.Gaussian, error) {
	n := min(s.Len(), momentRows)
	x := ito.NewStates(n, s.Table.dim, 0)
	if s.Len() <= momentRows {
		if err := s.Read(x, nil, 0); err != nil {
			return ito.Gaussian{}, err
		}
	} else if err := s.Fill(x, make([]float64, n*s.Table.width), 0, stepRead); err != nil {
		return ito.Gaussian{}, err
	}
	if s.Table.dim <= ito.DefaultFull {
		return metric.Moments(x)
	}
	return metric.Variances(x)
}
