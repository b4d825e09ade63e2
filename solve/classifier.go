package solve

import (
	"context"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
)

// Classifier is a hook that adds the gradient of a classifier to the score, whatever kind the field predicts:
//
//	s ← s + Scale ∇_x log p(y | x_t)
//
// (Song et al. 2021, arXiv:2011.13456, eq. 14; Dhariwal & Nichol 2021, arXiv:2105.05233). With Scale = 1 and the
// classifier of the noisy states it samples p(x_0 | y). Where α is 0 and the field predicts x_0 it does nothing. Paths
// whose noise is Gaussian; on a Linear path fields that predict a score or velocity.
type Classifier struct {
	None
	Scale float64 // 0: nothing is added
	// Gradient writes ∇_x log p(y|x_t) of every row. It must compute each row from that row alone.
	Gradient func(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error
}

// Predicted implements ito.Hook.
func (h Classifier) Predicted(ctx context.Context, s *ito.Step, e ito.Evaluation) error {
	g := e.Pred.Like(e.Pred.D)
	if err := h.Gradient(ctx, g, e.X, e.T, e.Cond); err != nil {
		return err
	}
	for i := range g.X {
		g.X[i] *= h.Scale
	}
	return addScore(s, e, g)
}

// addScore adds g to the score of the predictions of an evaluation. g is overwritten.
func addScore(s *ito.Step, e ito.Evaluation, g ito.States) error {
	kind := e.Kind
	if kind > ito.PredVelocity || !ito.Has(s.Path, ito.CapGaussian) {
		return &ito.UnsupportedError{What: "a gradient added to prediction " + kind.String() + " on path " +
			s.Path.Name(), Why: "the path has no Gaussian score", Nearest: "path edm"}
	}
	if kind != ito.PredScore {
		// every prediction is affine in the score, so what is added to it is P g: the difference of two conversions
		zero := g.Like(g.D)
		for _, v := range []ito.States{zero, g} {
			if err := field.Convert(s.Path, ito.PredScore, kind, v, e.X, e.T, e.Cond); err != nil {
				return err
			}
		}
		for j, v := range zero.X {
			g.X[j] -= v
		}
	}
	for i, v := range g.X {
		e.Pred.X[i] += v
	}
	return nil
}
