package field

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/path"
)

type crossingCase struct {
	p     ito.TwoEnded
	pairs Pairs
}

// crossings is every family with mixtures at both ends.
func crossings() map[string]crossingCase {
	ms := planeMixtures()
	free := must(Independent(ms["covariances"], ms["variances"]))
	same := must(Same(ms["covariances"]))
	out := map[string]crossingCase{}
	for name, p := range map[string]path.Interpolant{
		"linear": {}, "linear quadratic": {Noise: path.QuadraticNoise}, "linear sine": {Noise: path.SineNoise},
		"linear none": {Noise: path.NoNoise},
		"trig":        {Family: path.TrigFamily}, "trig sine": {Family: path.TrigFamily, Noise: path.SineNoise},
		"encdec": {Family: path.EncDec},
		"sb":     {Family: path.Schrodinger, Kappa: 2},
	} {
		out[name] = crossingCase{p, free}
	}
	out["mirror"] = crossingCase{path.Interpolant{Family: path.Mirror, Kappa: 3}, same}
	out["one-sided"] = crossingCase{path.OneSided{}, same}
	out["one-sided trig"] = crossingCase{path.OneSided{Family: path.TrigFamily}, same}
	h := ms["one component"].Moments()
	out["coupled"] = crossingCase{path.Interpolant{Kappa: .5},
		must(Coupled(h, ito.Gaussian{Mean: []float64{-1, 1}, Cov: []float64{.4, 0, 0, .2}}, []float64{.1, .05, -.02,
			.1}))}
	return out
}

// s = ∇log p_t by differences; ∂log p/∂t + b·s + ∇·b = 0, so that the ODE of b carries the laws; b = v −
// γγ̇s and η = −γs; divergences by differences. 1e-6 each.
func TestInterpolantFields(t *testing.T) {
	for name, c := range crossings() {
		b := must(NewInterpolant(c.p, c.pairs))
		x := normals(5, 2, 3, 1.2)
		for _, at := range []float64{.05, .3, .62, .93} {
			when := ito.Times{at}
			pred := func(f ito.Field, x ito.States) ito.States {
				y := x.Like(2)
				if err := f.Predict(ctx, y, x, when, ito.Cond{}); err != nil {
					t.Fatal(name, err)
				}
				return y
			}
			logp := func(x ito.States, at float64) []float64 {
				y := make([]float64, x.N)
				if err := b.LogDensity(ctx, y, x, ito.Times{at}); err != nil {
					t.Fatal(name, err)
				}
				return y
			}
			two := x.Like(4)
			if err := b.Both().Predict(ctx, two, x, when, ito.Cond{}); err != nil {
				t.Fatal(name, err)
			}
			B, V, S, H := pred(b, x), pred(b.Reduced(), x), pred(b.Score(), x), pred(b.Eta(), x)
			for i := range x.N {
				if !slices.Equal(two.Row(i), slices.Concat(B.Row(i), S.Row(i))) {
					t.Errorf("%s at %g: both are %v, one by one %v and %v", name, at, two.Row(i), B.Row(i), S.Row(i))
				}
			}
			const h = 1e-5
			div := map[string][]float64{"b": make([]float64, x.N), "v": make([]float64, x.N), "s": make([]float64, x.N),
				"η": make([]float64, x.N)}
			for k := range 2 {
				up, down := x.Clone(), x.Clone()
				for i := range x.N {
					up.Row(i)[k] += h
					down.Row(i)[k] -= h
				}
				p, q := logp(up, at), logp(down, at)
				for i := range x.N {
					if d := (p[i] - q[i]) / (2 * h); math.Abs(d-S.Row(i)[k]) > 1e-6*(1+math.Abs(d)) {
						t.Errorf("%s at %g: score %g, difference %g", name, at, S.Row(i)[k], d)
					}
				}
				for what, f := range map[string]ito.Field{"b": b, "v": b.Reduced(), "s": b.Score(), "η": b.Eta()} {
					a, z := pred(f, up), pred(f, down)
					for i := range x.N {
						div[what][i] += (a.Row(i)[k] - z.Row(i)[k]) / (2 * h)
					}
				}
			}
			for what, f := range map[string]ito.Divergencer{"b": b, "v": b.Reduced(), "s": b.Score(), "η": b.Eta()} {
				got := make([]float64, x.N)
				if err := f.Divergence(ctx, got, x, when, ito.Cond{}); err != nil {
					t.Fatal(err)
				}
				for i, w := range div[what] {
					if math.Abs(got[i]-w) > 2e-6*(1+math.Abs(w)) {
						t.Errorf("%s at %g: ∇·%s = %g, difference %g", name, at, what, got[i], w)
					}
				}
			}
			later, sooner := logp(x, at+h), logp(x, at-h)
			co := c.p.Interpolation(at)
			for i := range x.N {
				dt := (later[i] - sooner[i]) / (2 * h)
				flow := matrix.Dot(B.Row(i), S.Row(i))
				if r := dt + flow + div["b"][i]; math.Abs(r) > 2e-6*(1+math.Abs(dt)+math.Abs(flow)+math.Abs(
					div["b"][i])) {
					t.Errorf("%s at %g: the continuity equation is off by %g of %g", name, at, r, flow)
				}
				for k := range 2 {
					bb, vv, ss, hh := B.Row(i)[k], V.Row(i)[k], S.Row(i)[k], H.Row(i)[k]
					if math.Abs(bb-vv+co.HalfDGamma2*ss)+math.Abs(hh+co.Gamma*ss) > 1e-12*(1+math.Abs(bb)+math.Abs(
						co.HalfDGamma2*ss)) {
						t.Errorf("%s at %g: b=%g v=%g s=%g η=%g", name, at, bb, vv, ss, hh)
					}
					if name == "mirror" && math.Abs(vv) > 1e-12 {
						t.Errorf("mirror: v = %g", vv)
					}
				}
			}
			if co.Gamma == 0 {
				continue
			}
			s, err := ScoreFromEta(c.p, b.Eta())
			if err != nil {
				t.Fatal(err)
			}
			for what, f := range map[string]ito.Field{"s": must(AddNoise(c.p, b.Reduced(), b.Score())),
				"η": must(AddNoise(c.p, b.Reduced(), b.Eta()))} {
				for i, v := range pred(f, x).X {
					if math.Abs(v-B.X[i]) > 1e-11*(1+math.Abs(v)) {
						t.Errorf("%s at %g: b by way of %s is %g, want %g", name, at, what, v, B.X[i])
					}
				}
			}
			for i, v := range pred(s, x).X {
				if math.Abs(v-S.X[i]) > 1e-11*(1+math.Abs(v)) {
					t.Errorf("%s at %g: s by way of η is %g, want %g", name, at, v, S.X[i])
				}
			}
		}
	}
}

// A one-sided interpolant is a diagonal path: the same b, s and η as the mixture's exact field.
func TestOneSidedIsDiagonal(t *testing.T) {
	for _, p := range []path.OneSided{{}, {Family: path.TrigFamily}} {
		m := planeMixtures()["covariances"]
		b, e := must(NewInterpolant(p, must(Same(m)))), must(NewMixture(p, m))
		x := normals(6, 2, 9, 1.1)
		times := ito.Times{.01, .2, .4, .6, .8, 1}
		for kind, f := range map[ito.Prediction]ito.Field{ito.PredVelocity: b, ito.PredScore: b.Score(),
			ito.PredEps: b.Eta()} {
			samePredictions(t, fmt.Sprintf("%+v, %s", p, kind), f, must(e.As(kind)), x, times)
		}
	}
}

// On pairs of the Schrödinger plan between Gaussians, with γ² = κt(1−t): the marginals are the bridge's, and
// b + ½κs is its drift (E[x_1|x_t]−x)/(1−t), here by conditioning the joint Gaussian.
func TestInterpolantIsTheGaussianBridge(t *testing.T) {
	from := ito.Gaussian{Mean: []float64{1, -2}, Cov: []float64{2, .5, .5, 1}}
	to := ito.Gaussian{Mean: []float64{0, 3}, Cov: []float64{1, -.3, -.3, .6}}
	const κ = 1.7
	g := must(path.NewBrownianBridge(from, to, math.Sqrt(κ)))
	c := g.Coupling()
	p := path.Interpolant{Family: path.Schrodinger, Kappa: κ}
	b := must(NewInterpolant(p, must(Coupled(from, to, c))))
	x := normals(4, 2, 2, 1.5)
	for _, at := range []float64{.1, .5, .9} {
		m := g.Marginal(at)
		gauss := must(NewGaussian(path.EDM{}, m))
		got, want := make([]float64, 4), make([]float64, 4)
		if err := b.LogDensity(ctx, got, x, ito.Times{at}); err != nil {
			t.Fatal(err)
		}
		ok(t, gauss.LogDensity(ctx, want, x, ito.Times{0}))
		B, S := x.Like(2), x.Like(2)
		ok(t, b.Predict(ctx, B, x, ito.Times{at}, ito.Cond{}))
		ok(t, b.Score().Predict(ctx, S, x, ito.Times{at}, ito.Cond{}))
		inv := make([]float64, 4)
		det := m.Cov[0]*m.Cov[3] - m.Cov[1]*m.Cov[2]
		inv[0], inv[1], inv[2], inv[3] = m.Cov[3]/det, -m.Cov[1]/det, -m.Cov[2]/det, m.Cov[0]/det
		for i := range x.N {
			if math.Abs(got[i]-want[i]) > 1e-12*(1+math.Abs(want[i])) {
				t.Errorf("at %g: log density %g, the bridge's %g", at, got[i], want[i])
			}
			δ := []float64{x.Row(i)[0] - m.Mean[0], x.Row(i)[1] - m.Mean[1]}
			u := []float64{matrix.Dot(inv[:2], δ), matrix.Dot(inv[2:], δ)}
			for k := range 2 {
				// Cov(x_1,x_t) = (1−t)Cᵀ + tS_1.
				row := []float64{(1-at)*c[k] + at*to.Cov[2*k], (1-at)*c[2+k] + at*to.Cov[2*k+1]}
				drift := (to.Mean[k] + matrix.Dot(row, u) - x.Row(i)[k]) / (1 - at)
				if e := B.Row(i)[k] + κ/2*S.Row(i)[k] - drift; math.Abs(e) > 1e-11*(1+math.Abs(drift)) {
					t.Errorf("at %g: b + ½κs is off the drift %g by %.2g", at, drift, e)
				}
			}
		}
	}
}

func TestInterpolantRefusals(t *testing.T) {
	m, g := planeMixtures()["variances"], Mixture{D: 1, Means: []float64{0}, Var: []float64{1}}
	b := must(NewInterpolant(path.Interpolant{}, must(Independent(g, g))))
	x := normals(2, 1, 1, 1)
	point := must(NewInterpolant(path.Interpolant{}, must(Independent(Mixture{D: 1, Means: []float64{0}}, g))))
	for what, err := range map[string]error{
		"dimensions": second(Independent(m, g)), "mixture": second(Same(Mixture{})),
		"coupling": second(Coupled(g.Moments(), m.Moments(), nil)),
		"pairs":    second(NewInterpolant(path.Interpolant{}, Pairs{m})), "v for s": second(AddNoise(path.Interpolant{},
			b.Reduced(), b)),
		"s for η":    second(ScoreFromEta(path.Interpolant{}, b.Score())),
		"states":     b.Predict(ctx, normals(2, 2, 1, 1), normals(2, 2, 1, 1), ito.Times{.5}, ito.Cond{}),
		"a point":    point.Predict(ctx, x.Like(1), x, ito.Times{0}, ito.Cond{}),
		"of both":    b.Both().Divergence(ctx, make([]float64, 2), x, ito.Times{.5}, ito.Cond{}),
		"v is no b":  second(As(b.Reduced(), path.OneSided{}, ito.PredVelocity)),
		"long times": b.Predict(ctx, x.Like(1), x, ito.Times{.1, .2, .3}, ito.Cond{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
