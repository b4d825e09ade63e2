package tabular

import (
	"context"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/boost"
	"github.com/seed9a7962a8/ito/metric"
)

// Told is a classifier two-sample test: how well a classifier that was trained on other rows tells samples from data.
type Told struct {
	AUC  float64 `json:"auc"`  // mean over folds and splits; ½ is a guess
	Low  float64 `json:"low"`  // 95 % interval
	High float64 `json:"high"` //
	P    float64 `json:"p"`    // that rows of one law are told so well
	Rows int     `json:"rows"` // of each table
}

// Classifier learns labels 0 and 1 of rows, and scores others: larger for 1.
type Classifier func(ctx context.Context, train Table, label []float64, test Table) ([]float64, error)

// Cross-validation: folds of each split.
const folds = 3

// LeastRows of samples and LeastReal of data are needed for a report.
const LeastRows, LeastReal = 2 * folds, 4 * folds

// C2ST is the classifier two-sample test (Lopez-Paz and Oquab, arXiv:1610.06545) by cross-validated AUC: as many
// random rows of each table, at most rows, in 3 folds with as many of both, for each of the splits.
//
// The interval is that of Nadeau and Bengio (Machine Learning 52, 2003), mean ± 2·s·√(1/J + 1/2) over the J folds of
// all splits, whose training sets overlap. P is one-sided: under one law the AUC of a fold of k rows of each has the
// variance (2k+1)/12k² of Mann and Whitney, given what was learnt; the folds hang together, and the mean is taken to
// have the variance of one, which it cannot exceed.
func C2ST(ctx context.Context, x, y Table, rows, splits int, learn Classifier, seed uint64) (Told, error) {
	if err := alike(x, y); err != nil {
		return Told{}, err
	}
	n := min(rows, x.Rows, y.Rows)
	t := Told{Rows: n, AUC: .5, High: 1, P: 1}
	if n < 2*folds {
		return t, nil
	}
	var scores []float64
	k := float64(n / folds)
	for s := range splits {
		a := x.Take(pick(seed, uint32(s), subSynthetic, x.Rows, n))
		b := y.Take(pick(seed, uint32(s), subReal, y.Rows, n))
		for f := range folds {
			var in, out []int
			for i := range n {
				if i%folds == f {
					out = append(out, i)
				} else {
					in = append(in, i)
				}
			}
			train, label := join(a.Take(in), b.Take(in))
			test, want := join(a.Take(out), b.Take(out))
			score, err := learn(ctx, train, label, test)
			if err != nil {
				return t, err
			}
			scores = append(scores, metric.AUC(score, want))
		}
	}
	mean, sd := moments(scores)
	t.AUC, t.P = mean, normalP((mean-.5)/math.Sqrt((2*k+1)/(12*k*k)))
	half := 2 * sd * math.Sqrt(1/float64(len(scores))+1/float64(folds-1))
	t.Low, t.High = max(mean-half, 0), min(mean+half, 1)
	return t, nil
}

// join puts samples, label 1, over data, label 0.
func join(a, b Table) (Table, []float64) {
	t := Table{Rows: a.Rows + b.Rows, Columns: slices.Clone(a.Columns)}
	label := make([]float64, t.Rows)
	for j := range t.Columns {
		t.Columns[j].X = append(slices.Clone(a.Columns[j].X), b.Columns[j].X...)
	}
	for i := range a.Rows {
		label[i] = 1
	}
	return t, label
}

// Trees is the classifier of gradient-boosted trees: 60 trees of at most 15 leaves; beyond 200 columns 12,000 by their
// number, 15 at least, of at most 7 leaves, since every leaf looks at every column.
func Trees(ctx context.Context, train Table, label []float64, test Table) ([]float64, error) {
	cfg := boost.Config{Trees: 60, Leaves: 15, MinRows: min(max(train.Rows/40, 3), 20), Workers: 1}
	if d := len(train.Columns); d > 200 {
		cfg.Trees, cfg.Leaves = max(12000/d, 15), 7
	}
	m, err := boost.Fit(ctx, cfg, predictors(train, -1), label, 2)
	if err != nil {
		return nil, err
	}
	p, err := m.Predict(predictors(test, -1))
	if err != nil {
		return nil, err
	}
	score := make([]float64, test.Rows)
	for i := range score {
		score[i] = p[2*i+1]
	}
	return score, nil
}

// predictors are the columns of a table but one.
func predictors(t Table, without int) []boost.Column {
	var out []boost.Column
	for j, c := range t.Columns {
		if j != without {
			out = append(out, boost.Column{X: c.X, Levels: c.Levels})
		}
	}
	return out
}
