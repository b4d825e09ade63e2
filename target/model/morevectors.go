package model

import (
	"fmt"
	"math"
	"slices"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// scaleOf is the lower factor of a scale matrix that is given as such or as its factor.
func (t *tracer) scaleOf(th *starlark.Thread, name string, cov, chol starlark.Value) (*tensor, error) {
	if (cov == nil) == (chol == nil) {
		return nil, fmt.Errorf("%s takes either a matrix or cholesky", name)
	}
	var (
		l   *tensor
		err error
	)
	if cov != nil {
		if l, err = t.choleskyOf(th, cov); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	} else if l, err = t.tensor(chol); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	} else if err := factor(name+": cholesky", l); err != nil {
		return nil, err
	}
	if _, err := square(name, l); err != nil {
		return nil, err
	}
	if cov == nil {
		t.expect(th, name+": cholesky", l, true)
	}
	return l, nil
}

// multiStudentT is multi_student_t(nu, mu, cov = …) or (nu, mu, cholesky = …), of a scale matrix.
func (t *tracer) multiStudentT(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	const name = "multi_student_t"
	var nu, mu, cov, chol starlark.Value
	if err := starlark.UnpackArgs(name, args, kw, "nu", &nu, "mu", &mu, "cov?", &cov, "cholesky?", &chol); err != nil {
		return nil, err
	}
	v, err := t.tensor(nu)
	if err != nil || v.rank() != 0 {
		return nil, fmt.Errorf("%s: nu is one number", name)
	}
	if err := positive(name, "nu", v); err != nil {
		return nil, err
	}
	m, err := t.tensor(mu)
	if err != nil {
		return nil, fmt.Errorf("%s: mu: %w", name, err)
	}
	if err := finite(name, "mu", m); err != nil {
		return nil, err
	}
	l, err := t.scaleOf(th, name, cov, chol)
	if err != nil {
		return nil, err
	}
	n := l.shape[0]
	if m.rank() > 0 && m.shape[m.rank()-1] != n {
		return nil, fmt.Errorf("%s: mu has shape %s, the matrix %s", name, shapeText(m.shape), shapeText(l.shape))
	}
	return &distribution{t: t, name: name, lo: math.Inf(-1), hi: math.Inf(1), axes: 1, args: []starlark.Value{v, m, l},
		density: func(x ad.Value, a []ad.Value) ad.Value {
			wants(name, x, n)
			return dist.MultiStudentT(x, a[0], a[1], a[2])
		},
		draw: func(g *ad.Graph, _ []int, a []ad.Value) ad.Value {
			mean := a[1]
			if mean.Rank() == 0 {
				mean = ad.BroadcastTo(mean, n)
			}
			lead := mean.Shape()[:mean.Rank()-1]
			half := ad.BroadcastTo(ad.Scale(a[0], .5), lead...)
			wide := ad.Exp(ad.Scale(ad.Sub(ad.Log(half), logGamma(g, half)), .5))
			z := drawNormals(g, ad.Zeros(mean), a[2], n)
			return ad.Add(mean, ad.Mul(z, ad.Reshape(wide, append(slices.Clone(lead), 1)...)))
		}}, nil
}

// multinomial is multinomial(n, theta): counts of n trials, one row of chances for all or one for each.
func (t *tracer) multinomial(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	const name = "multinomial"
	var n, theta starlark.Value
	if err := starlark.UnpackArgs(name, args, kw, "n", &n, "theta", &theta); err != nil {
		return nil, err
	}
	trials, err := t.tensor(n)
	if err != nil {
		return nil, fmt.Errorf("%s: n: %w", name, err)
	}
	if err := count(name, "n", trials); err != nil {
		return nil, err
	}
	p, err := t.tensor(theta)
	if err != nil || p.rank() < 1 {
		return nil, fmt.Errorf("%s: theta has an entry for each category", name)
	}
	if err := shares(name, "theta", p); err != nil {
		return nil, err
	}
	k := p.shape[p.rank()-1]
	return &distribution{t: t, name: name, lo: 0, hi: math.Inf(1), axes: 1, integer: true,
		args: []starlark.Value{trials, p},
		density: func(x ad.Value, a []ad.Value) ad.Value {
			wants(name, x, k)
			return dist.Multinomial(x, a[1])
		},
		check: func(y *tensor) error {
			if y.rank() == 0 || y.shape[y.rank()-1] != k {
				return nil // refused by its shape
			}
			want := repeated(trials, y.shape[:y.rank()-1])
			if want == nil {
				return fmt.Errorf("observe: %s: n has shape %s for data %s", name, shapeText(trials.shape),
					shapeText(y.shape))
			}
			for i, w := range want {
				sum := 0.
				for _, v := range y.x[i*k : (i+1)*k] {
					sum += v
				}
				if sum != w {
					return fmt.Errorf("observe: %s: row %d of the data counts %v, not n = %v", name, i, sum, w)
				}
			}
			return nil
		},
		draw: func(g *ad.Graph, _ []int, a []ad.Value) ad.Value {
			// binomial after binomial of what is left
			axis := a[1].Rank() - 1
			left := ad.Add(a[0], ad.Zeros(ad.At(a[1], axis, 0)))
			rest := ad.Sum(a[1], axis)
			var parts []ad.Value
			for i := range k {
				y := left
				if i < k-1 {
					c := ad.Min(ad.Div(ad.At(a[1], axis, i), rest), ad.Shift(ad.Zeros(rest), 1))
					c = ad.Select(ad.Greater(rest, ad.Zeros(rest)), c, ad.Zeros(c))
					y = drawBinomial(g, left.Shape(), left, ad.BroadcastTo(c, left.Shape()...))
					rest = ad.Sub(rest, ad.At(a[1], axis, i))
				}
				left = ad.Sub(left, y)
				parts = append(parts, y)
			}
			return ad.Stack(parts[0].Rank(), parts...)
		}}, nil
}

// orderedCategories is ordered_logistic(eta, cutpoints) or ordered_probit: categories from 0 between rising cut points.
func (t *tracer) orderedCategories(name string, f func(eta, c ad.Value) ad.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var eta, cuts starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "eta", &eta, "cutpoints", &cuts); err != nil {
			return nil, err
		}
		e, err := t.tensor(eta)
		if err != nil {
			return nil, fmt.Errorf("%s: eta: %w", name, err)
		}
		c, err := t.tensor(cuts)
		if err != nil || c.rank() < 1 {
			return nil, fmt.Errorf("%s: cutpoints are a vector, one less than there are categories", name)
		}
		for _, a := range []*tensor{e, c} {
			if err := finite(name, "eta or cutpoints", a); err != nil {
				return nil, err
			}
		}
		if p := c.param; p != nil && p.kind.kind != "ordered" && p.kind.kind != "positive_ordered" && c.shape[0] > 1 {
			return nil, fmt.Errorf("%s: cutpoints is the parameter %q, which is %s: declare it ordered(%d)", name,
				p.name,
				p.kind.name, c.shape[len(c.shape)-1])
		}
		for i := 1; i < len(c.x); i++ {
			if i%c.shape[c.rank()-1] > 0 && !(c.x[i] > c.x[i-1]) {
				return nil, fmt.Errorf("%s: cut point %d is %v, not above the one before it, %v", name, i, c.x[i],
					c.x[i-1])
			}
		}
		rows, err := t.apply(name, func(v []ad.Value) ad.Value { return f(number(v[0]), number(v[1])) }, e, c)
		if err != nil {
			return nil, err
		}
		a, err := t.tensor(rows)
		if err != nil {
			return nil, err
		}
		k := a.shape[a.rank()-1]
		return &distribution{t: t, name: name, args: []starlark.Value{a}, lo: 0, hi: float64(k - 1), integer: true,
			index: true, density: func(y ad.Value, a []ad.Value) ad.Value { return dist.CategoricalOf(y, a[0]) },
			draw: func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
				return drawCategory(g, ad.Exp(a[0]), shape[:len(shape)-1])
			}}, nil
	})
}

// lkjMatrix is lkj_corr(eta), a density of correlation matrices.
func (t *tracer) lkjMatrix(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	const name = "lkj_corr"
	var eta starlark.Value
	if err := starlark.UnpackArgs(name, args, kw, "eta", &eta); err != nil {
		return nil, err
	}
	a, err := t.tensor(eta)
	if err != nil || a.rank() != 0 {
		return nil, fmt.Errorf("%s: eta is one number", name)
	}
	if err := positive(name, "eta", a); err != nil {
		return nil, err
	}
	return &distribution{t: t, name: name, lo: math.Inf(-1), hi: math.Inf(1), needs: "corr_matrix", axes: 2,
		args: []starlark.Value{a}, density: func(x ad.Value, v []ad.Value) ad.Value {
			if s := x.Shape(); len(s) != 2 || s[0] != s[1] {
				panic(&ad.Error{Op: name, Detail: fmt.Sprintf("a value of shape %s for a square matrix", shapeText(s))})
			}
			return dist.LKJCorr(x, v[0])
		}}, nil
}
