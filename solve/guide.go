package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Guide is a hook that guides by the condition of the run, and only where that helps. With c the prediction for the
// condition and u the one for the null condition, a Cond of zeros,
//
//	g = u + W (c − u)                     while Lo ≤ σ/α ≤ Hi,
//	g ← (1−Rescale) g + Rescale g sd(c)/sd(g),
//
// and the condition's own prediction elsewhere: guidance on an interval (Kynkäänniemi et al. 2024,
// arXiv:2404.07724) and rescaled guidance (Lin et al. 2023, arXiv:2305.08891, §3.4; sd over the row, of the kind that
// the field predicts). It costs the calls of one more evaluation where it guides, none elsewhere, which is why it is
// a hook: field.Guided costs two everywhere. The field must not be guided already.
//
// σ/α is the geometric mean over the modes of a Diagonal path; other paths take no interval.
type Guide struct {
	None
	W       float64 // 1: the condition as learnt, at the cost of an evaluation; 0: without it
	Lo, Hi  float64 // of σ/α; Hi = 0: no bound
	Rescale float64 // φ from 0 to 1; 0: none, .7 in the paper
}

// Predicted implements ito.Hook.
func (h Guide) Predicted(ctx context.Context, s *ito.Step, e ito.Evaluation) error {
	if e.Cond.None() {
		return &ito.InputError{Where: "guidance", What: "there is no condition to guide by",
			Do: "give a condition, or leave the hook out"}
	}
	if !(h.Rescale >= 0 && h.Rescale <= 1 && h.Lo >= 0 && (h.Hi == 0 || h.Hi > h.Lo)) || math.IsNaN(h.W) {
		return &ito.InputError{Where: "guidance", What: fmt.Sprintf("settings W=%g, Lo=%g, Hi=%g, Rescale=%g", h.W,
			h.Lo, h.Hi, h.Rescale), Do: "give 0 ≤ Lo < Hi and a Rescale from 0 to 1"}
	}
	inside := make([]bool, e.Pred.N)
	guides := false
	for i := range inside {
		in, err := h.inside(s, e.T.At(i))
		if err != nil {
			return err
		}
		inside[i] = in
		guides = guides || in
	}
	if !guides {
		return nil
	}
	u := e.Pred.Like(e.Pred.D)
	null := ito.Cond{C: e.Cond.C, X: make([]float64, len(e.Cond.X))}
	if err := s.Field.Predict(ctx, u, e.X, e.T, null); err != nil {
		return err
	}
	s.Evals += ito.Calls(s.Field)
	for i, in := range inside {
		if in {
			h.mix(e.Pred.Row(i), u.Row(i))
		}
	}
	return nil
}

// inside reports that t is in the interval.
func (h Guide) inside(s *ito.Step, t float64) (bool, error) {
	if h.Lo == 0 && h.Hi == 0 {
		return true, nil
	}
	λ, err := meanLogSNR(s.Path, "guidance interval's")
	if err != nil {
		return false, err
	}
	rho := math.Exp(-λ(t))
	return rho >= h.Lo && (h.Hi == 0 || rho <= h.Hi), nil
}

func (h Guide) mix(c, u []float64) {
	before := spread(c)
	for i, v := range u {
		c[i] = v + float64(h.W*(c[i]-v))
	}
	if after := spread(c); h.Rescale > 0 && after > 0 {
		k := 1 - h.Rescale + h.Rescale*before/after
		for i := range c {
			c[i] *= k
		}
	}
}

// spread is the standard deviation of the values.
func spread(x []float64) float64 {
	mean, v := 0., 0.
	for _, a := range x {
		mean += a
	}
	mean /= float64(len(x))
	for _, a := range x {
		v += float64((a - mean) * (a - mean))
	}
	return math.Sqrt(v / float64(len(x)))
}
