package model

import (
	"fmt"
	"math"
	"strings"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// family is a distribution of numbers with parameters that broadcast.
type family struct {
	// names, separated by blanks; a name with a + is a positive parameter, with a % a probability, with a # a
	// count
	params  string
	lo, hi  float64
	integer bool
	density func(x ad.Value, a []ad.Value) ad.Value
	draw    func(g *ad.Graph, shape []int, a []ad.Value) ad.Value
}

func families() map[string]family {
	out := firstFamilies()
	for name, f := range moreFamilies() {
		out[name] = f
	}
	return out
}

func firstFamilies() map[string]family {
	inf := math.Inf(1)
	type v = ad.Value
	normal := func(g *ad.Graph, shape []int, a []v) v {
		return ad.Add(a[0], ad.Mul(a[1], g.Normal(ad.F64, shape...)))
	}
	centred := func(g *ad.Graph, u v) v { return ad.Shift(u, -.5) }
	cauchy := func(g *ad.Graph, shape []int, mu, s v) v {
		c := ad.Scale(centred(g, g.Uniform(ad.F64, shape...)), math.Pi)
		return ad.Add(mu, ad.Mul(s, ad.Div(ad.Sin(c), ad.Cos(c))))
	}
	logit := func(u v) v { return ad.Sub(ad.Log(u), ad.Log1p(ad.Neg(u))) }
	coin := func(g *ad.Graph, shape []int, p v) v {
		return ad.Cast(ad.Less(g.Uniform(ad.F64, shape...), p), ad.F64)
	}
	return map[string]family{
		"normal": {"mu sigma+", -inf, inf, false, func(x v, a []v) v { return dist.Normal(x, a[0], a[1]) }, normal},
		"half_normal": {"sigma+", 0, inf, false, func(x v, a []v) v { return dist.HalfNormal(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Abs(ad.Mul(a[0], g.Normal(ad.F64, shape...)))
			}},
		"student_t": {"nu+ mu sigma+", -inf, inf, false,
			func(x v, a []v) v { return dist.StudentT(x, a[0], a[1], a[2]) }, drawStudentT},
		"cauchy": {"mu sigma+", -inf, inf, false, func(x v, a []v) v { return dist.Cauchy(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return cauchy(g, shape, a[0], a[1]) }},
		"half_cauchy": {"sigma+", 0, inf, false, func(x v, a []v) v { return dist.HalfCauchy(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Abs(cauchy(g, shape, ad.Zeros(a[0]), a[0]))
			}},
		"exponential": {"rate+", 0, inf, false, func(x v, a []v) v { return dist.Exponential(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Neg(ad.Div(ad.Log(g.Uniform(ad.F64, shape...)), a[0]))
			}},
		"gamma": {"alpha+ beta+", 0, inf, false, func(x v, a []v) v { return dist.Gamma(x, a[0], a[1]) },
			drawGamma},
		"inverse_gamma": {"alpha+ beta+", 0, inf, false, func(x v, a []v) v { return dist.InverseGamma(x, a[0], a[1]) },
			drawInverseGamma},
		"beta": {"alpha+ beta+", 0, 1, false, func(x v, a []v) v { return dist.Beta(x, a[0], a[1]) },
			drawBeta},
		"lognormal": {"mu sigma+", 0, inf, false, func(x v, a []v) v { return dist.LogNormal(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return ad.Exp(normal(g, shape, a)) }},
		"laplace": {"mu b+", -inf, inf, false, func(x v, a []v) v { return dist.Laplace(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				c := centred(g, g.Uniform(ad.F64, shape...))
				return ad.Sub(a[0], ad.Mul(a[1], ad.Mul(ad.Sign(c), ad.Log1p(ad.Scale(ad.Abs(c), -2)))))
			}},
		"logistic": {"mu s+", -inf, inf, false, func(x v, a []v) v { return dist.Logistic(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v {
				return ad.Add(a[0], ad.Mul(a[1], logit(g.Uniform(ad.F64, shape...))))
			}},
		"bernoulli": {"theta%", 0, 1, true, func(x v, a []v) v { return dist.Bernoulli(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v { return coin(g, shape, a[0]) }},
		"bernoulli_logit": {"alpha", 0, 1, true, func(x v, a []v) v { return dist.BernoulliLogit(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v { return coin(g, shape, ad.Sigmoid(a[0])) }},
		"binomial": {"n# theta%", 0, inf, true, func(x v, a []v) v { return dist.Binomial(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawBinomial(g, shape, a[0], a[1]) }},
		"binomial_logit": {"n# alpha", 0, inf, true, func(x v, a []v) v { return dist.BinomialLogit(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawBinomial(g, shape, a[0], ad.Sigmoid(a[1])) }},
		"poisson": {"rate+", 0, inf, true, func(x v, a []v) v { return dist.Poisson(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawPoisson(g, shape, a[0]) }},
		"poisson_log": {"alpha", 0, inf, true, func(x v, a []v) v { return dist.PoissonLog(x, a[0]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawPoisson(g, shape, ad.Exp(a[0])) }},
		"neg_binomial": {"alpha+ beta+", 0, inf, true, func(x v, a []v) v { return dist.NegBinomial(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawMixed(g, shape, a[0], a[1]) }},
		"neg_binomial_2": {"mu+ phi+", 0, inf, true, func(x v, a []v) v { return dist.NegBinomial2(x, a[0], a[1]) },
			func(g *ad.Graph, shape []int, a []v) v { return drawMixed(g, shape, a[1], ad.Div(a[1], a[0])) }},
	}
}

// family makes the builtin of a family.
func (t *tracer) family(name string, f family) *starlark.Builtin {
	limits := limitsOf()
	names := strings.Fields(f.params)
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		vals := make([]starlark.Value, len(names))
		var pairs []any
		for i, n := range names {
			pairs = append(pairs, strings.TrimRight(n, "+%#"), &vals[i])
		}
		var ends [2]starlark.Value
		pairs = append(pairs, "lower?", &ends[0], "upper?", &ends[1])
		if err := starlark.UnpackArgs(name, args, kw, pairs...); err != nil {
			return nil, err
		}
		for i, n := range names {
			word := strings.TrimRight(n, "+%#")
			a, err := t.tensor(vals[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", name, word, err)
			}
			switch n[len(n)-1] {
			case '+':
				err = positive(name, word, a)
			case '%':
				err = probability(name, word, a)
			case '#':
				err = count(name, word, a)
			default:
				err = finite(name, word, a)
			}
			if err != nil {
				return nil, err
			}
			vals[i] = a
		}
		d := &distribution{t: t, name: name, args: vals, lo: f.lo, hi: f.hi, integer: f.integer, density: f.density,
			draw: f.draw}
		if names[0] == "n#" {
			d.ofTrials(vals[0].(*tensor))
		}
		if l, ok := limits[name]; ok {
			d.tails, d.quantile, d.above = l.tails, l.quantile, aboveOf()[name]
		}
		switch name {
		case "pareto":
			d.fromLeast(vals[0].(*tensor))
		case "beta_binomial":
			d.countedTails(vals[0].(*tensor))
		}
		return d.truncate(ends[0], ends[1])
	})
}

// ofTrials bounds a binomial by its number of trials.
func (d *distribution) ofTrials(n *tensor) {
	if len(n.x) == 1 {
		d.hi = n.x[0]
		return
	}
	d.within = func(lp, x ad.Value, a []ad.Value) ad.Value {
		return ad.Select(ad.Greater(x, a[0]), ad.Shift(ad.Zeros(lp), math.Inf(-1)), lp)
	}
	d.check = func(y *tensor) error {
		trials := repeated(n, y.shape)
		if trials == nil { // the shapes are refused where they meet
			return nil
		}
		for i, v := range y.x {
			if v > trials[i] {
				return fmt.Errorf("observe: data[%d] is %v of %v trials", i, v, trials[i])
			}
		}
		return nil
	}
}

// uniform is a family whose support is its parameters.
func (t *tracer) uniform(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var a, b float64
	if err := starlark.UnpackArgs("uniform", args, kw, "a", &number64{&a}, "b", &number64{&b}); err != nil {
		return nil, err
	}
	if !(a < b) || math.IsInf(b-a, 0) {
		return nil, fmt.Errorf("uniform(%g, %g) is empty or unbounded", a, b)
	}
	return &distribution{t: t, name: "uniform", lo: a, hi: b, args: []starlark.Value{starlark.Float(a),
		starlark.Float(b)},
		density: func(x ad.Value, a []ad.Value) ad.Value { return dist.Uniform(x, a[0], a[1]) },
		tails:   limitsOf()["uniform"].tails, quantile: limitsOf()["uniform"].quantile,
		draw: func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
			return ad.Add(a[0], ad.Mul(ad.Sub(a[1], a[0]), g.Uniform(ad.F64, shape...)))
		}}, nil
}
