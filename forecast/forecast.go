package forecast

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
)

// How the spread of a forecast was made.
const (
	FromPaths     = "sample paths"             // order statistics of paths drawn from the model
	FromErrors    = "past errors by lead"      // of the method on the same series
	FromNormal    = "normal errors"            // of a variance that the method estimates
	FromQuantiles = "quantiles of the past"    // of values seen at the same place of the season
	FromNone      = "none: a point"            // all quantiles are the point forecast
	FromConformal = "conformal, by lead"       // corrected by errors on a calibration part
	FromNetwork   = "quantiles of the network" // a network that writes them
)

// Forecast is what is said of H steps of a series from Start on.
type Forecast struct {
	ID     string
	Start  time.Time
	Freq   Freq
	Mean   []float64 // [H]
	Levels []float64 // increasing, in (0,1)
	Q      []float64 // [len(Levels), H]: quantiles, not decreasing in the level
	// Paths are joint sample paths [N, H]; nil: there are none. Path k is a draw of all steps together, and of all
	// the series of a panel that were drawn jointly.
	Paths []float64
	// Spread says how the quantiles were made: one of the constants, which may be joined by commas.
	Spread string
	// Fallback says why another method stands in for the model, and which; "": none does.
	Fallback string
}

// Horizon is H.
func (f *Forecast) Horizon() int { return len(f.Mean) }

// NumPaths is N.
func (f *Forecast) NumPaths() int {
	if len(f.Mean) == 0 {
		return 0
	}
	return len(f.Paths) / len(f.Mean)
}

// Path is path k, sharing memory.
func (f *Forecast) Path(k int) []float64 {
	h := len(f.Mean)
	return f.Paths[k*h : (k+1)*h : (k+1)*h]
}

// Quantile are the quantiles of level number k, sharing memory.
func (f *Forecast) Quantile(k int) []float64 {
	h := len(f.Mean)
	return f.Q[k*h : (k+1)*h : (k+1)*h]
}

// Check reports a forecast that must not leave a model: an empty one, numbers that are not finite, quantiles that
// cross.
func (f *Forecast) Check() error {
	h := len(f.Mean)
	if h == 0 || len(f.Q) != h*len(f.Levels) || len(f.Paths)%h != 0 || len(f.Levels) == 0 && len(f.Paths) == 0 {
		return fmt.Errorf("forecast of %s: %d means, %d quantiles of %d levels, %d values of paths", f.ID, h, len(f.Q),
			len(f.Levels), len(f.Paths))
	}
	for _, list := range [][]float64{f.Mean, f.Q, f.Paths} {
		for i, v := range list {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return &ito.NonFiniteError{What: "forecast of series " + f.ID, Step: i % h, Sample: uint64(i / h)}
			}
		}
	}
	for k := 1; k < len(f.Levels); k++ {
		for t, v := range f.Quantile(k) {
			if v < f.Q[(k-1)*h+t] {
				return fmt.Errorf("forecast of %s: quantiles %g and %g cross at step %d", f.ID, f.Levels[k-1],
					f.Levels[k], t+1)
			}
		}
	}
	return nil
}

// CheckLevels reports levels that are not in (0,1) or do not increase: *ito.InputError.
func CheckLevels(levels []float64) error {
	for i, q := range levels {
		if !(q > 0 && q < 1) || i > 0 && q <= levels[i-1] {
			return &ito.InputError{Where: "`quantiles`", What: fmt.Sprintf("%v", levels),
				Do: "give increasing levels between 0 and 1, as .05,.5,.95"}
		}
	}
	return nil
}

// Fill makes a forecast's mean and quantiles of its paths, those of the levels given: sorted[round((n−1)q)] with halves
// to the even number, as gluonts has it, without interpolation.
func (f *Forecast) Fill(horizon int, levels []float64) {
	n := len(f.Paths) / horizon
	f.Levels = slices.Clone(levels)
	f.Mean, f.Q = make([]float64, horizon), make([]float64, horizon*len(levels))
	column := make([]float64, n)
	for t := range horizon {
		sum := 0.
		for k := range n {
			column[k] = f.Paths[k*horizon+t]
			sum += column[k]
		}
		f.Mean[t] = sum / float64(n)
		slices.Sort(column)
		for j, q := range levels {
			f.Q[j*horizon+t] = SampleQuantile(column, q)
		}
	}
	if f.Spread == "" {
		f.Spread = FromPaths
	}
}

// SampleQuantile is sorted[round((n−1)q)], halves going to the even number.
func SampleQuantile(sorted []float64, q float64) float64 {
	return sorted[int(math.RoundToEven(float64(len(sorted)-1)*q))]
}

// Sort puts the quantiles of each step in order (Chernozhukov, Fernández-Val and Galichon 2010), for a method that
// estimates each by itself.
func (f *Forecast) Sort() {
	h, column := len(f.Mean), make([]float64, len(f.Levels))
	for t := range h {
		for k := range column {
			column[k] = f.Q[k*h+t]
		}
		slices.Sort(column)
		for k := range column {
			f.Q[k*h+t] = column[k]
		}
	}
}
