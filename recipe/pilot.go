package recipe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// ColumnProblem is what a training found wrong with a column of its data or of its samples. Each is in the
// report's Warnings
// too, in words.
type ColumnProblem struct {
	Kind   string `json:"kind"` // outlier, pilot
	Column string `json:"column"`
	Row    int    `json:"row,omitempty"` // of an outlier, the first being 1
	// Of an outlier its value, and the distance of the quantiles .05 and .95; of a pilot the mean absolute
	// difference between quantiles of samples and of data, and the same distance.
	Value  float64 `json:"value"`
	Spread float64 `json:"spread"`
}

// Kinds of a Problem.
const (
	OutlierProblem = "outlier" // one value is so far from the others that they are all but one state
	PilotProblem   = "pilot"   // samples of the finished model are far from the data
)

// pilotRows are the samples that are drawn of a finished model, pilotMost the rows of the data that they are
// compared with.
const pilotRows, pilotMost = 256, 20000

// setPilotRows are drawn where nothing is compared.
const setPilotRows = 4

// crowded is the part of the standard deviation that the quantiles .05 and .95 are apart where one value crowds the
// others together: 3.29 for normal columns, 2.3 for log-normal ones. pilotOff is the part of that distance that
// quantiles of samples are from those of the data where samples are wrong beyond a doubt: a shift by half a
// standard deviation, or one of 1.7 times the size.
const crowded, pilotOff = .5, .15

// check looks for values that spoil the transform, and draws a few samples of the model m to see whether they are
// near the data. Samples that are not finite are an error. Of a set that is no table that is all that is looked at,
// and a few samples do.
func (f *fit) check(ctx context.Context, m *ito.Model) error {
	if m.Space.Mask != nil {
		return f.pilotGraphs(ctx, m)
	}
	var truth ito.States
	if f.table != nil {
		var err error
		if truth, err = inverse(m.Transform, f.rows); err != nil {
			return err
		}
	}
	columns := make([]quantiles, truth.D)
	for k := range columns {
		columns[k] = quantilesOf(truth, k)
		f.outlier(truth, k, columns[k])
	}
	if m.Prior == nil && PairsOf(m.Field) != nil { // samples start at rows that are not there yet
		return nil
	}
	x, err := f.pilot(ctx, m)
	var lost *ito.NonFiniteError
	if errors.As(err, &lost) {
		return fmt.Errorf("the model is trained, and its samples are not finite: %w", err)
	}
	if err != nil {
		return err
	}
	for k, want := range columns {
		if want.spread == 0 {
			continue
		}
		got, off := quantilesOf(x, k), 0.0
		for i, q := range want.at {
			off += math.Abs(got.at[i]-q) / float64(len(want.at))
		}
		if off > pilotOff*want.spread {
			f.problem(ColumnProblem{Kind: PilotProblem, Column: f.set.Columns[k], Value: off, Spread: want.spread},
				"samples of the model are far from the data in column %s: nine tenths of them lie in %s, of the data "+
					"in %s; %s",
				f.set.Columns[k], got.middle(), want.middle(), f.remedy(f.set.Columns[k], want.sd))
		}
	}
	return nil
}

// remedy is what to do about samples that are far from the data in a column of standard deviation sd.
func (f *fit) remedy(column string, sd float64) string {
	switch {
	case slices.ContainsFunc(f.report.Problems, func(p ColumnProblem) bool { return p.Kind == OutlierProblem }):
		return "see the value that crowds the others"
	case f.c.Transform == "none" && !data.Standardises(sd*sd):
		return "train with `types=" + column + "=real`, which learns the column by its ranks"
	case f.c.Transform == "none":
		return "train with `transform=standardise`, which brings every column to mean 0 and standard deviation 1"
	}
	return "train for more `steps`"
}

// problem notes one, and tells of the first few of its kind in words.
func (f *fit) problem(p ColumnProblem, format string, args ...any) {
	const told = 3
	n := 1
	for _, earlier := range f.report.Problems {
		if earlier.Kind == p.Kind {
			n++
		}
	}
	f.report.Problems = append(f.report.Problems, p)
	if n <= told {
		f.report.Warnings = append(f.report.Warnings, fmt.Sprintf(format, args...))
	}
}

// outlier looks for a value that crowds the others of its column together.
func (f *fit) outlier(x ito.States, k int, q quantiles) {
	if !(q.spread > 0) || q.spread >= crowded*q.sd {
		return
	}
	row, far := 0, 0.0
	for i := range x.N {
		v := x.X[i*x.D+k]
		if d := max(q.at[0]-v, v-q.at[len(q.at)-1]); d > far {
			row, far = i, d
		}
	}
	value := x.X[row*x.D+k]
	f.problem(ColumnProblem{Kind: OutlierProblem, Column: f.set.Columns[k], Row: row + 1, Value: value,
		Spread: q.spread},
		"row %d of the data has %.6g in column %s, %.3g times the width of the middle nine tenths away from them: "+
			"beside it the others are all but one point to the network, whatever the `transform`. Train with "+
			"`types=%s=real`, which learns the column by its ranks; or remove such rows, or learn a function of the "+
			"column that grows slowly, such as its logarithm or asinh",
		row+1, value, f.set.Columns[k], far/q.spread, f.set.Columns[k])
}

// quantiles are those of a column at .05, .1, … .95.
type quantiles struct {
	at     [19]float64
	spread float64 // the distance of the first and the last; where it is 0, of those at .01 and .99
	sd     float64
}

// middle writes the interval of nine tenths with as many digits as tell its ends apart.
func (q quantiles) middle() string {
	lo, hi := q.at[0], q.at[len(q.at)-1]
	digits := 4
	if q.spread > 0 {
		digits += max(0, int(math.Log10(max(math.Abs(lo), math.Abs(hi))/q.spread)))
	}
	return fmt.Sprintf("[%.*g, %.*g]", min(digits, 17), lo, min(digits, 17), hi)
}

func quantilesOf(x ito.States, k int) quantiles {
	step := max(1, x.N/pilotMost)
	var c []float64
	for i := 0; i < x.N; i += step {
		c = append(c, x.X[i*x.D+k])
	}
	slices.Sort(c)
	at := func(p float64) float64 { return c[int(math.Round(p*float64(len(c)-1)))] }
	var q quantiles
	for i := range q.at {
		q.at[i] = at(.05 * float64(i+1))
	}
	if q.spread = q.at[18] - q.at[0]; q.spread == 0 {
		q.spread = at(.99) - at(.01)
	}
	// About the median: the squares of what an offset leaves lose nothing.
	var mean, squares float64
	for i := range x.N {
		d := x.X[i*x.D+k] - q.at[9]
		mean += d / float64(x.N)
		squares += d / float64(x.N) * d
	}
	q.sd = math.Sqrt(max(squares-mean*mean, 0))
	return q
}

// pilot draws rows of the model, under conditions of rows of the data where it has some.
func (f *fit) pilot(ctx context.Context, m *ito.Model) (ito.States, error) {
	cfg := DefaultSample()
	cfg.N, cfg.Seed = pilotRows, f.c.Seed
	if f.table == nil {
		cfg.N = setPilotRows
	}
	s, err := planSampler(m, cfg)
	if err != nil {
		return ito.States{}, err
	}
	x := ito.NewStates(cfg.N, s.d, 0)
	o := solve.RunOptions{Noise: ito.Seed(cfg.Seed)}
	_, means := m.Path.(ito.RowMean)
	if f.set.CondWidth() > 0 && (f.c.Dropout < 1 || means) {
		if o.Cond, err = f.someConditions(x.N, rng.NewKey(f.c.Seed, rng.PurposeData, 0, 2)); err != nil {
			return x, err
		}
	}
	if err := s.begin(x, o.Cond); err != nil {
		return x, err
	}
	if _, err := s.run(ctx, x, o); err != nil {
		return x, err
	}
	return s.rows(x)
}

// pilotGraphs draws a few graphs, where the model knows how many nodes they have.
func (f *fit) pilotGraphs(ctx context.Context, m *ito.Model) error {
	if m.Nodes == nil {
		return nil
	}
	cfg := DefaultSample()
	cfg.N, cfg.Seed = setPilotRows, f.c.Seed
	s, err := newSampler(m, cfg)
	if err != nil {
		return err
	}
	var lost *ito.NonFiniteError
	if _, err = s.graphs(ctx, cfg.N, 0); errors.As(err, &lost) {
		return fmt.Errorf("the model is trained, and its samples are not finite: %w", err)
	}
	return err
}

// inverse is the rows of states in the user's columns.
func inverse(t ito.Transform, x ito.States) (ito.States, error) {
	columns, _ := t.Dims(x.D)
	out := x.Like(columns)
	for i := range x.N {
		if err := t.Inverse(out.Row(i), x.Row(i)); err != nil {
			return out, err
		}
	}
	return out, nil
}
