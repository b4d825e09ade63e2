package tune_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// on is a problem with its field and the exact ends of the first n starts.
type on struct {
	tune.MixtureProblem
	f      ito.Field
	x, ref ito.States
}

func setup(t testing.TB, p tune.MixtureProblem, n, first int) on {
	t.Helper()
	o := on{MixtureProblem: p, f: must(p.Field()), x: must(p.Starts(n, first))}
	o.ref = must(p.Reference(ctx, o.f, o.x, 0))
	return o
}

func (o on) rmse(s ito.Solver, g ito.Grid) float64 {
	y := o.x.Clone()
	must(solve.Run(ctx, o.Path, o.f, y, g, s, solve.RunOptions{}))
	return tune.RMSE(y, o.ref)
}

// The grids that an independent program finds on the ring of radius .7 on EDM, and the errors they leave.
func TestGITS(t *testing.T) {
	p := tune.RingEDM()
	o := setup(t, p, 2048, 0)
	w := must(p.Starts(256, 50000))
	for _, c := range []struct {
		cost  tune.Cost
		index [][]int
		want  [][2]float64 // Euler, iPNDM
	}{
		{tune.CostL2, [][]int{{0, 35, 39, 42, 45, 60}, {0, 34, 38, 40, 42, 44, 46, 48, 51, 54, 60}},
			[][2]float64{{.08196, .09956}, {.02533, .01065}}},
		{tune.CostDeviation, [][]int{{0, 45, 47, 51, 54, 60}, {0, 43, 44, 45, 46, 47, 48, 52, 54, 56, 60}},
			[][2]float64{{.13915, .16890}, {.08140, .08612}}},
	} {
		costs := must(tune.GITS{Cost: c.cost}.Costs(ctx, p.Path, o.f, w, p.From, p.To, solve.RunOptions{}))
		if costs.Evals != 60 {
			t.Errorf("the teacher took %d evaluations, want 60", costs.Evals)
		}
		for i, want := range c.index {
			g, index, err := costs.Best(len(want) - 1)
			if err != nil || !slices.Equal(index, want) {
				t.Errorf("cost %d: nodes %v (%v), want %v", c.cost, index, err, want)
				continue
			}
			for j, s := range []ito.Solver{solve.Euler{}, solve.IPNDM{}} {
				if e := o.rmse(s, g); math.Abs(e-c.want[i][j]) > 1e-3*c.want[i][j] {
					t.Errorf("cost %d, %s with %d steps: error %.5f, want %.5f", c.cost, s.Info().Name, len(want)-1, e,
						c.want[i][j])
				}
			}
		}
	}
}

// The dynamic program against all paths through a small matrix.
func TestBestOfAllPaths(t *testing.T) {
	const n = 8
	c := tune.Costs{Times: make(ito.Grid, n), C: make([]float64, n*n), Gamma: 1.2}
	for i := range c.C {
		_, c.C[i] = math.Modf(math.Sqrt(float64(i)+2) * 7)
	}
	var least func(i, k int) float64
	least = func(i, k int) float64 {
		if k == 1 {
			return c.C[i*n+n-1]
		}
		best := math.Inf(1)
		for j := i + 1; j < n-1; j++ {
			best = min(best, c.C[i*n+j]+1.2*least(j, k-1))
		}
		return best
	}
	for k := 1; k < n; k++ {
		_, index, err := c.Best(k)
		if err != nil || len(index) != k+1 {
			t.Fatal(index, err)
		}
		cost := 0.0
		for j := k; j > 0; j-- {
			cost = c.C[index[j-1]*n+index[j]] + 1.2*cost
		}
		if want := least(0, k); math.Abs(cost-want) > 1e-12 {
			t.Errorf("%d steps: %v costs %g, the best %g", k, index, cost, want)
		}
	}
	for _, k := range []int{0, n} {
		if _, _, err := c.Best(k); err == nil {
			t.Errorf("%d steps are not refused", k)
		}
	}
}
