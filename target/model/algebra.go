package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// algebra are the words of square matrices and of Gaussian processes.
func (t *tracer) algebra() starlark.StringDict {
	d := starlark.StringDict{}
	d["solve"] = t.builtin("solve", 2, func(v []ad.Value) ad.Value { return ad.Solve(number(v[0]), number(v[1])) })
	d["inverse"] = t.builtin("inverse", 1, func(v []ad.Value) ad.Value { return ad.Inverse(number(v[0])) })
	d["matrix_exp"] = t.builtin("matrix_exp", 1, func(v []ad.Value) ad.Value { return ad.MatrixExp(number(v[0])) })
	d["eigenvalues_sym"] = t.builtin("eigenvalues_sym", 1, func(v []ad.Value) ad.Value {
		x, _ := ad.EigenSymmetric(number(v[0]))
		return x
	})
	d["eigenvectors_sym"] = t.builtin("eigenvectors_sym", 1, func(v []ad.Value) ad.Value {
		_, x := ad.EigenSymmetric(number(v[0]))
		return x
	})
	type v = ad.Value
	for name, f := range map[string]func(d2 v) v{ // of squared distances in lengths
		"gp_exp_quad": func(d2 v) v { return ad.Exp(ad.Scale(d2, -.5)) },
		"gp_matern12": func(d2 v) v { return ad.Exp(ad.Neg(root(d2))) },
		"gp_matern32": func(d2 v) v {
			r := ad.Scale(root(d2), math.Sqrt(3))
			return ad.Mul(ad.Shift(r, 1), ad.Exp(ad.Neg(r)))
		},
		"gp_matern52": func(d2 v) v {
			r := ad.Scale(root(d2), math.Sqrt(5))
			return ad.Mul(ad.Add(ad.Shift(r, 1), ad.Scale(d2, 5./3)), ad.Exp(ad.Neg(r)))
		},
	} {
		d[name] = t.kernel(name, f)
	}
	d["gp_periodic"] = starlark.NewBuiltin("gp_periodic", t.periodic)
	d["gp_predict"] = starlark.NewBuiltin("gp_predict", t.gpPredict)
	d["levels"] = starlark.NewBuiltin("levels", t.levels)
	d["impute"] = starlark.NewBuiltin("impute", t.impute)
	return d
}

// root is √x whose derivative at 0 is 0: a distance of a point from itself.
func root(x ad.Value) ad.Value {
	zero := ad.LessEqual(x, ad.Zeros(x))
	return ad.Select(zero, ad.Zeros(x), ad.Sqrt(ad.Select(zero, ad.Shift(ad.Zeros(x), 1), x)))
}

// squared are the squared distances of points [n] or [n, k] from points [m] or [m, k].
func squared(name string, x, y ad.Value) ad.Value {
	a, b := column(x), column(y)
	if a.Rank() != 2 || b.Rank() != 2 || a.Shape()[1] != b.Shape()[1] {
		panic(&ad.Error{Op: name, Detail: fmt.Sprintf("points of shapes %s and %s", shapeText(x.Shape()),
			shapeText(y.Shape()))})
	}
	n, m, k := a.Shape()[0], b.Shape()[0], a.Shape()[1]
	return ad.Sum(ad.Square(ad.Sub(ad.Reshape(a, n, 1, k), ad.Reshape(b, 1, m, k))), 2)
}

// kernel is name(x, sigma, length, y = None): sigma² f(|x_i − y_j|²/length²) between the points x and y, or x and x; a
// length for each coordinate (automatic relevance) is a vector.
func (t *tracer) kernel(name string, f func(d2 ad.Value) ad.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var x, sigma, length, y starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "x", &x, "sigma", &sigma, "length", &length, "y?",
			&y); err != nil {
			return nil, err
		}
		s, l, err := t.scales(name, sigma, length)
		if err != nil {
			return nil, err
		}
		if y == nil || y == starlark.None {
			y = x
		}
		if l.rank() > 0 {
			return t.apply(name, func(v []ad.Value) ad.Value {
				a, b := column(v[0]), column(v[1])
				return ad.Mul(ad.Square(v[2]), f(squared(name, ad.Div(a, v[3]), ad.Div(b, v[3]))))
			}, x, y, s, l)
		}
		d2, err := t.apply(name, func(v []ad.Value) ad.Value { return squared(name, v[0], v[1]) }, x, y)
		if err != nil {
			return nil, err
		}
		return t.apply(name, func(v []ad.Value) ad.Value {
			return ad.Mul(ad.Square(v[1]), f(ad.Div(v[0], ad.Square(v[2]))))
		}, d2, s, l)
	})
}

// scales are the standard deviation and the lengths of a kernel.
func (t *tracer) scales(name string, sigma, length starlark.Value) (s, l *tensor, err error) {
	if s, err = t.tensor(sigma); err == nil && s.rank() > 0 {
		err = fmt.Errorf("%s: sigma is one number", name)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := positive(name, "sigma", s); err != nil {
		return nil, nil, err
	}
	if l, err = t.tensor(length); err != nil {
		return nil, nil, err
	}
	if l.rank() > 1 {
		return nil, nil, fmt.Errorf("%s: length is a number, or one for each coordinate", name)
	}
	return s, l, positive(name, "length", l)
}

// periodic is gp_periodic(x, sigma, length, period, y = None): sigma² exp(−2 sin²(π|x_i − y_j|/period)/length²).
func (t *tracer) periodic(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	const name = "gp_periodic"
	var x, sigma, length, period, y starlark.Value
	if err := starlark.UnpackArgs(name, args, kw, "x", &x, "sigma", &sigma, "length", &length, "period", &period, "y?",
		&y); err != nil {
		return nil, err
	}
	s, l, err := t.scales(name, sigma, length)
	if err != nil {
		return nil, err
	}
	p, err := t.tensor(period)
	if err != nil {
		return nil, err
	}
	if err := positive(name, "period", p); err != nil {
		return nil, err
	}
	if y == nil || y == starlark.None {
		y = x
	}
	d, err := t.apply(name, func(v []ad.Value) ad.Value { return root(squared(name, v[0], v[1])) }, x, y)
	if err != nil {
		return nil, err
	}
	return t.apply(name, func(v []ad.Value) ad.Value {
		q := ad.Div(ad.Sin(ad.Div(ad.Scale(v[0], math.Pi), v[3])), v[2])
		return ad.Mul(ad.Square(v[1]), ad.Exp(ad.Scale(ad.Square(q), -2)))
	}, d, s, l, p)
}

// gpPredict is gp_predict(K, K_new, K_both, y): mean and covariance at new points of a Gaussian process with covariance
// K of y, K_both [n, m] of y and the new points, K_new [m, m] of these: K_bothᵀK⁻¹y and K_new − K_bothᵀK⁻¹K_both.
func (t *tracer) gpPredict(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	const name = "gp_predict"
	var k, fresh, both, y starlark.Value
	if err := starlark.UnpackArgs(name, args, kw, "K", &k, "K_new", &fresh, "K_both", &both, "y", &y); err != nil {
		return nil, err
	}
	l, err := t.choleskyOf(th, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	w, err := t.apply(name, func(v []ad.Value) ad.Value { return ad.TriangularSolve(v[0], v[1], false) }, l, both)
	if err != nil {
		return nil, err
	}
	mean, err := t.apply(name, func(v []ad.Value) ad.Value {
		return ad.MatMul(ad.Transpose(v[0]), ad.TriangularSolve(v[1], v[2], false))
	}, w, l, y)
	if err != nil {
		return nil, err
	}
	cov, err := t.apply(name, func(v []ad.Value) ad.Value { return ad.Sub(v[0], ad.MatMulT(v[1], v[1], true, false)) },
		fresh, w)
	return starlark.Tuple{mean, cov}, err
}
