package certify

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// Denoised is a classifier behind a denoiser (Carlini et al. 2023, arXiv:2206.10550): a row x+σε is brought to the time
// at which the path's noise over its signal is σ, the field says the mean of the row there, and the classifier, which
// need not know noise, sees that. The field's path must be diagonal, of one mode without a mean, σ within its levels.
func Denoised(f ito.Field, p ito.Path, sigma float64, then Classifier) (Classifier, error) {
	d, ok := p.(ito.Diagonal)
	if !ok || d.Modes() != 1 || d.Mean() != nil || d.Basis() != nil || !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "denoising on path " + p.Name(),
			Why: "it has no one level of Gaussian noise", Nearest: "path edm"}
	}
	lo, hi := p.Span()
	if λ := -math.Log(sigma); !(λ <= path.LogSNR(d, lo) && λ >= path.LogSNR(d, hi)) {
		return nil, &ito.InputError{Where: "certification",
			What: fmt.Sprintf("σ = %g is outside the noise levels of path %s", sigma, p.Name()),
			Do:   "give one between them"}
	}
	t := path.TimeAt(d, -math.Log(sigma))
	x0, err := field.As(f, p, ito.PredX0)
	if err != nil {
		return nil, err
	}
	α := []float64{0}
	d.Schedule(t, α, nil, nil, nil)
	return func(ctx context.Context, class []int, x ito.States) error {
		y, out := x.Clone(), x.Like(x.D)
		for i := range y.X {
			y.X[i] *= α[0]
		}
		if err := x0.Predict(ctx, out, y, ito.Times{t}, ito.Cond{}); err != nil {
			return err
		}
		return then(ctx, class, out)
	}, nil
}
