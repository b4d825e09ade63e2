package solve_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

// One seed is one trajectory: tolerances and grids change how well it is followed, and the error falls with the
// tolerance, by about 10 for 10 at strong order 1 with an error per step of h^{3/2}.
func TestEMAdaptiveFollowsOneTrajectory(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, solve.EMAdaptive{}) {
			continue
		}
		if pr.name != "vp" && pr.name != "vsdm" && pr.name != "edm" {
			continue
		}
		f, x := exact(pr), noise(pr, 6)
		at := func(tol float64, nodes int) ito.States {
			g := must(solve.Uniform(pr.p, pr.from, pr.to, nodes))
			y, _ := run(t, pr, f, x, g, solve.EMAdaptive{Atol: tol, Rtol: tol})
			return y
		}
		ref := at(3e-4, 1)
		coarse, fine := rmse(at(2e-2, 1), ref), rmse(at(2e-3, 1), ref)
		if !(fine < coarse/2.5 && fine < .05) {
			t.Errorf("%s: errors %.4f and %.4f at tolerances 2e-2 and 2e-3", pr.name, coarse, fine)
		}
		if e := rmse(at(2e-3, 7), ref); e > .05 {
			t.Errorf("%s: a grid of seven steps is %.4f away", pr.name, e)
		}
	}
}

// Data N(0,¼) come out with their variance: 600 values have a standard error of .0144 at ¼; the bound is three of them
// and the bias of the tolerance.
func TestEMAdaptiveVariance(t *testing.T) {
	f := must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{.25, 0, 0, .25}}))
	x := ito.NewStates(300, 2, 0)
	if err := (path.VP{}).Prior(x, ito.Cond{}, ito.Seed(2)); err != nil {
		t.Fatal(err)
	}
	info, err := solve.Run(ctx, path.VP{}, f, x, ito.Grid{1, 1e-3}, solve.EMAdaptive{Atol: .05, Rtol: .05},
		solve.RunOptions{Noise: ito.Seed(4)})
	if err != nil {
		t.Fatal(err)
	}
	v := 0.
	for _, a := range x.X {
		v += a * a / float64(len(x.X))
	}
	if math.Abs(v-.25) > .05 {
		t.Errorf("variance %.4f, want .25", v)
	}
	for i, e := range info.Evals {
		if e != 2*info.Accepted[i]+info.Rejected[i] {
			t.Fatalf("row %d: %d evaluations for %d accepted and %d rejected steps", i, e, info.Accepted[i],
				info.Rejected[i])
		}
	}
	if info.Evals[0] == info.Evals[1] && info.Evals[1] == info.Evals[2] && info.Evals[2] == info.Evals[3] {
		t.Error("every row takes the same steps")
	}
}

func TestEMAdaptiveRowsStandAlone(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, solve.EMAdaptive{}) {
			continue
		}
		f, x := exact(pr), noise(pr, 8)
		s := solve.EMAdaptive{Atol: .05, Rtol: .05}
		g := must(solve.Uniform(pr.p, pr.from, pr.to, 2))
		all, _ := run(t, pr, f, x, g, s)
		for i := range 8 {
			one, _ := run(t, pr, f, x.Slice(i, i+1), g, s)
			for j, v := range one.X {
				if v != all.Row(i)[j] {
					t.Fatalf("%s: row %d alone is %g, in its batch %g", pr.name, i, v, all.Row(i)[j])
				}
			}
		}
	}
	f := must(field.NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}))
	_, err := solve.Run(ctx, path.VP{}, f, ito.NewStates(1, 1, 0), ito.Grid{.1, 1}, solve.EMAdaptive{},
		solve.RunOptions{})
	if !errors.Is(err, ito.ErrInput) {
		t.Errorf("towards the noise: %v", err)
	}
}
