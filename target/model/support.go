package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/target"
)

// support is a value like positive or simplex(3): what a parameter may be.
type support struct {
	name   string
	lo, hi float64
	kind   string // "scalar", or the word of a vector or matrix: "simplex", "corr_cholesky" …
	make   func(shape []int) (target.Support, error)
	ends   *ends // of a scalar whose bounds are arrays or depend on parameters; nil: lo and hi say all
}

func (s *support) String() string { return s.name }

func (s *support) Type() string { return "support" }

func (s *support) Freeze() {}

func (s *support) Truth() starlark.Bool { return true }

func (s *support) Hash() (uint32, error) { return 0, fmt.Errorf("a support cannot be a key") }

func (s *support) bounded() bool {
	switch s.kind {
	case "simplex", "corr_cholesky", "corr_matrix", "unit_vector":
		return true
	}
	return s.kind == "scalar" && (!math.IsInf(s.lo, 0) && !math.IsInf(s.hi, 0) || s.ends != nil && s.ends.lo != nil &&
		s.ends.hi != nil)
}

func scalarSupport(name string, lo, hi float64, f func(shape ...int) target.Support) *support {
	return &support{name: name, lo: lo, hi: hi, kind: "scalar",
		make: func(shape []int) (target.Support, error) { return f(shape...), nil }}
}

func (t *tracer) supports() starlark.StringDict {
	inf := math.Inf(1)
	bounds := func(name string, n int, f func(a, b float64) (*support, error)) *starlark.Builtin {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
			kw []starlark.Tuple) (starlark.Value, error) {
			if len(args) != n || len(kw) > 0 {
				return nil, fmt.Errorf("%s takes %d numbers", name, n)
			}
			if arrays(args) {
				return t.boundsOf(name, args)
			}
			v := [2]float64{}
			for i, a := range args {
				x, ok := starlark.AsFloat(a)
				if !ok || math.IsNaN(x) {
					return nil, fmt.Errorf("%s: a bound is a number known before sampling, not %s", name, a.Type())
				}
				v[i] = x
			}
			return f(v[0], v[1])
		})
	}
	vector := func(name string, least int, f func(k int, lead ...int) target.Support) *starlark.Builtin {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple,
			kw []starlark.Tuple) (starlark.Value, error) {
			var k int
			if err := starlark.UnpackArgs(name, args, kw, "k", &k); err != nil {
				return nil, err
			}
			if k < least || k > 1<<16 {
				return nil, fmt.Errorf("%s(%d): needs at least %d elements", name, k, least)
			}
			lo := -inf
			if name == "positive_ordered" {
				lo = 0
			}
			return &support{name: fmt.Sprintf("%s(%d)", name, k), lo: lo, hi: inf, kind: name,
				make: func(lead []int) (target.Support, error) { return f(k, lead...), nil }}, nil
		})
	}
	return starlark.StringDict{
		"real":     scalarSupport("real", -inf, inf, target.Real),
		"positive": scalarSupport("positive", 0, inf, target.Positive),
		"unit":     scalarSupport("unit", 0, 1, func(s ...int) target.Support { return target.Interval(0, 1, s...) }),
		"lower": bounds("lower", 1, func(a, _ float64) (*support, error) {
			switch {
			case math.IsInf(a, -1): // no bound
				return scalarSupport("real", -inf, inf, target.Real), nil
			case math.IsInf(a, 1):
				return nil, fmt.Errorf("lower(%g) is empty", a)
			}
			return scalarSupport(fmt.Sprintf("lower(%g)", a), a, inf,
				func(s ...int) target.Support { return target.Lower(a, s...) }), nil
		}),
		"upper": bounds("upper", 1, func(b, _ float64) (*support, error) {
			switch {
			case math.IsInf(b, 1):
				return scalarSupport("real", -inf, inf, target.Real), nil
			case math.IsInf(b, -1):
				return nil, fmt.Errorf("upper(%g) is empty", b)
			}
			return scalarSupport(fmt.Sprintf("upper(%g)", b), -inf, b,
				func(s ...int) target.Support { return target.Upper(b, s...) }), nil
		}),
		"interval": bounds("interval", 2, func(a, b float64) (*support, error) {
			if !(a < b) || math.IsInf(b-a, 0) {
				return nil, fmt.Errorf("interval(%g, %g) is empty or unbounded", a, b)
			}
			return scalarSupport(fmt.Sprintf("interval(%g, %g)", a, b), a, b,
				func(s ...int) target.Support { return target.Interval(a, b, s...) }), nil
		}),
		"simplex":           vector("simplex", 2, target.Simplex),
		"ordered":           vector("ordered", 1, target.Ordered),
		"positive_ordered":  vector("positive_ordered", 1, target.PositiveOrdered),
		"sum_to_zero":       vector("sum_to_zero", 2, target.SumToZero),
		"unit_vector":       vector("unit_vector", 2, target.UnitVector),
		"corr_cholesky":     vector("corr_cholesky", 2, matrix(target.CorrCholesky)),
		"corr_matrix":       vector("corr_matrix", 2, matrix(target.CorrMatrix)),
		"cholesky_cov":      vector("cholesky_cov", 1, matrix(target.CholeskyCov)),
		"cov_matrix":        vector("cov_matrix", 1, matrix(target.CovMatrix)),
		"stochastic_matrix": starlark.NewBuiltin("stochastic_matrix", stochastic),
	}
}
