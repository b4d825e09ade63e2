package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Conformal corrects the intervals of a fitted model by its errors from earlier origins of series: conformalised
// quantile regression (Romano, Patterson and Candès 2019, arXiv:1905.03222), lead by lead. Of a pair of levels q, 1−q
// and a lead it takes, over all series and origins of the calibration, the ⌈(n+1)(1−2q)⌉-th smallest of
//
//	max(q̂_q − y, y − q̂_{1−q}) / s,
//
// s the mean step of the series before the origin, and moves both quantiles by s times that, outwards or inwards, but
// not past the median. Sample paths stay as the model drew them.
type Conformal struct {
	Fitted
	levels  []float64
	horizon int
	scores  [][]float64 // [pairs, H], sorted
}

// Calibrate forecasts from so many origins before those of the windows, a horizon apart, and keeps the errors: it looks
// at nothing after the origin of a window. The forecasts of the result do not depend on what is asked for in one call.
// Levels that are not in pairs q, 1−q, and windows without any earlier origin are *ito.InputErrors.
func Calibrate(ctx context.Context, f Fitted, ws []Window, origins int, r Request) (*Conformal, error) {
	n := len(r.Levels)
	for k := range n / 2 {
		if math.Abs(r.Levels[k]+r.Levels[n-1-k]-1) > 1e-9 {
			return nil, &ito.InputError{Where: "`quantiles`", What: fmt.Sprintf("%v: a conformal correction needs "+
				"levels in pairs q and 1−q", r.Levels), Do: "give such as .05,.5,.95"}
		}
	}
	c := &Conformal{Fitted: f, levels: r.Levels}
	return c, c.calibrate(ctx, ws, origins, r)
}

// Predict implements Fitted, for the levels and at most the horizon of the calibration.
func (c *Conformal) Predict(ctx context.Context, ws []Window, r Request) ([]Forecast, error) {
	n := len(r.Levels)
	if !slices.Equal(r.Levels, c.levels) {
		return nil, &ito.InputError{Where: "`quantiles`", What: fmt.Sprintf("%v: the correction is of %v", r.Levels,
			c.levels), Do: "calibrate for these"}
	}
	out, err := c.Fitted.Predict(ctx, ws, r)
	if err != nil {
		return nil, err
	}
	for _, w := range ws {
		if w.Horizon > c.horizon {
			return nil, &ito.InputError{Where: "`horizon`", What: fmt.Sprintf("the correction is of %d steps, not %d",
				c.horizon, w.Horizon), Do: "calibrate for these"}
		}
	}
	for i := range out {
		f, s := &out[i], meanStep(ws[i].Values)
		middle := f.Mean
		if n%2 == 1 {
			middle = f.Quantile(n / 2)
		}
		for h := range f.Mean {
			for k := range n / 2 {
				list := c.scores[k*c.horizon+h]
				rank := int(math.Ceil(float64(len(list)+1) * (1 - 2*r.Levels[k])))
				e := s * list[min(max(rank, 1), len(list))-1]
				low, high := f.Quantile(k)[h]-e, f.Quantile(n - 1 - k)[h]+e
				m := min(max(middle[h], f.Quantile(k)[h]), f.Quantile(n - 1 - k)[h])
				f.Quantile(k)[h], f.Quantile(n - 1 - k)[h] = min(low, m), max(high, m)
			}
		}
		f.Sort()
		f.Spread += ", " + FromConformal
	}
	return out, nil
}

// Panel implements Together.
func (c *Conformal) Panel() []string { return PanelOf(c.Fitted) }

// Together implements Together.
func (c *Conformal) Together() bool { return IsTogether(c.Fitted) }

// calibrate fills the scores.
func (c *Conformal) calibrate(ctx context.Context, ws []Window, origins int, r Request) error {
	n := len(r.Levels)
	for _, w := range ws {
		c.horizon = max(c.horizon, w.Horizon)
	}
	h := c.horizon
	scores := make([][]float64, n/2*h)
	r.Paths = 0
	for k := 1; k <= origins; k++ {
		var past []Window
		var truth [][]float64
		var steps []float64
		for _, w := range ws {
			at := w.Origin() - k*w.Horizon
			if at < 2 {
				continue
			}
			p := NewWindow(w.Series, at, w.Horizon)
			if p.Observed() == 0 {
				continue
			}
			past = append(past, p)
			truth = append(truth, w.Values[at:at+w.Horizon])
			steps = append(steps, meanStep(p.Values))
		}
		if len(past) == 0 {
			break
		}
		fs, err := c.Fitted.Predict(ctx, past, r)
		if err != nil {
			return err
		}
		for i := range fs {
			for t, y := range truth[i] {
				if math.IsNaN(y) {
					continue
				}
				for j := range n / 2 {
					e := max(fs[i].Quantile(j)[t]-y, y-fs[i].Quantile(n - 1 - j)[t]) / steps[i]
					scores[j*h+t] = append(scores[j*h+t], e)
				}
			}
		}
	}
	for _, s := range scores {
		if len(s) == 0 {
			return &ito.InputError{Where: "`conformal`", What: "no series is long enough for an earlier origin",
				Do: "leave it out, or give longer series"}
		}
		slices.Sort(s)
	}
	c.scores = scores
	return nil
}

// meanStep is mean |x_t − x_{t−1}|, the mean size of values where that is 0, and else 1: the unit of the scores.
func meanStep(x []float64) float64 {
	sum, n, abs, seen := 0., 0., 0., 0.
	for t, v := range x {
		if v != v {
			continue
		}
		abs, seen = abs+math.Abs(v), seen+1
		if t > 0 && x[t-1] == x[t-1] {
			sum, n = sum+math.Abs(v-x[t-1]), n+1
		}
	}
	switch {
	case sum > 0:
		return sum / n
	case abs > 0:
		return abs / seen
	}
	return 1
}
