package boost

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/seed9a7962a8/ito"
)

// Column is a predictor of n rows.
type Column struct {
	// X are numbers, or levels 0 … Levels−1 as whole numbers. NaN is a missing value, and so is a level outside.
	X      []float64
	Levels int // > 0: categories without an order
}

// Config is the shape of a model. The zero value of a field is its default.
type Config struct {
	Trees      int     // rounds; 0 means 100. A round has a tree for each class beyond two
	Rate       float64 // η, the part of its step that a tree takes; 0 means .1
	Leaves     int     // most leaves of a tree; 0 means 31
	MinRows    int     // least rows of a leaf; 0 means 20
	MinHessian float64 // least sum of second derivatives of a leaf; 0 means .001
	Ridge      float64 // λ, added to that sum where a leaf's value is made
	Workers    int     // 0 means all processors; no effect on the result
}

func (c Config) resolve() (Config, error) {
	set := func(v *int, def int) {
		if *v == 0 {
			*v = def
		}
	}
	set(&c.Trees, 100)
	set(&c.Leaves, 31)
	set(&c.MinRows, 20)
	set(&c.Workers, runtime.GOMAXPROCS(0))
	if c.Rate == 0 {
		c.Rate = .1
	}
	if c.MinHessian == 0 {
		c.MinHessian = 1e-3
	}
	if c.Trees < 1 || c.Leaves < 2 || c.MinRows < 1 || c.Workers < 1 || !(c.Rate > 0) || !(c.MinHessian >= 0) ||
		!(c.Ridge >= 0) || math.IsInf(c.Rate+c.MinHessian+c.Ridge, 0) {
		return c, &ito.InputError{Where: "boosted trees", What: fmt.Sprintf("settings %+v", c),
			Do: "give counts of at least 1, two leaves or more, and finite numbers that are not negative"}
	}
	return c, nil
}

// Model is a sum of trees. It is immutable and safe for concurrent use.
type Model struct {
	classes int
	columns []Column // their levels; no values
	start   []float64
	trees   []tree // round by round, one for each output
}

// Fit learns y from the columns. With classes = 0 y are numbers, predicted under squared error; otherwise whole numbers
// 0 … classes−1, predicted under the logistic (2) or softmax loss.
//
// Columns and y must have one length, of at least one row, y be finite, and classes not 1: otherwise an
// [ito.InputError]. Cost: O(rows · columns) a level of a tree, and memory of a byte a cell beside the columns.
func Fit(ctx context.Context, cfg Config, columns []Column, y []float64, classes int) (*Model, error) {
	cfg, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	if err := check(columns, y, classes); err != nil {
		return nil, err
	}
	n := len(y)
	m := &Model{classes: classes}
	for _, c := range columns {
		m.columns = append(m.columns, Column{Levels: c.Levels})
	}
	g := newGrower(cfg, columns, n)
	l := newLoss(classes, y)
	m.start = l.start()
	k := len(m.start)
	scores := make([]float64, n*k)
	for i := range scores {
		scores[i] = m.start[i%k]
	}
	grad, hess := make([]float64, n), make([]float64, n)
	for range cfg.Trees {
		l.begin(scores)
		for out := range k {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			l.derivatives(grad, hess, scores, out)
			t := g.grow(grad, hess)
			for leaf, rows := range g.rowsOf {
				for _, i := range rows {
					scores[int(i)*k+out] += t.value[leaf]
				}
			}
			m.trees = append(m.trees, t)
		}
	}
	return m, nil
}

func check(columns []Column, y []float64, classes int) error {
	bad := func(what, do string) error { return &ito.InputError{Where: "boosted trees", What: what, Do: do} }
	if len(y) == 0 || len(y) > math.MaxInt32 {
		return bad(fmt.Sprintf("%d rows", len(y)), "give between one and 2³¹−1")
	}
	if classes < 0 || classes == 1 {
		return bad(fmt.Sprintf("%d classes", classes), "give two or more, or 0 for numbers")
	}
	for j, c := range columns {
		if len(c.X) != len(y) || c.Levels < 0 {
			return bad(fmt.Sprintf("column %d has %d rows and %d levels, and there are %d values to learn", j, len(c.X),
				c.Levels, len(y)), "give columns of one length")
		}
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) ||
			classes > 0 && (v != math.Trunc(v) || v < 0 || v >= float64(classes)) {
			return bad(fmt.Sprintf("the value to learn of row %d is %v", i, v), "leave rows without one out")
		}
	}
	return nil
}

// Outputs is the number of values a row that [Model.Predict] writes: 1, or the number of classes.
func (m *Model) Outputs() int { return max(m.classes, 1) }

// Predict returns [n, Outputs]: the expected value, or the probability of each class.
func (m *Model) Predict(columns []Column) ([]float64, error) {
	if len(columns) != len(m.columns) {
		return nil, &ito.InputError{Where: "boosted trees", What: fmt.Sprintf("%d columns where %d were learnt",
			len(columns), len(m.columns))}
	}
	n := 0
	for j, c := range columns {
		if j == 0 {
			n = len(c.X)
		}
		if len(c.X) != n || (c.Levels > 0) != (m.columns[j].Levels > 0) {
			return nil, &ito.InputError{Where: "boosted trees", What: fmt.Sprintf("column %d is not as it was learnt",
				j)}
		}
	}
	k := len(m.start)
	out := make([]float64, n*m.Outputs())
	scores := make([]float64, k)
	for i := range n {
		copy(scores, m.start)
		for r := range m.trees {
			scores[r%k] += m.trees[r].at(columns, i)
		}
		m.link(out[i*m.Outputs():(i+1)*m.Outputs()], scores)
	}
	return out, nil
}

// link turns scores into what a person reads.
func (m *Model) link(dst, scores []float64) {
	switch m.classes {
	case 0:
		dst[0] = scores[0]
	case 2:
		dst[1] = 1 / (1 + math.Exp(-scores[0]))
		dst[0] = 1 / (1 + math.Exp(scores[0]))
	default:
		softmax(dst, scores)
	}
}
