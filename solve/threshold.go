package solve

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
)

// Threshold is a hook that keeps a predicted x_0 inside the range of the data, whatever kind the field predicts:
//
//	x̂_0 ← clip(x̂_0, ±Bound)                      Quantile = 0
//	x̂_0 ← clip(x̂_0, ±s)·Bound/s,                 s = clip(Quantile of |x̂_0| over the row, Bound, Max).
//
// The second is dynamic thresholding (Saharia et al. 2022, arXiv:2205.11487, §2.3), row by row. It is for data in
// [−Bound, Bound], not for latents. Where α or σ is 0 and the field predicts neither x_0 nor ε there, the prediction
// is left alone. Diagonal paths.
type Threshold struct {
	None
	Bound    float64 // 0: 1
	Quantile float64 // from 0 to 1, .995 in the paper; 0: a plain clip
	Max      float64 // the largest s; 0: unlimited
}

// Limit applies the threshold to one row of x_0.
func (h Threshold) Limit(x0 []float64) {
	bound := h.Bound
	if bound == 0 {
		bound = 1
	}
	s := bound
	if h.Quantile > 0 {
		a := make([]float64, len(x0))
		for i, v := range x0 {
			a[i] = math.Abs(v)
		}
		slices.Sort(a)
		at := h.Quantile * float64(len(a)-1)
		k := min(int(at), len(a)-1)
		s = a[k]
		if k+1 < len(a) {
			s += float64((at - float64(k)) * (a[k+1] - a[k]))
		}
		if h.Max > 0 {
			s = math.Min(s, h.Max)
		}
		s = math.Max(s, bound)
	}
	for i, v := range x0 {
		x0[i] = math.Max(-s, math.Min(s, v)) * (bound / s)
	}
}

// Predicted implements ito.Hook.
func (h Threshold) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	if h.Quantile < 0 || h.Quantile > 1 || h.Bound < 0 || h.Max < 0 {
		return &ito.InputError{Where: "threshold", What: fmt.Sprintf("%+v", h),
			Do: "give a quantile from 0 to 1 and positive bounds"}
	}
	return onX0(s, e, func(_ int, x0 []float64) { h.Limit(x0) })
}

// onX0 changes the x_0 of the predictions of an evaluation, row by row, whatever kind they are.
func onX0(s *ito.Step, e ito.Evaluation, change func(row int, x0 []float64)) error {
	kind := e.Kind
	if err := field.Convert(s.Path, kind, ito.PredX0, e.Pred, e.X, e.T, e.Cond); err != nil {
		return err
	}
	for i := range e.Pred.N {
		change(i, e.Pred.Row(i))
	}
	return field.Convert(s.Path, ito.PredX0, kind, e.Pred, e.X, e.T, e.Cond)
}
