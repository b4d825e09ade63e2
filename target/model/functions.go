package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
)

// elementwise functions of one argument.
var elementwise = map[string]func(ad.Value) ad.Value{
	"exp": ad.Exp, "log": ad.Log, "log1p": ad.Log1p, "expm1": ad.Expm1, "sqrt": ad.Sqrt, "square": ad.Square,
	"abs": ad.Abs, "sin": ad.Sin, "cos": ad.Cos, "tanh": ad.Tanh, "floor": ad.Floor, "erf": ad.Erf,
	"lgamma": ad.Lgamma, "digamma": ad.Digamma, "softplus": ad.Softplus, "inv_logit": ad.Sigmoid, "log_Phi": ad.LogNdtr,
	"Phi":   func(x ad.Value) ad.Value { return ad.Exp(ad.LogNdtr(x)) },
	"logit": func(x ad.Value) ad.Value { return ad.Sub(ad.Log(x), ad.Log1p(ad.Neg(x))) },
	"log1m": func(x ad.Value) ad.Value { return ad.Log1p(ad.Neg(x)) },
	"diag":  ad.Diag, "log_det": ad.LogDet, "transpose": func(x ad.Value) ad.Value { return ad.Transpose(x) },
	"not_": ad.Not,
}

// binary functions.
var binary = map[string]func(a, b ad.Value) ad.Value{
	"pow": ad.Pow, "matmul": ad.MatMul, "dot": ad.Dot,
	"lt": ad.Less, "le": ad.LessEqual, "gt": ad.Greater, "ge": ad.GreaterEqual, "eq": ad.Equal, "ne": ad.NotEqual,
	"and_": ad.And, "or_": ad.Or,
}

// over reduces along axes or runs along one.
var over = map[string]func(x ad.Value, axis int) ad.Value{
	"sum":  func(x ad.Value, axis int) ad.Value { return ad.Sum(x, axis) },
	"mean": func(x ad.Value, axis int) ad.Value { return ad.Mean(x, axis) },
	"max":  func(x ad.Value, axis int) ad.Value { return ad.MaxOver(x, axis) },
	"min":  func(x ad.Value, axis int) ad.Value { return ad.MinOver(x, axis) },
	"sd": func(x ad.Value, axis int) ad.Value {
		n := x.Shape()[(axis+x.Rank())%x.Rank()]
		m := ad.Mean(ad.Square(centre(x, axis)), axis)
		return ad.Sqrt(ad.Scale(m, float64(n)/float64(max(n-1, 1))))
	},
	"logsumexp": ad.LogSumExp, "cumsum": ad.CumSum, "softmax": ad.Softmax, "log_softmax": ad.LogSoftmax,
	"sort": ad.Sort,
	"standardize": func(x ad.Value, axis int) ad.Value {
		c := centre(x, axis)
		s := keep(ad.Sqrt(ad.Mean(ad.Square(c), axis)), x, axis)
		one := ad.Shift(ad.Zeros(s), 1)
		return ad.Div(c, ad.Select(ad.Equal(s, ad.Zeros(s)), one, s))
	},
	"center": centre,
}

func keep(m, x ad.Value, axis int) ad.Value {
	shape := append([]int(nil), x.Shape()...)
	shape[(axis+len(shape))%len(shape)] = 1
	return ad.Reshape(m, shape...)
}

func centre(x ad.Value, axis int) ad.Value { return ad.Sub(x, keep(ad.Mean(x, axis), x, axis)) }

// acrossRows are functions that run along the first axis where none is named; the others take all elements.
var acrossRows = map[string]bool{"cumsum": true, "softmax": true, "log_softmax": true, "sort": true,
	"standardize": true, "center": true}

func (t *tracer) functions() starlark.StringDict {
	d := starlark.StringDict{}
	for name, f := range elementwise {
		d[name] = t.builtin(name, 1, func(v []ad.Value) ad.Value { return f(number(v[0])) })
	}
	d["not_"] = t.builtin("not_", 1, func(v []ad.Value) ad.Value { return ad.Not(v[0]) })
	for name, f := range binary {
		d[name] = t.builtin(name, 2, func(v []ad.Value) ad.Value { return f(v[0], v[1]) })
	}
	for name, f := range over {
		d[name] = t.reduction(name, f)
	}
	d["where"] = t.builtin("where", 3, func(v []ad.Value) ad.Value {
		if v[0].DType() != ad.Bool {
			panic(&ad.Error{Op: "where", Detail: "the condition is not a comparison: use lt, le, gt, ge, eq, ne, " +
				"and_, or_, not_"})
		}
		c := v[0]
		a, b := ad.Broadcast2("where", number(v[1]), number(v[2]))
		if len(c.Shape()) < len(a.Shape()) {
			c = ad.BroadcastTo(c, a.Shape()...)
		}
		return ad.Select(c, ad.BroadcastTo(a, larger(c, a)...), ad.BroadcastTo(b, larger(c, a)...))
	})
	d["solve_lower"] = t.builtin("solve_lower", 2,
		func(v []ad.Value) ad.Value { return ad.TriangularSolve(v[0], v[1], false) })
	d["solve_lower_t"] = t.builtin("solve_lower_t", 2,
		func(v []ad.Value) ad.Value { return ad.TriangularSolve(v[0], v[1], true) })
	d["sq_dist"] = t.builtin("sq_dist", 2, func(v []ad.Value) ad.Value {
		a, b := column(v[0]), column(v[1])
		if a.Rank() != 2 || b.Rank() != 2 || a.Shape()[1] != b.Shape()[1] {
			panic(&ad.Error{Op: "sq_dist", Detail: fmt.Sprintf("points of shapes %s and %s", shapeText(v[0].Shape()),
				shapeText(v[1].Shape()))})
		}
		n, m, k := a.Shape()[0], b.Shape()[0], a.Shape()[1]
		return ad.Sum(ad.Square(ad.Sub(ad.Reshape(a, n, 1, k), ad.Reshape(b, 1, m, k))), 2)
	})
	d["cholesky"] = starlark.NewBuiltin("cholesky", func(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		var a starlark.Value
		if err := starlark.UnpackArgs("cholesky", args, kw, "a", &a); err != nil {
			return nil, err
		}
		return t.choleskyOf(th, a)
	})
	for name, f := range map[string]func(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error){
		"zeros": t.filled(0), "ones": t.filled(1), "arange": t.arange, "eye": t.eye, "diag_matrix": t.diagMatrix,
		"concat": t.concat, "reshape": t.reshape, "known": t.known, "bincount": t.bincount, "array": t.array,
		"range": limitedRange,
	} {
		d[name] = starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
			kw []starlark.Tuple) (starlark.Value, error) {
			return f(args, kw)
		})
	}
	d["stack"] = d["array"]
	d["pi"] = starlark.Float(math.Pi)
	d["inf"] = starlark.Float(math.Inf(1))
	return d
}

func larger(a, b ad.Value) []int {
	x, _ := ad.Broadcast2("where", ad.Cast(a, ad.F64), b)
	return x.Shape()
}

// column reads a vector as points of one coordinate.
func column(x ad.Value) ad.Value {
	if x.Rank() == 1 {
		return ad.Reshape(x, x.Size(), 1)
	}
	return x
}

func (t *tracer) builtin(name string, n int, f func(v []ad.Value) ad.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		if len(args) != n || len(kw) > 0 {
			return nil, fmt.Errorf("%s takes %d arguments without names, got %d", name, n, len(args)+len(kw))
		}
		return t.apply(name, f, args...)
	})
}

// reduction makes f(x, axis = None). max and min of several numbers compare them instead, elementwise.
func (t *tracer) reduction(name string, f func(x ad.Value, axis int) ad.Value) *starlark.Builtin {
	pair := map[string]func(a, b ad.Value) ad.Value{"max": ad.Max, "min": ad.Min}[name]
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple,
		kw []starlark.Tuple) (starlark.Value, error) {
		if pair != nil && len(args) > 1 && len(kw) == 0 {
			out := args[0]
			for _, a := range args[1:] {
				v, err := t.apply(name, func(v []ad.Value) ad.Value { return pair(v[0], v[1]) }, out, a)
				if err != nil {
					return nil, err
				}
				out = v
			}
			return out, nil
		}
		var x, ax starlark.Value
		if err := starlark.UnpackArgs(name, args, kw, "x", &x, "axis?", &ax); err != nil {
			return nil, err
		}
		if l, ok := x.(*starlark.List); ok && l.Len() == 0 {
			return nil, fmt.Errorf("%s of nothing", name)
		}
		axis, named := 0, ax != nil && ax != starlark.None
		if named {
			i, err := starlark.AsInt32(ax)
			if err != nil {
				return nil, fmt.Errorf("%s: axis: %w", name, err)
			}
			axis = i
		}
		return t.apply(name, func(v []ad.Value) ad.Value {
			x := number(v[0])
			r := x.Rank()
			if named && (axis < -r || axis >= r) {
				panic(&ad.Error{Op: name, Detail: fmt.Sprintf("axis %d of an array of shape %s", axis,
					shapeText(x.Shape()))})
			}
			if !named && !acrossRows[name] || r == 0 {
				x = ad.Flatten(x)
			}
			if axis < 0 && r > 0 {
				axis += r
			}
			return f(x, axis)
		}, x)
	})
}

// limitedRange is range with a limit, so that list(range(n)) cannot fill the memory.
func limitedRange(args starlark.Tuple, kw []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Call(new(starlark.Thread), starlark.Universe["range"], args, kw)
	if err == nil && starlark.Len(v) > largest {
		return nil, fmt.Errorf("range: %d elements are more than %d", starlark.Len(v), largest)
	}
	return v, err
}
