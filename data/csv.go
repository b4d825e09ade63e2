package data

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// Bounds of a table, so that no file fills the memory before it is refused.
const (
	MaxColumns = 1 << 16 // an image of 256 × 256
	maxCells   = 1 << 30 // numbers and words of a text file: 8 GB
)

// ReadCSV reads rows of numbers separated by commas (RFC 4180; quotes, line ends of every kind and a byte-order
// mark are understood; blank lines, blanks around cells and commas behind the last cell are skipped). The first
// line is a header when any of its cells is not a number, or when all are different whole numbers and no other cell
// of the file is one, such as the years over a table of rates; without one the columns get [DefaultColumns]. A
// column named in text may hold words: it becomes a text column unless all its cells are numbers that a float64
// holds as they are written, so neither 01 nor a whole number beyond 2⁵³. name is used in messages.
//
// Whatever is wrong is an *ito.InputError with the line, the column's number and name, and what to do. What
// was decided and may be wrong is in the table's Notes.
func ReadCSV(r io.Reader, name string, text ...string) (*Table, error) {
	return readCSV(r, name, OpenOptions{Text: text})
}

func readCSV(r io.Reader, name string, o OpenOptions) (*Table, error) {
	c := newCSVReader(r, name)
	first, err := c.next()
	if err == io.EOF {
		return nil, &ito.InputError{Where: name, What: "there is nothing in it",
			Do: "give one row a line, numbers separated by commas"}
	}
	if err != nil {
		return nil, err
	}
	first = first.keep()
	second, end := c.next()
	if end != nil && end != io.EOF {
		return nil, end
	}
	second = second.keep()
	if err := c.begin(first, second, o); err != nil {
		return nil, err
	}
	if !c.headed {
		if err := c.row(first); err != nil {
			return nil, err
		}
	}
	for at := second; end == nil; at, end = c.next() {
		c.maybe = c.maybe && !slices.ContainsFunc(at.cells, isWhole)
		if err := c.row(at); err != nil {
			return nil, err
		}
	}
	if end != io.EOF {
		return nil, end
	}
	c.settle(first)
	return c.table()
}

type csvReader struct {
	r      *csv.Reader
	lines  *lines.Reader
	name   string
	width  int
	names  []string // of all columns
	headed bool
	maybe  bool       // the first line was taken for a row and may be a header
	words  []bool     // columns that may hold words
	empty  []bool     // those of them whose cells may be empty
	cells  [][]string // [column][row] of those
	x      []float64  // numbers of the others
	rows   int
	notes  []string
	noted  []bool // columns that have a note
}

func newCSVReader(r io.Reader, name string) *csvReader {
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3)
	}
	text := lines.NewReader(b)
	c := csv.NewReader(text)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	c.TrimLeadingSpace = true
	return &csvReader{r: c, lines: text, name: name}
}

// record is the cells of a line. The reader uses their memory again.
type record struct {
	cells []string
	line  func(k int) int // of a cell
}

// keep is the record with memory of its own.
func (r record) keep() record {
	at := make([]int, len(r.cells))
	for k := range at {
		at[k] = r.line(k)
	}
	return record{slices.Clone(r.cells), func(k int) int { return at[min(k, len(at)-1)] }}
}

// next reads a record. Errors of the format get their place; errors of reading are told as they are.
func (c *csvReader) next() (record, error) {
	c.lines.Taken()
	cells, err := c.r.Read()
	if err == nil || err == io.EOF {
		return record{cells, func(k int) int { line, _ := c.r.FieldPos(min(k, len(cells)-1)); return line }}, err
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return record{}, &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, syntax.Line),
			What: syntax.Err.Error(),
			Do:   "write plain cells separated by commas, a quote inside a quoted cell twice"}
	}
	if errors.Is(err, lines.ErrLong) {
		return record{}, &ito.InputError{Where: c.name, What: "there is " + err.Error(),
			Do: "give a text file of one row a line; a quote that is not closed makes one row of the rest"}
	}
	return record{}, unreadable(c.name, err)
}

// row takes a row of cells.
func (c *csvReader) row(r record) error {
	r.cells = withoutTail(r.cells, c.width)
	if len(r.cells) != c.width {
		where := fmt.Sprintf("%s: line %d", c.name, r.line(0))
		if c.width == 1 && strings.ContainsAny(c.names[0], otherSeparators) {
			return &ito.InputError{Where: where,
				What: fmt.Sprintf("the first line is one cell, %s, and this row has %s", lines.Brief(c.names[0]),
					lines.Count(len(r.cells), "cell")),
				Do: rewrite(c.names[0])}
		}
		what := fmt.Sprintf("this row has %s, the first line has %d", lines.Count(len(r.cells), "cell"), c.width)
		return &ito.InputError{Where: where, What: what, Do: "give every row the same number of cells"}
	}
	if c.rows++; c.rows > maxCells/c.width {
		return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, r.line(0)),
			What: fmt.Sprintf("it has more than %d cells", maxCells), Do: "give fewer rows"}
	}
	for k, s := range r.cells {
		s = strings.TrimSpace(s)
		if c.words[k] {
			if s == "" && !c.empty[k] {
				return c.wrong(r, k, "the cell is empty", "fill it in or remove the row")
			}
			c.cells[k] = append(c.cells[k], strings.Clone(s))
			continue
		}
		v, err := number(s)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return c.badCell(r, k, s, err)
		}
		if !c.noted[k] && inexact(s) {
			c.noted[k] = true
			c.notes = append(c.notes, fmt.Sprintf("line %d, column %d (%s): %s is read as the number %s; if it is a "+
				"code or an id, condition on the column or leave it out",
				r.line(k), k+1, c.names[k], s, strconv.FormatFloat(v, 'f', -1, 64)))
		}
		c.x = append(c.x, v)
	}
	return nil
}

func (c *csvReader) badCell(r record, k int, s string, err error) error {
	switch {
	case s == "":
		return c.wrong(r, k, "the cell is empty", "fill it in or remove the row")
	case err == nil:
		return c.wrong(r, k, fmt.Sprintf("%q is not a finite number", s), "fill it in or remove the row")
	case errors.Is(err, strconv.ErrRange):
		return c.wrong(r, k, fmt.Sprintf("%s is too large for a number", lines.Brief(s)), "use another unit")
	case c.width == 1 && strings.ContainsAny(s, otherSeparators+" "):
		return c.wrong(r, k, fmt.Sprintf("%s is not a number", lines.Brief(s)), rewrite(s))
	case grouped(s):
		return c.wrong(r, k, fmt.Sprintf("%s is not a number", lines.Brief(s)),
			"write it without separators of thousands")
	}
	return c.wrong(r, k, fmt.Sprintf("%s is not a number", lines.Brief(s)),
		fmt.Sprintf("remove the column, or condition on it with `condition` %s", c.names[k]))
}

// grouped reports a number whose digits stand in groups of three: 1,000 or 1 000 or 1'000.
func grouped(s string) bool {
	digits := strings.NewReplacer(",", "", " ", "", "'", "", "_", "", "\u00a0", "", "\u202f", "").Replace(s)
	_, err := number(digits)
	return err == nil
}

// wrong is an error at column k of a record.
func (c *csvReader) wrong(r record, k int, what, do string) error {
	where := fmt.Sprintf("%s: line %d, column %d", c.name, r.line(k), k+1)
	if k < len(c.names) && c.names[k] != "" {
		where += " (" + c.names[k] + ")"
	}
	return &ito.InputError{Where: where, What: what, Do: do}
}

// table puts the columns together: those that may hold words and do not become numbers again.
func (c *csvReader) table() (*Table, error) {
	if c.rows == 0 {
		return nil, &ito.InputError{Where: c.name, What: "there is a header and no row below it",
			Do: "add rows of numbers"}
	}
	t := &Table{Name: c.name, Rows: c.rows, Notes: c.notes}
	columns := make([][]float64, 0, len(c.names)) // nil for one of c.x
	for k, name := range c.names {
		if c.words[k] {
			numbers := asNumbers(c.cells[k])
			if numbers == nil {
				t.Text = append(t.Text, Column{Name: name, Text: c.cells[k]})
				continue
			}
			columns = append(columns, numbers)
		} else {
			columns = append(columns, nil)
		}
		t.Columns = append(t.Columns, name)
	}
	t.Cols = len(t.Columns)
	plain := len(c.x) / c.rows
	if plain == t.Cols {
		t.X = c.x
		return t, nil
	}
	t.X = make([]float64, 0, t.Rows*t.Cols)
	for i := range t.Rows {
		next := i * plain
		for _, column := range columns {
			if column != nil {
				t.X = append(t.X, column[i])
				continue
			}
			t.X = append(t.X, c.x[next])
			next++
		}
	}
	return t, nil
}

// asNumbers parses a column, nil unless every cell is a finite number that is held as it is written.
func asNumbers(cells []string) []float64 {
	v := make([]float64, len(cells))
	for i, s := range cells {
		x, err := number(s)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || inexact(s) {
			return nil
		}
		v[i] = x
	}
	return v
}

// number parses a decimal number: 1_000 and 0x1p3, which are numbers in Go, are none in a table.
func number(s string) (float64, error) {
	if strings.ContainsAny(s, "_xX") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}
