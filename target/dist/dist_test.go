package dist

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed9a7962a8/ito/ad"
)

// at evaluates a density at the points x.
func at(t *testing.T, x []float64, f func(g *ad.Graph, x ad.Value) ad.Value) []float64 {
	t.Helper()
	p, err := ad.Compile(func(g *ad.Graph) { g.Output("lp", f(g, g.Input("x", ad.F64, len(x)))) })
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(x))
	if err := p.Run(context.Background(), ad.Call{N: 1, In: []ad.Array{ad.F64s(x)},
		Out: []ad.Array{ad.F64s(out)}}); err != nil {
		t.Fatal(err)
	}
	return out
}

// density is a distribution of one number with constant parameters.
type density func(x ad.Value, c func(float64) ad.Value) ad.Value

func (f density) at(t *testing.T, x []float64) []float64 {
	return at(t, x, func(g *ad.Graph, x ad.Value) ad.Value {
		return f(x, func(v float64) ad.Value { return g.Scalar(ad.F64, v) })
	})
}

// Against gonum's distributions, which were written elsewhere.
func TestContinuous(t *testing.T) {
	x := []float64{.01, .2, .5, .9, 1, 2.5, 7}
	half := func(f func(float64) float64) func(float64) float64 {
		return func(x float64) float64 { return math.Ln2 + f(x) }
	}
	for name, p := range map[string]struct {
		f    density
		want func(float64) float64
	}{
		"normal": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Normal(x, c(1.5), c(.7)) },
			distuv.Normal{Mu: 1.5, Sigma: .7}.LogProb},
		"half_normal": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return HalfNormal(x, c(.7)) },
			half(distuv.Normal{Sigma: .7}.LogProb)},
		"student_t": {func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return StudentT(x, c(3), c(1.5),
				c(.7))
		}, distuv.StudentsT{Mu: 1.5, Sigma: .7, Nu: 3}.LogProb},
		"cauchy": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Cauchy(x, c(1.5), c(.7)) },
			distuv.StudentsT{Mu: 1.5, Sigma: .7, Nu: 1}.LogProb},
		"half_cauchy": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return HalfCauchy(x, c(2)) },
			half(distuv.StudentsT{Sigma: 2, Nu: 1}.LogProb)},
		"exponential": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Exponential(x, c(2.5)) },
			distuv.Exponential{Rate: 2.5}.LogProb},
		"gamma": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Gamma(x, c(2.5), c(1.3)) },
			distuv.Gamma{Alpha: 2.5, Beta: 1.3}.LogProb},
		"inverse_gamma": {func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return InverseGamma(x, c(2.5),
				c(1.3))
		}, distuv.InverseGamma{Alpha: 2.5, Beta: 1.3}.LogProb},
		"lognormal": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return LogNormal(x, c(.3), c(1.2)) },
			distuv.LogNormal{Mu: .3, Sigma: 1.2}.LogProb},
		"laplace": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Laplace(x, c(.3), c(1.2)) },
			distuv.Laplace{Mu: .3, Scale: 1.2}.LogProb},
		"logistic": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Logistic(x, c(.3), c(1.2)) },
			func(x float64) float64 { return math.Log(distuv.Logistic{Mu: .3, S: 1.2}.Prob(x)) }},
		"uniform": {func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return Within(Uniform(x, c(.1), c(2)),
				x, .1, 2)
		}, distuv.Uniform{Min: .1, Max: 2}.LogProb},
		"beta": {func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return Within(Beta(x, c(2), c(3.5)), x,
				0, 1)
		}, distuv.Beta{Alpha: 2, Beta: 3.5}.LogProb},
	} {
		for i, got := range p.f.at(t, x) {
			want := p.want(x[i])
			if name == "beta" && x[i] >= 1 {
				want = math.Inf(-1)
			}
			if got != want && !(math.Abs(got-want) < 1e-12) {
				t.Errorf("%s(%v) is %v, want %v", name, x[i], got, want)
			}
		}
	}
}

func TestDiscrete(t *testing.T) {
	y := make([]float64, 200)
	for i := range y {
		y[i] = float64(i)
	}
	logit := math.Log(.3 / .7)
	for name, p := range map[string]struct {
		f          density
		n          int // outcomes
		mean, vari float64
	}{
		"bernoulli": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Bernoulli(x, c(.3)) }, 2, .3,
			.21},
		"bernoulli_logit": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return BernoulliLogit(x, c(logit)) },
			2, .3, .21},
		"binomial": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Binomial(x, c(9), c(.3)) }, 10,
			2.7, 1.89},
		"binomial_logit": {func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return BinomialLogit(x, c(9),
				c(logit))
		}, 10, 2.7, 1.89},
		"poisson": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return Poisson(x, c(4.5)) }, 200, 4.5,
			4.5},
		"poisson_log": {func(x ad.Value,
			c func(float64) ad.Value) ad.Value {
			return PoissonLog(x, c(math.Log(4.5)))
		}, 200, 4.5, 4.5},
		"neg_binomial": {func(x ad.Value, c func(float64) ad.Value) ad.Value { return NegBinomial(x, c(3), c(.8)) },
			200, 3 / .8, 3 / .8 * 1.8 / .8},
		"neg_binomial_2": {func(x ad.Value,
			c func(float64) ad.Value) ad.Value {
			return NegBinomial2(x, c(4), c(2.5))
		}, 200, 4, 4 + 16/2.5},
	} {
		var s, m, v float64
		for i, lp := range p.f.at(t, y[:p.n]) {
			s += math.Exp(lp)
			m += y[i] * math.Exp(lp)
			v += y[i] * y[i] * math.Exp(lp)
		}
		if v -= m * m; math.Abs(s-1) > 1e-10 || math.Abs(m-p.mean) > 1e-9 || math.Abs(v-p.vari) > 1e-7 {
			t.Errorf("%s: mass %v, mean %v, variance %v; want 1, %v, %v", name, s, m, v, p.mean, p.vari)
		}
	}
	// The edges: probability 0 and 1, mean 0.
	for name, f := range map[string]density{
		"bernoulli 0": func(x ad.Value, c func(float64) ad.Value) ad.Value { return Bernoulli(c(0), ad.Scale(x, 0)) },
		"bernoulli 1": func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return Bernoulli(c(1), ad.Shift(ad.Scale(x, 0), 1))
		},
		"poisson 0": func(x ad.Value, c func(float64) ad.Value) ad.Value { return Poisson(c(0), ad.Scale(x, 0)) },
		"binomial 0": func(x ad.Value,
			c func(float64) ad.Value) ad.Value {
			return Binomial(c(0), c(5), ad.Scale(x, 0))
		},
		"binomial n": func(x ad.Value, c func(float64) ad.Value) ad.Value {
			return Binomial(c(5), c(5), ad.Shift(ad.Scale(x, 0), 1))
		},
	} {
		if got := f.at(t, []float64{1})[0]; math.Abs(got) > 1e-12 {
			t.Errorf("%s: log mass %v, want 0", name, got)
		}
	}
}

func TestCategorical(t *testing.T) {
	alpha := []float64{.2, -1, 1.5}
	lse := math.Log(math.Exp(.2) + math.Exp(-1) + math.Exp(1.5))
	idx := func(g *ad.Graph) ad.Value { return g.Const(ad.I32, []float64{2, 0, 1}, 3) }
	one := at(t, alpha, func(g *ad.Graph, x ad.Value) ad.Value { return CategoricalLogit(idx(g), x) })
	prob := at(t, alpha, func(g *ad.Graph, x ad.Value) ad.Value { return Categorical(idx(g), ad.Softmax(x, 0)) })
	rows := at(t, alpha, func(g *ad.Graph, x ad.Value) ad.Value {
		return CategoricalLogit(idx(g), ad.Stack(0, x, ad.Scale(x, 1), ad.Shift(x, 5)))
	})
	for i, k := range []int{2, 0, 1} {
		for _, got := range []float64{one[i], prob[i], rows[i]} {
			if math.Abs(got-(alpha[k]-lse)) > 1e-13 {
				t.Errorf("log p of %d: %v, want %v", k, got, alpha[k]-lse)
			}
		}
	}
}

func TestVector(t *testing.T) {
	x := []float64{.2, .5, .3}
	l := []float64{1.2, 0, 0, .4, .8, 0, -.3, .2, .9}
	var cov, w [9]float64
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				cov[3*i+j] += l[3*i+k] * l[3*j+k]
			}
		}
	}
	logDet := math.Log(1.2 * .8 * .9)
	for j := range 3 { // columns of L⁻¹ by substitution
		for i := range 3 {
			s := 0.
			if i == j {
				s = 1
			}
			for k := range i {
				s -= l[3*i+k] * w[3*k+j]
			}
			w[3*i+j] = s / l[4*i]
		}
	}
	want := func(x []float64) float64 {
		q := 0.
		for i := range 3 {
			z := 0.
			for k := range 3 {
				z += w[3*i+k] * (x[k] - []float64{1, -1, .5}[k])
			}
			q += z * z
		}
		return -q/2 - logDet - 3*logSqrt2Pi
	}
	for name, f := range map[string]func(g *ad.Graph, x ad.Value) ad.Value{
		"multi_normal": func(g *ad.Graph, x ad.Value) ad.Value {
			return MultiNormal(x, g.Const(ad.F64, []float64{1, -1, .5}, 3), g.Const(ad.F64, cov[:], 3, 3))
		},
		"cholesky": func(g *ad.Graph, x ad.Value) ad.Value {
			return MultiNormalCholesky(x, g.Const(ad.F64, []float64{1, -1, .5}, 3), g.Const(ad.F64, l, 3, 3))
		},
		"whiten": func(g *ad.Graph, x ad.Value) ad.Value {
			return MultiNormalWhiten(x, g.Const(ad.F64, []float64{1, -1, .5}, 3), g.Const(ad.F64, w[:], 3, 3),
				g.Scalar(ad.F64, logDet))
		},
	} {
		got := at(t, x, func(g *ad.Graph, x ad.Value) ad.Value { return ad.Add(ad.Zeros(x), f(g, x)) })
		if math.Abs(got[0]-want(x)) > 1e-13 {
			t.Errorf("%s is %v, want %v", name, got[0], want(x))
		}
		rows := at(t, x, func(g *ad.Graph, x ad.Value) ad.Value {
			return f(g, ad.Stack(0, x, ad.Scale(x, 2), ad.Scale(x, 1)))
		})
		if two := want([]float64{.4, 1, .6}); math.Abs(rows[1]-two) > 1e-13 || math.Abs(rows[2]-want(x)) > 1e-13 {
			t.Errorf("%s by rows is %v, want %v", name, rows, two)
		}
	}
	alpha := []float64{2, .7, 3}
	dir := at(t, x, func(g *ad.Graph, x ad.Value) ad.Value {
		return ad.Add(ad.Zeros(x), Dirichlet(x, g.Const(ad.F64, alpha, 3)))
	})
	if want := distmv.NewDirichlet(alpha, nil).LogProb(x); math.Abs(dir[0]-want) > 1e-13 {
		t.Errorf("dirichlet is %v, want %v", dir[0], want)
	}
	mix := at(t, x, func(g *ad.Graph, x ad.Value) ad.Value {
		c := func(v float64) ad.Value { return g.Scalar(ad.F64, v) }
		return Mixture(g.Const(ad.F64, []float64{math.Log(.3), math.Log(.7)}, 2), Normal(x, c(0), c(1)),
			Normal(x, c(2), c(.5)))
	})
	for i, v := range x {
		want := math.Log(.3*distuv.Normal{Sigma: 1}.Prob(v) + .7*distuv.Normal{Mu: 2, Sigma: .5}.Prob(v))
		if math.Abs(mix[i]-want) > 1e-13 {
			t.Errorf("mixture(%v) is %v, want %v", v, mix[i], want)
		}
	}
}

// lkj evaluates the density at partial correlations z (K = 3: z21, z31, z32) and the factor's Jacobian ∂L/∂z.
func lkj(t *testing.T, k int, eta float64, z []float64) []float64 {
	n := k * (k - 1) / 2
	return at(t, z, func(g *ad.Graph, x ad.Value) ad.Value {
		var out []ad.Value
		e := g.Scalar(ad.F64, eta)
		for p := range len(z) / n {
			root := func(a ad.Value) ad.Value { return ad.Sqrt(ad.Shift(ad.Neg(ad.Square(a)), 1)) }
			zero, one := g.Scalar(ad.F64, 0), g.Scalar(ad.F64, 1)
			z21 := ad.At(x, 0, p*n)
			ls, logJ := []ad.Value{one, zero, z21, root(z21)}, zero
			if k == 3 {
				z31, z32 := ad.At(x, 0, p*n+1), ad.At(x, 0, p*n+2)
				ls = []ad.Value{one, zero, zero, z21, root(z21), zero, z31, ad.Mul(z32, root(z31)),
					ad.Mul(root(z31), root(z32))}
				logJ = ad.Log(root(z31))
			}
			lp := ad.Add(LKJCorrCholesky(ad.Reshape(ad.Stack(0, ls...), k, k), e), logJ)
			for range n {
				out = append(out, lp)
			}
		}
		return ad.Stack(0, out...)
	})
}

// The LKJ density integrates to one over the factors, for two and three dimensions.
func TestLKJIntegratesToOne(t *testing.T) {
	const m = 16 // midpoints in z = sin θ, where the integrand is smooth and flat at the ends
	for _, eta := range []float64{1, 2.5} {
		var z2, w2, z3, w3 []float64
		for a := range m {
			ta := (float64(a)+.5)*math.Pi/m - math.Pi/2
			z2, w2 = append(z2, math.Sin(ta)), append(w2, math.Cos(ta)*math.Pi/m)
			for b := range m {
				tb := (float64(b)+.5)*math.Pi/m - math.Pi/2
				for c := range m / 4 { // the integrand is even in z32 and smooth: a coarser rule on one half
					tc := (float64(c) + .5) * math.Pi / 2 / (m / 4)
					z3 = append(z3, math.Sin(ta), math.Sin(tb), math.Sin(tc))
					w3 = append(w3, 2*math.Cos(ta)*math.Cos(tb)*math.Cos(tc)*math.Pi/m*math.Pi/m*math.Pi/2/(m/4))
				}
			}
		}
		sum := 0.
		for i, lp := range lkj(t, 2, eta, z2) {
			sum += w2[i] * math.Exp(lp)
		}
		if math.Abs(sum-1) > 5e-3 {
			t.Errorf("η=%v, two dimensions: mass %v", eta, sum)
		}
		sum = 0
		lps := make([]float64, 0, len(z3))
		for at := 0; at < len(z3); at += 300 {
			lps = append(lps, lkj(t, 3, eta, z3[at:min(at+300, len(z3))])...)
		}
		for i, w := range w3 {
			sum += w * math.Exp(lps[3*i])
		}
		if math.Abs(sum-1) > 1e-2 {
			t.Errorf("η=%v, three dimensions: mass %v", eta, sum)
		}
	}
}
