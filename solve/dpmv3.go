package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// DPMv3 is DPM-Solver-v3: a multistep exponential integrator whose linear part l, scaling s and bias b are those
// that empirical statistics of the field make best, coordinate by coordinate. With f = (σε̂ − l y)/α, the integrals
// L, S, 𝔅 of the statistics, and from λ_s to λ_t
//
//	y_t = α_t e^{L_s−L_t} [ y_s/α_s − E_0 f_s − C − Σ_{k≥1} E_k g^{(k)} ],
//
//	E_k = ∫ e^{L+S−L_s−S_s} (λ−λ_s)^k/k! dλ,   C = ∫ e^{L+S−L_s} (𝔅−𝔅_s) dλ,   g_i = e^{S_s−S_i} f_i − e^{S_s}(𝔅_i−𝔅_s),
//
// where g^{(k)} are derivatives of the polynomial through the last g. A corrector repeats a step with the prediction
// at its end, as UniPC does. One evaluation a step; paths of one mode, from noise to data, between λ that the statistics
// cover. Exact in one step on Gaussian data, up to the statistics.
//
// Source: Zheng et al. 2023, arXiv:2310.13268, eq. 12 to 16 and algorithm 1.
type DPMv3 struct {
	EMS        *EMS
	Order      int         // 1 to 3; 0: 3
	Predictor  Derivatives // of the predictor
	Corrector  Derivatives // of the corrector; with DerivativesPseudo it is of the next order and uses the prediction at the end
	NoCorrect  bool        // the predictor alone
	From       float64     // correct only from this time down, for large guidance scales; 0: everywhere
	LowerFinal int         // as in DPMpp; 0: 15, negative: none
}

// Derivatives is how g^{(k)} is had from differences.
type Derivatives uint8

// The choices of Derivatives.
const (
	DerivativesAuto   Derivatives = iota // predictor: of the polynomial; corrector: pseudo
	DerivativesExact                     // those of the polynomial through the points, at the step's base
	DerivativesPseudo                    // k! times the divided difference of order k
)

func (o DPMv3) filled() DPMv3 {
	if o.Order == 0 {
		o.Order = 3
	}
	if o.Predictor == DerivativesAuto {
		o.Predictor = DerivativesExact
	}
	if o.Corrector == DerivativesAuto {
		o.Corrector = DerivativesPseudo
	}
	return o
}

// Info implements ito.Solver.
func (o DPMv3) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: fmt.Sprintf("dpm-v3-%d", o.filled().Order), Order: o.filled().Order, Evals: 1, Needs: []ito.Capability{ito.CapOneMode}, Source: "Zheng et al. 2023, arXiv:2310.13268, eq. 12 to 16 and algorithm 1"}
}

// Plan implements ito.Solver.
func (o DPMv3) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if o.Order < 1 || o.Order > 3 || o.Predictor > DerivativesPseudo || o.Corrector > DerivativesPseudo {
		return nil, &ito.InputError{Where: "solver dpm-v3", What: fmt.Sprintf("order %d, derivatives %d and %d", o.Order, o.Predictor, o.Corrector), Do: "give an order of 1, 2 or 3"}
	}
	if err := o.EMS.Check(); err != nil {
		return nil, err
	}
	if d := p.Dim(); d != 0 && d != o.EMS.D {
		return nil, o.mismatch(d)
	}
	pl, err := newPlanner(p, k)
	if err != nil {
		return nil, err
	}
	pl.d = o.EMS.D
	v := &v3plan{planner: pl, DPMv3: o, grid: g, knots: pl.knots(g, ito.PredEps)}
	λ := make([]float64, len(g))
	for i, k := range v.knots {
		λ[i] = k.lambda[0]
		if i > 0 && !(λ[i] > λ[i-1]) {
			return nil, &ito.UnsupportedError{What: "solver dpm-v3 on this grid", Why: "its statistics go from noise to data", Nearest: "dpmpp-3m"}
		}
	}
	if v.in, err = o.EMS.integrate(λ); err != nil {
		return nil, err
	}
	st, err := v.plan()
	return &v3{history: st, d: o.EMS.D}, err
}

func (o DPMv3) mismatch(d int) error {
	return &ito.InputError{Where: "solver dpm-v3", What: fmt.Sprintf("statistics of %d coordinates for states of %d", o.EMS.D, d), Do: "estimate them for this field"}
}

// v3 refuses states of another dimension than that of the statistics.
type v3 struct {
	*history
	d int
}

// Step implements ito.Stepper.
func (st *v3) Step(ctx context.Context, s *ito.Step) error {
	if s.X.D != st.d {
		return DPMv3{EMS: &EMS{D: st.d}}.mismatch(s.X.D)
	}
	return st.history.Step(ctx, s)
}

type v3plan struct {
	*planner
	DPMv3
	grid  ito.Grid
	knots []*knot
	in    *emsIntegrals
}

// v3slots is how many f are kept.
const v3slots = 4

// plan lays out buffers: 0 the state, then f.
func (v *v3plan) plan() (*history, error) {
	n := len(v.grid) - 1
	st := &history{program: newProgram(v.path, 0, 1+v3slots), by: make([][]line, n), depth: v.Order}
	for i := range n {
		f, err := v.scaled(i)
		if err != nil {
			return nil, err
		}
		for have := range min(i, v.Order) + 1 {
			in, err := v.step(i, have)
			if err != nil {
				return nil, err
			}
			st.by[i] = append(st.by[i], line{{predict: true, into: v3slot(i), t: v.grid[i], do: []instr{f, in}}})
		}
	}
	return st, nil
}

func v3slot(i int) int { return 1 + i%v3slots }

// scaled turns the prediction at node i into f, in place.
func (v *v3plan) scaled(i int) (instr, error) {
	k, d := v.knots[i], v.EMS.D
	α, σ := k.alpha[0], k.sigma[0]
	l, unused := make([]float64, d), make([]float64, 2*d)
	v.EMS.at(k.lambda[0], l, unused[:d], unused[d:])
	p, r := make([]float64, d), make([]float64, d)
	for j := range d {
		p[j] = σ * k.p[0] / α
		r[j] = (float64(σ*k.r[0]) - l[j]) / α
	}
	return v.instr(v.grid[i], v3slot(i), 'n', combination{{'p', v3slot(i), p}, {'x', 0, r}})
}

// orderAt is the order of the predictor at step i with so many f before.
func (v *v3plan) orderAt(i, have int) int {
	n := len(v.grid) - 1
	k := min(v.Order, have+1)
	if lowerFinal(v.LowerFinal, n) {
		k = min(k, n-i)
	}
	return k
}

// step is the correction of the step before and the prediction that follows, in one.
func (v *v3plan) step(i, have int) (instr, error) {
	d := v.EMS.D
	a, add := make([]float64, d), make([]float64, d)
	f := map[int][]float64{}
	weight := func(node int) []float64 {
		if f[node] == nil {
			f[node] = make([]float64, d)
		}
		return f[node]
	}
	points := func(from, count int) []int { // from, from−1, …
		out := make([]int, count)
		for j := range out {
			out[j] = from - j
		}
		return out
	}
	v.weigh(i, i+1, points(i, v.orderAt(i, have)), v.Predictor, 1, a, weight, add)
	if have > 0 && !v.NoCorrect && (v.From == 0 || v.grid[i] <= v.From) {
		was := v.orderAt(i-1, have-1)
		is := was
		if v.Corrector == DerivativesPseudo {
			is++
		}
		if is > 1 {
			unused, c := make([]float64, d), make([]float64, d)
			w := map[int][]float64{}
			difference := func(node int) []float64 {
				if w[node] == nil {
					w[node] = make([]float64, d)
				}
				return w[node]
			}
			before := points(i-1, was)
			v.weigh(i-1, i, before, v.Predictor, -1, unused, difference, c)
			after := append([]int{i - 1, i}, points(i-2, max(0, min(is-2, have-1)))...)
			v.weigh(i-1, i, after, v.Corrector, 1, unused, difference, c)
			for node := i; node > i-v3slots && node >= 0; node-- {
				if w[node] == nil {
					continue
				}
				for j, q := range weight(node) {
					f[node][j] = q + a[j]*w[node][j]
				}
			}
			for j := range c {
				add[j] += a[j] * c[j]
			}
		}
	}
	c := combination{{'x', 0, a}}
	for node := i; node > i-v3slots && node >= 0; node-- {
		if f[node] != nil {
			c = append(c, term{'n', v3slot(node), f[node]})
		}
	}
	in, err := v.instr(v.grid[i], 0, 'x', c)
	if err != nil {
		return in, err
	}
	in.u.plus(add)
	return in, nil
}

// weigh adds sign times the weights of the step from node s to node t through the f at points, of which s is the first.
func (v *v3plan) weigh(s, t int, points []int, how Derivatives, sign float64, a []float64, weight func(node int) []float64, add []float64) {
	n := len(points) - 1
	δ := make([]float64, n+1)
	for q, i := range points {
		δ[q] = v.knots[i].lambda[0] - v.knots[s].lambda[0]
	}
	D := derivativeWeights(δ, how)
	e := make([]float64, n+1)
	from, to := v.knots[s], v.knots[t]
	for j := range a {
		c := v.in.step(j, s, t, e)
		decay := to.alpha[0] * math.Exp(v.in.ls[v.in.node[s]][j]-v.in.ls[v.in.node[t]][j])
		a[j] = decay / from.alpha[0]
		weight(s)[j] -= sign * decay * e[0]
		add[j] -= sign * decay * c
		for q, i := range points {
			g, constant := v.in.shift(j, s, i)
			sum := 0.0
			for k := 1; k <= n; k++ {
				sum += e[k] * D[k-1][q]
			}
			weight(i)[j] -= sign * decay * sum * g
			add[j] -= sign * decay * sum * constant
		}
	}
}

// derivativeWeights returns [k−1][q], the weight of the value at δ_q in the derivative of order k at δ_0 = 0.
func derivativeWeights(δ []float64, how Derivatives) [][]float64 {
	n := len(δ) - 1
	out := make([][]float64, n)
	factorial := 1.0
	for k := 1; k <= n; k++ {
		factorial *= float64(k)
		out[k-1] = make([]float64, n+1)
		if how == DerivativesPseudo {
			for q := range k + 1 {
				w := factorial
				for p := range k + 1 {
					if p != q {
						w /= δ[q] - δ[p]
					}
				}
				out[k-1][q] = w
			}
			continue
		}
		h := math.Abs(δ[1])
		r, b := make([]float64, n), make([]float64, n)
		for q := range r {
			r[q] = δ[q+1] / h
		}
		b[k-1] = factorial / math.Pow(h, float64(k))
		for q, w := range weights(r, b) {
			out[k-1][q+1] = w
			out[k-1][0] -= w
		}
	}
	return out
}

// plus adds constants to the result of an update with a number for each coordinate.
func (u *update) plus(c []float64) {
	shift := append([]float64(nil), c...)
	for i, v := range u.shift {
		shift[i] += v
	}
	u.shift, u.tile = shift, nil
	u.lay(len(c))
}
