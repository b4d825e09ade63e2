package ode

import (
	"context"
	"math"
)

// active is the part of a batch that has not arrived: rows are kept compact, in their order.
type active struct {
	Adaptive
	f        RHS
	out      []float64 // the caller's x
	d        int
	from, to float64
	res      *Result

	rows     []int
	t, h     []float64
	prev     []float64 // error norm of the last accepted step
	rejected []bool    // the last attempt was rejected
	errors   []Errors  // what a PID remembers
	x, x1    []float64 // [m,d] state, proposal
	k        [][]float64
	ts       []float64
	e        []float64
	fresh    bool // k[0] holds f(x,t) for every row
}

func newActive(a Adaptive, f RHS, x []float64, d int, from, to float64, res *Result) *active {
	n := len(x) / d
	r := &active{Adaptive: a, f: f, out: x, d: d, from: from, to: to, res: res,
		rows: make([]int, n), t: make([]float64, n), h: make([]float64, n), prev: make([]float64, n),
		rejected: make([]bool, n), errors: make([]Errors, n),
		x: append([]float64(nil), x...), x1: make([]float64, len(x)), k: stageBuffers(a.Tableau.Stages(), len(x)),
		ts: make([]float64, n), e: make([]float64, d)}
	for i := range r.rows {
		r.rows[i], r.t[i], r.prev[i] = i, from, 1e-4
	}
	return r
}

func (r *active) eval(ctx context.Context, dst, x, t []float64) error {
	m := len(r.rows)
	for _, i := range r.rows {
		r.res.Evals[i]++
	}
	return r.f(ctx, dst[:m*r.d], x[:m*r.d], t[:m], r.rows)
}

// start evaluates f at the beginning and chooses the first steps (Hairer, Nørsett & Wanner, §II.4).
func (r *active) start(ctx context.Context) error {
	span := r.to - r.from
	if err := r.eval(ctx, r.k[0], r.x, r.t); err != nil {
		return err
	}
	r.fresh = true
	if r.FirstStep != 0 {
		for i := range r.h {
			r.h[i] = math.Copysign(math.Min(math.Abs(r.FirstStep), math.Abs(span)), span)
		}
		return nil
	}
	norm := func(v, y []float64, at int) float64 {
		s := 0.0
		for c := at; c < at+r.d; c++ {
			q := v[c] / (r.Atol + r.Rtol*math.Abs(y[c]))
			s += float64(q * q)
		}
		return math.Sqrt(s / float64(r.d))
	}
	d1 := make([]float64, len(r.rows))
	for i := range r.rows {
		at := i * r.d
		d0 := norm(r.x, r.x, at)
		d1[i] = norm(r.k[0], r.x, at)
		if math.IsNaN(d0+d1[i]) || math.IsInf(d0+d1[i], 0) {
			return &StepError{Row: r.rows[i], T: r.from, What: "the state or the right-hand side is not finite"}
		}
		h := 1e-6
		if d0 >= 1e-5 && d1[i] >= 1e-5 {
			h = .01 * d0 / d1[i]
		}
		r.h[i] = math.Copysign(math.Min(h, math.Abs(span)), span)
		r.ts[i] = r.t[i] + r.h[i]
		for c := at; c < at+r.d; c++ {
			r.x1[c] = r.x[c] + float64(r.h[i]*r.k[0][c])
		}
	}
	if err := r.eval(ctx, r.k[1], r.x1, r.ts); err != nil {
		return err
	}
	q := float64(r.Tableau.ErrorOrder + 1)
	for i := range r.rows {
		at := i * r.d
		for c := at; c < at+r.d; c++ {
			r.x1[c] = r.k[1][c] - r.k[0][c]
		}
		h0 := math.Abs(r.h[i])
		m := math.Max(d1[i], norm(r.x1, r.x, at)/h0)
		h1 := math.Max(1e-6, h0*1e-3)
		if m > 1e-15 {
			h1 = math.Pow(.01/m, 1/q)
		}
		if math.IsNaN(h1) {
			h1 = 0
		}
		// an infinite slope nearby makes h1 zero: begin small and let the controller grow
		h1 = math.Max(h1, 1e-3*h0)
		r.h[i] = math.Copysign(math.Min(math.Min(100*h0, h1), math.Abs(span)), span)
	}
	return nil
}

// attempt tries one step of every active row and removes the rows that arrive.
func (r *active) attempt(ctx context.Context) error {
	tb, d, m := r.Tableau, r.d, len(r.rows)
	for i := range m {
		// reach the end exactly, and leave no sliver before it
		if left := r.to - r.t[i]; math.Abs(r.h[i])*1.01 >= math.Abs(left) {
			r.h[i] = left
		}
	}
	for s := range tb.Stages() {
		if s == 0 && r.fresh {
			continue
		}
		for i := range m {
			r.ts[i] = r.t[i] + float64(tb.C[s]*r.h[i])
			if tb.C[s] == 1 && r.h[i] == r.to-r.t[i] {
				r.ts[i] = r.to
			}
		}
		combine(r.x1[:m*d], r.x, r.h[:m], d, tb.A[s], r.k)
		if err := r.eval(ctx, r.k[s], r.x1, r.ts); err != nil {
			return err
		}
	}
	if !tb.FSAL { // with FSAL the last stage was evaluated at the proposal
		combine(r.x1[:m*d], r.x, r.h[:m], d, tb.B, r.k)
	}
	keep := 0
	for i := range m {
		done, err := r.judge(i)
		if err != nil {
			return err
		}
		if !done {
			r.move(keep, i)
			keep++
		}
	}
	r.truncate(keep)
	r.fresh = tb.FSAL
	return nil
}

// judge accepts or rejects the step of row i and sets its next size.
func (r *active) judge(i int) (done bool, err error) {
	d, row, at := r.d, r.rows[i], i*r.d
	x, x1 := r.x[at:at+d], r.x1[at:at+d]
	norm := r.errorNorm(r.e, x, x1, r.h[i], r.k, at)
	q := 1 / float64(r.Tableau.ErrorOrder+1)
	steps := r.res.Accepted[row] + r.res.Rejected[row] + 1
	kept, proposed := false, 0.0
	if r.PID != nil {
		kept, proposed = r.PID.Next(&r.errors[i], norm, 1/q)
	}
	if !(norm <= 1) { // also NaN
		r.res.Rejected[row]++
		r.rejected[i] = true
		factor := r.MinFactor
		if norm < math.Inf(1) {
			factor = math.Min(1, math.Max(r.MinFactor, r.Safety*math.Pow(norm, -q)))
		}
		if r.PID != nil {
			factor = proposed
		}
		r.h[i] *= factor
		switch {
		case math.Abs(r.h[i]) < 8*ulp(r.t[i]):
			return false, &StepError{Row: row, T: r.t[i], Steps: steps,
				What: "the step size fell below the resolution of t"}
		case steps >= r.MaxSteps:
			return false, &StepError{Row: row, T: r.t[i], Steps: steps, What: "too many steps"}
		}
		return false, nil
	}
	r.res.Accepted[row]++
	for c, e := range r.e {
		r.res.Error[row*d+c] += math.Abs(e)
	}
	t1 := r.t[i] + r.h[i]
	if r.h[i] == r.to-r.t[i] {
		t1 = r.to
	}
	if r.Accepted != nil {
		r.Accepted(&Span{Row: row, T: r.t[i], T1: t1, tb: r.Tableau, x: x, k: r.k, at: at})
	}
	factor := r.MaxFactor
	if norm > 0 {
		factor = r.Safety * math.Pow(norm, -(q-.75*r.Beta)) * math.Pow(r.prev[i], r.Beta)
		factor = math.Min(r.MaxFactor, math.Max(r.MinFactor, factor))
	}
	if kept {
		factor = proposed
	}
	if r.rejected[i] {
		factor = math.Min(factor, 1)
	}
	r.rejected[i] = false
	r.prev[i] = math.Max(norm, 1e-4)
	r.h[i] *= factor
	r.res.Last[row] = r.h[i]
	r.t[i] = t1
	copy(x, x1)
	if r.Tableau.FSAL {
		last := r.k[len(r.k)-1]
		copy(r.k[0][at:at+d], last[at:at+d])
	}
	if t1 == r.to {
		copy(r.out[row*d:(row+1)*d], x)
		return true, nil
	}
	if steps >= r.MaxSteps {
		return false, &StepError{Row: row, T: t1, Steps: steps, What: "too many steps"}
	}
	return false, nil
}

// move puts row i of the active rows at place j ≤ i.
func (r *active) move(j, i int) {
	if i == j {
		return
	}
	d := r.d
	r.rows[j], r.t[j], r.h[j], r.prev[j], r.rejected[j], r.errors[j] = r.rows[i], r.t[i], r.h[i], r.prev[i],
		r.rejected[i], r.errors[i]
	copy(r.x[j*d:(j+1)*d], r.x[i*d:(i+1)*d])
	copy(r.k[0][j*d:(j+1)*d], r.k[0][i*d:(i+1)*d])
}

func (r *active) truncate(m int) {
	r.rows, r.t, r.h, r.prev, r.rejected = r.rows[:m], r.t[:m], r.h[:m], r.prev[:m], r.rejected[:m]
}

// save writes what the active rows have reached back to the caller.
func (r *active) save() {
	for i, row := range r.rows {
		copy(r.out[row*r.d:(row+1)*r.d], r.x[i*r.d:(i+1)*r.d])
	}
}

func ulp(t float64) float64 {
	t = math.Abs(t)
	return math.Nextafter(t, math.Inf(1)) - t
}
