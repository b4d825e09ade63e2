package tune

import (
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// v3plan makes the coefficients of DPMv3 for a grid.
type v3plan struct {
	*affine.Planner
	DPMv3
	grid  ito.Grid
	knots []*affine.Knot
	in    *emsIntegrals
}

// v3slots is how many f are kept.
const v3slots = 4

// plan lays out buffers: 0 the state, then f.
func (v *v3plan) plan() (*affine.History, error) {
	n := len(v.grid) - 1
	st := affine.NewHistory(v.Path, n, 1+v3slots, v.Order)
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
			st.By[i] = append(st.By[i], affine.Line{{Predict: true, Into: v3slot(i), T: v.grid[i],
				Do: []affine.Instruction{f, in}}})
		}
	}
	return st, nil
}

func v3slot(i int) int { return 1 + i%v3slots }

// scaled turns the prediction at node i into f, in place.
func (v *v3plan) scaled(i int) (affine.Instruction, error) {
	k, d := v.knots[i], v.EMS.D
	α, σ := k.Alpha[0], k.Sigma[0]
	l, unused := make([]float64, d), make([]float64, 2*d)
	v.EMS.at(k.Lambda[0], l, unused[:d], unused[d:])
	p, r := make([]float64, d), make([]float64, d)
	for j := range d {
		p[j] = σ * k.P[0] / α
		r[j] = (float64(σ*k.R[0]) - l[j]) / α
	}
	return v.Combine(v.grid[i], v3slot(i), 'n', affine.Combination{affine.Predicted(v3slot(i), p), affine.State(0, r)})
}

// orderAt is the order of the predictor at step i with so many f before.
func (v *v3plan) orderAt(i, have int) int {
	n := len(v.grid) - 1
	k := min(v.Order, have+1)
	if v.LowerFinal.Lowers(n) {
		k = min(k, n-i)
	}
	return k
}

// step is the correction of the step before and the prediction that follows, in one.
func (v *v3plan) step(i, have int) (affine.Instruction, error) {
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
	c := affine.Combination{affine.State(0, a)}
	for node := i; node > i-v3slots && node >= 0; node-- {
		if f[node] != nil {
			c = append(c, affine.Noise(v3slot(node), f[node]))
		}
	}
	in, err := v.Combine(v.grid[i], 0, 'x', c)
	if err != nil {
		return in, err
	}
	in.Update.Plus(add)
	return in, nil
}

// weigh adds sign times the weights of the step from node s to node t through the f at points, of which s is the first.
func (v *v3plan) weigh(s, t int, points []int, how Derivatives, sign float64, a []float64,
	weight func(node int) []float64, add []float64) {
	n := len(points) - 1
	δ := make([]float64, n+1)
	for q, i := range points {
		δ[q] = v.knots[i].Lambda[0] - v.knots[s].Lambda[0]
	}
	D := derivativeWeights(δ, how)
	e := make([]float64, n+1)
	from, to := v.knots[s], v.knots[t]
	for j := range a {
		c := v.in.step(j, s, t, e)
		decay := to.Alpha[0] * math.Exp(v.in.ls[v.in.node[s]][j]-v.in.ls[v.in.node[t]][j])
		a[j] = decay / from.Alpha[0]
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
		for q, w := range affine.MomentWeights(r, b) {
			out[k-1][q+1] = w
			out[k-1][0] -= w
		}
	}
	return out
}
