package ode

import (
	"context"
	"fmt"
	"math"
)

// Adaptive integrates with error control: every row has its own step size. The zero value is Dopri5
// with the defaults below.
//
// With err the Hairer norm of a step's error estimate e over the D values of a row,
//
//	err = √( (1/D) Σ_i (e_i / (Atol + Rtol max(|x_i|, |x'_i|)))² ),
//
// a step is accepted when err ≤ 1, and the next step size is that of a PI controller,
//
//	h ← h · clip( Safety · err^{−(1/q − ¾β)} · err_prev^β, MinFactor, MaxFactor ),  q = ErrorOrder+1
//
// (Hairer, Nørsett & Wanner, Solving ODEs I, §II.4 and the code DOPRI5). A step that follows a
// rejected one does not grow. An error estimate that is not finite rejects the step.
type Adaptive struct {
	Tableau   *Tableau // nil: Dopri5
	Atol      float64  // 0: 1e-6
	Rtol      float64  // 0: 1e-6; negative: zero
	Safety    float64  // 0: 0.9
	MinFactor float64  // 0: 0.2
	MaxFactor float64  // 0: 10
	Beta      float64  // 0: 0.04; negative: zero, the elementary controller
	MaxSteps  int      // accepted and rejected steps of a row; 0: 10000
	FirstStep float64  // size of the first step; 0: chosen from f (one more evaluation)
	PID       *PID     // in place of the PI controller, whose Safety, factors and Beta then count nothing; nil: none

	// Accepted, when set, is told every accepted step of every row, while the step's stages are alive.
	Accepted func(*Span)
}

// Result says what an integration did, row by row.
type Result struct {
	Evals    []int // calls of the right-hand side that held the row
	Accepted []int
	Rejected []int
	// Error is Σ |e| over the accepted steps [N,D]: an estimate of the global error of an equation
	// whose right-hand side does not depend on the value itself, and a guide elsewhere.
	Error []float64
	// Last is the size of the step that the controller would try next [N].
	Last []float64
}

// StepError is a row that could not be carried to its end.
type StepError struct {
	Row   int
	T     float64
	Steps int
	What  string
}

func (e *StepError) Error() string {
	return fmt.Sprintf("ode: row %d stopped at t=%g after %d steps: %s", e.Row, e.T, e.Steps, e.What)
}

// Span is one accepted step of one row.
type Span struct {
	Row   int
	T, T1 float64 // the step goes from T to T1

	tb *Tableau
	x  []float64   // at T [D]
	k  [][]float64 // stages, the row's part at off
	at int
}

// At writes the row's value at t in [T, T1] by the continuous extension of the method, without
// an evaluation. It panics if the tableau has none.
func (s *Span) At(dst []float64, t float64) {
	h := s.T1 - s.T
	θ := (t - s.T) / h
	for c := range dst {
		sum := 0.0
		for i, p := range s.tb.Dense {
			w := 0.0
			for j := len(p) - 1; j >= 0; j-- {
				w = float64(w*θ) + p[j]
			}
			sum += float64(w * θ * s.k[i][s.at+c])
		}
		dst[c] = s.x[c] + float64(h*sum)
	}
}

func (a Adaptive) withDefaults() Adaptive {
	def := func(p *float64, v float64) {
		switch {
		case *p == 0:
			*p = v
		case *p < 0:
			*p = 0
		}
	}
	if a.Tableau == nil {
		a.Tableau = Dopri5
	}
	def(&a.Atol, 1e-6)
	def(&a.Rtol, 1e-6)
	def(&a.Safety, .9)
	def(&a.MinFactor, .2)
	def(&a.MaxFactor, 10)
	def(&a.Beta, .04)
	if a.MaxSteps == 0 {
		a.MaxSteps = 10000
	}
	return a
}

// Integrate carries the rows of x [n,d] in place from `from` to `to`, forward or backward. On an
// error x holds what each row had reached. It looks at ctx once an attempted step.
func (a Adaptive) Integrate(ctx context.Context, f RHS, x []float64, d int, from, to float64) (*Result, error) {
	a = a.withDefaults()
	if err := a.Tableau.Check(); err != nil {
		return nil, err
	}
	if a.Tableau.E == nil {
		return nil, fmt.Errorf("ode: method %s has no error estimate and cannot choose its steps", a.Tableau.Name)
	}
	if a.Accepted != nil && a.Tableau.Dense == nil {
		return nil, fmt.Errorf("ode: method %s has no continuous extension", a.Tableau.Name)
	}
	n, err := rowsOf(x, d)
	if err != nil {
		return nil, err
	}
	res := &Result{Evals: make([]int, n), Accepted: make([]int, n), Rejected: make([]int, n), Error: make([]float64,
		len(x)), Last: make([]float64, n)}
	if n == 0 || from == to {
		return res, nil
	}
	run := newActive(a, f, x, d, from, to, res)
	if err := run.start(ctx); err != nil {
		return res, err
	}
	for len(run.rows) > 0 {
		if err := ctx.Err(); err != nil {
			run.save()
			return res, err
		}
		if err := run.attempt(ctx); err != nil {
			run.save()
			return res, err
		}
	}
	return res, nil
}

// errorNorm is the Hairer norm of h·Σ E_j k_j for row r; it also leaves the errors in e.
func (a *Adaptive) errorNorm(e, x, x1 []float64, h float64, k [][]float64, at int) float64 {
	sum := 0.0
	for c := range e {
		s := 0.0
		for j, w := range a.Tableau.E {
			if w != 0 {
				s += float64(w * k[j][at+c])
			}
		}
		e[c] = h * s
		q := e[c] / (a.Atol + a.Rtol*math.Max(math.Abs(x[c]), math.Abs(x1[c])))
		sum += float64(q * q)
	}
	return math.Sqrt(sum / float64(len(e)))
}
