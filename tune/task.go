package tune

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Task is what a schedule is judged by: starting states and where the exact probability flow takes them.
type Task struct {
	Path     ito.Path
	Field    ito.Field
	From, To float64
	Starts   ito.States // left as they are
	Want     ito.States // at To
	Cond     ito.Cond   // of the starts
}

// Task makes the task of the problem's starts first+1 … first+n, with the reference to the given tolerance
// (0: as in [MixtureProblem.Reference]).
func (o MixtureProblem) Task(ctx context.Context, n, first int, tol float64) (Task, error) {
	f, err := o.Field()
	if err != nil {
		return Task{}, err
	}
	x, err := o.Starts(n, first)
	if err != nil {
		return Task{}, err
	}
	want, err := o.Reference(ctx, f, x, tol)
	return Task{Path: o.Path, Field: f, From: o.From, To: o.To, Starts: x, Want: want}, err
}

// rows is the part of a task with the starts lo ≤ i < hi.
func (o Task) rows(lo, hi int) Task {
	o.Starts, o.Want, o.Cond = o.Starts.Slice(lo, hi), o.Want.Slice(lo, hi), o.Cond.Slice(lo, hi)
	return o
}

// Error is the RMSE of a solver on a grid and the network calls that a row took. A run that is not finite has an
// infinite error.
func (o Task) Error(ctx context.Context, s ito.Solver, g ito.Grid) (rmse float64, evals int, err error) {
	e, evals, err := o.Distances(ctx, s, g)
	return rootMeanSquare(e), evals, err
}

// Distances are ‖x_i − x_i^ref‖ of every row, infinite for a run that is not finite, and the network calls that a row
// took.
func (o Task) Distances(ctx context.Context, s ito.Solver, g ito.Grid) (e []float64, evals int, err error) {
	y := o.Starts.Clone()
	info, err := solve.Run(ctx, o.Path, o.Field, y, g, s, solve.RunOptions{Cond: o.Cond, Unchecked: true})
	if err != nil {
		return nil, 0, err
	}
	e = make([]float64, y.N)
	for i := range e {
		s := 0.0
		for k, v := range y.Row(i) {
			d := v - o.Want.Row(i)[k]
			s += d * d
		}
		if e[i] = math.Sqrt(s); math.IsNaN(e[i]) {
			e[i] = math.Inf(1)
		}
	}
	for _, n := range info.Evals {
		evals = max(evals, n)
	}
	return e, evals, nil
}

func rootMeanSquare(e []float64) float64 {
	s := 0.0
	for _, v := range e {
		s += v * v
	}
	return math.Sqrt(s / float64(max(len(e), 1)))
}
