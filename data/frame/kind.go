package frame

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Kind is what the cells of a column are.
type Kind string

// The kinds. What a cell is as a number stands behind.
const (
	Real       Kind = "real"       // a number
	Positive   Kind = "positive"   // a number above 0
	Proportion Kind = "proportion" // a number from 0 to 1
	Integer    Kind = "integer"    // a whole number
	Boolean    Kind = "boolean"    // one of two levels: its place in Levels
	Category   Kind = "category"   // one of some levels, in no order: its place in Levels
	Ordered    Kind = "ordered"    // one of some levels in the order of Levels: its place; never inferred
	Time       Kind = "time"       // a date, a time of day or both: seconds since 1970 in UTC
	Identifier Kind = "identifier" // names the row, and is not learnt: 0
	Text       Kind = "text"       // words of which hardly two are alike, which are not learnt: 0
	Constant   Kind = "constant"   // the same in every row: 0
)

// Kinds lists them.
func Kinds() []Kind {
	return []Kind{Real, Positive, Proportion, Integer, Boolean, Category, Ordered, Time, Identifier, Text, Constant}
}

// Numeric reports numbers that have a size.
func (k Kind) Numeric() bool { return k == Real || k == Positive || k == Proportion || k == Integer }

// Levelled reports cells that are one of a list.
func (k Kind) Levelled() bool { return k == Boolean || k == Category || k == Ordered }

// Learnt reports a column that is part of what a model learns.
func (k Kind) Learnt() bool { return k.Numeric() || k.Levelled() || k == Time }

// Numbers reports a column all of whose cells can be numbers, as [Column.Number] has them: numeric ones, and levels or
// a constant that are written as numbers.
func (c *Column) Numbers() bool {
	switch {
	case c.Kind.Numeric():
		return true
	case c.Kind != Constant && !c.Kind.Levelled():
		return false
	}
	for _, cell := range c.Levels {
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return false
		}
	}
	if c.Kind == Constant && c.Missing == 0 {
		_, err := strconv.ParseFloat(string(c.Append(nil, 0, 0)), 64)
		return err == nil
	}
	return true
}

// Number is what the cell v of a column of [Column.Numbers] is written as: NaN where it is missing.
func (c *Column) Number(v float64) float64 {
	if c.Kind.Numeric() {
		return v
	}
	x, err := strconv.ParseFloat(string(c.Append(nil, v, 0)), 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// parseKind reads a kind, with the usual other words for it.
func parseKind(word string) (Kind, error) {
	w := strings.ToLower(strings.TrimSpace(word))
	switch w {
	case "date", "datetime", "timestamp":
		w = "time"
	case "id", "key":
		w = "identifier"
	case "bool", "flag":
		w = "boolean"
	case "int", "count":
		w = "integer"
	case "number", "float", "numeric":
		w = "real"
	case "categorical", "word":
		w = "category"
	case "ordinal":
		w = "ordered"
	}
	if k := Kind(w); slices.Contains(Kinds(), k) {
		return k, nil
	}
	var words []string
	for _, k := range Kinds() {
		words = append(words, string(k))
	}
	return "", &ito.InputError{What: "there is no type " + lines.Brief(word), Do: suggest.Among(w, words)}
}
