package affine

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// MaxOrder is the highest order of the multistep solvers.
const MaxOrder = 4

// Weigher gives the step of mode i from from[0] to to by the predictions kept at from[0], from[1], …, newest
// first: it fills m (which comes as zeros) with their weights and returns those of the state and of the noise.
type Weigher func(to *Knot, from []*Knot, i int, m []float64) (x, noise float64)

// Multistep plans a solver of one evaluation a step whose rule w uses up to order predictions, 1 to [MaxOrder], kept in
// a form, PredX0 or PredEps: the first steps have fewer, and with lower the last ones too. With noisy a step draws a
// noise, whose weight is w's.
func (pl *Planner) Multistep(g ito.Grid, form ito.Prediction, order int, lower bool, noisy bool, w Weigher) (*History,
	error) {
	if pl.Modes == nil || order < 1 || order > MaxOrder {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("a multistep solver of order %d on path %s", order,
			pl.Path.Name()), Why: fmt.Sprintf("it needs a path with schedules, and an order from 1 to %d", MaxOrder)}
	}
	n := len(g) - 1
	ks := pl.Knots(g, form)
	st := NewHistory(pl.Path, n, order+2, order-1)
	slot := func(i int) int { return 1 + i%order }
	for i := range n {
		from := Usable(ks, i, order)
		var kept []Instruction
		if order > 1 { // of order 1, nothing is kept for later
			var err error
			if kept, err = pl.Keep(ks[i], slot(i), 0); err != nil {
				return nil, err
			}
		}
		for have := range min(i+1, order) {
			k := min(have+1, len(from))
			if lower {
				k = min(k, n-i)
			}
			if k <= have { // no more than the line before
				st.By[i] = append(st.By[i], st.By[i][have-1])
				continue
			}
			c, ξ := pl.Weigh(ks[i+1], from[:k], w, order == 1, func(j int) int { return slot(i - j) })
			seg := Segment{Predict: true, Into: slot(i), T: g[i]}
			if noisy {
				c = append(c, Noise(order+1, ξ))
				seg.Noise = []Draw{{Into: order + 1}}
			}
			in, err := pl.Combine(g[i], 0, 'x', c)
			if err != nil {
				return nil, err
			}
			seg.Do = append(append([]Instruction(nil), kept...), in)
			st.By[i] = append(st.By[i], Line{seg})
		}
	}
	return st, nil
}

// Usable lists knot i and those before it through which a polynomial may pass, newest first, at most n.
func Usable(ks []*Knot, i, n int) []*Knot {
	out := []*Knot{ks[i]}
	for j := i - 1; j >= 0 && len(out) < n && ks[j].Form == ks[i].Form; j-- {
		out = append(out, ks[j])
	}
	return out
}

// Weigh is one step over all modes, from the state with predictions in buffers slot(0), slot(1), …, of which the
// newest may be raw: as the field made it. The noise comes apart.
func (pl *Planner) Weigh(to *Knot, from []*Knot, w Weigher, raw bool, slot func(j int) int) (c Combination,
	noise []float64) {
	x, ms, noise := AllModes(to, from, w)
	c = Combination{State(0, x)}
	for j, k := range from {
		if raw && j == 0 {
			c = append(c, k.Made(slot(0), 0, ms[0])...)
		} else {
			c = append(c, k.Kept(slot(j), ms[j]))
		}
	}
	return c, noise
}

// AllModes runs a weigher over all modes: coefficients of the state, of each prediction, and of the noise.
func AllModes(to *Knot, from []*Knot, w Weigher) (x []float64, ms [][]float64, noise []float64) {
	modes := len(to.Alpha)
	x, noise = make([]float64, modes), make([]float64, modes)
	ms = make([][]float64, len(from))
	for j := range ms {
		ms[j] = make([]float64, modes)
	}
	m := make([]float64, len(from))
	for i := range modes {
		clear(m)
		x[i], noise[i] = w(to, from, i, m)
		for j, v := range m {
			ms[j][i] = v
		}
	}
	return x, ms, noise
}

// Extend adds to the weights m what the polynomial through the predictions adds to the newest one, where
// each is at the given value of a clock and the step ends at end:
//
//	Σ_j m_j u_j += scale · Σ_{k≥1} b_k d_k   with   u(c) = Σ_k d_k ((c−clock_0)/(end−clock_0))^k,
//
// and b written by moments. Predictions from infinitely far away end the list; one that is nearer than
// minRatio of the step to another is left out, since a polynomial through both would blow up their rounding and the
// field's own errors.
func Extend(m, clock []float64, end, scale float64, moments func(b []float64)) {
	h := end - clock[0]
	if h == 0 || math.IsInf(h, 0) || math.IsNaN(h) {
		return
	}
	var r, b [MaxOrder]float64
	var which [MaxOrder]int
	n := 0
	for j := 1; j < len(clock); j++ {
		v := (clock[j] - clock[0]) / h
		if math.IsInf(v, 0) || math.IsNaN(v) {
			break
		}
		near := math.Abs(v) < minRatio
		for _, w := range r[:n] {
			near = near || math.Abs(v-w) < minRatio
		}
		if !near {
			r[n], which[n] = v, j
			n++
		}
	}
	if n == 0 {
		return
	}
	moments(b[:n])
	for i, v := range MomentWeights(r[:n], b[:n]) {
		m[which[i]] += scale * v
		m[0] -= scale * v
	}
}

// minRatio is the least distance of two predictions, in steps, for a polynomial through both.
const minRatio = 1e-3

// LogSNRs are λ of mode i at the knots.
func LogSNRs(from []*Knot, i int) []float64 {
	out := make([]float64, len(from), MaxOrder+1)
	for j, k := range from {
		out[j] = k.Lambda[i]
	}
	return out
}

// WeighFirst is the Weigher of order 1: DDIM.
func WeighFirst(to *Knot, from []*Knot, i int, m []float64) (x, noise float64) {
	x, m[0] = First(from[0], to, i)
	return x, 0
}
