package solve

import (
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// IPNDM is the improved pseudo numerical method: a DDIM step with the Adams–Bashforth combination of the last
// predictions of ε for equal steps, whatever the steps are,
//
//	y' = (α'/α) y + (σ' − α'σ/α) Σ_j c_j ε̂_{−j},   c = (1), (3,−1)/2, (23,−16,5)/12, (55,−59,37,−9)/24.
//
// Constant coefficients make it a method of order 2 on grids that vary smoothly, and of its own order where ε is
// smooth in a clock in which the grid is uniform. One evaluation a step, Diagonal paths.
type IPNDM struct {
	Order int `config:"-"` // predictions used, 1 to 4; 0: 4
	// runs of fewer steps than this end with lower orders; 0 and negative: none do
	LowerFinal LowerFinal `zero:"default" default:"0" help:"runs of fewer steps than this end with lower orders; 0: none do"`
}

var adamsBashforth = [affine.MaxOrder][]float64{{1}, {3. / 2, -1. / 2}, {23. / 12, -16. / 12, 5. / 12},
	{55. / 24, -59. / 24, 37. / 24, -9. / 24}}

// WithDefaults is the solver with its default order where none is set.
func (o IPNDM) WithDefaults() IPNDM {
	if o.Order == 0 {
		o.Order = 4
	}
	return o
}

// Info implements ito.Solver.
func (o IPNDM) Info() ito.SolverInfo {
	o = o.WithDefaults()
	return ito.SolverInfo{Name: Word(fmt.Sprintf("ipndm-%d", o.Order), o), Order: min(o.Order, 2), Evals: 1,
		Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Zhang & Chen 2023, arXiv:2204.13902, section 4 and appendix H; " +
			"after Liu et al. 2022, arXiv:2202.09778"}
}

// Plan implements ito.Solver.
func (o IPNDM) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.WithDefaults()
	if err := checkOptions(p, o, o.Order, ""); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	return pl.Multistep(g, ito.PredEps, o.Order, o.LowerFinal > 0 && o.LowerFinal.Lowers(len(g)-1), false, o.Weigh)
}

// Weigh is an affine.Weigher: the sum of Adams–Bashforth of as many predictions as there are, for σ' − σ α'/α.
func (IPNDM) Weigh(to *affine.Knot, from []*affine.Knot, i int, m []float64) (x, noise float64) {
	x, ε := affine.First(from[0], to, i)
	for j, c := range adamsBashforth[len(from)-1] {
		m[j] = ε * c
	}
	return x, 0
}
