package frame

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Schema is what the columns of a table are, in the order of the file.
type Schema struct {
	// Rules are constraints between the columns, as text: start < end, a + b = c, fixed city, zip, if a = x then b = y.
	Rules   []string `json:"rules,omitempty" toml:"rules,omitempty"`
	Columns []Column `json:"columns" toml:"column"`
}

// Column is what one column is. The settings that a kind does not have are zero.
type Column struct {
	Name   string `json:"name" toml:"name"`
	Kind   Kind   `json:"kind" toml:"kind"`
	Reason string `json:"-" toml:"-"` // why, for people
	// Ignored: it is read no further, and not in the samples.
	Ignored bool `json:"-" toml:"ignored,omitempty"`

	Rows     int     `json:"rows,omitempty" toml:"-"` // of the file
	Missing  int     `json:"missing,omitempty" toml:"missing,omitzero"`
	Gap      string  `json:"gap,omitempty" toml:"gap,omitempty"` // how a missing cell is written
	Distinct float64 `json:"-" toml:"-"`                         // different cells; above 65,536 an estimate, ± 3 %

	// of numbers and times: the least and largest, which samples keep to
	Low  float64 `json:"low,omitempty" toml:"low,omitzero"`
	High float64 `json:"high,omitempty" toml:"high,omitzero"`
	// all numbers are Origin + k·Step with whole k; 0: they are not so
	Step   float64 `json:"step,omitempty" toml:"step,omitzero"`
	Origin float64 `json:"origin,omitempty" toml:"origin,omitzero"`
	// places behind the point: the fewest and the most that a cell is written with; MostPlaces −1: as few as give
	// the number
	Places     int `json:"places,omitempty" toml:"places,omitzero"`
	MostPlaces int `json:"most_places,omitempty" toml:"most-places,omitzero"`

	// of levels: as they are written, in their order, and how many cells have each
	Levels []string `json:"levels,omitempty" toml:"levels,omitempty"`
	Counts []int    `json:"counts,omitempty" toml:"-"`

	Layout string `json:"layout,omitempty" toml:"layout,omitempty"` // of times, as Go's package time has it
	Zone   string `json:"zone,omitempty" toml:"zone,omitempty"`     // of times whose cells name one: +02:00

	// of identifiers: sample i is Prefix and Next+i, with zeros up to Width digits; or, with Hex, the prefix's
	// pattern of random hexadecimal digits
	Prefix string `json:"prefix,omitempty" toml:"prefix,omitempty"`
	Width  int    `json:"width,omitempty" toml:"width,omitzero"`
	Next   uint64 `json:"next,omitempty" toml:"next,omitzero"`
	Hex    bool   `json:"hex,omitempty" toml:"hex,omitempty"`
	// Padded numbers have leading zeros somewhere: with all digits in use they are at their end, and do not grow longer
	Padded bool `json:"padded,omitempty" toml:"padded,omitempty"`

	Value string `json:"value,omitempty" toml:"value,omitempty"` // of a constant
}

// Describe says what a column's cells are.
func (c *Column) Describe() string {
	ends := func() string { return fmt.Sprintf("%s to %s", c.Append(nil, c.Low, 0), c.Append(nil, c.High, 0)) }
	switch {
	case c.Kind.Numeric():
		text := ends()
		if c.Step > 0 {
			text += " in steps of " + short(c.Step)
		}
		return text
	case c.Kind.Levelled():
		return few(c.Levels)
	case c.Kind == Time:
		return ends() + " written " + c.Layout
	case c.Kind == Constant:
		return lines.Brief(c.Value)
	case c.Kind == Identifier:
		return "fresh ones: " + c.identifier(0, 0) + " and on"
	}
	return "not learnt: empty in samples"
}

// Names lists the columns.
func (s Schema) Names() []string {
	out := make([]string, len(s.Columns))
	for k, c := range s.Columns {
		out[k] = c.Name
	}
	return out
}

// Learnt is the number of columns that are learnt.
func (s Schema) Learnt() int {
	n := 0
	for _, c := range s.Columns {
		if c.Kind.Learnt() {
			n++
		}
	}
	return n
}

// Find is the place of a column, or −1.
func (s Schema) Find(name string) int {
	for k, c := range s.Columns {
		if c.Name == name {
			return k
		}
	}
	return -1
}

// Plain reports a schema of real numbers without gaps, and of numbers that never change: what needs no types.
func (s Schema) Plain() bool {
	for _, c := range s.Columns {
		constant := c.Kind == Constant && isNumber(c.Value)
		if c.Missing > 0 || !constant && c.Kind != Real && c.Kind != Positive && c.Kind != Proportion {
			return false
		}
	}
	return true
}

// isNumber reports a cell that is a number and no code.
func isNumber(cell string) bool {
	w, ok := parseNumber(cell, '.')
	return ok && !w.inexact() && (!w.leading || w.places > 0)
}

// Check reports a schema that no file can have.
func (s Schema) Check(where string) error {
	if len(s.Columns) == 0 {
		return &ito.InputError{Where: where, What: "it has no columns", Do: "give one or more"}
	}
	seen := map[string]bool{}
	for _, c := range s.Columns {
		bad := func(format string, args ...any) error {
			return &ito.InputError{Where: fmt.Sprintf("%s: column %s", where, c.Name), What: fmt.Sprintf(format,
				args...)}
		}
		if _, err := parseKind(string(c.Kind)); err != nil {
			return bad("%v", err)
		}
		if c.Name == "" || seen[c.Name] {
			return bad("two columns have the one name %q, or one has none", c.Name)
		}
		seen[c.Name] = true
		for _, v := range []float64{c.Low, c.High, c.Step, c.Origin} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return bad("it has a bound or step that is not finite")
			}
		}
		switch {
		case c.Low > c.High:
			return bad("its least number %g is above its largest %g", c.Low, c.High)
		case c.Step < 0 || c.Places < 0 || c.MostPlaces < -1 || c.MostPlaces > 30 || c.Width < 0 || c.Width > 64:
			return bad("its step, places or width is below 0, or too large")
		case c.Kind.Levelled() && c.Counts != nil && len(c.Counts) != len(c.Levels):
			return bad("%d levels and %d counts", len(c.Levels), len(c.Counts))
		case c.Kind == Time && c.Layout == "":
			return bad("a time without its layout")
		}
		levels := map[string]bool{}
		for _, l := range c.Levels {
			if levels[l] {
				return bad("its level %q stands twice", l)
			}
			levels[l] = true
		}
	}
	return nil
}

// unknownColumn is the error for a name that no column has.
func unknownColumn(where, name string, known []string) error {
	return &ito.InputError{Where: where, What: fmt.Sprintf("no column is named %q", name), Do: suggest.Among(name,
		known)}
}
