package learn

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
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
func (a Alternate) Noise(p ito.Path) float64 {
	d := float64(p.Dim())
	squares := d * (d + 1)
	switch p := p.(type) {
	case *path.VSDM:
		if p.Config().Variant == path.DiagonalOnly {
			squares = 2 * d
		}
	case *path.Momentum:
		squares = 2 * float64(p.DataDim())
		if a.Both {
			squares *= 2
		}
	}
	return a.Zeta * (math.Sqrt(squares) + 3*math.Sqrt2) / math.Sqrt(float64(a.Paths))
}
