package tabular

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/rng"
)

// private is Private without the lists of distances.
func private(x, y Table, h *Table) Privacy {
	p := Private(x, y, h, 1)
	p.Distances, p.RealDistances = nil, nil
	return p
}

func TestPrivacy(t *testing.T) {
	y, h, x := law(600, 6, 1), law(600, 6, 2), law(600, 6, 3)
	p := private(x, y, &h)
	if p.Copies != 0 || p.CopiesP != 1 || p.NearerP < .001 || p.Holdout.CloserP < .001 || p.Holdout.MembershipP < .001 {
		t.Errorf("one law: %+v %+v", p, p.Holdout)
	}
	near(t, "closer", p.Holdout.Closer, .5, .06)
	near(t, "membership", p.Holdout.Membership, .5, .06)
	near(t, "ratio", p.Holdout.Ratio, 1, .06)
	near(t, "nearest over second nearest", p.NNDR.Median, p.Holdout.NNDR.Median, .08)

	p = private(y, y, &h)
	if p.Copies != 1 || p.CopiesP > 1e-9 || p.DCR.Median != 0 || p.Holdout.Closer != 1 || p.Holdout.Membership < .999 ||
		p.Holdout.Ratio != 0 || p.Nearer < .99 {
		t.Errorf("copies: %+v %+v", p, p.Holdout)
	}
	// Copies with a little noise are no copies, and are seen all the same.
	noisy := y.Take(pick(1, 0, 99, y.Rows, y.Rows))
	z := make([]float64, 1)
	for j, c := range noisy.Columns {
		for i := range c.X {
			rng.NewKey(uint64(j), rng.PurposeUser, 2, 0).Normals64(z, 1, []uint64{uint64(i)})
			if c.Levels == 0 {
				c.X[i] += z[0] / 1000
			}
		}
	}
	p = private(noisy, y, &h)
	if p.Copies != 0 || p.NearerP > 1e-9 || p.Holdout.CloserP > 1e-9 || p.Holdout.MembershipP > 1e-9 {
		t.Errorf("copies with noise: %+v %+v", p, p.Holdout)
	}
}

// Rows that stand in the data are counted whatever their gaps and zeros look like, and rows of it that stand there
// twice.
func TestCopies(t *testing.T) {
	nan := math.NaN()
	y := Table{Rows: 4, Columns: []Column{{X: []float64{1, 1, nan, 0}}, {X: []float64{2, 2, 3, 5}}}}
	x := Table{Rows: 3, Columns: []Column{{X: []float64{nan, math.Copysign(0, -1), 1}}, {X: []float64{3, 5, 3}}}}
	var p Privacy
	p.copies(x, y)
	near(t, "copies", p.Copies, 2./3, 1e-12)
	near(t, "of the data", p.RealCopies, .5, 1e-12)
}
