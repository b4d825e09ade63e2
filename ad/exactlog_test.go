package ad

import (
	"math"
	"testing"
)

// Logarithms of what exponentials and sigmoids made are exact where the value itself has rounded to its bound or
// overflowed, and equal the plain ones elsewhere.
func TestExactLog(t *testing.T) {
	half := math.Log(.5)
	cases := map[string]struct {
		f    func(u Value) Value     // positive
		want func(u float64) float64 // log f far out, up to what float64 rounds
	}{
		"exp":    {Exp, func(u float64) float64 { return u }},
		"scaled": {func(u Value) Value { return Scale(Exp(u), .5) }, func(u float64) float64 { return u + half }},
		"lower": {func(u Value) Value { return Shift(Shift(Exp(u), 3), -3) },
			func(u float64) float64 { return u }},
		"upper": {func(u Value) Value { return Neg(Shift(Shift(Neg(Exp(u)), .3), -.3)) },
			func(u float64) float64 { return u }},
		"sigmoid": {Sigmoid, func(u float64) float64 { return min(u, 0) }},
		"complement": {func(u Value) Value { return Shift(Neg(Sigmoid(u)), 1) },
			func(u float64) float64 { return min(-u, 0) }},
		"interval": {func(u Value) Value { return Neg(Shift(Shift(Scale(Sigmoid(u), .7), .3), -1)) },
			func(u float64) float64 { return math.Log(.7) + min(-u, 0) }},
		"product": {func(u Value) Value { return Mul(Exp(u), Square(Sigmoid(u))) },
			func(u float64) float64 { return u + 2*min(u, 0) }},
		"quotient": {func(u Value) Value { return Div(Sqrt(Exp(u)), Recip(Sigmoid(u))) },
			func(u float64) float64 { return u/2 + min(u, 0) }},
		"power": {func(u Value) Value { return Pow(Exp(u), full(u, 3)) },
			func(u float64) float64 { return 3 * u }},
		"moved": {func(u Value) Value {
			return Reshape(At(Stack(0, Exp(u), Shift(Neg(Sigmoid(u)), 1)), 0, 1),
				2)
		}, func(u float64) float64 { return min(-u, 0) }},
		"transposed": {func(u Value) Value { return Flatten(Transpose(Stack(1, Exp(u), Exp(u)))) },
			func(u float64) float64 { return u }},
		"beside data": {func(u Value) Value { return At(Stack(0, full(u, 2), Exp(u)), 0, 1) },
			func(u float64) float64 { return u }},
	}
	far := []float64{-1e6, 1e6}
	for name, c := range cases {
		for _, u := range []float64{-2, .5} {
			p := problem{in: [][]int{{2}}}
			prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
				y := c.f(x[0])
				return []Value{unary(opLog, y), Log(y)}
			})
			out := run64(t, prog, 1, [][]float64{{u, u}}, nil)
			if !close64(out[0][0], out[1][0], 1e-14) {
				t.Errorf("%s: the exact logarithm at %v is %v, the plain one %v", name, u, out[1][0], out[0][0])
			}
		}
		p := problem{in: [][]int{{2}}}
		prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
			l := Log(c.f(x[0]))
			return []Value{l, Grad(Sum(l), x[0])[0]}
		})
		out := run64(t, prog, 1, [][]float64{far}, nil)
		for i := range out[0] {
			u := far[i%2]
			if want := c.want(u); math.Abs(out[0][i]-want) > 1e-9*math.Abs(want)+1e-12 {
				t.Errorf("%s: log at %v is %v, want %v", name, u, out[0][i], want)
			}
		}
		for i, g := range out[1] {
			want := (c.want(far[i]+1) - c.want(far[i])) * float64(len(out[0])/2)
			if math.Abs(g-want) > 1e-8 {
				t.Errorf("%s: derivative at %v is %v, want %v", name, far[i], g, want)
			}
		}
	}
}

// 1 − eˡ of an l that is small: an element of a simplex that is nearly all of it.
func TestExactLogOfTheRest(t *testing.T) {
	p := problem{in: [][]int{{2}}}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value { return []Value{Log1p(Neg(Exp(x[0])))} })
	out := run64(t, prog, 1, [][]float64{{-1e-200, -1e6}}, nil)
	if want := math.Log(1e-200); math.Abs(out[0][0]-want) > 1e-12 || out[0][1] != 0 {
		t.Errorf("log(1−eˡ) is %v, want %v and 0", out[0], want)
	}
}

// What is not positive by its making keeps the plain logarithm: of a negative number it is not a number.
func TestLogOfWhatMayBeNegative(t *testing.T) {
	p := problem{in: [][]int{{2}}}
	prog := p.build(t, F64, func(g *Graph, x, w []Value) []Value {
		return []Value{Log(Neg(Exp(x[0]))), Log(Shift(Neg(Exp(x[0])), 1)), Log(Mul(x[0], x[0])),
			Log(Shift(Sigmoid(x[0]), -1))}
	})
	out := run64(t, prog, 1, [][]float64{{-2, 2}}, nil)
	for i, nan := range [][2]bool{{true, true}, {false, true}, {false, false}, {true, true}} {
		for j := range nan {
			if math.IsNaN(out[i][j]) != nan[j] {
				t.Errorf("output %d of %v is %v", i, []float64{-2, 2}[j], out[i][j])
			}
		}
	}
}

// Known values by mpmath: H at 0, 1 and 1e300, either side of where the series begins, and its derivatives.
func TestStirling(t *testing.T) {
	for _, c := range []struct {
		m       int
		x, want float64
	}{
		{0, 0, 0}, {0, 1, 1}, {0, 1e-300, 6.917755278982137e-298}, {0, 15.999999, 2.310440519319566},
		{0, 16, 2.310440550244173},
		{0, 1e300, 346.3067024823115}, {1, 1, 1 - .5772156649015329}, {1, 1e300, 5e-301}, {2, 1, math.Pi*math.Pi/6 - 2},
	} {
		if got := stirling(c.m, c.x); math.Abs(got-c.want) > 2e-14*math.Abs(c.want) {
			t.Errorf("H⁽%d⁾(%v) is %.16g, want %.16g", c.m, c.x, got, c.want)
		}
	}
	for m := range 6 { // the two formulas agree where they meet
		x := 16 + float64(m)
		if a, b := stirling(m, math.Nextafter(x, 0)), stirling(m, x); math.Abs(a-b) > 1e-11*math.Abs(b)+1e-14 {
			t.Errorf("order %d at %v: %v and %v", m, x, a, b)
		}
	}
}
