package recipe

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/rng"
)

// GaussianPrior draws from a Gaussian: mean + S^{½} z, with the symmetric root, which also serves a singular S.
type GaussianPrior struct {
	mean, root []float64 // root is [D,D], or a diagonal [D]
}

// NewGaussianPrior takes a Gaussian of dimension d; another, or a covariance that is none, is an *ito.InputError.
func NewGaussianPrior(g ito.Gaussian, d int) (*GaussianPrior, error) {
	var root []float64
	ok := len(g.Mean) == d && g.Check("prior") == nil
	switch {
	case ok && g.PerColumn():
		root = make([]float64, d)
		for i, v := range g.Cov {
			root[i] = math.Sqrt(v)
		}
	case ok:
		root, ok = matrix.Root(g.Cov, d)
	}
	if !ok {
		return nil, &ito.InputError{Where: "prior", What: fmt.Sprintf("%d means and %d covariances are no Gaussian "+
			"of dimension %d", len(g.Mean), len(g.Cov), d)}
	}
	return &GaussianPrior{g.Mean, root}, nil
}

// Draw fills x with draws at the addresses of a prior.
func (s *GaussianPrior) Draw(x ito.States, n ito.Noise) {
	n.Normal(x, rng.PurposePrior, 0, 0)
	z := make([]float64, x.D)
	for r := range x.N {
		row := x.Row(r)
		if len(s.root) == x.D {
			for i, e := range row {
				row[i] = s.mean[i] + float64(s.root[i]*e)
			}
			continue
		}
		copy(z, row)
		for i := range row {
			v := s.mean[i]
			for j, c := range s.root[i*x.D : (i+1)*x.D] {
				v += float64(c * z[j])
			}
			row[i] = v
		}
	}
}
