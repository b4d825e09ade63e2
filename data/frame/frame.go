package frame

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Frame is a table, in memory or where it is large in a temporary file. Cell (i,k) is a number, as the kind of column k
// has it, and NaN where it is missing.
type Frame struct {
	Name   string
	Schema Schema
	Rows   int
	X      []float64 // [Rows, columns] row-major; nil where the rows are in a file

	file *spilled // nil: they are in memory
}

// Row is row i, sharing memory where the rows are there; see [Frame.Err].
func (f *Frame) Row(i int) []float64 {
	if f.file != nil {
		return f.file.row(i, len(f.Schema.Columns))
	}
	c := len(f.Schema.Columns)
	return f.X[i*c : (i+1)*c : (i+1)*c]
}

// Digest names schema and cells.
func (f *Frame) Digest() string {
	h := sha256.New()
	text, err := json.Marshal(f.Schema)
	if err != nil {
		text = fmt.Appendf(nil, "%+v", f.Schema) // a number that is not finite, which JSON does not have
	}
	h.Write(text)
	b := make([]byte, 0, 1<<16)
	_ = f.Each(func(_ int, row []float64) error { // whoever reads rows is told of an error
		for _, v := range row {
			if b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v)); len(b) == cap(b) {
				h.Write(b)
				b = b[:0]
			}
		}
		return nil
	})
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// Read opens a table, finds out what its columns are, and reads it: [Open], [Input.Infer] and [Input.Frame].
func Read(name string, o ReadOptions) (*Frame, error) {
	in, err := Open(name, o)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s, err := in.Infer()
	if err != nil {
		return nil, err
	}
	return in.Frame(s)
}

// Frame reads the rows of the columns of a schema, found by their names.
func (in *Input) Frame(s Schema) (*Frame, error) {
	f := &Frame{Name: in.Name, Schema: s}
	err := in.Scan(s, func(row []float64) error { return f.add(row, in.opts.Held) })
	if err == nil && f.file != nil {
		err = f.file.flush()
	}
	if err != nil {
		return f, errors.Join(err, f.Close())
	}
	return f, nil
}

// Scan reads the rows of the columns of a schema one by one, in constant memory. row is only good during the call.
// All cells that are not of their column's kind, and columns that are not there, are one *[Faults].
func (in *Input) Scan(s Schema, take func(row []float64) error) error {
	return in.ScanCells(s, func(_ int, row []float64, _ []string) error { return take(row) })
}

// ScanCells is [Input.Scan] that also gives the line of a row, as an editor counts, and its cells as they are written,
// of all columns of the file.
func (in *Input) ScanCells(s Schema, take func(line int, row []float64, cells []string) error) error {
	if in.other != nil {
		return in.other
	}
	var bad problems
	at := make([]int, len(s.Columns))
	readers := make([]*cellReader, len(s.Columns))
	for k := range s.Columns {
		c := &s.Columns[k]
		if at[k] = slices.Index(in.Columns, c.Name); at[k] < 0 && c.Kind.Learnt() {
			bad.add(Fault{Column: c.Name, What: in.Name + " does not have it", Do: suggest.Among(c.Name, in.Columns)})
		}
		readers[k] = newCellReader(c, in.point)
	}
	if err := bad.err(in.Name); err != nil {
		return err
	}
	rules, err := newBreakers(&s)
	if err != nil {
		return err
	}
	row, rows := make([]float64, len(s.Columns)), 0
	err = in.each(func(line int, cells []string) error {
		gap := false
		for k, r := range readers {
			if row[k] = 0; at[k] < 0 {
				continue
			}
			cell := cells[at[k]]
			if in.na[cell] || cell == r.c.Gap && r.c.Missing > 0 {
				row[k], gap = math.NaN(), true
				continue
			}
			row[k] = r.read(line, cell)
		}
		if gap && in.opts.DropMissing {
			return nil
		}
		rows++
		rules.look(line, row)
		return take(line, row, cells)
	}, &bad)
	if err != nil {
		return err
	}
	for _, r := range readers {
		if o := &r.wrong; o.count > 0 {
			do := "mend them, or leave those rows out"
			if r.c.Kind.Levelled() {
				do = suggest.Among(o.first, r.c.Levels)
			}
			bad.add(Fault{Column: r.c.Name, Lines: o.lines, Count: o.count,
				What: fmt.Sprintf("%s %s; the first is %s",
					are(o.count, "cell"), r.what(), lines.Brief(o.first)), Do: do})
		}
	}
	if len(bad.list) == 0 { // a cell that is wrong is read as 0
		rules.report(&bad)
	}
	if rows == 0 && len(bad.list) == 0 {
		return &ito.InputError{Where: in.Name, What: "there is no row in it", Do: "give rows"}
	}
	return bad.err(in.Name)
}

// cellReader turns cells of a column into numbers.
type cellReader struct {
	c      *Column
	point  byte
	levels map[string]float64
	wrong  offenders
}

func newCellReader(c *Column, point byte) *cellReader {
	r := &cellReader{c: c, point: point}
	if c.Kind.Levelled() {
		r.levels = make(map[string]float64, len(c.Levels))
		for k, l := range c.Levels {
			r.levels[l] = float64(k)
		}
	}
	return r
}

// read is the number of a cell; 0 of one that is wrong.
func (r *cellReader) read(line int, cell string) float64 {
	v, ok := r.parse(cell)
	if !ok {
		r.wrong.add(line, cell)
	}
	return v
}

func (r *cellReader) parse(cell string) (float64, bool) {
	switch {
	case r.c.Kind.Numeric():
		w, ok := parseNumber(cell, r.point)
		return w.value, ok
	case r.c.Kind.Levelled():
		v, ok := r.levels[cell]
		if !ok && r.point != '.' {
			return v, false
		}
		if !ok { // 3.0 is 3
			if w, number := parseNumber(cell, '.'); number && w.integer() && !w.leading && w.exact {
				v, ok = r.levels[fmt.Sprintf("%.0f", w.value)]
			}
		}
		return v, ok
	case r.c.Kind == Time:
		t, _, ok := parseTime(r.c.Layout, cell)
		return unix(t), ok
	}
	return 0, true
}

// Parse is the number of a cell of the column, as a person writes it: what is out of bounds is allowed. It is an
// *ito.InputError that says what the column has.
func (c *Column) Parse(cell string) (float64, error) {
	if c.Missing > 0 && (cell == c.Gap || slices.Contains(DefaultNA(), cell) && !slices.Contains(c.Levels, cell)) {
		return math.NaN(), nil
	}
	v, ok := newCellReader(c, '.').parse(cell)
	if !ok {
		e := &ito.InputError{Where: c.Name, What: lines.Brief(cell) + " is " + newCellReader(c, '.').what()}
		switch {
		case c.Kind.Levelled():
			e.Do = suggest.Among(cell, c.Levels)
		case c.Kind == Time:
			e.Do = fmt.Sprintf("write it like %s", c.appendTime(nil, c.Low))
		default:
			e.Do = fmt.Sprintf("give a number; the data have %s to %s", short(c.Low), short(c.High))
		}
		return 0, e
	}
	return v, nil
}

// what says what a wrong cell is.
func (r *cellReader) what() string {
	switch {
	case r.c.Kind.Numeric():
		return "no number"
	case r.c.Kind.Levelled():
		return "none of its levels"
	}
	return "no time written " + r.c.Layout
}
