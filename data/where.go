package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// ParseWhere makes the condition that a request such as "label=3,size=2.5" asks for: one row of Cond. A name or
// value that holds a comma, a quote or a blank at its end stands in quotes, a quote in it twice: kind="x,y". The
// empty request is all absent: all zeros.
//
// A training has every condition of a row or none, so a request names all of them but those that are Optional: some
// of several were never trained together, and are an *ito.InputError, as are names, levels and numbers that the model
// does not know.
func ParseWhere(conditions []ito.Condition, where string) ([]float64, error) {
	row := make([]float64, width(conditions))
	if strings.TrimSpace(where) == "" {
		return row, nil
	}
	names := make([]string, len(conditions))
	for k, c := range conditions {
		names[k] = c.Column
	}
	named := make([]bool, len(conditions))
	for rest, more := where, true; more; {
		var name, word string
		var err error
		if name, word, rest, more, err = frame.NextWhere(rest); err != nil {
			return nil, err
		}
		if len(conditions) == 0 {
			return nil, &ito.InputError{Where: "`where`", What: "the model was trained without conditions",
				Do: "train with `condition` " + name}
		}
		k := find(names, name)
		if k < 0 {
			return nil, &ito.InputError{Where: "`where`", What: fmt.Sprintf("the model has no condition %q", name),
				Do: suggest.Among(name, names)}
		}
		if named[k] {
			return nil, &ito.InputError{Where: "`where`", What: fmt.Sprintf("%s is given twice", name),
				Do: "give it once"}
		}
		named[k] = true
		at := width(conditions[:k])
		if err := encode(row[at:][:conditions[k].Width()], conditions[k], word); err != nil {
			return nil, err
		}
	}
	return row, allNamed(conditions, named)
}

// allNamed refuses a part of several conditions.
func allNamed(conditions []ito.Condition, named []bool) error {
	var missing, example []string
	for k, c := range conditions {
		if !named[k] && !c.Optional {
			missing = append(missing, c.Column)
			example = append(example, ExampleWhere(conditions[k:k+1]))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &ito.InputError{Where: "`where`", What: fmt.Sprintf("nothing is said of %s, and the model learnt its %d "+
		"conditions only all together", strings.Join(missing, ", "), len(conditions)),
		Do: "add a value, as " + strings.Join(example, ",") +
			", or train a model with `condition` for the others alone"}
}

// ExampleWhere is a request that [ParseWhere] takes: the first level of every condition, or its mean.
func ExampleWhere(conditions []ito.Condition) string {
	parts := make([]string, len(conditions))
	for k, c := range conditions {
		value := strconv.FormatFloat(c.Mean, 'g', 4, 64)
		if len(c.Levels) > 0 {
			value = c.Levels[0]
		}
		parts[k] = frame.QuoteWhere(c.Column, `,"=`) + "=" + frame.QuoteWhere(value, `,"`)
	}
	return strings.Join(parts, ",")
}

func quoted(levels []string) []string {
	out := make([]string, len(levels))
	for i, l := range levels {
		out[i] = frame.QuoteWhere(l, `,"`)
	}
	return out
}

// isText reports a level that is no number as [level] writes it: a word, 01, a whole number that a float64 does not
// hold.
func isText(s string) bool {
	v, err := strconv.ParseFloat(s, 64)
	return err != nil || level(v) != s
}

// encode writes the condition that a word asks for.
func encode(dst []float64, c ito.Condition, word string) error {
	if len(c.Levels) == 0 {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return &ito.InputError{Where: c.Column, What: fmt.Sprintf("%s is not a finite number", lines.Brief(word)),
				Do: fmt.Sprintf("give a number; the data has mean %.4g and sd %.4g", c.Mean, c.SD)}
		}
		encodeNumber(dst, c, v)
		return nil
	}
	k := find(c.Levels, word)
	if k < 0 && !slices.ContainsFunc(c.Levels, isText) {
		if v, err := strconv.ParseFloat(word, 64); err == nil { // 3.0 asks for 3
			k = find(c.Levels, level(v))
		}
	}
	if k < 0 {
		return &ito.InputError{Where: c.Column, What: fmt.Sprintf("%s is not one of its levels", lines.Brief(word)),
			Do: suggest.Among(word, quoted(c.Levels))}
	}
	clear(dst)
	dst[k] = 1
	return nil
}

func encodeNumber(dst []float64, c ito.Condition, v float64) {
	dst[0], dst[1] = (v-c.Mean)/c.SD, 1
}
