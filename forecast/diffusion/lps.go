package diffusion

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/seed9a7962a8/ito"
)

// LinearScore is the linear predictive score of invented series (arXiv:2307.11494, §4.3): a ridge regression of the
// last horizon steps of a window on the others learns from train, and its forecasts of test are scored by Σ|y−ŷ|/Σ|y|.
// With real windows for train it is what invented ones can reach. Windows are of one length; the weight of the ridge is
// a thousandth of the mean square of what is read.
func LinearScore(train, test [][]float64, horizon int) (float64, error) {
	if len(train) == 0 || len(test) == 0 || horizon < 1 || horizon >= len(train[0]) {
		return 0, &ito.InputError{Where: "linear predictive score",
			What: fmt.Sprintf("%d windows to learn from, %d to "+
				"score, horizon %d", len(train), len(test), horizon), Do: "give windows longer than the horizon"}
	}
	l := len(train[0])
	c := l - horizon
	for _, list := range [][][]float64{train, test} {
		for i, w := range list {
			if len(w) != l {
				return 0, &ito.InputError{Where: "linear predictive score",
					What: fmt.Sprintf("window %d has %d steps, the "+
						"first %d", i, len(w), l)}
			}
		}
	}
	gram, target := mat.NewSymDense(c+1, nil), mat.NewDense(c+1, horizon, nil)
	x := make([]float64, c+1)
	for _, w := range train {
		copy(x, w[:c])
		x[c] = 1
		gram.SymRankOne(gram, 1, mat.NewVecDense(c+1, x))
		target.RankOne(target, 1, mat.NewVecDense(c+1, x), mat.NewVecDense(horizon, w[c:]))
	}
	trace := 0.
	for i := range c {
		trace += gram.At(i, i) / float64(c)
	}
	for i := range c {
		gram.SetSym(i, i, gram.At(i, i)+1e-3*trace)
	}
	var f mat.Cholesky
	if !f.Factorize(gram) {
		return 0, &ito.InputError{Where: "linear predictive score", What: "the windows to learn from are all zero"}
	}
	var weights, out mat.Dense
	if err := f.SolveTo(&weights, target); err != nil {
		return 0, err
	}
	sum, scale := 0., 0.
	for _, w := range test {
		copy(x, w[:c])
		x[c] = 1
		out.Mul(mat.NewDense(1, c+1, x), &weights)
		for h, y := range w[c:] {
			sum += math.Abs(y - out.At(0, h))
			scale += math.Abs(y)
		}
	}
	return sum / scale, nil
}
