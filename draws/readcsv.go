package draws

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// csvChain is what a CSV file in CmdStan's layout says of one chain.
type csvChain struct {
	name       string
	columns    []string
	rows       *sheet // of all columns in the file's order, saved warm-up rows included
	before     int    // rows before the adaptation's result: warm-up
	settings   []Setting
	section    string // of the configuration, in which a setting stands
	data       string // the file of the data, as CmdStan names it
	adaptation Adaptation
	adapted    bool
	elapsed    Elapsed
	timed      bool

	index indices // columns that are no draws
	grid  *grid   // of a file that has a column for the chain: its chains' draws

	line   int
	cells  []float64 // of a row
	matrix bool      // the next comments are rows of the inverse mass matrix
}

// readCSV reads a chain. Comments may stand anywhere: configuration, adaptation, elapsed time.
func (t *Table) readCSV(r io.Reader, name string) (*csvChain, error) {
	c := &csvChain{name: name, before: -1, rows: t.sheet(1)}
	if err := c.lines(r, false); err != nil {
		return nil, err
	}
	if err := c.rows.done(); err != nil {
		return nil, err
	}
	switch {
	case c.columns == nil:
		return nil, &ito.InputError{Where: name, What: "there is no header with the names of the columns",
			Do: "name a CSV file of draws, such as CmdStan writes"}
	case c.draws() == 0:
		return nil, &ito.InputError{Where: name, What: "there are no draws in it", Do: "let the sampler finish"}
	}
	return c, c.stack(t)
}

// stack puts the draws of a file with a column for the chain chain by chain. A column that is called chain and does
// not hold whole numbers is a parameter.
func (c *csvChain) stack(t *Table) error {
	if c.index.chain < 0 {
		return nil
	}
	column := func(k int) numbers { return &sheetColumn{s: c.rows, k: k} }
	var order numbers
	if c.index.order >= 0 {
		order = column(c.index.order)
	}
	s, err := countChains(column(c.index.chain), order)
	if errors.Is(err, errNotChains) && c.index.plain {
		c.index = findIndices(c.columns, func(string) bool { return false }, false)
		c.index.drop[0] = c.index.drop[0] || c.columns[0] == rowNames
		return nil
	}
	if err != nil {
		return &ito.InputError{Where: fmt.Sprintf("%s: column %s", c.name, Label(c.columns[c.index.chain])),
			What: err.Error(), Do: "name a file with the same number of draws of every chain, in their order"}
	}
	columns, _ := c.order()
	c.grid = t.newGrid(len(columns), &s)
	for k, from := range columns {
		if err := c.grid.fill(k, &s, column(from), func() numbers { return column(c.index.chain) }); err != nil {
			return err
		}
	}
	return nil
}

// chains is the number of chains in the file.
func (c *csvChain) chains() int {
	if c.grid != nil {
		return c.grid.chains
	}
	return 1
}

// read fills dst with draws first, first+1, … of a chain of the file. Columns are numbered as order lists them.
func (c *csvChain) read(dst []float64, order []int, column, chain, first int) error {
	if c.grid != nil {
		return c.grid.read(dst, column, chain, first)
	}
	return c.rows.read(dst, order[column], c.warm()+first)
}

// lines reads all lines, or those up to the header.
func (c *csvChain) lines(r io.Reader, head bool) error {
	name := c.name
	b := bufio.NewReaderSize(r, 1<<16)
	var long []byte
	for {
		part, err := b.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, part...)
			continue
		}
		if err != nil && err != io.EOF {
			return unreadable(name, err)
		}
		text := part
		if len(long) > 0 {
			long = append(long, part...)
			text = long
		}
		c.line++
		if e := c.take(bytes.TrimRight(text, "\r\n"), err == io.EOF); e != nil {
			return e
		}
		if err == io.EOF || head && c.columns != nil {
			break
		}
		long = long[:0]
	}
	return nil
}

// take reads one line; last says that nothing ends it.
func (c *csvChain) take(line []byte, last bool) error {
	if c.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return nil
	case line[0] == '#':
		return c.comment(string(bytes.TrimSpace(line[1:])))
	case c.columns == nil:
		return c.header(string(line))
	}
	return c.row(line, last)
}

func (c *csvChain) row(line []byte, last bool) error {
	if n := bytes.Count(line, []byte{','}) + 1; n != len(c.columns) {
		what := fmt.Sprintf("this row has %d cells, the header %d", n, len(c.columns))
		do := "give every row the same number of cells"
		if last {
			what, do = what+", and the file ends in it", "let the sampler finish, or remove the row"
		}
		return &ito.InputError{Where: fmt.Sprintf("%s: line %d", c.name, c.line), What: what, Do: do}
	}
	c.cells = c.cells[:0]
	for k := range c.columns {
		cell, rest, _ := bytes.Cut(line, []byte{','})
		if k == 0 && c.columns[0] == rowNames {
			c.cells, line = append(c.cells, 0), rest
			continue
		}
		v, err := number(strings.TrimSpace(string(cell)))
		if err != nil {
			if k == 0 && c.count() > 0 && string(bytes.TrimSpace(cell)) == c.columns[0] {
				return c.wrong(k, "here a second header begins", "name each chain's file by itself")
			}
			return c.wrong(k, fmt.Sprintf("%s is not a number", brief(string(cell))),
				"restore the file as the sampler wrote it")
		}
		c.cells = append(c.cells, v)
		line = rest
	}
	return c.rows.add(c.cells)
}

// number parses what C++ and Go print.
func number(s string) (float64, error) {
	if s == "-nan" {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if errors.Is(err, strconv.ErrRange) { // ±Inf, as C++ reads it
		return v, nil
	}
	return v, err
}

func (c *csvChain) count() int { return c.rows.count() }

func (c *csvChain) draws() int {
	if c.grid != nil {
		return c.grid.draws
	}
	return c.count() - c.warm()
}

// wrong is an error at column k of this line.
func (c *csvChain) wrong(k int, what, do string) error {
	where := fmt.Sprintf("%s: line %d, column %d", c.name, c.line, k+1)
	if name := c.columns[k]; name != "" && len(name) < 60 {
		where += " (" + printable(name) + ")"
	}
	return &ito.InputError{Where: where, What: what, Do: do}
}

// brief quotes a cell for a message.
func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}
