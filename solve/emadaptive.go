package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// EMAdaptive is Euler–Maruyama for the reverse SDE with steps that every row chooses, by doubling: a step h and two of
// h/2 are driven by one Brownian path, and with their results x₁ and x₂
//
//	E = RMS( (x₂−x₁) / (Atol + Rtol max(|x₁|, |x₂|)) )
//
// the step is accepted, as x₂, when E ≤ 1; the next h is that of a PI controller for an error of h^{3/2}, the noise
// of these paths being additive. Steps that are rejected are tried again on the same Brownian path, an
// [ode.Brownian] over the span of the path, so neither tries nor the nodes of the grid change the law of the noise:
// two grids, or two tolerances, of one seed approximate the same trajectory. Strong order 1. An attempt costs two
// evaluations, one after a rejection. Diagonal paths of Gaussian noise, from noise to data.
type EMAdaptive struct {
	Atol, Rtol float64 `config:"-"` // 0: .01 each
	Max        float64 `config:"-"` // largest growth of a step; 0: 1.4
	FirstStep  float64 `config:"-"` // 0: a thousandth of the grid's length
	MaxSteps   int     `config:"-"` // of a row between two nodes; 0: 100000
}

func (o EMAdaptive) filled() EMAdaptive {
	for _, d := range []struct {
		p *float64
		v float64
	}{{&o.Atol, .01}, {&o.Rtol, .01}, {&o.Max, 1.4}} {
		if *d.p == 0 {
			*d.p = d.v
		}
	}
	if o.MaxSteps == 0 {
		o.MaxSteps = 100000
	}
	return o
}

// Info implements ito.Solver.
func (EMAdaptive) Info() ito.SolverInfo {
	return ito.SolverInfo{Name: "em-adaptive", Order: 1, Stochastic: true, Adaptive: true,
		Needs: []ito.Capability{ito.CapDiagonal},
		Source: "Gaines & Lyons 1997, SIAM J. Appl. Math. 57:1455; step doubling as in torchsde, with an error for " +
			"each sample"}
}

// Plan implements ito.Solver.
func (o EMAdaptive) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	o = o.filled()
	if err := Check(p, o); err != nil {
		return nil, err
	}
	if !(o.Atol > 0 && o.Rtol >= 0 && o.Max > 1 && o.FirstStep >= 0) || o.MaxSteps < 1 {
		return nil, &ito.InputError{Where: "solver em-adaptive", What: fmt.Sprintf("settings %+v", o),
			Do: "give positive tolerances and a growth above 1"}
	}
	if err := towardsData(g, o, "dopri5"); err != nil {
		return nil, err
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	lo, hi := p.Span()
	lo, hi = math.Min(lo, g[len(g)-1]), math.Max(hi, g[0])
	if o.FirstStep == 0 {
		o.FirstStep = (g[0] - g[len(g)-1]) / 1000
	}
	return &emAdaptive{EMAdaptive: o, pl: pl, from: lo, to: hi}, nil
}

type emAdaptive struct {
	EMAdaptive
	pl                        *affine.Planner
	from, to                  float64 // of the tree
	evals, accepted, rejected []int
	rows                      []*emRow
	batch                     rowBatch
	dw                        []float64
	p, r, ps, rs              []float64 // velocity and score from the prediction, mode by mode
}

// emRow is one row of an adaptive run, in the path's basis.
type emRow struct {
	row                int
	t, h               float64 // h > 0, the length of the next step towards the data
	errors             ode.Errors
	fresh              bool // slope is not known yet
	tries              int
	y, slope           []float64    // the state and the drift there
	whole, half, there []float64    // one step, half a step, the drift there
	gain, gainHalf     []float64    // g at the state and at half a step, mode by mode
	w                  [3][]float64 // the Brownian path at the state, at half a step and at its end
}

func (st *emAdaptive) counts() (evals, accepted, rejected []int) {
	return st.evals, st.accepted, st.rejected
}

// Step implements ito.Stepper.
func (st *emAdaptive) Step(ctx context.Context, s *ito.Step) error {
	n, d := s.X.N, s.X.D
	if st.rows == nil {
		st.evals, st.accepted, st.rejected = make([]int, n), make([]int, n), make([]int, n)
		modes := st.pl.Modes.Path.Modes()
		st.p, st.r, st.ps, st.rs = make([]float64, modes), make([]float64, modes), make([]float64, modes),
			make([]float64, modes)
		for i := range n {
			r := &emRow{row: i, h: st.FirstStep}
			for _, p := range []*[]float64{&r.y, &r.slope, &r.whole, &r.half, &r.there, &r.w[0], &r.w[1], &r.w[2]} {
				*p = make([]float64, d)
			}
			r.gain, r.gainHalf = make([]float64, modes), make([]float64, modes)
			st.rows = append(st.rows, r)
		}
		st.dw = make([]float64, d)
		st.batch = newRowBatch(s)
	}
	tree := st.tree(s)
	left := append([]*emRow(nil), st.rows...)
	for _, r := range left {
		r.t, r.fresh, r.tries = s.T, true, 0
		st.pl.Modes.Point(r.y, s.X.Row(r.row))
		tree.At(r.w[0], st.batch.w, r.row, s.T)
	}
	before := s.Evals
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := st.attempt(ctx, s, left, tree); err != nil {
			return err
		}
		keep := left[:0]
		for _, r := range left {
			done, err := st.judge(r, s, tree)
			if err != nil {
				return err
			}
			if done {
				st.pl.Modes.Place(s.X.Row(r.row), r.y)
			} else {
				keep = append(keep, r)
			}
		}
		left = keep
	}
	s.Evals = before
	for _, e := range st.evals {
		s.Evals = max(s.Evals, e)
	}
	return nil
}

// treeDepth leaves steps down to 4e-9 of the span.
const treeDepth = 28

// tree is the Brownian path of every row: its nodes are addressed by sample id.
func (st *emAdaptive) tree(s *ito.Step) ode.Brownian {
	one := ito.States{N: 1, D: s.X.D}
	return ode.Brownian{From: st.from, To: st.to, Depth: treeDepth, Normal: func(dst []float64, row int, node uint64) {
		one.X, one.ID = dst, s.X.ID[row:row+1]
		s.Noise.Normal(one, rng.PurposeSolver, uint32(node>>32), uint32(node))
	}}
}

// attempt makes one step and two half steps of every row.
func (st *emAdaptive) attempt(ctx context.Context, s *ito.Step, rows []*emRow, tree ode.Brownian) error {
	fresh := make([]*emRow, 0, len(rows))
	for _, r := range rows {
		r.h = math.Min(r.h, r.t-s.Next)
		if rest := r.t - r.h - s.Next; rest < .01*r.h { // no sliver is left
			r.h = r.t - s.Next
		}
		if r.fresh {
			fresh = append(fresh, r)
		}
	}
	if err := st.drift(ctx, s, fresh, func(r *emRow) (float64, []float64, []float64,
		[]float64) {
		return r.t, r.y, r.slope, r.gain
	}); err != nil {
		return err
	}
	for _, r := range rows {
		r.fresh = false
		copy(r.whole, r.y)
		copy(r.half, r.y)
		tree.At(r.w[1], st.batch.w, r.row, st.middle(r))
		tree.At(r.w[2], st.batch.w, r.row, st.end(r, s))
		st.move(r.whole, r.slope, r.gain, r.w[0], r.w[2], r.t-st.end(r, s))
		st.move(r.half, r.slope, r.gain, r.w[0], r.w[1], r.t-st.middle(r))
	}
	if err := st.drift(ctx, s, rows, func(r *emRow) (float64, []float64, []float64, []float64) {
		return st.middle(r), r.half, r.there, r.gainHalf
	}); err != nil {
		return err
	}
	for _, r := range rows {
		st.move(r.half, r.there, r.gainHalf, r.w[1], r.w[2], st.middle(r)-st.end(r, s))
	}
	return nil
}

func (st *emAdaptive) middle(r *emRow) float64 { return r.t - r.h/2 }

func (st *emAdaptive) end(r *emRow, s *ito.Step) float64 {
	if r.h == r.t-s.Next {
		return s.Next
	}
	return r.t - r.h
}

// move adds a step of Euler–Maruyama of length h towards the data, with slope and gain of its start, while the Brownian
// path, whose clock is the path's, goes from w to next.
func (st *emAdaptive) move(y, slope, gain, w, next []float64, h float64) {
	for i, v := range w {
		st.dw[i] = v - next[i]
	}
	st.pl.Modes.Turn(st.batch.w, st.dw)
	for i, v := range st.batch.w {
		y[i] += float64(gain[min(i, len(gain)-1)]*v) - float64(h*slope[i])
	}
}

// drift evaluates velocity − ½g²s and g of rows at their own times and states.
func (st *emAdaptive) drift(ctx context.Context, s *ito.Step, rows []*emRow, at func(*emRow) (t float64, y, slope,
	gain []float64)) error {
	if len(rows) == 0 {
		return nil
	}
	b, pl := &st.batch, st.pl
	pred, err := b.predict(ctx, s, pl.Modes, len(rows), func(i int) (int, float64, []float64) {
		t, y, _, _ := at(rows[i])
		return rows[i].row, t, y
	})
	if err != nil {
		return err
	}
	calls := ito.Calls(s.Field)
	for i, r := range rows {
		st.evals[r.row] += calls
		t, y, slope, gain := at(r)
		pl.Modes.At(t)
		pl.Modes.Affine(pl.Kind, ito.PredVelocity, st.p, st.r)
		pl.Modes.Affine(pl.Kind, ito.PredScore, st.ps, st.rs)
		pl.Modes.From(b.w, pred.Row(i), pl.Kind)
		for k, g2 := range pl.Modes.G2 {
			gain[k] = math.Sqrt(g2)
		}
		for j, v := range b.w {
			k := min(j, len(gain)-1)
			h := pl.Modes.G2[k] / 2
			slope[j] = float64((st.p[k]-h*st.ps[k])*v) + float64((st.r[k]-h*st.rs[k])*y[j])
		}
	}
	return nil
}

// judge accepts or rejects what an attempt has made of a row, and sets its next step.
func (st *emAdaptive) judge(r *emRow, s *ito.Step, tree ode.Brownian) (done bool, err error) {
	sum := 0.0
	for i, v := range r.half {
		q := (v - r.whole[i]) / (st.Atol + st.Rtol*math.Max(math.Abs(v), math.Abs(r.whole[i])))
		sum += float64(q * q)
	}
	ok, factor := ode.PID{P: .2, I: .8, Max: st.Max}.Next(&r.errors, math.Sqrt(sum/float64(len(r.half))), 1.5)
	if ok {
		st.accepted[r.row]++
		r.t, r.fresh = st.end(r, s), true
		copy(r.y, r.half)
		copy(r.w[0], r.w[2])
	} else {
		st.rejected[r.row]++
	}
	r.h *= factor
	if r.t == s.Next {
		return true, nil
	}
	if r.tries++; r.tries >= st.MaxSteps || r.h < 2*tree.Resolution() {
		return false, fmt.Errorf("sample %d stopped at t=%g after %d steps of its own, the next one %g", s.X.ID[r.row],
			r.t, r.tries, r.h)
	}
	return false, nil
}
