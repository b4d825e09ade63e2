package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// wishart is wishart(nu, scale = …) or wishart(nu, cholesky = …), a density of covariance matrices; inverse the same
// of their inverses.
func (t *tracer) wishart(name string, f func(l, nu, s ad.Value) ad.Value, inverse bool) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var nu, scale, chol starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "nu", &nu, "scale?", &scale, "cholesky?", &chol); err != nil {
			return nil, err
		}
		v, err := t.tensor(nu)
		if err != nil || v.rank() != 0 {
			return nil, fmt.Errorf("%s: nu is one number", name)
		}
		s, err := t.scaleOf(th, name, scale, chol)
		if err != nil {
			return nil, err
		}
		k := s.shape[0]
		if v.isData() && !(v.x[0] > float64(k-1)) {
			return nil, fmt.Errorf("%s: nu is %v; it must be more than %d for matrices of %d rows", name, v.x[0], k-1,
				k)
		}
		return &distribution{t: t, name: name, lo: math.Inf(-1), hi: math.Inf(1), needs: "cov_matrix", axes: 2,
			args: []starlark.Value{v, s},
			check: func(x *tensor) error {
				if x.rank() != 2 || x.shape[0] != x.shape[1] {
					return nil // refused by its shape
				}
				_, err := t.cholesky(x)
				return err
			},
			density: func(x ad.Value, a []ad.Value) ad.Value {
				if g := x.Shape(); len(g) != 2 || g[0] != k || g[1] != k {
					panic(&ad.Error{Op: name, Detail: fmt.Sprintf("a value of shape %s for matrices of %d rows",
						shapeText(g), k)})
				}
				return f(ad.Cholesky(x), a[0], a[1])
			},
			draw: func(g *ad.Graph, _ []int, a []ad.Value) ad.Value {
				return drawWishart(g, a[0], a[1], k, inverse)
			}}, nil
	})
}

// drawWishart is Bartlett's: SAAᵀSᵀ, A lower with normals and roots of χ² of ν, ν−1, ….
func drawWishart(g *ad.Graph, nu, s ad.Value, k int, inverse bool) ad.Value {
	steps := make([]float64, k)
	mask := make([]float64, k*k)
	for i := range k {
		steps[i] = -float64(i)
		for j := range i {
			mask[i*k+j] = 1
		}
	}
	half := ad.Scale(ad.Add(nu, g.Const(ad.F64, steps, k)), .5)
	root := ad.Exp(ad.Scale(ad.Shift(logGamma(g, half), math.Ln2), .5))
	eye := make([]float64, k*k)
	for i := range k {
		eye[i*k+i] = 1
	}
	a := ad.Add(ad.Mul(g.Normal(ad.F64, k, k), g.Const(ad.F64, mask, k, k)),
		ad.Mul(root, g.Const(ad.F64, eye, k, k)))
	if !inverse {
		l := ad.MatMul(s, a)
		return ad.MatMulT(l, l, false, true)
	}
	// (S⁻ᵀAAᵀS⁻¹)⁻¹ = SA⁻ᵀA⁻¹Sᵀ
	m := ad.TriangularSolve(a, ad.Transpose(s), false)
	return ad.MatMulT(m, m, true, false)
}
