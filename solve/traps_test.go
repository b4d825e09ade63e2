package solve_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"pgregory.net/rapid"
)

// exponential are the solvers whose last step may go to σ = 0, where it is x̂0.
func exponential(s ito.Solver) bool {
	switch s := s.(type) {
	case solve.DDIM, solve.DPM, solve.DPMpp, solve.SDEDPMpp, solve.UniPC, solve.DEIS, solve.IPNDM, solve.EDM:
		return true
	case solve.DPMFast:
		return s.NFE != 0
	}
	return false
}

// Grids that end where σ = 0, by every prediction, in one step, two, and many: nothing is 0/0, and where the last
// step is x̂0 the data are reached.
func TestEndsWithoutNoise(t *testing.T) {
	for _, pr := range []problem{{"flow", path.Flow{}, .999, 0}, {"edm", path.EDM{}, 80, 0}, {"vp", path.VP{}, 1, 0}} {
		f := must(field.NewMixture(pr.p, field.Mixture{D: 2, Means: []float64{1, 0, -1, .5},
			Var: []float64{1e-4, 1e-4}}))
		x := noise(pr, 6)
		for _, s := range append(solve.All(), solve.DPMFast{NFE: 119}) {
			if _, byλ := s.(solve.DPMAdaptive); byλ || s.Info().Adaptive || !serves(pr.p, s) {
				continue
			}
			for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
				for _, k := range []int{1, 2, 40} {
					g := must(solve.Uniform(pr.p, pr.from, 0, k))
					if pr.name == "edm" {
						g = must(solve.Karras(pr.p, pr.from, 0, k))
					}
					if fast, ok := s.(solve.DPMFast); ok && fast.NFE != 0 && k != fast.Steps() {
						continue
					}
					y, info := run(t, pr, must(f.As(kind)), x, g, s)
					if _, ok := s.(solve.EDM); ok && info.Evals[0] != 2*k-1 {
						t.Errorf("%s on %s: %d evaluations in %d steps, want %d", s.Info().Name, pr.name, info.Evals[0],
							k, 2*k-1)
					}
					if k < 40 || !exponential(s) {
						continue
					}
					for i := range y.N {
						r := y.Row(i)
						if near := math.Min(math.Hypot(r[0]-1, r[1]), math.Hypot(r[0]+1, r[1]-.5)); near > .1 {
							t.Errorf("%s by %s on %s ends at %v", s.Info().Name, kind, pr.name, r)
						}
					}
				}
			}
		}
	}
}

// Adaptive solvers in λ say that they cannot end or begin where it is infinite.
func TestAdaptiveRefusesInfiniteLogSNR(t *testing.T) {
	for _, g := range []ito.Grid{{1, .5, 0}, {1, .2}} {
		x := ito.NewStates(1, 1, 0)
		if _, err := solve.Run(ctx, path.Flow{}, plain{ito.PredEps, 1}, x, g, solve.DPMAdaptive{},
			solve.RunOptions{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "log(α/σ)") {
			t.Errorf("%v: %v", g, err)
		}
	}
}

// Steps of rounding size, and grids whose steps differ by a million: squares under roots do not turn negative and no
// order divides by nothing.
func TestTinySteps(t *testing.T) {
	for _, pr := range problems() {
		f, x := exact(pr), noise(pr, 3)
		for _, s := range solve.All() {
			if !serves(pr.p, s) || s.Info().Adaptive {
				continue
			}
			t0 := (pr.from + pr.to) / 2
			g := ito.Grid{t0}
			for _, h := range []float64{1e-15, 1e-15, 2e-15, 1e-12, 1e-9, 1e-4, 1e-10, 1e-14} {
				g = append(g, g[len(g)-1]-h*math.Max(1, t0))
			}
			y, _ := run(t, pr, f, x, g, s)
			if e := rmse(x, y); e > .1 && (!s.Info().Stochastic || s.Info().Evals == 1) {
				t.Errorf("%s on %s moves by %g in steps of nothing", s.Info().Name, pr.name, e)
			}
		}
	}
}

// From data to noise and back, every deterministic solver returns to where it was, to the accuracy of its steps.
func TestUpAndDown(t *testing.T) {
	for _, pr := range problems() {
		f := exact(pr)
		x := ito.NewStates(2, 2, 0)
		copy(x.X, []float64{1, .2, -.8, .9})
		for _, s := range solve.All() {
			if !serves(pr.p, s) || s.Info().Stochastic || s.Info().Adaptive && (testing.Short() ||
				!ito.Has(pr.p, ito.CapDiagonal)) {
				continue
			}
			g := grid(pr, 100)
			up := make(ito.Grid, len(g))
			for i, t := range g {
				up[len(g)-1-i] = t
			}
			y, _ := run(t, pr, f, x, up, s)
			y, _ = run(t, pr, f, y, g, s)
			limit := .25
			if s.Info().Order > 1 {
				limit = .03
			}
			if e := rmse(x, y); s.Info().Adaptive && e > .1 || !s.Info().Adaptive && e > limit {
				t.Errorf("%s on %s returns %.2g away", s.Info().Name, pr.name, e)
			}
		}
	}
	for _, s := range solve.All() { // noise is for the way down, but for the SDE that has the marginals both ways
		if _, both := s.(solve.InterpolantSDE); both {
			continue
		}
		if _, err := s.Plan(path.VP{}, ito.Grid{.2, .3}, ito.PredScore); s.Info().Stochastic != errors.Is(err,
			ito.ErrInput) {
			t.Errorf("%s upwards: %v", s.Info().Name, err)
		}
	}
}

// In many dimensions, in a basis, coordinate by coordinate and with a mean, solvers go where the flow goes.
func TestManyModes(t *testing.T) {
	for _, variant := range []string{path.Constant, path.DiagonalOnly, path.Logistic} {
		for _, d := range []int{3, 20} {
			p, g := big(variant, d)
			f := must(field.NewGaussian(p, g))
			x := ito.NewStates(3, d, 0)
			if err := p.Prior(x, ito.Cond{}, ito.Seed(2)); err != nil {
				t.Fatal(err)
			}
			pr := problem{name: fmt.Sprintf("%s, d=%d", variant, d), p: p, from: 1, to: .05}
			ref, _ := run(t, pr, f, x, ito.Grid{1, .05}, solve.Dopri5{Tol: 1e-8})
			times := must(solve.LogSNR(p, 1, .05, 40))
			for _, s := range solve.All() {
				if !serves(p, s) || s.Info().Stochastic || d > 3 && testing.Short() {
					continue
				}
				y, _ := run(t, pr, f, x, times, s)
				if e := rmse(y, ref) / math.Sqrt(float64(d)); e > .05 || s.Info().Order > 1 && !s.Info().Adaptive &&
					e > 5e-3 {
					t.Errorf("%s on %s: error %.2g", s.Info().Name, pr.name, e)
				}
			}
		}
	}
}

// Any solver on any path, on grids of uneven steps, by any prediction: finite, at the end exactly, and the
// evaluations that it reports are those that were made.
func TestAnyRun(t *testing.T) {
	prs := problems()
	rapid.Check(t, func(r *rapid.T) {
		pr := prs[rapid.IntRange(0, len(prs)-1).Draw(r, "path")]
		var fit []ito.Solver
		for _, s := range solve.All() {
			if serves(pr.p, s) {
				fit = append(fit, s)
			}
		}
		s := fit[rapid.IntRange(0, len(fit)-1).Draw(r, "solver")]
		kind := ito.Prediction(rapid.IntRange(0, 3).Draw(r, "prediction"))
		k := rapid.IntRange(1, 24).Draw(r, "steps")
		fk, err := exact(pr).As(kind)
		if err != nil || kind == ito.PredVelocity && s.Info().Stochastic && ito.Has(pr.p, ito.CapLinear) {
			return
		}
		sum, at := 0.0, []float64{0}
		for range k {
			sum += rapid.Float64Range(.3, 3).Draw(r, "step")
			at = append(at, sum)
		}
		g := make(ito.Grid, k+1)
		for i, v := range at {
			g[i] = pr.from + v/sum*(pr.to-pr.from)
		}
		g[k] = pr.to
		f, x := counting{fk.(*field.Exact), make([]int, 3)}, noise(pr, 3)
		y := x.Clone()
		last := math.NaN()
		info, err := solve.Run(ctx, pr.p, f, y, g, s, solve.RunOptions{Noise: ito.Seed(3),
			Progress: func(e solve.StepEvent) { last = e.T }})
		if err != nil || last != pr.to || info.Steps != k {
			r.Fatalf("%s on %s: %d steps to %g, %v", s.Info().Name, pr.name, info.Steps, last, err)
		}
		for i, n := range f.calls {
			if info.Evals[i] != n {
				r.Fatalf("%s on %s: row %d had %d calls, %d are reported", s.Info().Name, pr.name, i, n, info.Evals[i])
			}
		}
	})
}
