package steer

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task"
)

// rater describes what rows of the model's columns are worth. It is safe for concurrent use.
type rater interface {
	// rate writes the worth of every row; one that is no number is an *ito.InputError.
	rate(ctx context.Context, dst []float64, rows ito.States) error
	// close ends what rate began.
	close() error
}

// rater makes what a word names: an expression of the columns, exec:PROGRAM, model:FILE or classifier:TABLE:COL=LEVEL.
// Of a classifier a row is worth the logarithm of the probability, or with plain the probability itself.
func (c *Config) rater(ctx context.Context, env *task.Env, m *ito.Model, word string, plain bool) (rater, error) {
	kind, rest, _ := strings.Cut(word, ":")
	switch strings.TrimSpace(kind) {
	case "exec":
		return newProgram(ctx, rest, columnsOf(m), m)
	case "model":
		return newDensity(rest, columnsOf(m), m)
	case "classifier":
		return newClassifier(ctx, c, env, rest, m, plain)
	}
	r, err := rewardOf(word, m)
	if err != nil {
		return nil, err
	}
	return expression{r}, nil
}

// expression is a Starlark expression, row by row.
type expression struct{ r *Reward }

func (e expression) rate(ctx context.Context, dst []float64, rows ito.States) error {
	for i := range dst {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, err := e.r.Of(ctx, rows.Row(i))
		if err != nil {
			return err
		}
		dst[i] = v
	}
	return finite(dst, rows)
}

func (expression) close() error { return nil }

// finite refuses rewards that are NaN or +∞; −∞ is a row that is never to be taken.
func finite(dst []float64, rows ito.States) error {
	for i, v := range dst {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return &ito.InputError{Where: "`reward`", What: fmt.Sprintf("the reward is not finite: it is %g of row %s",
				v, short(rows.Row(i))), Do: "give one that is a number for every row"}
		}
	}
	return nil
}
