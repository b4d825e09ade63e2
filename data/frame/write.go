package frame

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// purposeFresh is the stream of fresh identifiers.
const purposeFresh = rng.PurposeMetric

// CSV writes rows of numbers as the cells of a schema, with commas and points whatever the data had: a header, then
// one row a line. Identifiers are made of the samples' ids.
type CSV struct {
	Schema    Schema
	WithID    bool // the sample id goes before the row, in a column named id
	Delimiter byte // 0: a comma
	// Names are those of the header; nil: of the columns.
	Names []string
	// Of is the sample whose identifier a row has in column k: a row that belongs to another has the other's. nil: the
	// row itself.
	Of func(k int, id uint64) uint64
}

// Begin writes the header.
func (f CSV) Begin(w io.Writer) error {
	names := f.Names
	if names == nil {
		names = f.Schema.Names()
	}
	if f.WithID {
		names = append([]string{"id"}, names...)
	}
	out := csv.NewWriter(w)
	out.Comma = rune(f.comma())
	if err := out.Write(names); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func (f CSV) comma() byte {
	if f.Delimiter == 0 {
		return ','
	}
	return f.Delimiter
}

// Rows writes one line for each row.
func (f CSV) Rows(w io.Writer, x ito.States) error {
	if x.D != len(f.Schema.Columns) {
		return fmt.Errorf("csv: rows of %d cells for %d columns", x.D, len(f.Schema.Columns))
	}
	var line, cell []byte
	for i := range x.N {
		line = line[:0]
		if f.WithID {
			line = append(strconv.AppendUint(line, x.ID[i], 10), f.comma())
		}
		for k, v := range x.Row(i) {
			if k > 0 {
				line = append(line, f.comma())
			}
			id := x.ID[i]
			if f.Of != nil {
				id = f.Of(k, id)
			}
			cell = f.Schema.Columns[k].Append(cell[:0], v, id)
			line = f.quote(line, cell, x.D == 1)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// quote appends a cell, in quotes where it needs them; alone in its line it must not be nothing.
func (f CSV) quote(line, cell []byte, alone bool) []byte {
	s := string(cell)
	if s == "" && !alone {
		return line
	}
	if s != "" && !strings.ContainsAny(s, "\"\r\n") && strings.IndexByte(s, f.comma()) < 0 && s[0] != ' ' &&
		s[0] != '\t' {
		return append(line, cell...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(s, `"`, `""`)...)
	return append(line, '"')
}

// Append writes the cell of a number of the column, as the column has them. id makes identifiers.
func (c *Column) Append(b []byte, v float64, id uint64) []byte {
	switch {
	case c.Kind == Constant:
		return append(b, c.Value...)
	case c.Kind == Identifier:
		return append(b, c.identifier(0, id)...)
	case c.Kind == Text, math.IsNaN(v):
		return append(b, c.Gap...)
	case c.Kind.Levelled():
		if k := int(v); v >= 0 && k < len(c.Levels) {
			return append(b, c.Levels[k]...)
		}
		return append(b, c.Gap...)
	case c.Kind == Time:
		return c.appendTime(b, v)
	}
	return c.appendNumber(b, v)
}

// identifier is the fresh one of a sample.
func (c *Column) identifier(seed, id uint64) string {
	if !c.Hex {
		return fmt.Sprintf("%s%0*d", c.Prefix, max(c.Width, 1), c.Next+id)
	}
	return c.hexadecimal(rng.NewKey(seed^fnv(c.Name), purposeFresh, 0, 0), id)
}
