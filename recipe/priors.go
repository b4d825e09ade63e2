package recipe

import (
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/seed9a7962a8/ito"
)

// priors remembers the roots of the priors of models, which cost O(D³), for as long as a model is in use.
var priors sync.Map // of weak.Pointer[ito.Gaussian], to *rooted

// rooted is a prior with what it was made from.
type rooted struct {
	mean, cov []float64
	prior     *GaussianPrior
}

// modelPrior is NewGaussianPrior of the prior of a model.
func modelPrior(g *ito.Gaussian, d int) (*GaussianPrior, error) {
	if g.PerColumn() {
		return NewGaussianPrior(*g, d)
	}
	key := weak.Make(g)
	if r, ok := priors.Load(key); ok {
		if r := r.(*rooted); len(r.mean) == d && slices.Equal(r.mean, g.Mean) && slices.Equal(r.cov, g.Cov) {
			return r.prior, nil
		}
	}
	p, err := NewGaussianPrior(*g, d)
	if err != nil {
		return nil, err
	}
	r := &rooted{slices.Clone(g.Mean), slices.Clone(g.Cov), p}
	if _, there := priors.Swap(key, r); !there {
		runtime.AddCleanup(g, func(k weak.Pointer[ito.Gaussian]) { priors.Delete(k) }, key)
	}
	return p, nil
}
