package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// multiNormal is multi_normal(mu, cov = …) or multi_normal(mu, cholesky = …). A factor of data is inverted
// once, so that a batch of states costs one product of matrices.
func (t *tracer) multiNormal(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var mu, cov, chol starlark.Value
	if err := starlark.UnpackArgs("multi_normal", args, kw, "mu", &mu, "cov?", &cov, "cholesky?", &chol); err != nil {
		return nil, err
	}
	if (cov == nil) == (chol == nil) {
		return nil, fmt.Errorf("multi_normal takes either cov or cholesky")
	}
	m, err := t.tensor(mu)
	if err != nil {
		return nil, fmt.Errorf("multi_normal: mu: %w", err)
	}
	if err := finite("multi_normal", "mu", m); err != nil {
		return nil, err
	}
	var l *tensor
	if cov != nil {
		v, err := t.choleskyOf(th, cov)
		if err != nil {
			return nil, fmt.Errorf("multi_normal: %w", err)
		}
		l = v
	} else if l, err = t.tensor(chol); err != nil {
		return nil, fmt.Errorf("multi_normal: %w", err)
	} else if err := factor("multi_normal: cholesky", l); err != nil {
		return nil, err
	}
	n, err := square("multi_normal", l)
	if err != nil {
		return nil, err
	}
	if cov == nil {
		t.expect(th, "multi_normal: cholesky", l, true)
	}
	if m.rank() > 0 && m.shape[m.rank()-1] != n {
		return nil, fmt.Errorf("multi_normal: mu has shape %s, the matrix %s", shapeText(m.shape), shapeText(l.shape))
	}
	d := &distribution{t: t, name: "multi_normal", lo: math.Inf(-1), hi: math.Inf(1), axes: 1, args: []starlark.Value{m,
		l},
		density: func(x ad.Value, a []ad.Value) ad.Value {
			wants("multi_normal", x, n)
			return dist.MultiNormalCholesky(x, a[0], a[1])
		},
		draw: func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
			return drawNormals(g, a[0], a[1], n)
		}}
	if !l.isData() {
		return d, nil
	}
	w, err := t.inverseLower(l)
	if err != nil {
		return nil, err
	}
	logDet := 0.
	for i := range n {
		logDet += math.Log(l.x[i*n+i])
	}
	d.args = []starlark.Value{m, w, starlark.Float(logDet), l}
	d.density = func(x ad.Value, a []ad.Value) ad.Value {
		wants("multi_normal", x, n)
		return dist.MultiNormalWhiten(x, a[0], a[1], a[2])
	}
	d.draw = func(g *ad.Graph, shape []int, a []ad.Value) ad.Value {
		return drawNormals(g, a[0], a[3], n)
	}
	return d, nil
}

func wants(name string, x ad.Value, n int) {
	if x.Rank() == 0 || x.Shape()[x.Rank()-1] != n {
		panic(&ad.Error{Op: name, Detail: fmt.Sprintf("a value of shape %s for vectors of length %d",
			shapeText(x.Shape()), n)})
	}
}

// choleskyOf is the factor of data or of a traced matrix.
func (t *tracer) choleskyOf(th *starlark.Thread, v starlark.Value) (*tensor, error) {
	a, err := t.tensor(v)
	if err != nil {
		return nil, err
	}
	if a.isData() {
		return t.cholesky(a)
	}
	t.expect(th, "cholesky", a, false)
	l, err := t.apply("cholesky", func(v []ad.Value) ad.Value { return ad.Cholesky(v[0]) }, a)
	if err != nil {
		return nil, err
	}
	return l.(*tensor), nil
}

func (t *tracer) dirichlet(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var alpha starlark.Value
	if err := starlark.UnpackArgs("dirichlet", args, kw, "alpha", &alpha); err != nil {
		return nil, err
	}
	a, err := t.tensor(alpha)
	if err != nil || a.rank() < 1 {
		return nil, fmt.Errorf("dirichlet: alpha has one entry for each element of the simplex, in one row or in a " +
			"row for each")
	}
	if err := positive("dirichlet", "alpha", a); err != nil {
		return nil, err
	}
	return &distribution{t: t, name: "dirichlet", lo: math.Inf(-1), hi: math.Inf(1), needs: "simplex", axes: 1,
		args: []starlark.Value{a},
		check: func(x *tensor) error {
			if x.rank() == 0 {
				return nil // refused by its shape
			}
			return shares("observe: dirichlet", "the data", x)
		},
		density: func(x ad.Value, v []ad.Value) ad.Value {
			wants("dirichlet", x, a.shape[a.rank()-1])
			return dist.Dirichlet(x, v[0])
		}, draw: drawDirichlet}, nil
}

func (t *tracer) lkj(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (starlark.Value,
	error) {
	var eta starlark.Value
	if err := starlark.UnpackArgs("lkj_corr_cholesky", args, kw, "eta", &eta); err != nil {
		return nil, err
	}
	a, err := t.tensor(eta)
	if err != nil || a.rank() != 0 {
		return nil, fmt.Errorf("lkj_corr_cholesky: eta is one number")
	}
	if err := positive("lkj_corr_cholesky", "eta", a); err != nil {
		return nil, err
	}
	return &distribution{t: t, name: "lkj_corr_cholesky", lo: math.Inf(-1), hi: math.Inf(1), needs: "corr_cholesky",
		axes: 2, args: []starlark.Value{a},
		check: func(x *tensor) error { return factorOfCorrelation(x) },
		density: func(x ad.Value, v []ad.Value) ad.Value {
			if s := x.Shape(); len(s) != 2 || s[0] != s[1] {
				panic(&ad.Error{Op: "lkj_corr_cholesky", Detail: fmt.Sprintf("a value of shape %s for a square factor",
					shapeText(s))})
			}
			return dist.LKJCorrCholesky(x, v[0])
		}}, nil
}

// factor refuses data that are no lower Cholesky factor, by the entry: what stands above the diagonal would be left
// out unseen.
func factor(what string, l *tensor) error {
	if !l.isData() || l.rank() != 2 || l.shape[0] != l.shape[1] {
		return nil
	}
	n := l.shape[0]
	for i := range n {
		for j, v := range l.x[i*n : (i+1)*n] {
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
				return fmt.Errorf("%s: entry [%d, %d] is %v", what, i, j, v)
			case j > i && v != 0:
				return fmt.Errorf("%s: entry [%d, %d] above the diagonal is %v: a Cholesky factor is lower "+
					"triangular, transpose it", what, i, j, v)
			case j == i && !(v > 0):
				return fmt.Errorf("%s: entry [%d, %d] on the diagonal is %v: it must be positive", what, i, j, v)
			}
		}
	}
	return nil
}

// factorOfCorrelation refuses data that are no Cholesky factor of a correlation matrix: rows have length 1.
func factorOfCorrelation(l *tensor) error {
	const what = "observe: lkj_corr_cholesky"
	if err := factor(what, l); err != nil {
		return err
	}
	if l.rank() != 2 {
		return nil // refused by its shape
	}
	n := l.shape[1]
	for i := range l.shape[0] {
		length := 0.
		for _, v := range l.x[i*n : (i+1)*n] {
			length += v * v
		}
		if !(math.Abs(length-1) <= 1e-6) {
			return fmt.Errorf("%s: row %d has length %v, not 1", what, i, math.Sqrt(length))
		}
	}
	return nil
}
