package selfguide

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// The losses of an observed value.
const (
	// Quantile is the pinball loss max(qe, (q−1)e), e = y − x̂0, with a level q of each sample's own: samples of levels
	// k/(S+1) spread as the quantiles of the model do. Its slope is bounded.
	Quantile = "quantile"
	// Square is e². Guided far it overshoots: see [Guide].Clip.
	Square = "square"
)

// Observed is what is known of one sample: Y [D], and which of its values; and the level of the sample for the loss
// Quantile. Values that are not known may be anything.
type Observed struct {
	Y     []float64
	Known []bool
	Q     float64
}

// Level is q of sample k of n, from 0: (k+1)/(n+1).
func Level(k, n int) float64 { return float64(k+1) / float64(n+1) }

// check reports an observation of another shape, or a level that is none.
func (o Observed) check(where, loss string, id uint64, d int) error {
	bad := func(format string, args ...any) error {
		return &ito.InputError{Where: where, What: fmt.Sprintf("sample %d: ", id) + fmt.Sprintf(format, args...)}
	}
	switch {
	case len(o.Y) != d || len(o.Known) != d:
		return bad("%d values and %d flags for a state of %d", len(o.Y), len(o.Known), d)
	case loss == Quantile && !(o.Q > 0 && o.Q < 1):
		return bad("level %g is not between 0 and 1", o.Q)
	}
	for i, known := range o.Known {
		if known && (math.IsNaN(o.Y[i]) || math.IsInf(o.Y[i], 0)) {
			return bad("the value at %d is %g", i, o.Y[i])
		}
	}
	return nil
}

// slope writes ∂ℓ/∂x̂0 of the known values into dst, zero elsewhere, and returns the sum of the losses.
func (o Observed) slope(dst, x0 []float64, loss string) float64 {
	sum := 0.0
	for i, known := range o.Known {
		dst[i] = 0
		if !known {
			continue
		}
		e := o.Y[i] - x0[i]
		switch {
		case loss == Square:
			dst[i] = -2 * e
			sum += float64(e * e)
		case e > 0:
			dst[i] = -o.Q
			sum += float64(o.Q * e)
		case e < 0:
			dst[i] = 1 - o.Q
			sum += float64((o.Q - 1) * e)
		}
	}
	return sum
}

// checkLoss reports a loss that is none.
func checkLoss(where, loss string) error {
	if loss != Quantile && loss != Square {
		return &ito.InputError{Where: where, What: fmt.Sprintf("%q is no loss", loss), Do: "give quantile or square"}
	}
	return nil
}
