// Package score measures forecasts against what came. The name of a score carries its definition; those that gluonts'
// Evaluator has are equal to its numbers. A step that was not observed is in no score, and no forecast may be NaN.
package score

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// The levels of the quantiles that scores are made of.
var (
	Nine     = levels(1, 10, 9)  // .1, .2, …, .9: of wql_gluonts9
	Nineteen = levels(1, 20, 19) // .05, .1, …, .95: of crps_sum19
)

func levels(from, of, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(from+i) / float64(of)
	}
	return out
}

// Levels are all that the scores need, in order: the nine, the nineteen, and those of the intervals of 90 and 95 %.
func Levels() []float64 {
	out := slices.Concat([]float64{.025, .975}, Nineteen)
	slices.Sort(out)
	return out
}

// Item is a forecast, what came, and what the series was before: the truth may be shorter than the forecast, and
// NaN is a step that was not observed.
type Item struct {
	Forecast *forecast.Forecast
	Truth    []float64
	Past     []float64
	// Season is m of the seasonal error; 0: that of gluonts for the frequency
	Season int
}

// SeasonalError is mean |y_t − y_{t−m}| over the past, of pairs that were both observed; m ≥ the length counts as 1.
// NaN where there is no pair.
func SeasonalError(past []float64, m int) float64 {
	if m >= len(past) {
		m = 1
	}
	sum, n := 0., 0
	for t := m; t < len(past); t++ {
		if e := math.Abs(past[t] - past[t-m]); !math.IsNaN(e) {
			sum, n = sum+e, n+1
		}
	}
	return sum / float64(n)
}

// Pinball is 2·|(q̂−y)(1[y≤q̂]−q)|, twice the quantile loss, of gluonts.
func Pinball(estimate, y, q float64) float64 {
	below := 0.
	if y <= estimate {
		below = 1
	}
	return 2 * math.Abs((estimate-y)*(below-q))
}

// at is the row of quantiles of a level.
func at(f *forecast.Forecast, q float64) ([]float64, error) {
	for k, l := range f.Levels {
		if math.Abs(l-q) < 1e-9 {
			return f.Quantile(k), nil
		}
	}
	return nil, &ito.InputError{Where: "forecast of " + f.ID, What: fmt.Sprintf("quantile %g is not in it", q),
		Do: "ask for it"}
}

// Scores are the sums of scores of items; Values are the scores. It is not for concurrent use. The zero value is empty.
type Scores struct {
	items, cells, constant int // constant: series without a seasonal error
	abs, absMedian, square float64
	size                   float64 // sum over items of their mean |y|
	loss                   map[float64]float64
	below                  map[float64]float64 // sums over items of their coverage
	mase, msis, smape      float64
	inside90, inside95     float64
	season                 int
}

// Add takes an item. A forecast without the levels of [Levels] is an *ito.InputError, one that is not finite an error.
// Items whose truth is all missing count nowhere.
func (s *Scores) Add(it Item) error {
	f := it.Forecast
	if err := f.Check(); err != nil {
		return err
	}
	n := min(len(it.Truth), f.Horizon())
	seen := 0
	for _, y := range it.Truth[:n] {
		if !math.IsNaN(y) {
			seen++
		}
	}
	if seen == 0 {
		return nil
	}
	rows := map[float64][]float64{}
	for _, q := range Levels() {
		row, err := at(f, q)
		if err != nil {
			return err
		}
		rows[q] = row
	}
	if s.loss == nil {
		s.loss, s.below = map[float64]float64{}, map[float64]float64{}
	}
	m := it.Season
	if m == 0 {
		m = f.Freq.MetricSeason()
	}
	s.season = m
	var abs, msis, smape, in90, in95, squares, absAll float64
	below := map[float64]float64{}
	for t, y := range it.Truth[:n] {
		if math.IsNaN(y) {
			continue
		}
		median := rows[.5][t]
		abs += math.Abs(y - median)
		absAll += math.Abs(y)
		squares += (y - f.Mean[t]) * (y - f.Mean[t])
		if d := math.Abs(y) + math.Abs(median); d > 0 {
			smape += 2 * math.Abs(y-median) / d
		}
		for _, q := range Nineteen {
			s.loss[q] += Pinball(rows[q][t], y, q)
			if y <= rows[q][t] {
				below[q]++
			}
		}
		in90 += inside(rows[.05][t], y, rows[.95][t])
		l, u := rows[.025][t], rows[.975][t]
		in95 += inside(l, y, u)
		msis += u - l + 40*max(l-y, 0) + 40*max(y-u, 0)
	}
	k := float64(seen)
	s.items, s.cells = s.items+1, s.cells+seen
	s.abs, s.absMedian, s.square = s.abs+absAll, s.absMedian+abs, s.square+squares/k
	s.smape, s.size = s.smape+smape/k, s.size+absAll/k
	s.inside90, s.inside95 = s.inside90+in90, s.inside95+in95
	for _, q := range Nineteen {
		s.below[q] += below[q] / k
	}
	if e := SeasonalError(it.Past, m); e > 0 {
		s.mase, s.msis = s.mase+abs/k/e, s.msis+msis/k/e
	} else {
		s.constant++
	}
	return nil
}

func inside(l, y, u float64) float64 {
	if l <= y && y <= u {
		return 1
	}
	return 0
}

// Value is a score by its name, with the number of items that are in it.
type Value struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Items int     `json:"items"`
}

// Values are the scores. Of no items there are none.
//
//	wql_gluonts9   mean over q = .1 … .9 of Σ 2|(q̂−y)(1[y≤q̂]−q)| / Σ|y|, pooled over series and steps
//	wql_19         the same of q = .05, .1, …, .95
//	mase_mM        mean over series of mean|y−median| / seasonal error of season M
//	msis_mM        mean over series of the interval score of 95 % / seasonal error
//	coverage90     part of the steps inside [q.05, q.95]; coverage95 inside [q.025, q.975]
//	mae_coverage9  mean over q = .1 … .9 of |mean over series of mean 1[y≤q̂] − q|
//	nd             Σ|y−median| / Σ|y|
//	nrmse          √(mean over series of mean (y−mean)²) / mean over series of mean|y|
//	smape_m4       100 · mean over series of mean 2|y−median|/(|y|+|median|), 0/0 being 0
func (s *Scores) Values() []Value {
	if s.items == 0 {
		return nil
	}
	n := float64(s.items)
	wql := func(q []float64) float64 {
		sum := 0.
		for _, l := range q {
			sum += s.loss[nearest(l)] / s.abs
		}
		return sum / float64(len(q))
	}
	cover := 0.
	for _, q := range Nine {
		cover += math.Abs(s.below[nearest(q)]/n-q) / 9
	}
	cells := float64(s.cells)
	scaled := s.items - s.constant
	out := []Value{{"wql_gluonts9", wql(Nine), s.items}, {"wql_19", wql(Nineteen), s.items}}
	if scaled > 0 {
		out = append(out, Value{fmt.Sprintf("mase_m%d", s.season), s.mase / float64(scaled), scaled},
			Value{fmt.Sprintf("msis_m%d", s.season), s.msis / float64(scaled), scaled})
	}
	return append(out, Value{"coverage90", s.inside90 / cells, s.items},
		Value{"coverage95", s.inside95 / cells, s.items},
		Value{"mae_coverage9", cover, s.items}, Value{"nd", s.absMedian / s.abs, s.items},
		Value{"nrmse", math.Sqrt(s.square/n) / (s.size / n), s.items}, Value{"smape_m4", 100 * s.smape / n, s.items})
}

// nearest is the one of the nineteen levels that q is.
func nearest(q float64) float64 { return Nineteen[int(math.Round(q*20))-1] }

// Get is the score of a name, NaN where there is none.
func Get(values []Value, name string) float64 {
	for _, v := range values {
		if v.Name == name {
			return v.Value
		}
	}
	return math.NaN()
}

// OWA is M4's overall weighted average, ½(sMAPE/sMAPE_naive2 + MASE/MASE_naive2).
func OWA(smape, mase, smapeNaive2, maseNaive2 float64) float64 {
	return (smape/smapeNaive2 + mase/maseNaive2) / 2
}
