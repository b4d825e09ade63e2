package traced

import (
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/ode"
)

// Field is the right-hand side of dx/dt = f(t, x): it returns the derivative of every part, of the part's shape and
// dtype. The zero Value is zero.
type Field func(t ad.Value, x []ad.Value) []ad.Value

// ODE is an explicit Runge–Kutta method, that of [ode.Fixed] with the same rounding, on the steps of a grid. It costs
// an evaluation a stage that has a weight: Euler 1, Heun 2, RK4 4, Tsit5 and Dopri5 6.
type ODE struct {
	Tableau *ode.Tableau // nil: RK4
	ReverseOptions
}

// Integrate carries the parts of x from the first of times [K+1] to the last.
func (m ODE) Integrate(f Field, times ad.Value, x ...ad.Value) Solution {
	tb := m.Tableau
	if tb == nil {
		tb = ode.RK4
	}
	if err := tb.Check(); err != nil {
		fail(tb.Name, "%v", err)
	}
	return March(m.ReverseOptions, times, x, nil, func(at At, x []ad.Value) []ad.Value {
		k := make([][]ad.Value, tb.Stages())
		for i := range k {
			if !weighs(tb, i) {
				continue
			}
			t := at.T
			if tb.C[i] != 0 {
				t = ad.Add(t, ad.Scale(at.H, tb.C[i]))
			}
			y := combined(x, at.H, tb.A[i], k)
			k[i] = evaluated(tb.Name, f(t, y), x)
		}
		return combined(x, at.H, tb.B, k)
	})
}

// weighs reports whether anything looks at stage i: the last stage of a first-same-as-last method is there for the next
// step.
func weighs(tb *ode.Tableau, i int) bool {
	for _, a := range tb.A[i+1:] {
		if a[i] != 0 {
			return true
		}
	}
	return tb.B[i] != 0
}

// combined is x + h Σ_j w_j k_j, part by part.
func combined(x []ad.Value, h ad.Value, w []float64, k [][]ad.Value) []ad.Value {
	out := make([]ad.Value, len(x))
	for c := range x {
		var sum ad.Value
		for j, wj := range w {
			if wj == 0 || k[j][c].IsZero() {
				continue
			}
			term := ad.Scale(k[j][c], wj)
			if sum.IsZero() {
				sum = term
			} else {
				sum = ad.Add(sum, term)
			}
		}
		out[c] = along(x[c], h, sum)
	}
	return out
}

// evaluated checks what a right-hand side returns.
func evaluated(op string, f, x []ad.Value) []ad.Value {
	if len(f) != len(x) {
		fail(op, "the right-hand side returns %d parts of a state of %d", len(f), len(x))
	}
	for c, v := range f {
		if !v.IsZero() && (!sameShape(v, x[c]) || v.DType() != x[c].DType()) {
			fail(op, "part %d of the right-hand side is %s, the state's is %s", c, v, x[c])
		}
	}
	return f
}
