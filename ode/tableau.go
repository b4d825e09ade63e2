// Package ode integrates plain ordinary differential equations dx/dt = f(x, t) for many rows at once.
//
// Every row has its own clock: its own step size, its own accepted and rejected steps. Rows that have
// arrived leave the batch, so that a row's bytes depend on its own values and on nothing else.
package ode

import (
	"fmt"
	"math"
)

// Tableau is an explicit Runge–Kutta method as data:
//
//	k_i = f(x + h Σ_{j<i} A_ij k_j, t + C_i h),   x' = x + h Σ_i B_i k_i.
//
// A new method is a new Tableau; the tests check the order conditions of every one listed by Tableaux.
type Tableau struct {
	Name  string
	Order int         // of B
	A     [][]float64 // A[i] has length i
	B     []float64
	C     []float64
	// E is B − B̂, the weights of the error estimate, with B̂ of order ErrorOrder. Nil: no error estimate.
	E          []float64
	ErrorOrder int
	// FSAL: the last stage is f(x', t+h), the first of the next step.
	FSAL bool
	// Dense is the continuous extension x(t+θh) = x + h Σ_i Σ_k Dense[i][k] θ^{k+1} k_i, of order
	// DenseOrder. Nil: none.
	Dense      [][]float64
	DenseOrder int
	Source     string
}

// Stages is the number of stages; a step costs that many evaluations, one fewer with FSAL.
func (tb *Tableau) Stages() int { return len(tb.B) }

// Check reports a tableau whose slices do not fit together.
func (tb *Tableau) Check() error {
	s := len(tb.B)
	if s == 0 || len(tb.A) != s || len(tb.C) != s || (tb.E != nil && len(tb.E) != s) ||
		(tb.Dense != nil && len(tb.Dense) != s) {
		return fmt.Errorf("ode: tableau %q: A, B, C, E and Dense must have one entry for each stage", tb.Name)
	}
	for i, row := range tb.A {
		if len(row) != i {
			return fmt.Errorf("ode: tableau %q: row %d of A has %d entries, an explicit method has %d", tb.Name, i,
				len(row), i)
		}
		sum := 0.0
		for _, a := range row {
			sum += a
		}
		if math.Abs(sum-tb.C[i]) > 1e-14 {
			return fmt.Errorf("ode: tableau %q: row %d of A sums to %g, C is %g", tb.Name, i, sum, tb.C[i])
		}
	}
	if tb.FSAL {
		for j, b := range tb.B {
			a := 0.0
			if j < s-1 {
				a = tb.A[s-1][j]
			}
			if a != b {
				return fmt.Errorf("ode: tableau %q: it is not FSAL, the last row of A differs from B", tb.Name)
			}
		}
	}
	return nil
}

// Euler is the explicit Euler method, order 1.
var Euler = &Tableau{
	Name: "euler", Order: 1, Source: "Euler 1768",
	A: [][]float64{{}},
	B: []float64{1},
	C: []float64{0},
}

// Heun is the explicit trapezoidal rule, order 2, with Euler as its error estimate.
var Heun = &Tableau{
	Name: "heun", Order: 2, ErrorOrder: 1, Source: "Heun 1900",
	A: [][]float64{{}, {1}},
	B: []float64{1. / 2, 1. / 2},
	C: []float64{0, 1},
	E: []float64{-1. / 2, 1. / 2},
}

// RK4 is the classical method of order 4; it has no error estimate.
var RK4 = &Tableau{
	Name: "rk4", Order: 4, Source: "Kutta 1901",
	A: [][]float64{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}},
	B: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6},
	C: []float64{0, 1. / 2, 1. / 2, 1},
}

// Dopri5 is the pair of Dormand and Prince of orders 5 and 4, first same as last, with the
// continuous extension of order 4.
var Dopri5 = &Tableau{
	Name: "dopri5", Order: 5, ErrorOrder: 4, FSAL: true, DenseOrder: 4,
	Source: "Dormand & Prince 1980, J. Comp. Appl. Math. 6:19; continuous extension: Shampine 1986, Math. Comp. 46:135",
	A: [][]float64{
		{},
		{1. / 5},
		{3. / 40, 9. / 40},
		{44. / 45, -56. / 15, 32. / 9},
		{19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
		{9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
		{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84},
	},
	B: []float64{35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
	C: []float64{0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1},
	E: []float64{71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
	Dense: [][]float64{
		{1, -8048581381. / 2820520608, 8663915743. / 2820520608, -12715105075. / 11282082432},
		{0, 0, 0, 0},
		{0, 131558114200. / 32700410799, -68118460800. / 10900136933, 87487479700. / 32700410799},
		{0, -1754552775. / 470086768, 14199869525. / 1410260304, -10690763975. / 1880347072},
		{0, 127303824393. / 49829197408, -318862633887. / 49829197408, 701980252875. / 199316789632},
		{0, -282668133. / 205662961, 2019193451. / 616988883, -1453857185. / 822651844},
		{0, 40617522. / 29380423, -110615467. / 29380423, 69997945. / 29380423},
	},
}

// Tableaux lists the methods of this package.
func Tableaux() []*Tableau { return []*Tableau{Euler, Heun, RK4, Dopri5, Tsit5} }
