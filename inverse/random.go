package inverse

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// RandomMaker makes random projections, compressed sensing: M rows of independent normals of variance 1/M, so that
// ‖Ax‖ is that of x on average.
type RandomMaker struct {
	Measurements int     `json:"measurements" default:"0" min:"0" help:"Number of projections; 0: by the ratio."`
	Ratio        float64 `json:"ratio" default:"0.25" above:"0" max:"1" help:"Projections for each number of a state."`
	Seed         uint64  `json:"seed" default:"1" help:"Seed of the projections."`
}

// Kind implements Maker.
func (RandomMaker) Kind() string { return "random" }

// Make implements Maker.
func (c RandomMaker) Make(on Setting) (Operator, error) {
	f, err := frameOf(on.Shape)
	if err != nil {
		return nil, err
	}
	d, m := f.size(), c.Measurements
	if m == 0 {
		m = max(1, int(math.Round(c.Ratio*float64(d))))
	}
	if m > 1<<28/d {
		return nil, &ito.InputError{Where: "operator random", What: fmt.Sprintf("a matrix of %d×%d numbers", m, d),
			Do: "give fewer measurements"}
	}
	a := make([]float64, m*d)
	ids := make([]uint64, m)
	for i := range ids {
		ids[i] = uint64(i)
	}
	rng.NewKey(c.Seed, rng.PurposeProbe, 0, 8).Normals64(a, d, ids)
	for i := range a {
		a[i] /= math.Sqrt(float64(m))
	}
	return NewMatrix("random", a, m, d)
}
