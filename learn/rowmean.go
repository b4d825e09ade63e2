package learn

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/wrap"
)

// bindCentred is the loss on a path around a mean of each row: that of y_0 = x_0 − μ on the path around it, with μ
// from the condition that comes with the row, dropped or not.
func bindCentred(o Objective, p ito.RowMean, pr Setup) (*regression, error) {
	space := pr.Source.Space()
	if !space.Free() {
		return nil, &ito.UnsupportedError{What: "training on path " + p.Name(),
			Why: "the means of rows have no rules of a space", Nearest: "vp"}
	}
	if err := ownWrapping(o, p, pr, wrap.CentredMaker{}.Kind()); err != nil {
		return nil, err
	}
	residuals, err := residualMoments(p, pr.Source)
	if err != nil {
		return nil, err
	}
	levels, err := newLevels(o, p.Around(), residuals)
	if err != nil {
		return nil, err
	}
	w, err := wrap.NewCentred(p, residuals)
	if err != nil {
		return nil, err
	}
	r, err := regress(p.Around(), w, o.Predicts(), pr, levels)
	if err != nil {
		return nil, err
	}
	r.means, r.μ = p, r.rows.x0.Like(space.Dim())
	return r, nil
}

// residualMoments are those of x_0 − μ, in full for rows in memory of at most 256 numbers.
func residualMoments(p ito.RowMean, src ito.Source) (ito.Gaussian, error) {
	around := residuals{src, p}
	n, d := min(src.Len(), momentRows), src.Space().Dim()
	if _, memory := src.(Data); !memory || d > fullMoments {
		return columnMoments(around, src.Space())
	}
	x := ito.NewStates(n, d, 0)
	if err := around.Read(x, make([]float64, n*src.CondWidth()), 0); err != nil {
		return ito.Gaussian{}, err
	}
	return metric.Moments(x)
}

// residuals is a source whose rows count from their means, for reading.
type residuals struct {
	ito.Source
	path ito.RowMean
}

// Read implements ito.Source.
func (s residuals) Read(dst ito.States, cond []float64, from int) error {
	if err := s.Source.Read(dst, cond, from); err != nil {
		return err
	}
	μ := dst.Like(dst.D)
	if err := s.path.MeanOf(μ, ito.Cond{C: s.CondWidth(), X: cond}); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	matrix.AddScaled(dst.X, -1, μ.X)
	return nil
}
