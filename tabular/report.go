package tabular

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/metric"
)

// Config says how tables are compared. The zero value of a field is its default.
type Config struct {
	Rows   int    // of each table for the classifiers; 0 means 2000, fewer beyond 200 columns
	Target string // column to be predicted from the others; "" means none
	Seed   uint64
}

// Figures are the figures of one table against the real one.
type Figures struct {
	Name    string  `json:"name"`
	Rows    int     `json:"rows"`    // of the table
	Columns float64 `json:"columns"` // mean of 1 − KS and 1 − TV
	Gaps    float64 `json:"gaps"`    // mean similarity of missing values
	Pairs   float64 `json:"pairs"`   // mean pair trend; 1 of one column
	W2      float64 `json:"w2"`      // under the mixed distance, as are the next two
	Sliced  float64 `json:"sliced_w2"`
	MMD2    float64 `json:"mmd2"`
	Trees   Told    `json:"c2st_trees"`
	Linear  Told    `json:"c2st_logistic"`
	Support Support `json:"support"`
	DCR     float64 `json:"dcr_median"`
	Copies  float64 `json:"copies"`
	// Efficiency is what a model scores on real rows that was trained on this table; nil: no target was named.
	Efficiency *float64 `json:"efficiency,omitempty"`
}

// Report is a comparison: all that the verdict is made of.
type Report struct {
	Rows     int            `json:"rows"`
	RealRows int            `json:"real_rows"`
	Measured int            `json:"measured_rows"` // of each table in C2ST
	Squared  int            `json:"squared_rows"`  // of each table in support, W2 and MMD
	Paired   int            `json:"paired_rows"`   // of each table in pair trends, at most
	Seed     uint64         `json:"seed"`
	Columns  []ColumnReport `json:"columns"`
	Pairs    []Pair         `json:"pairs"`
	Samples  Figures        `json:"samples"`
	Floor    Figures        `json:"floor"`    // one half of the real rows against the other
	Controls []Figures      `json:"controls"` // independent marginals, Gaussian copula, SMOTE
	Privacy  Privacy        `json:"privacy"`
	Target   string         `json:"target,omitempty"`
	Score    string         `json:"efficiency_score,omitempty"` // R2, AUC or F1
	Verdict  Verdict        `json:"verdict"`
}

const (
	defaultRows  = 2000
	squaredRows  = 1000  // of each table in support, sliced W2 and MMD, at most
	leastSquared = 100   // however wide the table is
	squareBudget = 1e8   // their square × the width of the vectors
	leastTrained = 200   // rows of each table for the classifiers, however wide the table is
	trainBudget  = 4e5   // rows × columns
	transported  = 500   // rows of a draw of the W2
	controlRows  = 5000  // of a control, at most
	trainedRows  = 10000 // of a training for efficiency, at most
	closestRows  = 500   // whose nearest records are sought for the figures
	pairBudget   = 4e8   // pairs × rows
	leastPairing = 1000  // rows in pair trends, whatever the number of pairs
)

// Names of the tables that stand beside the samples.
const (
	NameSamples   = "samples"
	NameFloor     = "real–real"
	NameMarginals = "marginals"
	NameCopula    = "copula"
	NameSMOTE     = "SMOTE"
)

// Compare measures samples x against the data y. holdout, rows of the same law that the samples have nothing of, may
// be nil. The data needs 12 rows, the samples 6. Cost at 10⁵ rows of 20 columns: seconds.
func Compare(ctx context.Context, cfg Config, x, y Table, holdout *Table) (*Report, error) {
	if err := alike(x, y); err != nil {
		return nil, err
	}
	if holdout != nil {
		if err := alike(*holdout, y); err != nil {
			return nil, err
		}
	}
	if x.Rows < LeastRows || y.Rows < LeastReal {
		return nil, &ito.InputError{What: fmt.Sprintf("%d rows of samples and %d of data are too few to compare",
			x.Rows, y.Rows), Do: fmt.Sprintf("give %d and %d, or more", LeastRows, LeastReal)}
	}
	target := -1
	for j, c := range y.Columns {
		if c.Name == cfg.Target {
			target = j
		}
	}
	if target < 0 && cfg.Target != "" {
		var names []string
		for _, c := range y.Columns {
			names = append(names, c.Name)
		}
		return nil, &ito.InputError{Where: "`target`", What: "there is no column " + cfg.Target + " to compare",
			Do: suggest.Among(cfg.Target, names)}
	}
	r := &Report{Rows: x.Rows, RealRows: y.Rows, Seed: cfg.Seed}
	r.sizes(cfg.Rows, y)
	half := pick(cfg.Seed, 0, subHalves, y.Rows, y.Rows)
	a, b := y.Take(half[:y.Rows/2]), y.Take(half[y.Rows/2:])
	n := min(x.Rows, controlRows)
	makers := []struct {
		name string
		make func(Table, int, uint64) Table
	}{{NameMarginals, Marginals}, {NameCopula, Copula}, {NameSMOTE, SMOTE}}
	r.Controls = make([]Figures, len(makers))
	errs := make([]error, 3+len(makers))
	parallel(len(errs), func(k int) {
		switch {
		case k == 0:
			errs[k] = r.look(ctx, &r.Samples, NameSamples, x, y, 2)
		case k == 1:
			errs[k] = r.look(ctx, &r.Floor, NameFloor, b, a, 2)
		case k == 2:
			errs[k] = r.details(x, y, a, b)
			r.Privacy = Private(x, y, holdout, cfg.Seed)
		default:
			m := makers[k-3]
			errs[k] = r.look(ctx, &r.Controls[k-3], m.name, m.make(y, n, cfg.Seed), y, 1)
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	r.Samples.Copies, r.Samples.DCR = r.Privacy.Copies, r.Privacy.DCR.Median
	if target >= 0 {
		r.Target = cfg.Target
		if err := r.efficiency(ctx, x, y, holdout, target); err != nil {
			return nil, err
		}
	}
	r.Judge()
	return r, nil
}

// sizes says how many rows take part: fewer of wide tables, so that what costs rows × columns or rows² × columns
// stays within bounds.
func (r *Report) sizes(rows int, y Table) {
	d := len(y.Columns)
	if rows == 0 {
		rows = min(defaultRows, max(int(trainBudget)/d, leastTrained))
	}
	r.Measured = min(rows, r.Rows, y.Rows/2)
	width := newEmbedding(y, nil, 1).d
	r.Squared = min(r.Measured, squaredRows, max(int(math.Sqrt(squareBudget/float64(width))), leastSquared))
	r.Paired = max(int(pairBudget)/max(d*(d-1)/2, 1), leastPairing)
}

// look takes the figures of one table.
func (r *Report) look(ctx context.Context, f *Figures, name string, x, y Table, splits int) error {
	f.Name, f.Rows = name, x.Rows
	for j := range y.Columns {
		s := Shape(x.Columns[j], y.Columns[j])
		f.Columns += s.Score / float64(len(y.Columns))
		f.Gaps += s.MissingScore / float64(len(y.Columns))
	}
	f.Pairs = meanScore(Trends(x.some(r.Seed, 0, subPairs, r.Paired), y.some(r.Seed, 1, subPairs, r.Paired)))
	n := r.Squared
	px, py := x.some(r.Seed, 1, subSynthetic, n), y.some(r.Seed, 1, subReal, n)
	states := mixedStates(py, px)
	var err error
	w2, err := metric.Measure(ctx, metric.W2, states[1], states[0], 3, transported, r.Seed)
	if err != nil {
		return err
	}
	f.W2 = w2.Value
	if f.Sliced, err = metric.SlicedW2(ctx, states[1], states[0], metric.Directions, r.Seed); err != nil {
		return err
	}
	width := metric.MedianBandwidth(states[1], states[0])
	if width == 0 {
		width = 1 // all rows are equal
	}
	if f.MMD2, err = metric.MMD2(ctx, states[1], states[0], width); err != nil {
		return err
	}
	if f.Trees, err = C2ST(ctx, x, y, r.Measured, splits, Trees, r.Seed); err != nil {
		return err
	}
	if f.Linear, err = C2ST(ctx, x, y, r.Measured, splits, Logistic, r.Seed); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	f.Support = Supports(x, y, n, r.Seed)
	space := NewSpace(y)
	if err := ctx.Err(); err != nil {
		return err
	}
	near := Nearest(space.Points(x.some(r.Seed, 2, subSynthetic, closestRows)), space.Points(y.some(r.Seed, 2, subReal,
		records(y))), false)
	_, q, _ := summary(near)
	f.DCR = q.Median
	var p Privacy
	p.copies(x, y)
	f.Copies = p.Copies
	return nil
}

func meanScore(list []Pair) float64 {
	if len(list) == 0 {
		return 1
	}
	s := 0.0
	for _, p := range list {
		s += p.Score
	}
	return s / float64(len(list))
}

// details fills columns and pairs. a and b are halves of the data.
func (r *Report) details(x, y, a, b Table) error {
	r.Columns = make([]ColumnReport, len(y.Columns))
	parallel(len(y.Columns), func(j int) {
		r.Columns[j] = Shape(x.Columns[j], y.Columns[j])
		r.Columns[j].Floor = Shape(b.Columns[j], a.Columns[j]).Score
	})
	px, py := x.some(r.Seed, 0, subPairs, r.Paired), y.some(r.Seed, 1, subPairs, r.Paired)
	r.Pairs = Trends(px, py)
	Together(r.Pairs, px, py, r.offAlone(), r.Seed)
	return nil
}

// efficiency trains on every table and scores on the holdout, or on a fifth of the data that the controls and the
// model of the data are not trained on.
func (r *Report) efficiency(ctx context.Context, x, y Table, holdout *Table, target int) error {
	train, test := y, y
	if holdout != nil {
		test = *holdout
	} else {
		order := pick(r.Seed, 0, subSplit, y.Rows, y.Rows)
		fifth := max(y.Rows/5, 1)
		train, test = y.Take(order[fifth:]), y.Take(order[:fifth])
	}
	train = train.some(r.Seed, 1, subSplit, trainedRows)
	n := train.Rows
	for _, t := range []struct {
		into *Figures
		t    Table
	}{{&r.Samples, x.some(r.Seed, 2, subSplit, n)}, {&r.Floor, train}, {&r.Controls[0], Marginals(train, n, r.Seed)},
		{&r.Controls[1], Copula(train, n, r.Seed)}, {&r.Controls[2], SMOTE(train, n, r.Seed)}} {
		e, err := Efficient(ctx, t.t, test, target)
		if err != nil {
			return err
		}
		r.Score = e.Score
		t.into.Efficiency = &e.Value
	}
	return nil
}
