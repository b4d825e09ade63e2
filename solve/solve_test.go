package solve_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// problem is a path of dimension 2 with the ends between which it is solved.
type problem struct {
	name     string
	p        ito.Path
	from, to float64
}

// problems holds every trait of a path: one mode, many, a basis, a mean, full matrices, momentum.
func problems() []problem {
	a := []float64{-.34, .074, .074, -.05}
	mean := []float64{.3, -.2}
	return []problem{
		{"vp", path.VP{}, 1, 1e-2},
		{"ve", path.VE{SigmaMax: 5}, 1, .1},
		{"subvp", path.SubVP{}, 1, 5e-2},
		{"edm", path.EDM{SigmaMax: 5}, 5, .02},
		{"flow", path.Flow{}, .95, 1e-2},
		{"vsdm", must(path.NewVSDM(path.VSDMConfig{A: a, Mean: mean})), 1, 1e-2},
		{"vsdm diagonal", must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: []float64{-.3, .1},
			Mean: mean})), 1, 1e-2},
		{"vsdm logistic", must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, A: a})), 1, 1e-2},
		{"piecewise", must(path.NewPiecewise(path.PiecewiseConfig{Grid: []float64{0, 1},
			A: [][]float64{{.1, .2, 0, -.3}}, Mean: mean})), 1, 5e-2},
		{"vsmd", must(path.NewVSMD(path.VSMDConfig{D: 1})), 1, 1e-1},
	}
}

// data is a mixture wide enough for orders to show at moderate steps.
func data(pr problem) field.Mixture {
	if _, ok := pr.p.(*path.Momentum); ok {
		return field.Mixture{D: 1, Means: []float64{-.7, .8}, Var: []float64{.3, .4}}
	}
	return field.Mixture{D: 2, Weights: []float64{1, 2, 1}, Means: []float64{1, 0, -.7, .8, .2, -1.1},
		Cov: []float64{.3, .1, .1, .4}}
}

func exact(pr problem) *field.Exact { return must(field.NewMixture(pr.p, data(pr))) }

// noise draws n rows from the exact second moments of the path at its noisy end, roughly.
func noise(pr problem, n int) ito.States {
	x := ito.NewStates(n, 2, 0)
	if err := pr.p.Prior(x, ito.Cond{}, ito.Seed(7)); err != nil {
		panic(err)
	}
	return x
}

func run(t testing.TB, pr problem, f ito.Field, x ito.States, g ito.Grid, s ito.Solver) (ito.States, solve.RunInfo) {
	t.Helper()
	y := x.Clone()
	info, err := solve.Run(ctx, pr.p, f, y, g, s, solve.RunOptions{Noise: ito.Seed(3)})
	if err != nil {
		t.Fatalf("%s on %s: %v", s.Info().Name, pr.name, err)
	}
	return y, info
}

func serves(p ito.Path, s ito.Solver) bool { return solve.Check(p, s) == nil }

// multistep reports that s keeps predictions from one step to the next.
func multistep(pr problem, s ito.Solver) bool {
	st := must(s.Plan(pr.p, ito.Grid{pr.from, pr.to}, ito.PredScore))
	_, ok := st.(ito.Resetter)
	return ok
}

// fast is the solver whose steps are not alike.
var fast = solve.DPMFast{}.Info().Name

// grid is the log-SNR grid where there is one.
func grid(pr problem, k int) ito.Grid {
	f := solve.Uniform
	if ito.Has(pr.p, ito.CapDiagonal) {
		f = solve.LogSNR
	}
	return must(f(pr.p, pr.from, pr.to, k))
}

func rmse(a, b ito.States) float64 {
	s := 0.0
	for i, v := range a.X {
		s += (v - b.X[i]) * (v - b.X[i])
	}
	return math.Sqrt(s / float64(a.N))
}

// Whatever a field predicts, the trajectory is the same.
func TestPredictionsGiveOneTrajectory(t *testing.T) {
	for _, pr := range problems() {
		if !ito.Has(pr.p, ito.CapDiagonal) {
			continue
		}
		f, x := exact(pr), noise(pr, 8)
		for _, s := range solve.All() {
			if !serves(pr.p, s) {
				continue
			}
			if s.Info().Adaptive {
				if s != (solve.Dopri5{}) {
					continue
				}
				s = solve.Dopri5{Tol: 1e-6}
			}
			ref, _ := run(t, pr, f, x, grid(pr, 20), s)
			for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
				// fields of the kind itself, not converted back by the exact field
				got, _ := run(t, pr, must(f.As(kind)), x, grid(pr, 20), s)
				for i, v := range got.X {
					if math.Abs(v-ref.X[i]) > 1e-10*(1+math.Abs(v)) {
						t.Errorf("%s on %s by %s: %g, by the score %g", s.Info().Name, pr.name, kind, v, ref.X[i])
					}
				}
			}
		}
	}
}

// A batch is its rows: in one run, one by one, or cut anywhere; and a run stopped at a node goes on.
func TestBytes(t *testing.T) {
	for _, pr := range problems() {
		f, x := exact(pr), noise(pr, 8)
		g := must(solve.Uniform(pr.p, pr.from, pr.to, 6))
		for _, s := range solve.All() {
			if !serves(pr.p, s) {
				continue
			}
			name := fmt.Sprintf("%s on %s", s.Info().Name, pr.name)
			whole, _ := run(t, pr, f, x, g, s)
			same := func(what string, got []float64, lo int) {
				t.Helper()
				for i, v := range got {
					if v != whole.X[lo*2+i] {
						t.Errorf("%s, %s: value %d is %v, want %v", name, what, lo*2+i, v, whole.X[lo*2+i])
					}
				}
			}
			for i := range x.N {
				one, _ := run(t, pr, f, x.Slice(i, i+1), g, s)
				same("alone", one.X, i)
			}
			cut, _ := run(t, pr, f, x.Slice(3, 8), g, s)
			same("cut", cut.X, 3)
			if !s.Info().Stochastic && !multistep(pr, s) && s.Info().Name != fast {
				half, _ := run(t, pr, f, x, g[:4], s)
				half, _ = run(t, pr, f, half, g[3:], s)
				same("in two parts", half.X, 0)
			}
		}
	}
}

// counting counts the calls that hold each row.
type counting struct {
	*field.Exact
	calls []int
}

func (c counting) Calls() int { return 2 }

func (c counting) Predict(ctx context.Context, dst, x ito.States, t ito.Times, cond ito.Cond) error {
	for _, id := range x.ID {
		c.calls[id] += 2
	}
	return c.Exact.Predict(ctx, dst, x, t, cond)
}

func TestEvaluationsAreCounted(t *testing.T) {
	for _, pr := range problems() {
		for _, s := range solve.All() {
			if !serves(pr.p, s) {
				continue
			}
			f, x := counting{exact(pr), make([]int, 5)}, noise(pr, 5)
			_, info := run(t, pr, f, x, must(solve.Uniform(pr.p, pr.from, pr.to, 7)), s)
			for i, n := range f.calls {
				if info.Evals[i] != n {
					t.Errorf("%s on %s: row %d is said to have had %d calls, it had %d", s.Info().Name, pr.name, i,
						info.Evals[i], n)
				}
				if e := s.Info().Evals; e != 0 && n != 2*7*e && (s.Info().Name != fast || n != 2*(7*e-1)) {
					t.Errorf("%s: %d calls in 7 steps of %d evaluations that cost 2", s.Info().Name, n, e)
				}
			}
			if s.Info().Adaptive != (info.Accepted != nil) {
				t.Errorf("%s: accepted steps %v", s.Info().Name, info.Accepted)
			}
		}
	}
}

// From one step to two hundred, on every grid, nothing overflows, also where a path's ends are singular.
func TestAnyNumberOfSteps(t *testing.T) {
	for _, pr := range problems() {
		lo, hi := pr.p.Span()
		f, x := exact(pr), noise(pr, 2)
		for _, name := range solve.GridNames() {
			for _, k := range []int{1, 2, 3, 7, 50, 200} {
				g, err := must(solve.GridByName(name))(pr.p, hi, lo, k)
				// Flow has no log-SNR at 1, linear paths none at all
				if err != nil || k == 200 && name != "uniform" && name != "karras" || testing.Short() &&
					(k == 200 || k == 50 && name != "uniform") {
					continue
				}
				if g[0] != hi || g[k] != lo {
					t.Fatalf("%s grid ends at %g and %g", name, g[0], g[k])
				}
				for _, s := range solve.All() {
					// λ = −∞ at its start
					if _, byλ := s.(solve.DPMAdaptive); !serves(pr.p, s) || s.Info().Adaptive && k > 3 || byλ &&
						pr.name == "flow" {
						continue
					}
					for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
						fk, err := f.As(kind)
						if err != nil || kind == ito.PredVelocity && s.Info().Stochastic && ito.Has(pr.p,
							ito.CapLinear) || k > 7 && kind != ito.PredScore {
							continue
						}
						run(t, pr, fk, x, g, s)
					}
				}
			}
		}
	}
}

// Where the noise ends at zero the data are reached.
func TestReachZeroNoise(t *testing.T) {
	for _, pr := range []problem{{"flow", path.Flow{}, .999, 0}, {"edm", path.EDM{}, 80, 0}, {"vp", path.VP{}, 1, 0}} {
		f := must(field.NewMixture(pr.p, field.Mixture{D: 2, Means: []float64{1, 0, -1, .5},
			Var: []float64{1e-4, 1e-4}}))
		x := noise(pr, 20)
		for _, s := range []ito.Solver{solve.DDIM{}, solve.Heun{}, solve.Euler{}, solve.EM{}} {
			for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
				g := must(solve.Uniform(pr.p, pr.from, 0, 40))
				if pr.name == "edm" {
					g = must(solve.Karras(pr.p, pr.from, 0, 40))
				}
				y, _ := run(t, pr, must(f.As(kind)), x, g, s)
				for i := range y.N {
					r := y.Row(i)
					near := math.Min(math.Hypot(r[0]-1, r[1]), math.Hypot(r[0]+1, r[1]-.5))
					if s.Info().Name == "ddim" && near > .1 {
						t.Errorf("%s by %s on %s ends at %v", s.Info().Name, kind, pr.name, r)
					}
				}
			}
		}
	}
}

// dataOf draws from a mixture.
func dataOf(m field.Mixture, n int) ito.States {
	x := ito.NewStates(n, m.D, 0)
	if err := m.Draw(x, ito.Seed(5)); err != nil {
		panic(err)
	}
	return x
}
