package field

import (
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// mixturePotential traces N(x̃,c) of a mixture in the plane on VP, so that −½|x̃|² + kN is its log density up to a
// function of time: with e^c = σ/(α√s0) and α² + σ² = 1, α = (1+s0e^{2c})^{−½}.
func mixturePotential(g *ad.Graph, m Mixture, c *wrap.Potential, x, feat ad.Value) ad.Value {
	num := func(v float64) ad.Value { return g.Scalar(ad.F64, v) }
	q := c.Basis()
	if q == nil {
		q = []float64{1, 0, 0, 1}
	}
	var s0 [2]float64 // the variances of the data in the modes
	for k := range s0 {
		for i := range 2 {
			for j := range 2 {
				s0[k] += q[2*i+k] * c.Moments().Covariance(i, j) * q[2*j+k]
			}
		}
	}
	r := ad.Exp(ad.Shift(ad.Sum(feat), math.Log(s0[0]*s0[1])/4)) // σ/α
	α2 := ad.Recip(ad.Shift(ad.Square(r), 1))
	α, σ2 := ad.Sqrt(α2), ad.Mul(α2, ad.Square(r))
	y := [2]ad.Value{ad.Scale(α, c.Moments().Mean[0]), ad.Scale(α, c.Moments().Mean[1])} // x = m_t + Q √s Qᵀx̃
	for j := range 2 {
		root := ad.Sqrt(ad.Add(ad.Scale(α2, s0[j]), σ2))
		u := ad.Mul(root, ad.Dot(x, g.Const(ad.F64, []float64{q[j], q[2+j]}, 2)))
		for i := range 2 {
			y[i] = ad.Add(y[i], ad.Scale(u, q[2*i+j]))
		}
	}
	w := m.weights()
	var terms []ad.Value
	C := make([]float64, 4)
	for k := range w {
		m.covariance(C, k)
		a, b, d := ad.Add(ad.Scale(α2, C[0]), σ2), ad.Scale(α2, C[1]), ad.Add(ad.Scale(α2, C[3]), σ2)
		det := ad.Sub(ad.Mul(a, d), ad.Square(b))
		e0, e1 := ad.Sub(y[0], ad.Scale(α, m.Means[2*k])), ad.Sub(y[1], ad.Scale(α, m.Means[2*k+1]))
		quad := ad.Add(ad.Sub(ad.Mul(d, ad.Square(e0)), ad.Scale(ad.Mul(b, ad.Mul(e0, e1)), 2)),
			ad.Mul(a, ad.Square(e1)))
		terms = append(terms, ad.Sub(num(math.Log(w[k])), ad.Scale(ad.Add(ad.Div(quad, det), ad.Log(det)), .5)))
	}
	logp := ad.LogSumExp(ad.Stack(0, terms...), 0)
	k := ad.Exp(ad.Neg(ad.Sum(feat)))
	return ad.Div(ad.Add(logp, ad.Scale(ad.Dot(x, x), .5)), k)
}

// The residual of the exact log density of a Gaussian and of mixtures on VP is the same for every x of one time, to
// rounding: 1e-11 of the terms that cancel in it, whose size k|N| is. The moments of the scaling are those of other
// data, so that nothing vanishes by itself.
func TestResidualOfExactPotentials(t *testing.T) {
	const n = 64
	for name, m := range planeMixtures() {
		for what, g := range map[string]ito.Gaussian{"own": m.Moments(), "other": {Mean: []float64{.3, -1},
			Cov: []float64{2, .7, .7, .5}}} {
			for _, p := range []ito.Diagonal{path.VP{}, path.Cosine{}} {
				pot := must(wrap.NewPotential(p, g))
				prog, err := ad.Compile(func(g *ad.Graph) {
					x, feat := g.Input("x", ad.F64, 2), g.Input("c", ad.F64, 1)
					rho, k, slope := g.Input("rho", ad.F64, 2), g.Input("k", ad.F64, 1), g.Input("slope", ad.F64, 1)
					N := func(x, feat ad.Value) ad.Value { return mixturePotential(g, m, pot, x, feat) }
					g.Output("r", pot.Residual(g, N, x, feat, rho, k, slope))
					g.Output("N", N(x, feat))
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, at := range []float64{.002, .1, .5, .95} {
					x, feat := normals(n, 2, 3, 1), make([]float64, n)
					rho, ks, slope, r, N := make([]float64, 2*n), make([]float64, n), make([]float64, n),
						make([]float64, n), make([]float64, n)
					if err := pot.Rows(ito.PredEps).Enter(make([]float64, 2*n), feat, x, ito.Times{at},
						ito.Cond{}); err != nil {
						t.Fatal(err)
					}
					for i := range n {
						ks[i], slope[i] = pot.Clock(at, rho[2*i:2*i+2])
					}
					call := ad.Call{N: n, In: []ad.Array{ad.F64s(x.X), ad.F64s(feat), ad.F64s(rho), ad.F64s(ks),
						ad.F64s(slope)}, Out: []ad.Array{ad.F64s(r), ad.F64s(N)}}
					if err := prog.Run(ctx, call); err != nil {
						t.Fatal(err)
					}
					size := 1.0
					for i := range n {
						size = max(size, math.Abs(ks[i]*N[i]))
					}
					for i := range n {
						if e := math.Abs(r[i] - r[0]); !(e <= 1e-11*size*max(1, ks[i])) {
							t.Fatalf("%s, %s moments, %s at %g: residuals %g and %g of terms of size %g", name, what,
								p.Name(), at, r[0], r[i], size)
						}
					}
				}
			}
		}
	}
}

// equation is the residual of the Fokker–Planck equation of a log density by its formula, with time and space
// differences of logp: ω(∂_t u + f((x−μ)·∇u + D)) − ½σ²(Δu + |∇u|²).
func equation(t *testing.T, p ito.Diagonal, x ito.States, at float64, h float64, logp func(x ito.States,
	at float64) []float64) []float64 {
	t.Helper()
	var a, s, da, ds [1]float64
	p.Schedule(at, a[:], s[:], da[:], ds[:])
	α, σ := a[0], s[0]
	den := 2 * (ds[0]*α - da[0]*σ)
	ω, ωf := σ*α/den, σ*da[0]/den
	lo, hi := p.Span()
	dt := 1e-4 * math.Min(at-lo, hi-at)
	later, sooner := logp(x, at+dt), logp(x, at-dt)
	mid, out := logp(x, at), make([]float64, x.N)
	for i := range out {
		out[i] = ω*(later[i]-sooner[i])/(2*dt) + ωf*float64(x.D)
	}
	for k := range x.D {
		up, down := x.Clone(), x.Clone()
		for i := range x.N {
			up.Row(i)[k] += h
			down.Row(i)[k] -= h
		}
		u, d := logp(up, at), logp(down, at)
		for i := range out {
			g := (u[i] - d[i]) / (2 * h)
			out[i] += ωf*x.Row(i)[k]*g - σ*σ/2*((u[i]-2*mid[i]+d[i])/(h*h)+g*g)
		}
	}
	return out
}

// The formula itself: 0 on exact log densities of every path with one mode, up to differences.
func TestFokkerPlanckEquation(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		if p.Modes() != 1 || p.Mean() != nil {
			continue
		}
		e := must(NewMixture(p, planeMixtures()["covariances"]))
		lo, hi := p.Span()
		for _, part := range []float64{.2, .6} {
			at := lo + part*(hi-lo)
			x := normals(8, 2, 5, 1)
			r := equation(t, p, x, at, 1e-4, func(x ito.States, at float64) []float64 {
				u := make([]float64, x.N)
				if err := e.LogDensity(ctx, u, x, ito.Times{at}); err != nil {
					t.Fatal(err)
				}
				return u
			})
			for i, v := range r {
				if math.Abs(v) > 1e-4 {
					t.Errorf("%s at %g, row %d: %g", name, at, i, v)
				}
			}
		}
	}
}

// On the ring of width .3 at t = .3 on VP the equation's residual is 0, and .6089 in the mean where the score is
// 1.05 times as long as it should be: the figure of an independent program for the same 256 points.
func TestFokkerPlanckOfALongerScore(t *testing.T) {
	e := must(NewMixture(path.VP{}, Mixture{D: 2, Means: octagon(1).X, Var: []float64{.09, .09}}))
	x := additive(256)
	const at, dt = .3, 1e-4
	u := func(at float64) []float64 {
		out := make([]float64, x.N)
		if err := e.LogDensity(ctx, out, x, ito.Times{at}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	later, sooner := u(at+dt), u(at-dt)
	score, div := x.Like(2), make([]float64, x.N)
	s := must(e.As(ito.PredScore))
	if err := s.Predict(ctx, score, x, ito.Times{at}, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	// the flow's velocity fx − ½g²s has the divergence 2f − ½g²Δu
	v := must(e.As(ito.PredVelocity)).(*Exact)
	if err := v.Divergence(ctx, div, x, ito.Times{at}, ito.Cond{}); err != nil {
		t.Fatal(err)
	}
	β := .1 + at*19.9 // g², and f = −β/2
	for long, want := range map[float64]float64{1: 0, 1.05: .6089} {
		sum := 0.0
		for i := range x.N {
			ut := (later[i] - sooner[i]) / (2 * dt)
			Δ := -2 * (div[i] + β) / β * long
			var xs, ss float64
			for j, g := range score.Row(i) {
				xs += x.Row(i)[j] * g * long
				ss += g * g * long * long
			}
			r := ut - β - β/2*xs - β/2*(Δ+ss)
			sum += r * r / float64(x.N)
		}
		if rms := math.Sqrt(sum); math.Abs(rms-want) > 5e-5 {
			t.Errorf("a score %g times as long: residual %.6f, want %g", long, rms, want)
		}
	}
}

// potentialOn is a random potential on p, in float64.
func potentialOn(t *testing.T, p ito.Diagonal, kind ito.Prediction) *Net {
	t.Helper()
	net := must(nn.New(nn.MLP{Width: 16, Depth: 2}, nn.Flat(2, 1, 1), 5))
	for i := range net.Params {
		net.Params[i] += .1 * float32(math.Sin(float64(i)))
	}
	return must(NewPotential(p, net, ito.Gaussian{Mean: []float64{.3, -1}, Cov: []float64{2, .7, .7, .5}},
		kind)).Float64()
}

// The score of a potential is the gradient of its log density, and its residual, less what depends on time alone,
// is the equation's, both by differences; its derivatives are those of its predictions.
func TestPotentialDerivatives(t *testing.T) {
	names, paths := diagonalPaths()
	for _, name := range names {
		p := paths[name]
		if p.Modes() != 1 {
			continue
		}
		f := potentialOn(t, p, ito.PredScore)
		c := ito.Cond{C: 1, X: []float64{1, 1, 1, 1, 1, 1}}
		logp := func(x ito.States, at float64) []float64 {
			u := make([]float64, x.N)
			if err := f.LogDensity(ctx, u, x, ito.Times{at}, c); err != nil {
				t.Fatal(err)
			}
			return u
		}
		lo, hi := p.Span()
		for _, part := range []float64{.2, .7} {
			at := lo + part*(hi-lo)
			var σ [1]float64
			p.Schedule(at, nil, σ[:], nil, nil)
			h := 1e-4 * math.Max(1, σ[0])
			x, s := normals(6, 2, 3, math.Max(1, σ[0])), ito.NewStates(6, 2, 0)
			r, div, dx, w := make([]float64, 6), make([]float64, 6), x.Like(2), normals(6, 2, 9, 1)
			if err := errors.Join(f.Predict(ctx, s, x, ito.Times{at}, c), f.Residual(ctx, r, x, ito.Times{at}, c),
				f.Divergence(ctx, div, x, ito.Times{at}, c), f.VJP(ctx, dx, x, ito.Times{at}, c, w)); err != nil {
				t.Fatal(err)
			}
			dwant, divwant := x.Like(2), make([]float64, 6)
			for k := range 2 {
				up, down, a, b := x.Clone(), x.Clone(), x.Like(2), x.Like(2)
				for i := range 6 {
					up.Row(i)[k] += h
					down.Row(i)[k] -= h
				}
				u, d := logp(up, at), logp(down, at)
				if err := errors.Join(f.Predict(ctx, a, up, ito.Times{at}, c), f.Predict(ctx, b, down, ito.Times{at},
					c)); err != nil {
					t.Fatal(err)
				}
				for i := range 6 {
					closeTo(t, name+" score", s.Row(i)[k], (u[i]-d[i])/(2*h), 1e-6)
					for j := range 2 {
						g := (a.Row(i)[j] - b.Row(i)[j]) / (2 * h)
						dwant.Row(i)[k] += w.Row(i)[j] * g
						if j == k {
							divwant[i] += g
						}
					}
				}
			}
			for i := range 6 {
				closeTo(t, name+" divergence", div[i], divwant[i], 1e-6)
				closeTo(t, name+" VJP", dx.Row(i)[0], dwant.Row(i)[0], 1e-6)
				closeTo(t, name+" VJP", dx.Row(i)[1], dwant.Row(i)[1], 1e-6)
			}
			if p.Mean() != nil {
				continue
			}
			want := equation(t, p, x, at, h, logp)
			for i := 1; i < 6; i++ {
				closeTo(t, name+" residual", r[i]-r[0], want[i]-want[0], 1e-4)
			}
		}
	}
}

// Gaussian data: an untrained potential is the exact log density and has no residual.
func TestUntrainedPotentialOfAGaussian(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{.3, -1}, Cov: []float64{2, .7, .7, .5}}
	f := must(NewPotential(path.VP{}, must(nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(2, 1, 0), 1)), g, ito.PredEps))
	e := must(NewGaussian(path.VP{}, g))
	const n = chunkRows + 5
	x := normals(n, 2, 1, 1)
	u, v, r := make([]float64, n), make([]float64, n), make([]float64, n)
	if err := errors.Join(f.LogDensity(ctx, u, x, ito.Times{.4}, ito.Cond{}), e.LogDensity(ctx, v, x, ito.Times{.4}),
		f.Residual(ctx, r, x, ito.Times{.4}, ito.Cond{})); err != nil {
		t.Fatal(err)
	}
	for i := range u {
		closeTo(t, "log density", u[i], v[i], 1e-12)
		closeTo(t, "residual", r[i], 0, 1e-12)
	}
}

func TestPotentialRefusals(t *testing.T) {
	g := ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1}}
	one, two := must(nn.New(nn.MLP{Width: 4}, nn.Flat(2, 1, 0), 1)), must(nn.New(nn.MLP{Width: 4}, nn.Flat(2, 2, 0), 1))
	relu := must(nn.New(nn.MLP{Width: 4, Activation: "relu"}, nn.Flat(2, 1, 0), 1))
	modes := must(path.NewVSDM(path.VSDMConfig{D: 2, A: []float64{-.1, -.2}}))
	plain := must(NewScaled(path.VP{}, two, g, ito.PredEps))
	f := must(NewPotential(path.VP{}, one, g, ito.PredEps))
	for what, err := range map[string]error{
		"two outputs": second(NewPotential(path.VP{}, two, g, ito.PredEps)),
		"relu":        second(NewPotential(path.VP{}, relu, g, ito.PredEps)),
		"modes":       second(NewPotential(modes, one, g, ito.PredEps)), "kind": second(NewPotential(path.VP{}, one, g, 9)),
		"as":           second(f.As(9)),
		"no potential": plain.LogDensity(ctx, make([]float64, 1), normals(1, 2, 1, 1), ito.Times{.5}, ito.Cond{}),
		"room":         f.Residual(ctx, make([]float64, 2), normals(1, 2, 1, 1), ito.Times{.5}, ito.Cond{}),
	} {
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
