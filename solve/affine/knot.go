package affine

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// Knot is a Diagonal path at one time, and what a solver keeps of a prediction made there: a predicted
// x0 or ε, which is P prediction + R y in the path's basis.
type Knot struct {
	T                    float64
	Form                 ito.Prediction
	Alpha, Sigma, Lambda []float64 // λ = log(α/σ), the half log signal-to-noise ratio; may be ±∞
	P, R                 []float64
}

// Rho is σ/α of mode i.
func (k *Knot) Rho(i int) float64 { return k.Sigma[i] / k.Alpha[i] }

// mark is how planner.update tells what is kept from other inputs: x0 is a point, ε a vector.
func (k *Knot) mark() Mark {
	if k.Form == ito.PredX0 {
		return 'x'
	}
	return 'n'
}

// Knot evaluates the path at t. Where a mode has α = 0, nothing can be known of x0 from ε, and x0 is kept
// whatever the form asked for: no polynomial in ε passes through such a knot.
func (pl *Planner) Knot(t float64, form ito.Prediction) *Knot {
	m := pl.Modes
	m.At(t)
	n := len(m.Alpha)
	b := make([]float64, 5*n)
	k := &Knot{T: t, Form: form, Alpha: b[:n], Sigma: b[n : 2*n], Lambda: b[2*n : 3*n], P: b[3*n : 4*n], R: b[4*n:]}
	copy(k.Alpha, m.Alpha)
	copy(k.Sigma, m.Sigma)
	for i, α := range k.Alpha {
		k.Lambda[i] = math.Log(α / k.Sigma[i])
		if α == 0 {
			k.Form = ito.PredX0
		}
	}
	m.Affine(pl.Kind, k.Form, k.P, k.R)
	return k
}

// Knots evaluates the path at every node of a grid.
func (pl *Planner) Knots(g ito.Grid, form ito.Prediction) []*Knot {
	out := make([]*Knot, len(g))
	for i, t := range g {
		out[i] = pl.Knot(t, form)
	}
	return out
}

// scales reports that what the knot keeps is a multiple of the prediction, which then serves as it is.
func (k *Knot) scales() bool {
	for _, v := range k.R {
		if v != 0 {
			return false
		}
	}
	return true
}

// Keep turns the prediction in buffer pred, made at the state in buffer at, into what the knot keeps, in
// place. It is nothing where the prediction serves as it is.
func (pl *Planner) Keep(k *Knot, pred, at int) ([]Instruction, error) {
	if k.scales() {
		return nil, nil
	}
	in, err := pl.Combine(k.T, pred, k.mark(), Combination{Predicted(pred, k.P), State(at, k.R)})
	return []Instruction{in}, err
}

// Kept is c times what the knot keeps, after keep.
func (k *Knot) Kept(buffer int, c []float64) Term {
	if !k.scales() {
		return Term{k.mark(), buffer, c}
	}
	return Predicted(buffer, product(c, k.P))
}

// Made is c times what the knot would keep, from a prediction made at the state in buffer at and left as it is.
func (k *Knot) Made(pred, at int, c []float64) Combination {
	return Combination{Predicted(pred, product(c, k.P)), State(at, product(c, k.R))}
}

func product(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i, v := range a {
		out[i] = float64(v * b[i])
	}
	return out
}

// Combination is a sum over buffers with a number for each mode.
type Combination []Term

// Term is one of its terms: see [State], [Predicted] and [Noise].
type Term struct {
	mark   Mark
	buffer int
	coef   []float64
}

// A mark says what a value is: 'x' a state or another point, 'p' a prediction of the planned kind, 'n' a noise or
// another vector.
type Mark byte

// State is c times the point in a buffer.
func State(buffer int, c []float64) Term { return Term{'x', buffer, c} }

// Predicted is c times the prediction in a buffer.
func Predicted(buffer int, c []float64) Term { return Term{'p', buffer, c} }

// Noise is c times the vector in a buffer.
func Noise(buffer int, c []float64) Term { return Term{'n', buffer, c} }

// Combine makes the update that writes c into buffer dst. Terms of one buffer are added up, and what counts nothing is
// left out.
func (pl *Planner) Combine(t float64, dst int, out Mark, c Combination) (Instruction, error) {
	var sum Combination
	for _, x := range c {
		at := -1
		for j, y := range sum {
			if x.buffer == y.buffer && x.mark == y.mark {
				at = j
			}
		}
		if at < 0 {
			sum = append(sum, Term{x.mark, x.buffer, append([]float64(nil), x.coef...)})
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
	finish := pl.Update
	if out != 'x' {
		finish = pl.Vector
	}
	u, err := finish(t, string(marks), coef...)
	return Instruction{u, dst, in}, err
}

// First is the exponential integrator of order 1, y' = α' x̂0 + σ' ε̂, in terms of the state and of what
// the knot keeps. It is finite from α = 0 and to σ' = 0.
func First(s, to *Knot, i int) (x, m float64) {
	α, σ := s.Alpha[i], s.Sigma[i]
	if s.Form == ito.PredX0 {
		if σ == 0 {
			return to.Alpha[i] / α, 0
		}
		x = to.Sigma[i] / σ
		return x, to.Alpha[i] - float64(α*x)
	}
	x = to.Alpha[i] / α
	return x, to.Sigma[i] - float64(σ*x)
}

// Exponential returns B and z of an exponential integrator from s: x' = first + B z Σ_k k! φ_{k+1}(z) d_k.
func Exponential(s, to *Knot, i int) (B, z float64) {
	h := to.Lambda[i] - s.Lambda[i]
	if s.Form == ito.PredX0 {
		return -to.Alpha[i], -h
	}
	return -to.Sigma[i], h
}

// MeanLambda is the mean of λ = log(α/σ) over the modes at t, and its time derivative.
func (pl *Planner) MeanLambda(t float64) (λ, dλ float64) {
	m := pl.Modes
	m.Path.Schedule(t, m.Alpha, m.Sigma, m.DAlpha, m.DSigma)
	for i, α := range m.Alpha {
		λ += math.Log(α / m.Sigma[i])
		dλ += m.DAlpha[i]/α - m.DSigma[i]/m.Sigma[i]
	}
	n := float64(len(m.Alpha))
	return λ / n, dλ / n
}

// TimeOf finds t between a and b with mean λ(t) = target by Newton's method inside a shrinking bracket.
func (pl *Planner) TimeOf(a, b, target float64) float64 {
	lo, hi := math.Min(a, b), math.Max(a, b) // λ falls with t
	t := lo + (hi-lo)/2
	for range 100 {
		λ, dλ := pl.MeanLambda(t)
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

// Corrects reports that a step may be corrected: both of its ends keep the same and are a finite way apart.
func Corrects(s, to *Knot) bool {
	for i, λ := range s.Lambda {
		if h := to.Lambda[i] - λ; math.IsInf(h, 0) || math.IsNaN(h) {
			return false
		}
	}
	return s.Form == to.Form
}
