package score

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
)

// Sum is the sums of panels of series that were drawn jointly: path k of the sum is the sum of paths k. The zero value
// is empty.
type Sum struct {
	loss  [19]float64
	abs   float64
	items int
}

// Add takes the forecasts of the series of one panel and what came of them. Forecasts without paths, or with different
// numbers of them, are an *ito.InputError. A step at which one of the series was not observed is left out.
func (s *Sum) Add(fs []forecast.Forecast, truth [][]float64) error {
	if len(fs) == 0 || len(fs) != len(truth) {
		return &ito.InputError{What: fmt.Sprintf("%d forecasts and %d series", len(fs), len(truth))}
	}
	n, h := fs[0].NumPaths(), fs[0].Horizon()
	for i := range fs {
		if fs[i].NumPaths() != n || n == 0 || fs[i].Horizon() != h {
			return &ito.InputError{Where: "forecast of " + fs[i].ID, What: "it has other paths than the first, or none",
				Do: "ask all for the same number of paths"}
		}
	}
	s.items++
	column := make([]float64, n)
	for t := range h {
		y := 0.
		for i := range fs {
			if t >= len(truth[i]) {
				y = math.NaN()
				break
			}
			y += truth[i][t]
		}
		if math.IsNaN(y) {
			continue
		}
		for k := range column {
			column[k] = 0
			for i := range fs {
				column[k] += fs[i].Paths[k*h+t]
			}
		}
		slices.Sort(column)
		for j, q := range Nineteen {
			s.loss[j] += Pinball(forecast.SampleQuantile(column, q), y, q)
		}
		s.abs += math.Abs(y)
	}
	return nil
}

// Value is crps_sum19: the mean over q = .05 … .95 of Σ 2|(q̂−y)(1[y≤q̂]−q)| / Σ|y| of the summed series, all panels
// and steps pooled.
func (s *Sum) Value() Value {
	sum := 0.
	for _, l := range s.loss {
		sum += l / s.abs
	}
	return Value{"crps_sum19", sum / 19, s.items}
}
