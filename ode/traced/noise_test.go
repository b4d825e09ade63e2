package traced_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode/traced"
)

// summed is the motion W of two coordinates at the times of a grid, as a program sees it.
func summed(t testing.TB, grid []float64, depth int) program {
	return compiled(t, func(g *ad.Graph) []ad.Value {
		s := traced.SDE{Noise: traced.NewBrownian(g, 0, 1, depth).On(grid)}
		still := func(_ ad.Value, x []ad.Value) (f, g []ad.Value) {
			return []ad.Value{{}}, []ad.Value{ad.Shift(ad.Scale(x[0], 0), 1)}
		}
		return s.Integrate(still, constant(g, grid), g.Input("x", ad.F64, 2)).Path()
	})
}

// A grid that refines another sees the same motion at the times of both, to rounding; a row's motion depends on its id,
// not on the rows around it or on their number.
func TestMotionDoesNotDependOnTheGrid(t *testing.T) {
	const n = 70
	coarse := []float64{0, .25, .3, 1}
	fine := []float64{0, .125, .25, .26, .3, .5, .875, 1}
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(3 * i)
	}
	a := summed(t, coarse, 12).run(n, ids, nil, make([]float64, 2*n))[0]
	b := summed(t, fine, 12).run(n, ids, nil, make([]float64, 2*n))[0]
	for i := range n {
		for j, k := range []int{0, 2, 4, 7} {
			for c := range 2 {
				v, w := a[(i*4+j)*2+c], b[(i*8+k)*2+c]
				if math.Abs(v-w) > 1e-14 {
					t.Fatalf("row %d at %g: %v on the coarse grid, %v on the fine one", i, coarse[j], v, w)
				}
			}
		}
	}
	alone := summed(t, fine, 12).run(1, []uint64{ids[9]}, nil, make([]float64, 2))[0]
	for j, v := range alone {
		if v != b[9*16+j] {
			t.Fatalf("row 9 alone is %v, among %d %v", alone, n, b[9*16:10*16])
		}
	}
}

// Increments of the tree over the steps of a grid have the steps' variances and no covariance: 20000 rows of one seed,
// 6 variances and 15 covariances within 4.5 standard errors; false alarm 1.5e-4.
func TestMotionVariance(t *testing.T) {
	const n = 20000
	grid := []float64{0, .1, .125, .5, .75, .9, 1}
	k := len(grid) - 1
	w := summed(t, grid, 20).run(n, nil, nil, make([]float64, 2*n))[0]
	for a := range k {
		for b := range a + 1 {
			sum := 0.
			for i := range n {
				step := func(j int) float64 {
					at := (i*(k+1)+j)*2 + 1
					return (w[at+2] - w[at]) / math.Sqrt(grid[j+1]-grid[j])
				}
				sum += step(a) * step(b) / n
			}
			want, se := 0., 1/math.Sqrt(n)
			if a == b {
				want, se = 1, math.Sqrt2/math.Sqrt(n)
			}
			if math.Abs(sum-want) > 4.5*se {
				t.Errorf("steps %d and %d: covariance %.4f, want %g", a, b, sum, want)
			}
		}
	}
}

// Two integrations over one Noise see one motion, two Noises two.
func TestNoiseIsShared(t *testing.T) {
	grid := even(0, 1, 4)
	r := compiled(t, func(g *ad.Graph) []ad.Value {
		x := g.Input("x", ad.F64, 2)
		a, b := traced.White(g), traced.White(g)
		var out []ad.Value
		for _, noise := range []traced.Noise{a, a, b} {
			out = append(out, traced.SDE{Noise: noise}.Integrate(tide, constant(g, grid), x).X[0])
		}
		return out
	})
	got := r.run(1, nil, nil, []float64{.1, .2})
	if got[0][0] != got[1][0] || got[0][0] == got[2][0] {
		t.Errorf("%v", got)
	}
}
