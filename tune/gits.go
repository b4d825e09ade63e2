package tune

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// GITS finds time steps by dynamic programming. A teacher carries a few warm-up states along n nodes; c_ij is how far
// one student step from node i lands from the teacher's state at node j; the grid of K steps is the path through
// nodes that minimises
//
//	V_i^1 = c_{i,n−1},   V_i^k = min_{j>i} c_ij + γ V_j^{k−1},
//
// in which γ > 1 makes errors of later steps count more. The matrix costs n−1 evaluations of the field for each
// warm-up state, whatever K is. The zero value is the published setting.
//
// Source: Chen et al. 2024, arXiv:2405.11326, algorithm 1.
type GITS struct {
	Points  int            // n, nodes of the teacher; 0: 61
	Gamma   float64        // γ; 0: 1.15
	Cost    Cost           // how far two states are apart; the zero value is CostL2
	Teacher ito.Solver     // deterministic; nil: solve.IPNDM{}
	Student ito.Solver     // deterministic, one evaluation a step; nil: solve.DDIM{}
	Grid    solve.GridFunc // of the teacher; nil: solve.Karras
}

// Cost is a choice of c_ij for a student state y and the teacher's x_j.
type Cost uint8

// The costs, each a mean over the warm-up states.
const (
	CostL2        Cost = iota // ‖y − x_j‖₂
	CostL1                    // ‖y − x_j‖₁
	CostDeviation             // dev(y) − dev(x_j), with dev the distance to the chord from the first to the last state
)

// Costs is the matrix that GITS searches.
type Costs struct {
	Times ito.Grid  // [n] the teacher's nodes
	C     []float64 // [n,n] row-major, c_ij for j > i
	Gamma float64
	Evals int // network calls for each warm-up state
}

func (o GITS) filled() GITS {
	if o.Points == 0 {
		o.Points = 61
	}
	if o.Gamma == 0 {
		o.Gamma = 1.15
	}
	if o.Teacher == nil {
		o.Teacher = solve.IPNDM{}
	}
	if o.Student == nil {
		o.Student = solve.DDIM{}
	}
	if o.Grid == nil {
		o.Grid = solve.Karras
	}
	return o
}

// Costs runs the teacher from the warm-up states x at from, which it leaves as they are, and fills the matrix. It
// keeps n states and predictions of every row. Bad settings are an *ito.InputError.
func (o GITS) Costs(ctx context.Context, p ito.Path, f ito.Field, x ito.States, from, to float64,
	opts solve.RunOptions) (
	*Costs, error) {
	o = o.filled()
	const where = "gits"
	switch student := o.Student.Info(); {
	case o.Points < 2 || !(o.Gamma > 0) || o.Cost > CostDeviation || x.N == 0:
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("%d nodes, γ = %g, cost %d, %d states", o.Points,
			o.Gamma, o.Cost, x.N), Do: "give at least 2 nodes, a positive γ, and some states"}
	case o.Teacher.Info().Stochastic || student.Stochastic || student.Adaptive || student.Evals != 1:
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("teacher %s and student %s", o.Teacher.Info().Name,
			student.Name), Do: "take a deterministic teacher, and a deterministic student of one evaluation a step"}
	}
	times, err := o.Grid(p, from, to, o.Points-1)
	if err != nil {
		return nil, err
	}
	states, preds, evals, err := record(ctx, p, f, x, times, o.Teacher, opts)
	if err != nil {
		return nil, err
	}
	n := len(times)
	c := &Costs{Times: times, C: make([]float64, n*n), Gamma: o.Gamma, Evals: evals}
	d := newDistance(o.Cost, states)
	y := x.Clone()
	for i := range n - 1 {
		for j := i + 1; j < n; j++ {
			copy(y.X, states[i].X)
			if _, err := solve.Run(ctx, p, said{f.Kind(), preds[i]}, y, ito.Grid{times[i], times[j]}, o.Student,
				solve.RunOptions{Cond: opts.Cond}); err != nil {
				return nil, err
			}
			c.C[i*n+j] = d.between(y, j)
		}
	}
	return c, nil
}

// Best is the grid of k steps of least cost, and which of the nodes it stops at. Where costs are equal the earlier
// node wins. It needs 1 ≤ k < n.
func (c *Costs) Best(k int) (ito.Grid, []int, error) {
	n := len(c.Times)
	if k < 1 || k >= n {
		return nil, nil, &ito.InputError{Where: "gits", What: fmt.Sprintf("%d steps through %d nodes", k, n),
			Do: fmt.Sprintf("give from 1 to %d steps", n-1)}
	}
	v, next := make([]float64, n), make([][]int, k+1)
	for i := range v {
		v[i] = c.C[i*n+n-1]
	}
	v[n-1] = math.Inf(1)
	for steps := 2; steps <= k; steps++ {
		w := make([]float64, n)
		next[steps] = make([]int, n)
		for i := range w {
			w[i] = math.Inf(1)
			for j := i + 1; j < n-1; j++ {
				if q := c.C[i*n+j] + float64(c.Gamma*v[j]); q < w[i] {
					w[i], next[steps][i] = q, j
				}
			}
		}
		v = w
	}
	index, grid := []int{0}, ito.Grid{c.Times[0]}
	for steps, i := k, 0; steps > 1; steps-- {
		i = next[steps][i]
		index, grid = append(index, i), append(grid, c.Times[i])
	}
	return append(grid, c.Times[n-1]), append(index, n-1), nil
}

// record runs a solver and keeps the states at every node and the first prediction of every step.
func record(ctx context.Context, p ito.Path, f ito.Field, x ito.States, g ito.Grid, s ito.Solver,
	opts solve.RunOptions) (
	states, preds []ito.States, evals int, err error) {
	first := &firsts{}
	opts.Hooks = append(append([]ito.Hook(nil), opts.Hooks...), first)
	opts.Trajectory = func(_ int, _ float64, x ito.States) error {
		states = append(states, x.Clone())
		return nil
	}
	info, err := solve.Run(ctx, p, f, x.Clone(), g, s, opts)
	if err != nil {
		return nil, nil, 0, err
	}
	return states, first.preds, info.Evals[0], nil
}

// firsts is a hook that keeps the first prediction of every step.
type firsts struct{ preds []ito.States }

func (h *firsts) Before(context.Context, *ito.Step) error { return nil }
func (h *firsts) After(context.Context, *ito.Step) error  { return nil }
func (h *firsts) Predicted(_ context.Context, s *ito.Step, e ito.Evaluation) error {
	if len(h.preds) == s.Index {
		h.preds = append(h.preds, e.Pred.Clone())
	}
	return nil
}

// said is a field that repeats what was predicted.
type said struct {
	kind ito.Prediction
	pred ito.States
}

func (f said) Kind() ito.Prediction { return f.kind }
func (f said) OutDim(d int) int     { return d }
func (f said) Predict(_ context.Context, dst, _ ito.States, _ ito.Times, _ ito.Cond) error {
	copy(dst.X, f.pred.X)
	return nil
}

// distance is a Cost beside a teacher's trajectory.
type distance struct {
	cost   Cost
	states []ito.States
	along  ito.States // unit vectors from the first to the last state
	own    []float64  // [n] the teacher's deviation from the chord
}

func newDistance(cost Cost, states []ito.States) *distance {
	o := &distance{cost: cost, states: states}
	if cost != CostDeviation {
		return o
	}
	a, b := states[0], states[len(states)-1]
	o.along = a.Like(a.D)
	for i := range a.N {
		row, norm := o.along.Row(i), 0.0
		for k := range row {
			row[k] = b.Row(i)[k] - a.Row(i)[k]
			norm += row[k] * row[k]
		}
		for k := range row {
			row[k] /= math.Max(math.Sqrt(norm), math.SmallestNonzeroFloat64)
		}
	}
	o.own = make([]float64, len(states))
	for j := 1; j < len(states)-1; j++ {
		o.own[j] = o.deviation(states[j])
	}
	return o
}

func (o *distance) between(y ito.States, j int) float64 {
	if o.cost == CostDeviation {
		return o.deviation(y) - o.own[j]
	}
	total := 0.0
	for i := range y.N {
		s := 0.0
		for k, v := range y.Row(i) {
			if e := v - o.states[j].Row(i)[k]; o.cost == CostL1 {
				s += math.Abs(e)
			} else {
				s += e * e
			}
		}
		if o.cost == CostL2 {
			s = math.Sqrt(s)
		}
		total += s
	}
	return total / float64(y.N)
}

// deviation is the mean distance of y to the chord.
func (o *distance) deviation(y ito.States) float64 {
	end := o.states[len(o.states)-1]
	total := 0.0
	for i := range y.N {
		u, a, b := o.along.Row(i), y.Row(i), end.Row(i)
		dot, norm := 0.0, 0.0
		for k, v := range u {
			dot += (b[k] - a[k]) * v
		}
		for k, v := range u {
			e := b[k] - a[k] - dot*v
			norm += e * e
		}
		total += math.Sqrt(norm)
	}
	return total / float64(y.N)
}
