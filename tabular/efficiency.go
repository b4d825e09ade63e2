package tabular

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/boost"
	"github.com/seed9a7962a8/ito/metric"
)

// Efficiency is machine-learning efficiency: what a model of boosted trees scores on rows of data that it has not seen.
type Efficiency struct {
	Score string  // R2 of numbers, AUC of two levels, F1 averaged over more
	Value float64 // trained on the table
}

// Efficient trains on one table and scores on another. Rows without the target are left out of both.
func Efficient(ctx context.Context, train, test Table, target int) (Efficiency, error) {
	train, test = with(train, target), with(test, target)
	c := test.Columns[target]
	e := Efficiency{Score: "R2"}
	switch {
	case c.Levels == 2:
		e.Score = "AUC"
	case c.Levels > 0:
		e.Score = "F1"
	}
	if train.Rows == 0 || test.Rows == 0 {
		return e, &ito.InputError{Where: "target " + c.Name, What: "it is missing in every row",
			Do: "name another column"}
	}
	if c.Levels > mostClasses {
		return e, &ito.InputError{Where: "target " + c.Name, What: fmt.Sprintf("it has %d levels, more than %d",
			c.Levels, mostClasses), Do: "name another column"}
	}
	cfg := boost.Config{MinRows: min(max(train.Rows/40, 3), 20)}
	m, err := boost.Fit(ctx, cfg, predictors(train, target), train.Columns[target].X, c.Levels)
	if err != nil {
		return e, err
	}
	p, err := m.Predict(predictors(test, target))
	if err != nil {
		return e, err
	}
	e.Value = score(p, c)
	return e, nil
}

// mostClasses bounds the levels of a target, each of which has a tree a round.
const mostClasses = 50

func score(p []float64, c Column) float64 {
	switch {
	case c.Levels == 0:
		return metric.R2(p, c.X)
	case c.Levels == 2:
		s := make([]float64, len(c.X))
		for i := range s {
			s[i] = p[2*i+1]
		}
		if v := metric.AUC(s, c.X); v == v {
			return v
		}
		return .5 // one level only: nothing to tell
	}
	label, there := make([]float64, len(c.X)), make([]bool, c.Levels)
	for i, v := range c.X {
		row := p[i*c.Levels : (i+1)*c.Levels]
		best := 0
		for l := range row {
			if row[l] > row[best] {
				best = l
			}
		}
		label[i], there[int(v)] = float64(best), true
	}
	sum, n := 0.0, 0.0
	for l, has := range there {
		if has {
			sum += metric.F1(label, c.X, float64(l))
			n++
		}
	}
	return sum / n
}

// with is the rows that have a cell in a column.
func with(t Table, column int) Table {
	var rows []int
	for i, v := range t.Columns[column].X {
		if v == v {
			rows = append(rows, i)
		}
	}
	if len(rows) == t.Rows {
		return t
	}
	return t.Take(rows)
}
