package steer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/boost"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/task"
)

// classifier is a reward by boosted trees that were trained on a labelled table: the probability of a level.
type classifier struct {
	m     *boost.Model
	class int
	plain bool // the probability itself, not its logarithm
}

// newClassifier trains on TABLE:COL=LEVEL, whose other columns are those of the model.
func newClassifier(ctx context.Context, c *Config, env *task.Env, word string, m *ito.Model, plain bool) (*classifier,
	error) {
	bad := func(what, do string) (*classifier, error) {
		return nil, &ito.InputError{Where: "`reward` classifier:" + word, What: what, Do: do}
	}
	if m.Encoding != nil {
		return bad("rows of a table with types are no numbers", "give an expression or exec:")
	}
	at := strings.LastIndex(word, ":")
	col, level, ok := strings.Cut(word[at+1:], "=")
	if at < 1 || !ok {
		return bad("it names no table and label", "write it as classifier:TABLE:COL=LEVEL")
	}
	columns := columnsOf(m)
	t, err := env.RowsOf(word[:at], c.Reading, append(slices.Clone(columns), col), []string{col})
	if err != nil {
		return nil, err
	}
	rest, taken, err := t.Take([]string{col})
	if err != nil {
		return nil, err
	}
	labels := taken[0].Text
	for _, v := range taken[0].Numbers {
		labels = append(labels, strconv.FormatFloat(v, 'g', -1, 64))
	}
	x, err := rest.States(), error(nil)
	if x.D != len(columns) {
		return bad(fmt.Sprintf("it has %d columns of numbers beside %s, the model has %d", x.D, col, len(columns)),
			"give a table of the model's columns and the label")
	}
	levels := slices.Compact(slices.Sorted(slices.Values(labels)))
	class := slices.Index(levels, level)
	switch {
	case class < 0:
		return bad(fmt.Sprintf("%s has no level %q", col, level), suggest.Among(level, levels))
	case len(levels) < 2:
		return bad(fmt.Sprintf("%s is %s in every row", col, level), "give rows of other levels too")
	case len(levels) > 1000:
		return bad(fmt.Sprintf("%s has %d levels", col, len(levels)), "give a label of at most 1000")
	}
	y := make([]float64, len(labels))
	for i, l := range labels {
		k, _ := slices.BinarySearch(levels, l)
		y[i] = float64(k)
	}
	out := &classifier{class: class, plain: plain}
	out.m, err = boost.Fit(ctx, boost.Config{Workers: task.Workers(c.Workers)}, boostColumns(x), y, len(levels))
	return out, err
}

func boostColumns(x ito.States) []boost.Column {
	out := make([]boost.Column, x.D)
	for j := range out {
		out[j].X = make([]float64, x.N)
		for i := range x.N {
			out[j].X[i] = x.Row(i)[j]
		}
	}
	return out
}

// rate implements rater.
func (c *classifier) rate(ctx context.Context, dst []float64, rows ito.States) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p, err := c.m.Predict(boostColumns(rows))
	if err != nil {
		return err
	}
	for i := range dst {
		if dst[i] = p[i*c.m.Outputs()+c.class]; !c.plain {
			dst[i] = math.Log(math.Max(dst[i], 1e-300))
		}
	}
	return finite(dst, rows)
}

func (*classifier) close() error { return nil }
