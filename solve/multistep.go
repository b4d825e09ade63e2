package solve

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// maxOrder is the highest order of the multistep solvers.
const maxOrder = 4

// weigher gives the step of mode i from from[0] to to by the predictions kept at from[0], from[1], …, newest
// first: it fills m (which comes as zeros) with their weights and returns those of the state and of the noise.
type weigher func(to *knot, from []*knot, i int, m []float64) (x, noise float64)

// multistep plans a solver of one evaluation a step that uses up to order predictions.
func (pl *planner) multistep(g ito.Grid, form ito.Prediction, order int, lower bool, noisy bool, w weigher) (*history,
	error) {
	n := len(g) - 1
	ks := pl.knots(g, form)
	st := newHistory(pl.path, n, order+2, order-1)
	slot := func(i int) int { return 1 + i%order }
	for i := range n {
		from := usable(ks, i, order)
		var kept []instr
		if order > 1 { // of order 1, nothing is kept for later
			var err error
			if kept, err = pl.keep(ks[i], slot(i), 0); err != nil {
				return nil, err
			}
		}
		for have := range min(i+1, order) {
			k := min(have+1, len(from))
			if lower {
				k = min(k, n-i)
			}
			if k <= have { // no more than the line before
				st.by[i] = append(st.by[i], st.by[i][have-1])
				continue
			}
			c, ξ := pl.weigh(ks[i+1], from[:k], w, order == 1, func(j int) int { return slot(i - j) })
			seg := segment{predict: true, into: slot(i), t: g[i]}
			if noisy {
				c = append(c, noise(order+1, ξ))
				seg.noise = []draw{{into: order + 1}}
			}
			in, err := pl.instr(g[i], 0, 'x', c)
			if err != nil {
				return nil, err
			}
			seg.do = append(append([]instr(nil), kept...), in)
			st.by[i] = append(st.by[i], line{seg})
		}
	}
	return st, nil
}

// usable lists knot i and those before it through which a polynomial may pass, newest first, at most n.
func usable(ks []*knot, i, n int) []*knot {
	out := []*knot{ks[i]}
	for j := i - 1; j >= 0 && len(out) < n && ks[j].form == ks[i].form; j-- {
		out = append(out, ks[j])
	}
	return out
}

// weigh is one step over all modes, from the state with predictions in buffers slot(0), slot(1), …, of which the
// newest may be raw: as the field made it. The noise comes apart.
func (pl *planner) weigh(to *knot, from []*knot, w weigher, raw bool, slot func(j int) int) (c combination,
	noise []float64) {
	x, ms, noise := allModes(to, from, w)
	c = combination{state(0, x)}
	for j, k := range from {
		if raw && j == 0 {
			c = append(c, k.made(slot(0), 0, ms[0])...)
		} else {
			c = append(c, k.kept(slot(j), ms[j]))
		}
	}
	return c, noise
}

// allModes runs a weigher over all modes: coefficients of the state, of each prediction, and of the noise.
func allModes(to *knot, from []*knot, w weigher) (x []float64, ms [][]float64, noise []float64) {
	modes := len(to.alpha)
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

// extend adds to the weights m what the polynomial through the predictions adds to the newest one, where
// each is at the given value of a clock and the step ends at end:
//
//	Σ_j m_j u_j += scale · Σ_{k≥1} b_k d_k   with   u(c) = Σ_k d_k ((c−clock_0)/(end−clock_0))^k,
//
// and b written by moments. Predictions from infinitely far away end the list; one that is nearer than
// minRatio of the step to another is left out, since a polynomial through both would blow up their rounding and the
// field's own errors.
func extend(m, clock []float64, end, scale float64, moments func(b []float64)) {
	h := end - clock[0]
	if h == 0 || math.IsInf(h, 0) || math.IsNaN(h) {
		return
	}
	var r, b [maxOrder]float64
	var which [maxOrder]int
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
	for i, v := range weights(r[:n], b[:n]) {
		m[which[i]] += scale * v
		m[0] -= scale * v
	}
}

// minRatio is the least distance of two predictions, in steps, for a polynomial through both.
const minRatio = 1e-3

// logSNRs are λ of mode i at the knots.
func logSNRs(from []*knot, i int) []float64 {
	out := make([]float64, len(from), maxOrder+1)
	for j, k := range from {
		out[j] = k.lambda[i]
	}
	return out
}

func weighFirst(to *knot, from []*knot, i int, m []float64) (x, noise float64) {
	x, m[0] = first(from[0], to, i)
	return x, 0
}
