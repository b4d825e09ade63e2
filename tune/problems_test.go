package tune_test

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// problem is a path of dimension 2 with the ends between which it is solved.
type problem struct {
	name     string
	p        ito.Path
	from, to float64
}

// problems holds every trait of a path on which schedules are tuned: one mode, many, a basis, a mean, full matrices.
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
func data(problem) field.Mixture {
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

// dataOf draws from a mixture.
func dataOf(m field.Mixture, n int) ito.States {
	x := ito.NewStates(n, m.D, 0)
	if err := m.Draw(x, ito.Seed(5)); err != nil {
		panic(err)
	}
	return x
}

// ring is 8 modes of width s on a circle of radius r.
func ring(r, s float64) field.Mixture {
	m := field.Mixture{D: 2, Var: []float64{s * s, s * s}}
	for k := range 8 {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / 8)
		m.Means = append(m.Means, r*cos, r*sin)
	}
	return m
}

// plain is a field of the given kind without any cost: c·x.
type plain struct {
	kind ito.Prediction
	c    float64
}

func (p plain) Kind() ito.Prediction { return p.kind }
func (plain) OutDim(d int) int       { return d }
func (p plain) Predict(_ context.Context, dst, x ito.States, _ ito.Times, _ ito.Cond) error {
	for i, v := range x.X {
		dst.X[i] = p.c * v
	}
	return nil
}

// quasi is n rows of dimension d from a sequence that other programs can repeat, with the ids 0, 1, ….
func quasi(n, d, first int) ito.States {
	x := ito.NewStates(n, d, 0)
	copy(x.X, tune.QuasiNormals(n, d, first).X)
	return x
}
