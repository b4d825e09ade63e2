package data

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// Limits on the levels of a categorical condition.
const (
	MaxIntegerLevels = 100  // whole numbers with more values than this are numeric
	MaxTextLevels    = 1000 // text with more values than this is refused
)

// FitConditions decides how each column conditions: text, and whole numbers with at most 100 different
// values, are categorical, one-hot over their levels in order (numbers by size, text by bytes); other
// numbers are numeric, standardised by their mean and sd (divided by n).
func FitConditions(columns []Column) ([]ito.Condition, error) {
	out := make([]ito.Condition, 0, len(columns))
	for _, c := range columns {
		if c.Len() == 0 {
			return nil, &ito.InputError{Where: "`condition` " + c.Name, What: "the column has no rows", Do: "give rows"}
		}
		if c.Text != nil {
			levels := slices.Compact(slices.Sorted(slices.Values(c.Text)))
			if len(levels) > MaxTextLevels {
				return nil, &ito.InputError{Where: "`condition` " + c.Name,
					What: fmt.Sprintf("the column has %d different texts, more than %d", len(levels), MaxTextLevels),
					Do:   "condition on a column with fewer levels"}
			}
			out = append(out, ito.Condition{Column: c.Name, Levels: levels,
				Shares: sharesOf(levels, len(c.Text), func(i int) string { return c.Text[i] })})
			continue
		}
		if levels := integerLevels(c.Numbers); levels != nil {
			out = append(out, ito.Condition{Column: c.Name, Levels: levels,
				Shares: sharesOf(levels, len(c.Numbers), func(i int) string { return level(c.Numbers[i]) })})
			continue
		}
		x := ito.States{N: len(c.Numbers), D: 1, X: c.Numbers, ID: make([]uint64, len(c.Numbers))}
		mean, err := metric.Mean(x)
		if err != nil {
			return nil, err
		}
		sd, err := metric.SD(x)
		if err != nil {
			return nil, err
		}
		if !(sd[0] > 0) || math.IsInf(sd[0], 0) {
			return nil, &ito.InputError{Where: "`condition` " + c.Name,
				What: fmt.Sprintf("the column has standard deviation %g", sd[0]),
				Do:   "condition on a column that varies"}
		}
		out = append(out, ito.Condition{Column: c.Name, Mean: mean[0], SD: sd[0]})
	}
	return out, nil
}

// sharesOf is the share of every level among n cells.
func sharesOf(levels []string, n int, cell func(i int) string) []float64 {
	at := make(map[string]int, len(levels))
	for k, l := range levels {
		at[l] = k
	}
	out := make([]float64, len(levels))
	for i := range n {
		out[at[cell(i)]]++
	}
	for k := range out {
		out[k] /= float64(n)
	}
	return out
}

// purposeLevels is the stream of levels that are drawn where none is asked for.
const purposeLevels = rng.PurposeSplit

// DrawLevels gives every row of x a level of the one condition of a model, by their shares in the data: that in which
// the uniform of its id falls.
func DrawLevels(c ito.Condition, x ito.States, noise ito.Noise) ito.Cond {
	out := ito.Cond{C: len(c.Levels), X: make([]float64, x.N*len(c.Levels))}
	u := x.Like(1)
	noise.Uniform(u, purposeLevels, 0, 0)
	for i, v := range u.X {
		k, sum := 0, c.Shares[0]
		for v >= sum && k < len(c.Shares)-1 {
			k++
			sum += c.Shares[k]
		}
		for c.Shares[k] == 0 { // the shares sum up to 1 but for rounding
			k--
		}
		out.X[i*out.C+k] = 1
	}
	return out
}

// integerLevels returns the different values, smallest first, or nil unless they are whole numbers
// and few.
func integerLevels(x []float64) []string {
	seen := make(map[float64]bool)
	for _, v := range x {
		if v != math.Trunc(v) {
			return nil
		}
		if seen[v] = true; len(seen) > MaxIntegerLevels {
			return nil
		}
	}
	values := make([]float64, 0, len(seen))
	for v := range seen {
		values = append(values, v)
	}
	slices.Sort(values)
	levels := make([]string, len(values))
	for k, v := range values {
		levels[k] = level(v)
	}
	return levels
}

// level writes a number as the name of a level: 3, not 3.0; −0 is 0.
func level(v float64) string { return strconv.FormatFloat(v+0, 'f', -1, 64) }

// EncodeConditions makes the Cond of every row. columns are those of the conditions, in order.
func EncodeConditions(conditions []ito.Condition, columns []Column) (ito.Cond, error) {
	if len(conditions) == 0 {
		return ito.Cond{}, nil
	}
	if len(columns) != len(conditions) {
		return ito.Cond{}, fmt.Errorf("data: %d columns for %d conditions", len(columns), len(conditions))
	}
	n := columns[0].Len()
	c := ito.Cond{C: width(conditions)}
	c.X = make([]float64, n*c.C)
	at := 0
	for k, condition := range conditions {
		if columns[k].Name != condition.Column || columns[k].Len() != n {
			return ito.Cond{}, fmt.Errorf("data: column %s of %d rows for the condition %s of %d", columns[k].Name,
				columns[k].Len(), condition.Column, n)
		}
		for i := range n {
			cell := c.X[i*c.C+at:][:condition.Width()]
			if err := encodeCell(cell, condition, columns[k], i); err != nil {
				return ito.Cond{}, err
			}
		}
		at += condition.Width()
	}
	return c, nil
}

func encodeCell(dst []float64, c ito.Condition, column Column, row int) error {
	if column.Text != nil {
		return encode(dst, c, column.Text[row])
	}
	if len(c.Levels) > 0 {
		return encode(dst, c, level(column.Numbers[row]))
	}
	encodeNumber(dst, c, column.Numbers[row])
	return nil
}

// RepeatCondition gives every one of n rows the same condition.
func RepeatCondition(row []float64, n int) ito.Cond {
	if len(row) == 0 {
		return ito.Cond{}
	}
	c := ito.Cond{C: len(row), X: make([]float64, 0, n*len(row))}
	for range n {
		c.X = append(c.X, row...)
	}
	return c
}

func width(conditions []ito.Condition) int {
	w := 0
	for _, c := range conditions {
		w += c.Width()
	}
	return w
}
