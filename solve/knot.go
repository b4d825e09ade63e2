package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// knot is a Diagonal path at one time, and what a solver keeps of a prediction made there: a predicted
// x0 or ε, which is P prediction + R y in the path's basis.
type knot struct {
	t                    float64
	form                 ito.Prediction
	alpha, sigma, lambda []float64 // λ = log(α/σ), the half log signal-to-noise ratio; may be ±∞
	p, r                 []float64
}

// rho is σ/α of mode i.
func (k *knot) rho(i int) float64 { return k.sigma[i] / k.alpha[i] }

// mark is how planner.update tells what is kept from other inputs: x0 is a point, ε a vector.
func (k *knot) mark() mark {
	if k.form == ito.PredX0 {
		return 'x'
	}
	return 'n'
}

// knot evaluates the path at t. Where a mode has α = 0, nothing can be known of x0 from ε, and x0 is kept
// whatever the form asked for: no polynomial in ε passes through such a knot.
func (pl *planner) knot(t float64, form ito.Prediction) *knot {
	m := pl.modes
	m.At(t)
	n := len(m.Alpha)
	b := make([]float64, 5*n)
	k := &knot{t: t, form: form, alpha: b[:n], sigma: b[n : 2*n], lambda: b[2*n : 3*n], p: b[3*n : 4*n], r: b[4*n:]}
	copy(k.alpha, m.Alpha)
	copy(k.sigma, m.Sigma)
	for i, α := range k.alpha {
		k.lambda[i] = math.Log(α / k.sigma[i])
		if α == 0 {
			k.form = ito.PredX0
		}
	}
	m.Affine(pl.kind, k.form, k.p, k.r)
	return k
}

// knots evaluates the path at every node of a grid.
func (pl *planner) knots(g ito.Grid, form ito.Prediction) []*knot {
	out := make([]*knot, len(g))
	for i, t := range g {
		out[i] = pl.knot(t, form)
	}
	return out
}

// scales reports that what the knot keeps is a multiple of the prediction, which then serves as it is.
func (k *knot) scales() bool {
	for _, v := range k.r {
		if v != 0 {
			return false
		}
	}
	return true
}

// keep turns the prediction in buffer pred, made at the state in buffer at, into what the knot keeps, in
// place. It is nothing where the prediction serves as it is.
func (pl *planner) keep(k *knot, pred, at int) ([]instr, error) {
	if k.scales() {
		return nil, nil
	}
	in, err := pl.instr(k.t, pred, k.mark(), combination{predicted(pred, k.p), state(at, k.r)})
	return []instr{in}, err
}

// kept is c times what the knot keeps, after keep.
func (k *knot) kept(buffer int, c []float64) term {
	if !k.scales() {
		return term{k.mark(), buffer, c}
	}
	return predicted(buffer, product(c, k.p))
}

// made is c times what the knot would keep, from a prediction made at the state in buffer at and left as it is.
func (k *knot) made(pred, at int, c []float64) combination {
	return combination{predicted(pred, product(c, k.p)), state(at, product(c, k.r))}
}

func product(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = float64(v * b[i])
	}
	return out
}

// combination is a sum over buffers with a number for each mode; term.mark is as in planner.update.
type combination []term

type term struct {
	mark   mark
	buffer int
	coef   []float64
}

// A mark says what a value is: 'x' a state or another point, 'p' a prediction of the planned kind, 'n' a noise or
// another vector.
type mark byte

// state is c times the point in a buffer.
func state(buffer int, c []float64) term { return term{'x', buffer, c} }

// predicted is c times the prediction in a buffer.
func predicted(buffer int, c []float64) term { return term{'p', buffer, c} }

// noise is c times the vector in a buffer.
func noise(buffer int, c []float64) term { return term{'n', buffer, c} }

// instr makes the update that writes c into buffer dst. Terms of one buffer are added up, and what counts nothing is
// left out.
func (pl *planner) instr(t float64, dst int, out mark, c combination) (instr, error) {
	var sum combination
	for _, x := range c {
		at := -1
		for j, y := range sum {
			if x.buffer == y.buffer && x.mark == y.mark {
				at = j
			}
		}
		if at < 0 {
			sum = append(sum, term{x.mark, x.buffer, append([]float64(nil), x.coef...)})
			continue
		}
		for i, v := range x.coef {
			sum[at].coef[i] += v
		}
	}
	var marks []byte
	var coef [][]float64
	var in []int
	for j, x := range sum {
		zero := true
		for _, v := range x.coef {
			zero = zero && v == 0
		}
		if !zero || j == len(sum)-1 && len(in) == 0 {
			marks, coef, in = append(marks, byte(x.mark)), append(coef, x.coef), append(in, x.buffer)
		}
	}
	finish := pl.update
	if out != 'x' {
		finish = pl.vector
	}
	u, err := finish(t, string(marks), coef...)
	return instr{u, dst, in}, err
}

// first is the exponential integrator of order 1, y' = α' x̂0 + σ' ε̂, in terms of the state and of what
// the knot keeps. It is finite from α = 0 and to σ' = 0.
func first(s, to *knot, i int) (x, m float64) {
	α, σ := s.alpha[i], s.sigma[i]
	if s.form == ito.PredX0 {
		if σ == 0 {
			return to.alpha[i] / α, 0
		}
		x = to.sigma[i] / σ
		return x, to.alpha[i] - float64(α*x)
	}
	x = to.alpha[i] / α
	return x, to.sigma[i] - float64(σ*x)
}

// signed returns B and z of an exponential integrator from s: x' = first + B z Σ_k k! φ_{k+1}(z) d_k.
func signed(s, to *knot, i int) (B, z float64) {
	h := to.lambda[i] - s.lambda[i]
	if s.form == ito.PredX0 {
		return -to.alpha[i], -h
	}
	return -to.sigma[i], h
}

// meanLambda is the mean of λ = log(α/σ) over the modes at t, and its time derivative.
func (pl *planner) meanLambda(t float64) (λ, dλ float64) {
	m := pl.modes
	m.Path.Schedule(t, m.Alpha, m.Sigma, m.DAlpha, m.DSigma)
	for i, α := range m.Alpha {
		λ += math.Log(α / m.Sigma[i])
		dλ += m.DAlpha[i]/α - m.DSigma[i]/m.Sigma[i]
	}
	n := float64(len(m.Alpha))
	return λ / n, dλ / n
}

// timeOf finds t between a and b with mean λ(t) = target by Newton's method inside a shrinking bracket.
func (pl *planner) timeOf(a, b, target float64) float64 {
	lo, hi := math.Min(a, b), math.Max(a, b) // λ falls with t
	t := lo + (hi-lo)/2
	for range 100 {
		λ, dλ := pl.meanLambda(t)
		e := λ - target
		if math.Abs(e) <= 1e-13*(1+math.Abs(target)) {
			return t
		}
		if e > 0 {
			lo = t
		} else {
			hi = t
		}
		next := t - e/dλ
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if next == t || next == lo || next == hi {
			return next
		}
		t = next
	}
	return t
}

// corrects reports that a step may be corrected: both of its ends keep the same and are a finite way apart.
func corrects(s, to *knot) bool {
	for i, λ := range s.lambda {
		if h := to.lambda[i] - λ; math.IsInf(h, 0) || math.IsNaN(h) {
			return false
		}
	}
	return s.form == to.form
}
