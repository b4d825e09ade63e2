package tabular

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Column is one column.
type Column struct {
	Name string
	// X are numbers, or levels 0 … Levels−1 as whole numbers. NaN is missing.
	X      []float64
	Levels int // > 0: categories without an order
	// For people: the names of the levels, and how a number is written. nil: as numbers.
	Labels []string
	Write  func(float64) string
	// Numbers of the real column are Origin + k·Step with whole k; 0: they are not so.
	Step, Origin float64
}

// Table is rows of columns. Two tables that are compared have the same columns in the same order.
type Table struct {
	Rows    int
	Columns []Column
}

// largest is the size of a number whose squares can be added.
const largest = 1e145

// Check reports a table that cannot be measured.
func (t Table) Check(where string) error {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: where, What: fmt.Sprintf(format, args...)}
	}
	if t.Rows < 1 || len(t.Columns) == 0 {
		return bad("%d rows of %d columns", t.Rows, len(t.Columns))
	}
	for _, c := range t.Columns {
		if len(c.X) != t.Rows || c.Levels < 0 {
			return bad("column %s has %d cells and %d levels in a table of %d rows", c.Name, len(c.X), c.Levels, t.Rows)
		}
		for i, v := range c.X {
			if math.Abs(v) > largest {
				return &ito.InputError{Where: where, What: fmt.Sprintf("%v in column %s is too large for its square "+
					"to be compared", v, c.Name), Do: "give it in other units, or leave the column out"}
			}
			if c.Levels > 0 && !(v != v || v >= 0 && v < float64(c.Levels) && v == math.Trunc(v)) {
				return bad("column %s: cell %d is %v", c.Name, i, v)
			}
		}
	}
	return nil
}

// alike reports tables that do not have the same columns.
func alike(x, y Table) error {
	if err := x.Check("the samples"); err != nil {
		return err
	}
	if err := y.Check("the data"); err != nil {
		return err
	}
	if len(x.Columns) != len(y.Columns) {
		return &ito.InputError{What: fmt.Sprintf("tables of %d and %d columns", len(x.Columns), len(y.Columns))}
	}
	for j, c := range x.Columns {
		if d := y.Columns[j]; c.Name != d.Name || c.Levels != d.Levels {
			return &ito.InputError{What: fmt.Sprintf("column %d is %s with %d levels and %s with %d", j, c.Name,
				c.Levels, d.Name, d.Levels)}
		}
	}
	return nil
}

// Take is a table of some rows.
func (t Table) Take(rows []int) Table {
	out := t.shell(len(rows))
	for j, c := range t.Columns {
		for i, r := range rows {
			out.Columns[j].X[i] = c.X[r]
		}
	}
	return out
}

// shell is a table of the same columns with n rows of zeros.
func (t Table) shell(n int) Table {
	out := Table{Rows: n, Columns: make([]Column, len(t.Columns))}
	for j, c := range t.Columns {
		c.X = make([]float64, n)
		out.Columns[j] = c
	}
	return out
}

// Sub-addresses of rng.PurposeMetric. Package metric has 0 … 15.
const (
	subReal = 16 + iota
	subSynthetic
	subHalves
	subTies
	subFolds
	subMarginals
	subCopula
	subSMOTE
	subPairs
	subSplit
	subHoldout
)

// pick draws k of the rows 0 … n−1 without replacement, in random order; all of them where k ≥ n.
func pick(seed uint64, step, sub uint32, n, k int) []int {
	key := rng.NewKey(seed, rng.PurposeMetric, step, sub)
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	k = min(k, n)
	for i := range k {
		j := i + key.Intn(uint64(i), 0, n-i)
		rows[i], rows[j] = rows[j], rows[i]
	}
	return rows[:k:k]
}

// some is a table of k random rows; t itself where it has no more.
func (t Table) some(seed uint64, step, sub uint32, k int) Table {
	if k >= t.Rows {
		return t
	}
	return t.Take(pick(seed, step, sub, t.Rows, k))
}

// parallel calls f for 0 … n−1 on all processors. What f computes must depend on its argument alone.
func parallel(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wait.Wait()
}
