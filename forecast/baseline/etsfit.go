package baseline

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// etsFit is a form, and its parameters and states once it is fitted.
type etsFit struct {
	trend, damped, season bool
	m                     int

	alpha, beta, gamma, phi float64
	initial                 []float64 // l, b, s_0 … s_{m−2}; the last s makes the sum zero
	l, b                    float64   // at the end
	s                       []float64 // at the end: s[t mod m]
	sse, aic, loglik        float64
	n, params               int // values, parameters with the states
}

func newETS(form string, m int) *etsFit {
	f := &etsFit{trend: form[1] == 'A', damped: form[2] == 'd', season: form[len(form)-1] == 'A', m: m, phi: 1}
	if !f.season {
		f.m = 1
	}
	return f
}

// states is the number of initial states that are free.
func (f *etsFit) states() int {
	k := 1
	if f.trend {
		k++
	}
	if f.season {
		k += f.m - 1
	}
	return k
}

// smoothing is the number of smoothing parameters.
func (f *etsFit) smoothing() int {
	k := 1
	for _, is := range []bool{f.trend, f.damped, f.season} {
		if is {
			k++
		}
	}
	return k
}

// set takes parameters from unbounded numbers: α in (0,1), β < α, γ < 1−α, φ in (.8,.98).
func (f *etsFit) set(u []float64) {
	logistic := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	f.alpha, f.beta, f.gamma, f.phi = 1e-4+.9998*logistic(u[0]), 0, 0, 1
	k := 1
	if f.trend {
		f.beta = f.alpha * logistic(u[k])
		k++
	}
	if f.season {
		f.gamma = (1 - f.alpha) * logistic(u[k])
		k++
	}
	if f.damped {
		f.phi = .8 + .18*logistic(u[k])
	}
}

// run filters x from initial states: errors into e (0 where x is missing), states at the end into f.
func (f *etsFit) run(x, initial, e, s []float64) (l, b float64) {
	l, k := initial[0], 1
	if f.trend {
		b, k = initial[1], 2
	}
	if f.season {
		last := 0.
		copy(s, initial[k:])
		for _, v := range initial[k:] {
			last -= v
		}
		s[f.m-1] = last
	} else {
		s[0] = 0
	}
	at := 0
	for t, v := range x {
		q := l + f.phi*b
		err := v - q - s[at]
		if math.IsNaN(v) {
			err = 0
		}
		e[t] = err
		l, b = q+f.alpha*err, f.phi*b+f.beta*err
		s[at] += f.gamma * err
		if at++; at == f.m {
			at = 0
		}
	}
	return l, b
}

// fitter is the memory of a fit.
type fitter struct {
	x, zero     []float64 // zero has 0 where x has a value, NaN where not
	e           []float64
	columns     [][]float64
	s, initials []float64
}

// profile is the least Σe² over the initial states, which it leaves in f.initial.
func (f *etsFit) profile(w *fitter) float64 {
	k := f.states()
	clear(w.initials)
	f.run(w.x, w.initials, w.e, w.s)
	for i := range k {
		w.initials[i] = 1
		f.run(w.zero, w.initials, w.columns[i], w.s)
		w.initials[i] = 0
	}
	// e = e0 + Σ x_i c_i: the normal equations
	a, y := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			a.SetSym(i, j, dot(w.columns[i], w.columns[j]))
		}
		a.SetSym(i, i, a.At(i, i)*(1+1e-12)+1e-300)
		y.SetVec(i, -dot(w.columns[i], w.e))
	}
	var c mat.Cholesky
	var x mat.VecDense
	if !c.Factorize(a) || c.SolveVecTo(&x, y) != nil {
		return math.Inf(1)
	}
	f.initial = append(f.initial[:0], x.RawVector().Data...)
	f.l, f.b = f.run(w.x, f.initial, w.e, w.s)
	return dot(w.e, w.e)
}

func dot(a, b []float64) float64 {
	s := 0.
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// fit estimates everything; false: there are too few values.
func (f *etsFit) fit(x []float64) bool {
	f.n = 0
	w := &fitter{x: x, zero: make([]float64, len(x)), e: make([]float64, len(x)), s: make([]float64, f.m),
		initials: make([]float64, f.states())}
	for t, v := range x {
		if w.zero[t] = v - v; v == v {
			f.n++
		}
	}
	f.params = f.states() + f.smoothing() + 1
	if f.n <= f.params+1 {
		return false
	}
	for range f.states() {
		w.columns = append(w.columns, make([]float64, len(x)))
	}
	objective := func(u []float64) float64 {
		f.set(u)
		return math.Log(f.profile(w) + 1e-300)
	}
	start, least := make([]float64, f.smoothing()), math.Inf(1)
	for _, alpha := range []float64{-2, 0, 2.5} {
		for _, other := range []float64{-5, -1} {
			for _, phi := range []float64{-2, 2} {
				u := []float64{alpha, other, other, phi}
				if f.damped && !f.season {
					u[2] = phi
				}
				if v := objective(u); v < least {
					least = v
					copy(start, u)
				}
				if !f.damped {
					break
				}
			}
		}
	}
	u, ok := minimise(objective, start)
	if !ok {
		return false
	}
	f.set(u)
	if f.sse = f.profile(w); math.IsInf(f.sse, 0) || math.IsNaN(f.sse) {
		return false
	}
	f.s = w.s
	n := float64(f.n)
	f.loglik = -n / 2 * (math.Log(2*math.Pi*(f.sse+1e-300)/n) + 1)
	f.aic = -2*f.loglik + 2*float64(f.params)
	return true
}
