package model

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// moreFamilies are those of survival, extremes, directions, skew and counts that vary more than a binomial.
func moreFamilies() map[string]family {
	inf := math.Inf(1)
	type v = ad.Value
	uniform := func(g *ad.Graph, shape []int) v { return g.Uniform(ad.F64, shape...) }
	half := func(x v) v { return ad.Scale(x, .5) }
	halfOf := func(x v) v { return ad.Shift(ad.Zeros(x), .5) }
	return map[string]family{
		"weibull": {"alpha+ sigma+", 0, inf, false, func(x v, a []v) v { return dist.Weibull(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Mul(a[1], ad.Pow(ad.Neg(ad.Log(uniform(g, shape))), ad.Recip(a[0])))
			}},
		"pareto": {"y_min+ alpha+", 0, inf, false, func(x v, a []v) v { return dist.Pareto(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Mul(a[0], ad.Exp(ad.Neg(ad.Div(ad.Log(uniform(g, shape)), a[1]))))
			}},
		"gumbel": {"mu beta+", -inf, inf, false, func(x v, a []v) v { return dist.Gumbel(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Sub(a[0], ad.Mul(a[1], ad.Log(ad.Neg(ad.Log(uniform(g, shape))))))
			}},
		"frechet": {"alpha+ sigma+", 0, inf, false, func(x v, a []v) v { return dist.Frechet(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Mul(a[1], ad.Pow(ad.Neg(ad.Log(uniform(g, shape))), ad.Neg(ad.Recip(a[0]))))
			}},
		"rayleigh": {"sigma+", 0, inf, false, func(x v, a []v) v { return dist.Rayleigh(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Mul(a[0], ad.Sqrt(ad.Scale(ad.Log(uniform(g, shape)), -2)))
			}},
		"chi_square": {"nu+", 0, inf, false, func(x v, a []v) v { return dist.Gamma(x, half(a[0]), halfOf(a[0])) },
			func(g *ad.Graph, shape []int, a []v) v { return drawGamma(g, shape, []v{half(a[0]), halfOf(a[0])}) }},
		"inv_chi_square": {"nu+", 0, inf, false, func(x v, a []v) v {
			return dist.InverseGamma(x, half(a[0]), halfOf(a[0]))
		},
			func(g *ad.Graph, shape []int, a []v) v {
				return drawInverseGamma(g, shape, []v{half(a[0]), halfOf(a[0])})
			}},
		"skew_normal": {"xi omega+ alpha", -inf, inf, false,
			func(x v, a []v) v { return dist.SkewNormal(x, a[0], a[1], a[2]) },
			func(g *ad.Graph, shape []int, a []v) v {
				// δ|z₁| + √(1−δ²)z₂, δ = α/√(1+α²)
				root := ad.Sqrt(ad.Shift(ad.Square(a[2]), 1))
				z := ad.Add(ad.Mul(a[2], ad.Abs(g.Normal(ad.F64, shape...))), g.Normal(ad.F64, shape...))
				return ad.Add(a[0], ad.Mul(a[1], ad.Div(z, root)))
			}},
		"von_mises": {"mu kappa+", -math.Pi, math.Pi, false,
			func(x v, a []v) v { return dist.VonMises(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.QuantileOf("von_mises", vonMisesQuantile, uniform(g, shape), spread(a[0], shape),
					spread(a[1], shape))
			}},
		"beta_binomial": {"n# alpha+ beta+", 0, inf, true,
			func(x v, a []v) v { return dist.BetaBinomial(x, a[0], a[1], a[2]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return drawBinomial(g, shape, a[0], drawBeta(g, shape, a[1:]))
			}},
		"geometric": {"theta%", 0, inf, true, func(x v, a []v) v {
			return dist.NegBinomial(x, ad.Shift(ad.Zeros(a[0]), 1), odds(a[0]))
		},
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Floor(ad.Div(ad.Log(uniform(g, shape)), ad.Log1p(ad.Neg(a[0]))))
			}},
	}
}

// odds is p/(1−p).
func odds(p ad.Value) ad.Value { return ad.Div(p, ad.Shift(ad.Neg(p), 1)) }

// fromLeast bounds a Pareto by its least value.
func (d *distribution) fromLeast(least *tensor) {
	if len(least.x) == 1 {
		d.lo = least.x[0]
		return
	}
	d.truncated = true
	if least.isData() {
		d.check = func(y *tensor) error {
			from := repeated(least, y.shape)
			for i, v := range from {
				if y.x[i] < v {
					return fmt.Errorf("observe: data[%d] is %v; pareto takes numbers from %v on", i, y.x[i], v)
				}
			}
			return nil
		}
	}
}

// countedTails are those of a family of few counts, summed.
func (d *distribution) countedTails(n *tensor) {
	most := 0.
	for _, v := range n.x {
		most = max(most, v)
	}
	mass := d.density
	// table of log masses [most+1, …]: −∞ beyond the trials
	table := func(x ad.Value, a []ad.Value) (k, lp ad.Value) {
		x = commonOf(x, a)
		steps := make([]float64, int(most)+1)
		for i := range steps {
			steps[i] = float64(i)
		}
		shape := append([]int{len(steps)}, ones(x.Rank())...)
		k = ad.Reshape(d.t.current().Const(ad.F64, steps, len(steps)), shape...)
		beyond := ad.Greater(ad.Add(k, ad.Zeros(a[0])), ad.Add(a[0], ad.Zeros(k)))
		in := ad.Select(beyond, ad.Zeros(ad.Add(k, a[0])), ad.Add(k, ad.Zeros(a[0])))
		lp = mass(in, a)
		lp = ad.Select(ad.BroadcastTo(beyond, lp.Shape()...), ad.Shift(ad.Zeros(lp), math.Inf(-1)), lp)
		return k, lp
	}
	part := func(take, lp ad.Value) ad.Value {
		lp = ad.BroadcastTo(lp, take.Shape()...)
		p := ad.Sum(ad.Select(take, ad.Exp(lp), ad.Zeros(lp)), 0)
		return ad.Log(p)
	}
	d.tails = func(x ad.Value, a []ad.Value) (below, above ad.Value) {
		k, lp := table(x, a)
		x = commonOf(x, a)
		all := ad.Add(ad.Zeros(ad.Add(k, x)), ad.Zeros(lp))
		return part(ad.LessEqual(ad.Add(k, all), ad.Add(x, all)), lp), part(ad.Greater(ad.Add(k, all), ad.Add(x, all)),
			lp)
	}
	d.quantile = func(p ad.Value, a []ad.Value) ad.Value {
		k, lp := table(p, a)
		f := ad.CumSum(ad.Exp(ad.Add(lp, ad.Zeros(ad.Add(k, p)))), 0)
		short := ad.Less(f, ad.Add(p, ad.Zeros(f)))
		return ad.Min(ad.Sum(ad.Cast(short, ad.F64), 0), ad.Add(a[0], ad.Zeros(p)))
	}
}

func ones(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// commonOf is x at the shape to which it and the parameters broadcast.
func commonOf(x ad.Value, a []ad.Value) ad.Value {
	for _, v := range a {
		x = ad.Add(x, ad.Zeros(number(v)))
	}
	return x
}

// vonMisesQuantile of (−π, π), by halving an integral over 400 panels of Simpson's rule around the mean.
func vonMisesQuantile(u, mu, kappa float64) float64 {
	if !(kappa > 0) || math.IsInf(kappa, 0) || math.IsNaN(mu+u) {
		return math.NaN()
	}
	width := min(math.Pi, 13/math.Sqrt(kappa+1e-3))
	const n = 400
	f := func(t float64) float64 { s := math.Sin(.5 * t); return math.Exp(-2 * kappa * s * s) }
	h := width / n
	cum := make([]float64, n+1)
	for i := range n {
		t := float64(i) * h
		cum[i+1] = cum[i] + h/6*(f(t)+4*f(t+.5*h)+f(t+h))
	}
	// an angle from the mean, of a chance q of (−½, ½)
	at := func(q float64) float64 {
		want := math.Abs(q) * 2 * cum[n]
		lo, hi := 0, n
		for hi-lo > 1 {
			if mid := (lo + hi) / 2; cum[mid] <= want {
				lo = mid
			} else {
				hi = mid
			}
		}
		a, b := float64(lo)*h, float64(hi)*h
		base := cum[lo]
		t0 := a
		for range 60 {
			m := .5 * (a + b)
			w := m - t0
			if base+w/6*(f(t0)+4*f(t0+.5*w)+f(m)) <= want {
				a = m
			} else {
				b = m
			}
		}
		return math.Copysign(.5*(a+b), q)
	}
	// the chance from the mean to −π, so that the quantile is that of the distribution function from −π on
	d := -math.Pi - mu
	d -= 2 * math.Pi * math.Floor((d+math.Pi)/(2*math.Pi))
	t := min(math.Abs(d), width)
	i := min(int(t/h), n-1)
	w := t - float64(i)*h
	left := math.Copysign((cum[i]+w/6*(f(t-w)+4*f(t-.5*w)+f(t)))/(2*cum[n]), d)
	q := u + left
	x := mu + at(q-math.Round(q))
	x -= 2 * math.Pi * math.Floor((x+math.Pi)/(2*math.Pi))
	switch { // the ends are one angle
	case u < 1e-9 && x > 3:
		x -= 2 * math.Pi
	case u > 1-1e-9 && x < -3:
		x += 2 * math.Pi
	}
	return max(-math.Pi, min(x, math.Pi))
}
