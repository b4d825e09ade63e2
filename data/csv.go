package data

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// ReadCSV reads rows of numbers separated by commas (RFC 4180; quotes, CRLF and a byte-order mark are
// understood, blank lines are skipped). The first line is a header when any of its cells is not a
// number; without one the columns get [DefaultColumns]. A column named in text may hold words: it
// becomes a text column unless all its cells are numbers. name is used in messages.
//
// Whatever is wrong is an *ito.InputError with the line, the column's number and name, and what to do.
func ReadCSV(r io.Reader, name string, text ...string) (*Table, error) {
	c := newCSVReader(r, name)
	first, err := c.next()
	if err == io.EOF {
		return nil, &ito.InputError{Where: name, What: "there is nothing in it", Do: "give one row a line, numbers separated by commas"}
	}
	if err != nil {
		return nil, err
	}
	first = append([]string(nil), first...) // the reader uses its memory again
	if isHeader(first) {
		if err := c.header(first); err != nil {
			return nil, err
		}
	} else {
		c.names = DefaultColumns(len(first))
	}
	if err := c.allow(text); err != nil {
		return nil, err
	}
	if !c.headed {
		if err := c.row(first); err != nil {
			return nil, err
		}
	}
	for {
		cells, err := c.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := c.row(cells); err != nil {
			return nil, err
		}
	}
	return c.table()
}

type csvReader struct {
	r      *csv.Reader
	name   string
	names  []string // of all columns
	headed bool
	words  []bool     // columns that may hold words
	cells  [][]string // [column][row] of those
	x      []float64  // numbers of the others
	rows   int
}

func newCSVReader(r io.Reader, name string) *csvReader {
	b := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		b.Discard(3)
	}
	c := csv.NewReader(b)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	c.TrimLeadingSpace = true
	return &csvReader{r: c, name: name}
}

// next reads a record. Errors of the format get their place; errors of reading are told as they are.
func (c *csvReader) next() ([]string, error) {
	cells, err := c.r.Read()
	if err == nil || err == io.EOF {
		return cells, err
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return nil, &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, syntax.Line), What: syntax.Err.Error(),
			Do: "write plain cells separated by commas, a quote inside a quoted cell twice"}
	}
	return nil, unreadable(c.name, err)
}

// isHeader reports whether any cell that is not empty is not a number.
func isHeader(cells []string) bool {
	for _, s := range cells {
		if s = strings.TrimSpace(s); s != "" {
			if _, err := strconv.ParseFloat(s, 64); errors.Is(err, strconv.ErrSyntax) {
				return true
			}
		}
	}
	return false
}

func (c *csvReader) header(cells []string) error {
	c.headed = true
	c.names = make([]string, len(cells))
	for k, s := range cells {
		s = strings.TrimSpace(s)
		if s == "" {
			s = "x" + strconv.Itoa(k)
		}
		if at := find(c.names[:k], s); at >= 0 {
			return c.wrong(k, fmt.Sprintf("columns %d and %d have the one name %q", at+1, k+1, s), "give each column its own name")
		}
		c.names[k] = s
	}
	return nil
}

// allow notes the columns that may hold words.
func (c *csvReader) allow(text []string) error {
	c.words, c.cells = make([]bool, len(c.names)), make([][]string, len(c.names))
	for _, name := range text {
		at := find(c.names, name)
		if at < 0 {
			return UnknownColumn(c.name, name, c.names)
		}
		c.words[at] = true
	}
	return nil
}

func (c *csvReader) row(cells []string) error {
	if len(cells) != len(c.names) {
		line, _ := c.r.FieldPos(0)
		if len(c.names) == 1 && strings.ContainsAny(c.names[0], otherSeparators) {
			return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, line), What: fmt.Sprintf("the first line is one cell, %s, and this row has %s", brief(c.names[0]), count(len(cells), "cell")),
				Do: "separate cells by commas, and write decimals with a point"}
		}
		what := fmt.Sprintf("this row has %s, the first line has %d", count(len(cells), "cell"), len(c.names))
		return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, line), What: what, Do: "give every row the same number of cells"}
	}
	c.rows++
	for k, s := range cells {
		s = strings.TrimSpace(s)
		if c.words[k] {
			if s == "" {
				return c.wrong(k, "the cell is empty", "fill it in or remove the row")
			}
			c.cells[k] = append(c.cells[k], strings.Clone(s))
			continue
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return c.badCell(k, s, err)
		}
		c.x = append(c.x, v)
	}
	return nil
}

func (c *csvReader) badCell(k int, s string, err error) error {
	switch {
	case s == "":
		return c.wrong(k, "the cell is empty", "fill it in or remove the row")
	case err == nil:
		return c.wrong(k, fmt.Sprintf("%q is not a finite number", s), "fill it in or remove the row")
	case errors.Is(err, strconv.ErrRange):
		return c.wrong(k, fmt.Sprintf("%s is too large for a number", brief(s)), "use another unit")
	case len(c.names) == 1 && strings.ContainsAny(s, otherSeparators+" "):
		return c.wrong(k, fmt.Sprintf("%s is not a number", brief(s)), "separate cells by commas")
	case grouped(s):
		return c.wrong(k, fmt.Sprintf("%s is not a number", brief(s)), "write it without separators of thousands")
	}
	return c.wrong(k, fmt.Sprintf("%s is not a number", brief(s)),
		fmt.Sprintf("remove the column, or condition on it with --condition %s", c.names[k]))
}

// otherSeparators stand between the cells of files that are not separated by commas.
const otherSeparators = ";\t|"

// grouped reports a number whose digits stand in groups of three: 1,000 or 1 000 or 1'000.
func grouped(s string) bool {
	digits := strings.NewReplacer(",", "", " ", "", "'", "", "\u00a0", "", "\u202f", "").Replace(s)
	_, err := strconv.ParseFloat(digits, 64)
	return err == nil
}

// wrong is an error at column k of the line that was read last.
func (c *csvReader) wrong(k int, what, do string) error {
	line, _ := c.r.FieldPos(k)
	where := fmt.Sprintf("%s: line %d, column %d", c.name, line, k+1)
	if k < len(c.names) && c.names[k] != "" {
		where += " (" + c.names[k] + ")"
	}
	return &ito.InputError{Where: where, What: what, Do: do}
}

// table puts the columns together: those that may hold words and do not become numbers again.
func (c *csvReader) table() (*Table, error) {
	if c.rows == 0 {
		return nil, &ito.InputError{Where: c.name, What: "there is a header and no row below it", Do: "add rows of numbers"}
	}
	t := &Table{Name: c.name, Rows: c.rows}
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

// asNumbers parses a column, nil unless every cell is a finite number.
func asNumbers(cells []string) []float64 {
	v := make([]float64, len(cells))
	for i, s := range cells {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil
		}
		v[i] = x
	}
	return v
}

// brief quotes a cell for a message.
func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
