package learn

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// Noise bounds the [Refitted].Distance that simulated moments alone give an A that is at its fixed point: what is not
// above it is no sign that A has still to move. There Σβh E[(φ+Ax)xᵀ] = −ζΣβh I, and M paths of states of unit variance
// leave in E[xxᵀ] the error
//
//	E‖Ê[xxᵀ] − I‖² = d(d+1)/M,
//
// 2/M for each entry of the diagonal and 1/M for the others, which reaches A at most ζ times: times of a path that know
// nothing of each other average it, states of greater variance shrink it. No direction of the error has more than 2/M,
// so that three standard deviations of it make
//
//	ζ (√(d(d+1)) + 3√2)/√M,
//
// and where A is diagonal, or one number or two a dimension of a momentum path, √(2n) stands for √(d(d+1)), n the
// numbers. On an exact score of Gaussian data the logistic variant and momentum paths have no such noise; on others
// that of a regression whose residual is at most the score itself has the same bound. p is the path, and its states
// have been standardised or are wider. A network that errs may stay further from a fixed point than this.
// Of a path that brings its own rule nothing is known: +∞.
func (a Alternate) Noise(p ito.Path) float64 {
	rule, err := ruleOf(p)
	own, known := rule.(houseRule)
	if err != nil || !known {
		return math.Inf(1)
	}
	return a.Zeta * (math.Sqrt(own.squares(a)) + 3*math.Sqrt2) / math.Sqrt(float64(a.Paths))
}
