// Package data brings rows in and out: CSV and npy files, built-in toy sets, the transform between
// columns and states, conditioning columns.
package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Table is rows of numbers with named columns, and columns of text beside them.
type Table struct {
	Name       string    // where it came from, for messages: a file, "standard input", a built-in
	Columns    []string  // [Cols] names of the numeric columns, in order
	Rows, Cols int       // shape of X
	X          []float64 // [Rows,Cols] row-major, all finite
	Text       []Column  // columns that are not numbers; only those that a reader was told of
	Notes      []string  // what the reader decided and may be wrong, for people
}

// Column is one column taken out of a table: numbers, or text when not all of its cells are numbers.
type Column struct {
	Name    string
	Numbers []float64 // [Rows], nil for text
	Text    []string  // [Rows], nil for numbers
}

// Len is the number of cells.
func (c Column) Len() int { return max(len(c.Numbers), len(c.Text)) }

// Row returns row i, sharing memory.
func (t *Table) Row(i int) []float64 { return t.X[i*t.Cols : (i+1)*t.Cols : (i+1)*t.Cols] }

// States returns the rows as states, sharing memory, with ids 0, 1, …
func (t *Table) States() ito.States {
	s := ito.NewStates(t.Rows, 0, 0)
	s.D, s.X = t.Cols, t.X
	return s
}

// Digest is the sha256 of the shape, the rows and the columns of text, in hexadecimal: equal for equal cells, whatever
// file they came from.
func (t *Table) Digest() string {
	h := sha256.New()
	b := binary.LittleEndian.AppendUint64(nil, uint64(t.Rows))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.Cols))
	for i := range t.Rows {
		for _, v := range t.Row(i) {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b)
		b = b[:0]
	}
	h.Write(b)
	for _, c := range t.Text {
		for _, cell := range c.Text {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(cell))))
			h.Write([]byte(cell))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Scale multiplies the columns by the factors, in place.
func (t *Table) Scale(factors []float64) error {
	if len(factors) != t.Cols {
		return &ito.InputError{Where: "`scale`", What: fmt.Sprintf("%d factors for the %d columns of %s", len(factors),
			t.Cols, t.Name),
			Do: "give one factor for each column, such as " + ones(t.Cols)}
	}
	for k, f := range factors {
		if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
			return &ito.InputError{Where: "`scale`", What: fmt.Sprintf("the factor of column %s is %v", t.column(k), f),
				Do: "give a finite number other than 0"}
		}
	}
	for i := range t.Rows {
		for k, f := range factors {
			if v := t.X[i*t.Cols+k] * f; math.IsInf(v, 0) {
				return &ito.InputError{Where: "`scale`", What: fmt.Sprintf("row %d, column %s: %g × %g is too large "+
					"for a number", i+1, t.column(k), t.X[i*t.Cols+k], f),
					Do: "give a smaller factor"}
			}
		}
	}
	for i := range t.X {
		t.X[i] *= factors[i%t.Cols]
	}
	return nil
}

// Take removes the named columns and returns them in the order of the names; the rest stays a table.
func (t *Table) Take(names []string) (rest *Table, taken []Column, err error) {
	taken = make([]Column, len(names))
	gone := make([]bool, t.Cols)
	for k, name := range names {
		for _, earlier := range names[:k] {
			if earlier == name {
				return nil, nil, &ito.InputError{Where: t.Name, What: fmt.Sprintf("column %q is named twice", name),
					Do: "name it once"}
			}
		}
		at := find(t.Columns, name)
		if at >= 0 {
			gone[at] = true
			taken[k] = Column{Name: name, Numbers: make([]float64, t.Rows)}
			for i := range t.Rows {
				taken[k].Numbers[i] = t.X[i*t.Cols+at]
			}
			continue
		}
		found := false
		for _, c := range t.Text {
			if c.Name == name {
				taken[k], found = c, true
			}
		}
		if !found {
			return nil, nil, UnknownColumn(t.Name, name, t.AllColumns())
		}
	}
	rest = &Table{Name: t.Name, Rows: t.Rows}
	for k, g := range gone {
		if !g {
			rest.Columns = append(rest.Columns, t.Columns[k])
		}
	}
	rest.Cols = len(rest.Columns)
	rest.X = make([]float64, 0, rest.Rows*rest.Cols)
	for i := range t.Rows {
		for k, v := range t.Row(i) {
			if !gone[k] {
				rest.X = append(rest.X, v)
			}
		}
	}
	for _, c := range t.Text {
		if find(names, c.Name) < 0 {
			rest.Text = append(rest.Text, c)
		}
	}
	return rest, taken, nil
}

// AllColumns lists the names of the numeric columns, then of those of text.
func (t *Table) AllColumns() []string {
	names := append([]string(nil), t.Columns...)
	for _, c := range t.Text {
		names = append(names, c.Name)
	}
	return names
}

// UnknownColumn is the error for a column that is not there, with the nearest that is.
func UnknownColumn(where, name string, known []string) error {
	return &ito.InputError{Where: where, What: fmt.Sprintf("no column is named %q", name), Do: suggest.Among(name,
		known)}
}

// DefaultColumns names the columns of rows that came without names: x; x, y; x, y, z; or x0, x1, …
func DefaultColumns(d int) []string { return lines.DefaultNames(d) }

// column says which column k is: its number and name.
func (t *Table) column(k int) string { return fmt.Sprintf("%d (%s)", k+1, t.Columns[k]) }

// finite reports the first NaN or infinity of a table that was read without line numbers.
func (t *Table) finite() error {
	for i, v := range t.X {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &ito.InputError{Where: fmt.Sprintf("%s: row %d, column %s", t.Name, i/t.Cols+1, t.column(i%t.Cols)),
				What: fmt.Sprintf("%v is not a finite number", v), Do: "remove the row or fill the value in"}
		}
	}
	return nil
}

func find(names []string, name string) int {
	for k, n := range names {
		if n == name {
			return k
		}
	}
	return -1
}

func ones(d int) string {
	s := "1"
	for k := 1; k < min(d, 8); k++ {
		s += ",1"
	}
	if d > 8 {
		s += ",…"
	}
	return s
}
