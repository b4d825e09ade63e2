package solve

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// Mixed samples rows of numbers and levels on a [path.Levelled] path. In a step from t to s every masked level is
// drawn from its predicted law with probability (α_s−α_t)/(1−α_t), by a uniform number of its own, as on an absorbing
// path; numbers take a step of Heun's rule for dx/dt = (x−x̂_0)/t, whose second slope sees the levels that were drawn:
// two evaluations. Levels that are drawn in the same step are drawn as if they were independent, an error of the order
// of the step.
type Mixed struct{}

// Info implements ito.Solver.
func (Mixed) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "mixed", Order: 1, Stochastic: true, Evals: 2, Needs: []ito.Capability{path.CapMixed},
		Source: "Karras et al. 2022, arXiv:2206.00364, algorithm 1; Sahoo et al. 2024, arXiv:2406.07524, §3.2"}
}

// Plan implements ito.Solver.
func (m Mixed) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	mixed, ok := p.(path.Levelled)
	switch {
	case !ok:
		return nil, &ito.UnsupportedError{What: "solver mixed on path " + p.Name(), Why: "it has no blocks of levels",
			Nearest: "path mixed"}
	case k != ito.PredX0:
		return nil, &ito.UnsupportedError{What: "solver mixed with prediction " + k.String(),
			Why: "levels are drawn from x0", Nearest: ito.PredX0.String()}
	case len(g) > 1 && g[1] > g[0]:
		return nil, &ito.UnsupportedError{What: "solver mixed on an increasing grid",
			Why: "it goes from noise to data", Nearest: "Perturb of the path"}
	}
	return &mixedStepper{path: mixed}, nil
}

type mixedStepper struct {
	path       path.Levelled
	p1, p2, x1 affine.Buffer
	u          ito.States // [N,blocks]
	s          []float64
}

// uniforms draws one number for each level of each row. It draws none where keep is 1: no level is to be drawn.
func (st *mixedStepper) uniforms(s *ito.Step, keep float64) {
	n, d := s.X.N, st.path.Blocks()
	if cap(st.u.X) < n*d {
		st.u.X = make([]float64, n*d)
	}
	st.u = ito.States{N: n, D: d, X: st.u.X[:n*d], ID: s.X.ID}
	if keep < 1 {
		s.Noise.Uniform(st.u, rng.PurposeSolver, uint32(s.Index), 0)
	}
}

// keep is the probability that a level which is masked at t stays so at next.
func (st *mixedStepper) keep(t, next float64) float64 {
	before := st.path.Mask(t)
	if before == 0 {
		return 0
	}
	return st.path.Mask(next) / before
}

// Step implements ito.Stepper.
func (st *mixedStepper) Step(ctx context.Context, s *ito.Step) error {
	p1, p2, x1 := st.p1.Like(s.X), st.p2.Like(s.X), st.x1.Like(s.X)
	if err := s.Predict(ctx, p1, s.X, ito.Times{s.T}); err != nil {
		return err
	}
	h, keep := s.Next-s.T, st.keep(s.T, s.Next)
	st.uniforms(s, keep)
	for i := range s.X.N {
		x, p, to := s.X.Row(i), p1.Row(i), x1.Row(i)
		for _, k := range st.path.Numbers() {
			to[k] = x[k] + float64(h*(x[k]-p[k]))/s.T
		}
		st.levels(to, x, p, st.u.Row(i), keep)
	}
	if err := s.Predict(ctx, p2, x1, ito.Times{s.Next}); err != nil {
		return err
	}
	for i := range s.X.N {
		x, p, q, y := s.X.Row(i), p1.Row(i), p2.Row(i), x1.Row(i)
		for _, k := range st.path.Numbers() {
			x[k] += h / 2 * (float64(x[k]-p[k])/s.T + float64(y[k]-q[k])/s.Next)
		}
		for b := range st.path.Blocks() {
			to, _ := st.path.Block(x, b)
			from, _ := st.path.Block(y, b)
			copy(to, from)
		}
	}
	return nil
}

// levels draws those of a row that are masked in x, and stay so with probability keep, into to.
func (st *mixedStepper) levels(to, x, p, u []float64, keep float64) {
	for b := range st.path.Blocks() {
		now, scale := st.path.Block(x, b)
		next, _ := st.path.Block(to, b)
		copy(next, now)
		if keep == 1 || u[b] < keep || !path.Masked(now) {
			continue
		}
		mean, _ := st.path.Block(p, b)
		path.Corner(next, st.draw(mean, scale, (u[b]-keep)/(1-keep)), scale)
	}
}

// draw is the corner at the uniform number u of the law whose mean is given.
func (st *mixedStepper) draw(mean []float64, scale, u float64) int {
	k := len(mean) + 1
	for len(st.s) < k {
		st.s = append(st.s, 0)
	}
	s := st.s[:k]
	path.CornerScores(s, mean)
	sum := 0.
	for j, v := range s { // guidance may lead beyond the simplex
		s[j] = max(v/scale+1/float64(k), 0)
		sum += s[j]
	}
	u *= sum
	last := 0
	for j, p := range s {
		if p == 0 {
			continue
		}
		if last = j; u < p {
			return j
		}
		u -= p
	}
	return last
}

// Mixed2M is [Mixed] with one evaluation a step: numbers take a step of DPM-Solver++(2M),
//
//	x_s = (s/t) x_t + (1 − s/t) D,   D = x̂_0 + (x̂_0 − x̂_0 of the step before) h/(2 h before),   h = log(t/s),
//
// and levels are drawn by the same prediction (Lu et al. 2022, arXiv:2211.01095, algorithm 2). The first step, and the
// first after a hook moved the states, is of order 1.
type Mixed2M struct{}

// Info implements ito.Solver.
func (Mixed2M) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "mixed-2m", Order: 1, Stochastic: true, Evals: 1,
		Needs: []ito.Capability{path.CapMixed}, Source: "Lu et al. 2022, arXiv:2211.01095, algorithm 2; " +
			"Sahoo et al. 2024, arXiv:2406.07524, §3.2"}
}

// Plan implements ito.Solver.
func (Mixed2M) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	st, err := Mixed{}.Plan(p, g, k)
	if err != nil {
		return nil, err
	}
	return &mixedMulti{mixedStepper: st.(*mixedStepper)}, nil
}

type mixedMulti struct {
	*mixedStepper
	before float64 // h of the last step; 0: there was none
}

// Reset implements ito.Resetter.
func (st *mixedMulti) Reset() { st.before = 0 }

// Step implements ito.Stepper.
func (st *mixedMulti) Step(ctx context.Context, s *ito.Step) error {
	p, last := st.p1.Like(s.X), st.p2.Like(s.X)
	if err := s.Predict(ctx, p, s.X, ito.Times{s.T}); err != nil {
		return err
	}
	h, ratio, slope := math.Log(s.T/s.Next), s.Next/s.T, 0.
	if st.before > 0 {
		slope = h / (2 * st.before)
	}
	keep := st.keep(s.T, s.Next)
	st.uniforms(s, keep)
	for i := range s.X.N {
		x, d, old := s.X.Row(i), p.Row(i), last.Row(i)
		for _, k := range st.path.Numbers() {
			D := d[k]
			if slope > 0 {
				D += slope * (d[k] - old[k])
			}
			x[k] = float64(ratio*x[k]) + float64((1-ratio)*D)
		}
		st.levels(x, x, d, st.u.Row(i), keep)
	}
	copy(last.X, p.X)
	st.before = h
	return nil
}
