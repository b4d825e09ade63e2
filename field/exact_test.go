package field

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

var ctx = context.Background()

// ok fails the test where values that it goes on to compare were not computed.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// paths of dimension 2 with every trait: one mode, many modes, a basis, a mean, full matrices.
func planePaths() map[string]ito.Path {
	a := []float64{-.34, .074, .074, -.05}
	return map[string]ito.Path{
		"vp":    path.VP{},
		"ve":    path.VE{SigmaMax: 5},
		"subvp": path.SubVP{},
		"edm":   path.EDM{SigmaMax: 5},
		"flow":  path.Flow{},
		"vsdm":  must(path.NewVSDM(path.VSDMConfig{A: a, Mean: []float64{.3, -.2}})),
		"vsdm diagonal": must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: []float64{-.3, .1},
			Mean: []float64{.3, -.2}})),
		"vsdm logistic": must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, A: a})),
		"piecewise": must(path.NewPiecewise(path.PiecewiseConfig{Grid: []float64{0, .4, 1},
			A: [][]float64{a, {.1, .2, 0, -.3}}})),
	}
}

func planeMixtures() map[string]Mixture {
	means := []float64{1, 0, -.7, .8, .2, -1.1}
	w := []float64{1, 2, .5}
	return map[string]Mixture{
		"one variance":   {D: 2, Weights: w, Means: means, Var: []float64{.04, .3}},
		"variances":      {D: 2, Weights: w, Means: means, Var: []float64{.04, .3, .2, .1, .5, .01}},
		"one covariance": {D: 2, Means: means, Cov: []float64{.2, .1, .1, .3}},
		"covariances": {D: 2, Weights: w, Means: means, Cov: []float64{.2, .1, .1, .3, .1, -.05, -.05, .1, .05, 0,
			0, .4}},
		"one component":   {D: 2, Means: []float64{.5, -.5}, Cov: []float64{.2, .1, .1, .3}},
		"isotropic":       {D: 2, Weights: w, Means: means, Var: []float64{.1, .1}},
		"covariances off": {D: 2, Means: means, Cov: []float64{.2, 0, 0, .3, .1, 0, 0, .1, .05, 0, 0, .4}},
	}
}

func momentumPaths() map[string]ito.Path {
	return map[string]ito.Path{
		"cld":  must(path.NewCLD(path.CLDConfig{D: 1})),
		"vsmd": must(path.NewVSMD(path.VSMDConfig{D: 1})),
	}
}

func normals(n, d int, seed uint64, scale float64) ito.States {
	x := ito.NewStates(n, d, 0)
	ito.Seed(seed).Normal(x, rng.PurposeUser, 0, 0)
	for i := range x.X {
		x.X[i] *= scale
	}
	return x
}

func times(p ito.Path) []float64 {
	lo, hi := p.Span()
	return []float64{lo + .1*(hi-lo), lo + .5*(hi-lo), lo + .97*(hi-lo)}
}

type problem struct {
	name string
	p    ito.Path
	m    Mixture
}

func problems() []problem {
	var out []problem
	for pn, p := range planePaths() {
		for mn, m := range planeMixtures() {
			out = append(out, problem{pn + "/" + mn, p, m})
		}
	}
	for pn, p := range momentumPaths() {
		out = append(out, problem{pn + "/lifted", p, Mixture{D: 1, Means: []float64{-1, 1}, Var: []float64{.1, .3}}},
			problem{pn + "/full", p, planeMixtures()["covariances"]})
	}
	return out
}

// The score is the gradient of the log density, which is that of the mixture pushed through the path.
func TestScoreIsGradient(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		x := normals(6, 2, 1, 1.3)
		for _, at := range times(pr.p) {
			s := x.Like(2)
			if err := e.Predict(ctx, s, x, ito.Times{at}, ito.Cond{}); err != nil {
				t.Fatal(pr.name, err)
			}
			for j := range 2 {
				const h = 1e-5
				up, down := x.Clone(), x.Clone()
				for i := range x.N {
					up.Row(i)[j] += h
					down.Row(i)[j] -= h
				}
				a, b := make([]float64, x.N), make([]float64, x.N)
				ok(t, e.LogDensity(ctx, a, up, ito.Times{at}))
				ok(t, e.LogDensity(ctx, b, down, ito.Times{at}))
				for i := range a {
					if d := (a[i] - b[i]) / (2 * h); math.Abs(d-s.Row(i)[j]) > 1e-6*(1+math.Abs(d)) {
						t.Errorf("%s t=%g: score %g, difference %g", pr.name, at, s.Row(i)[j], d)
					}
				}
			}
		}
	}
}

// The density integrates to one, and its moments are those of the path.
func TestDensityMoments(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		at := times(pr.p)[1]
		g := must(path.Marginal(pr.p, at, pr.m.Moments()))
		const n = 160
		x := ito.NewStates(n*n, 2, 0)
		s0, s1 := 9*math.Sqrt(g.Cov[0]), 9*math.Sqrt(g.Cov[3])
		for i := range n {
			for j := range n {
				x.Row(i*n + j)[0] = g.Mean[0] + s0*(float64(i)+.5-n/2)/n*2
				x.Row(i*n + j)[1] = g.Mean[1] + s1*(float64(j)+.5-n/2)/n*2
			}
		}
		p := make([]float64, x.N)
		if err := e.LogDensity(ctx, p, x, ito.Times{at}); err != nil {
			t.Fatal(pr.name, err)
		}
		cell := 4 * s0 * s1 / n / n
		var mass, m0, c01 float64
		for i, l := range p {
			w := math.Exp(l) * cell
			r := x.Row(i)
			mass += w
			m0 += w * r[0]
			c01 += w * (r[0] - g.Mean[0]) * (r[1] - g.Mean[1])
		}
		scale := math.Sqrt(g.Cov[0] * g.Cov[3])
		if math.Abs(mass-1) > 1e-4 || math.Abs(m0-g.Mean[0]) > 1e-4*(1+s0) || math.Abs(c01-g.Cov[1]) > 1e-3*scale {
			t.Errorf("%s: mass %g, mean %g (want %g), covariance %g (want %g)", pr.name, mass, m0, g.Mean[0], c01,
				g.Cov[1])
		}
	}
}

// On a Diagonal path the predictions satisfy x = μ + Qα Qᵀ(x0−μ) + QσQᵀε, and the score is −Qσ⁻¹Qᵀε;
// velocities are consistent with the Fokker–Planck equation (tested by TestVelocityTransports).
func TestPredictionsAgree(t *testing.T) {
	for _, pr := range problems() {
		if !ito.Has(pr.p, ito.CapDiagonal) {
			continue
		}
		e := must(NewMixture(pr.p, pr.m))
		x := normals(5, 2, 2, 1.3)
		for _, at := range times(pr.p) {
			pred := map[ito.Prediction]ito.States{}
			for k := ito.PredX0; k <= ito.PredVelocity; k++ {
				pred[k] = x.Like(2)
				if err := must(e.As(k)).Predict(ctx, pred[k], x, ito.Times{at}, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
			}
			for from := range pred {
				for to := range pred {
					f, err := convert(must(e.As(from)), pr.p, to)
					if err != nil {
						t.Fatal(err)
					}
					got := x.Like(2)
					if err := f.Predict(ctx, got, x, ito.Times{at}, ito.Cond{}); err != nil {
						t.Fatal(err)
					}
					for i, v := range got.X {
						if w := pred[to].X[i]; math.Abs(v-w) > 2e-10*(1+math.Abs(w)) {
							t.Errorf("%s t=%g: %s from %s is %g, exactly %g", pr.name, at, to, from, v, w)
						}
					}
				}
			}
		}
	}
}

// ∂p/∂t = −∇·(p v): with u = log p, ∂u/∂t + v·∇u + ∇·v = 0.
func TestVelocityTransports(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		v := must(e.As(ito.PredVelocity)).(*Exact)
		x := normals(6, 2, 3, 1.3)
		for _, at := range times(pr.p) {
			s, vel, div := x.Like(2), x.Like(2), make([]float64, x.N)
			for _, err := range []error{
				e.Predict(ctx, s, x, ito.Times{at}, ito.Cond{}), v.Predict(ctx, vel, x, ito.Times{at}, ito.Cond{}),
				v.Divergence(ctx, div, x, ito.Times{at}, ito.Cond{})} {
				if err != nil {
					t.Fatal(pr.name, err)
				}
			}
			h := 1e-5 * at
			a, b := make([]float64, x.N), make([]float64, x.N)
			ok(t, e.LogDensity(ctx, a, x, ito.Times{at + h}))
			ok(t, e.LogDensity(ctx, b, x, ito.Times{at - h}))
			for i := range a {
				dt := (a[i] - b[i]) / (2 * h)
				flow := matrix.Dot(s.Row(i), vel.Row(i))
				if r := dt + flow + div[i]; math.Abs(r) > 1e-6*(1+math.Abs(dt)+math.Abs(flow)) {
					t.Errorf("%s t=%g: residual %g of terms %g, %g, %g", pr.name, at, r, dt, flow, div[i])
				}
			}
		}
	}
}

// Data without noise is a point of the data; at α = 0 the field knows the mean of the data.
func TestEnds(t *testing.T) {
	m := Mixture{D: 2, Means: []float64{1, 0, -1, .5}}
	e := must(must(NewMixture(path.Flow{}, m)).As(ito.PredX0))
	x := ito.NewStates(1, 2, 0)
	copy(x.X, []float64{.9, .1})
	out := x.Like(2)
	for at, want := range map[float64][2]float64{0: {1, 0}, 1: {0, .25}} {
		if err := e.Predict(ctx, out, x, ito.Times{at}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		if math.Hypot(out.X[0]-want[0], out.X[1]-want[1]) > 1e-12 {
			t.Errorf("t=%g: x0 is %v, want %v", at, out.X, want)
		}
	}
	for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
		for from := ito.PredX0; from <= ito.PredVelocity; from++ {
			wide := must(NewMixture(path.Flow{}, planeMixtures()["one variance"]))
			f := must(convert(must(wide.As(from)), path.Flow{}, kind))
			for _, at := range []float64{0, 1} {
				if err := f.Predict(ctx, out, x, ito.Times{at}, ito.Cond{}); err != nil || out.FirstNonFinite() >= 0 {
					t.Errorf("%s from %s at t=%g: %v, %v", kind, from, at, out.X, err)
				}
			}
		}
	}
}

// A row's bytes do not depend on its batch, nor on whether its time is common or its own.
func TestRowsAlone(t *testing.T) {
	for _, pr := range problems() {
		e := must(NewMixture(pr.p, pr.m))
		x := normals(7, 2, 7, 1.5)
		ts := make(ito.Times, x.N)
		for i := range ts {
			ts[i] = times(pr.p)[i%3]
		}
		all, one := x.Like(2), ito.NewStates(1, 2, 0)
		if err := e.Predict(ctx, all, x, ts, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		for i := range x.N {
			ok(t, e.Predict(ctx, one, x.Slice(i, i+1), ito.Times{ts[i]}, ito.Cond{}))
			if one.X[0] != all.Row(i)[0] || one.X[1] != all.Row(i)[1] {
				t.Errorf("%s row %d: alone %v, in the batch %v", pr.name, i, one.X, all.Row(i))
			}
		}
	}
}

func TestDraw(t *testing.T) {
	m := planeMixtures()["covariances"]
	x := ito.NewStates(20000, 2, 0)
	if err := m.Draw(x, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	g := m.Moments()
	for i := range 2 {
		mean := 0.0
		for r := range x.N {
			mean += x.Row(r)[i] / float64(x.N)
		}
		if sd := math.Sqrt(g.Cov[3*i] / float64(x.N)); math.Abs(mean-g.Mean[i]) > 4*sd {
			t.Errorf("mean %d of the draws is %g, want %g ± %g", i, mean, g.Mean[i], sd)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, m := range []Mixture{{}, {D: 2, Means: []float64{1}}, {D: 1, Means: []float64{1, 2}, Weights: []float64{-1,
		2}},
		{D: 1, Means: []float64{math.NaN()}}, {D: 1, Means: []float64{1}, Var: []float64{1}, Cov: []float64{1}}} {
		if _, err := NewMixture(path.VP{}, m); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v: %v", m, err)
		}
	}
	point := must(NewMixture(momentumPaths()["cld"], Mixture{D: 2, Means: []float64{1, 0}}))
	x := normals(1, 2, 1, 1)
	if err := point.Predict(ctx, x.Like(2), x, ito.Times{0}, ito.Cond{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("a point on a momentum path at t=0: %v", err)
	}
	if _, err := point.As(ito.PredX0); !errors.Is(err, ito.ErrInput) {
		t.Errorf("x0 on a momentum path: %v", err)
	}
}

func BenchmarkSpiral(b *testing.B) {
	const k, n = 360, 1000
	m := Mixture{D: 2, Means: normals(k, 2, 1, 3).X, Var: []float64{.01, .64}}
	e := must(NewMixture(path.VP{}, m))
	x := normals(n, 2, 2, 1)
	out := x.Like(2)
	for _, at := range []float64{1, .1} {
		b.Run(map[float64]string{1: "noise", .1: "near data"}[at], func(b *testing.B) {
			for b.Loop() {
				_ = e.Predict(ctx, out, x, ito.Times{at}, ito.Cond{})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}

// Logits are of tokens: nothing turns them into a prediction of numbers, or back.
func TestLogitsAreNotConverted(t *testing.T) {
	e := must(NewGaussian(path.VP{}, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}}))
	var kinds Kinds = e // a user's field may be one as well
	for what, err := range map[string]error{
		"exact":         second(kinds.As(ito.PredLogits)),
		"to logits":     second(As(e, path.VP{}, ito.PredLogits)),
		"converter":     second(NewConverter(path.VP{}, ito.PredLogits, ito.PredX0, 1)),
		"the other way": second(NewConverter(path.VP{}, ito.PredScore, ito.PredLogits, 1)),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
