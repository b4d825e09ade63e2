package solve_test

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// outputVariance is the variance that a solver gives the data N(0,.25) from a start of variance v0, without Monte
// Carlo: the sum of the squared responses to the start and to the noise of each step.
func outputVariance(t *testing.T, p ito.Path, g ito.Grid, s ito.Solver, v0 float64) float64 {
	t.Helper()
	f := must(field.NewMixture(p, field.Mixture{D: 1, Means: []float64{0}, Var: []float64{.25}}))
	k := len(g) - 1
	x := ito.NewStates(k+1, 1, 0)
	x.X[k] = math.Sqrt(v0)
	if _, err := solve.Run(ctx, p, f, x, g, s, solve.RunOptions{Noise: unit{}}); err != nil {
		t.Fatal(err)
	}
	v := 0.0
	for _, c := range x.X {
		v += c * c
	}
	return v
}

// Variances of stochastic solvers by exact propagation on VP from 1 to 1e-3 in N steps of equal length in λ; the
// exact one is .250082458. Third orders begin with the midpoint rule here, as the figures do.
func TestStochasticVariances(t *testing.T) {
	const exact = .2500824580
	steps := []int{10, 20, 50, 100, 1000}
	m := solve.SecondMidpoint
	for _, c := range []struct {
		name  string
		s     ito.Solver
		order float64
		want  [5]float64
	}{
		{"ddim", solve.DDIM{}, 1, [5]float64{.154958, .196834, .227247, .238396, .248896}},
		{"ddim η=.5", solve.DDIM{Eta: .5}, 1, [5]float64{.147218, .189368, .222726, .235790, .248593}},
		{"ddim η=1", solve.DDIM{Eta: 1}, 1, [5]float64{.111474, .160904, .207749, .227587, .247702}},
		{"sde++1", solve.SDEDPMpp{Order: 1}, 1, [5]float64{.111474, .160904, .207749, .227587, .247702}},
		{"sde++2m", solve.SDEDPMpp{LowerFinal: -1}, 2, [5]float64{.269030, .265608, .253067, .250842, .250090}},
		{"sde++3m", solve.SDEDPMpp{Order: 3, LowerFinal: -1, Second: m}, 2, [5]float64{.488030, .263002, .251272,
			.250348, .250085}},
		{"3m, factor", solve.SDEDPMpp{Order: 3, LowerFinal: -1, Second: m, Compat: solve.CompatSDE3Factor}, 2,
			[5]float64{.452284, .270004, .252359, .250613, .250088}},
		{"3m, sign", solve.SDEDPMpp{Order: 3, LowerFinal: -1, Second: m, Compat: solve.CompatSDE3Sign}, 1.05,
			[5]float64{.372351, .316139, .271329, .259446, .250910}},
	} {
		var errs [5]float64
		for i, n := range steps {
			if n == 1000 && testing.Short() {
				continue
			}
			v := outputVariance(t, path.VP{}, must(solve.LogSNR(path.VP{}, 1, 1e-3, n)), c.s, 1)
			errs[i] = math.Abs(v - exact)
			if math.Abs(v-c.want[i]) > 1e-6 {
				t.Errorf("%s, %d steps: variance %.6f, want %.6f", c.name, n, v, c.want[i])
			}
		}
		if slope := math.Log10(errs[3] / errs[4]); !testing.Short() && math.Abs(slope-c.order) > .1 {
			t.Errorf("%s: weak order %.2f, want %g", c.name, slope, c.order)
		}
	}
}

// EDM with S_churn = 40 between .05 and 50 and S_noise = 1 on Karras' grid of N−1 steps and one to 0.
func TestChurnVariance(t *testing.T) {
	for n, want := range map[int]float64{18: .31625433, 64: .26047818, 256: .25098622} {
		g := append(must(solve.Karras(path.EDM{}, 80, .002, n-1)), 0)
		v := outputVariance(t, path.EDM{}, g, solve.EDM{Churn: 40, Min: .05, Max: 50}, 6400)
		if math.Abs(v-want) > 1e-8 {
			t.Errorf("%d steps: variance %.8f, want %.8f", n, v, want)
		}
	}
}

// SDE-DPM-Solver++ of order 1 is DDIM with η = 1.
func TestSDEDPMppOfOrder1IsDDIM(t *testing.T) {
	for _, pr := range problems() {
		if !serves(pr.p, solve.DDIM{}) {
			continue
		}
		f, x := exact(pr), noise(pr, 5)
		a, _ := run(t, pr, f, x, grid(pr, 12), solve.DDIM{Eta: 1})
		b, _ := run(t, pr, f, x, grid(pr, 12), solve.SDEDPMpp{Order: 1})
		if e := rmse(a, b); e > 1e-10 {
			t.Errorf("%s: they differ by %g", pr.name, e)
		}
	}
}

// Every noise level keeps the marginals: the variance tends to the exact one with the declared order.
func TestNoiseLevels(t *testing.T) {
	const exact = .2500824580
	for _, s := range []ito.Solver{solve.DDIM{Eta: .3}, solve.SDEDPMpp{Order: 1, Eta: .5}, solve.SDEDPMpp{Eta: .5},
		solve.SDEDPMpp{Eta: 2}, solve.SDEDPMpp{Order: 3, Eta: .5}, solve.SDEDPMpp{Order: 3}} {
		var errs []float64
		for _, n := range []int{60, 240} {
			errs = append(errs, math.Abs(outputVariance(t, path.VP{}, must(solve.LogSNR(path.VP{}, 1, 1e-3, n)), s,
				1)-exact))
		}
		if slope := math.Log2(errs[0]/errs[1]) / 2; slope < float64(s.Info().Order)-.2 {
			t.Errorf("%s %+v: weak order %.2f (errors %.2g)", s.Info().Name, s, slope, errs)
		}
	}
}

// On VE, DDIM with η is the ancestral sampler: down to √(σ'²−σ_up²) along (x−x̂0)/σ, then up by
// σ_up = η √(σ'²(σ²−σ'²)/σ²). On VP its σ̃ is η (σ'/σ) √(1−α²/α'²).
func TestDDIMIsAncestral(t *testing.T) {
	const η = .7
	for _, p := range []ito.Diagonal{path.VE{}, path.VP{}} {
		pr := problem{p.Name(), p, .6, .4}
		x := ito.NewStates(3, 2, 0)
		ito.Seed(1).Normal(x, rng.PurposeUser, 0, 0)
		ξ := x.Like(2)
		ito.Seed(3).Normal(ξ, rng.PurposeSolver, 0, 0)
		f := plain{ito.PredX0, .3}
		got, _ := run(t, pr, f, x, ito.Grid{.6, .4}, solve.DDIM{Eta: η})
		var α, σ, α1, σ1 [1]float64
		p.Schedule(.6, α[:], σ[:], nil, nil)
		p.Schedule(.4, α1[:], σ1[:], nil, nil)
		up := η * σ1[0] / σ[0] * math.Sqrt(1-α[0]*α[0]/(α1[0]*α1[0]))
		if p.Name() == "ve" {
			up = η * math.Sqrt(σ1[0]*σ1[0]*(σ[0]*σ[0]-σ1[0]*σ1[0])/(σ[0]*σ[0]))
		}
		down := math.Sqrt(σ1[0]*σ1[0] - up*up)
		for i, v := range x.X {
			x0 := .3 * v
			if want := α1[0]*x0 + down*(v-α[0]*x0)/σ[0] + up*ξ.X[i]; math.Abs(want-got.X[i]) > 1e-13 {
				t.Errorf("%s: %g, want %g", pr.name, got.X[i], want)
			}
		}
	}
}
