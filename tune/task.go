package tune

import (
	"context"
	"errors"
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
// (0: as in [Problem.Reference]).
func (o Problem) Task(ctx context.Context, n, first int, tol float64) (Task, error) {
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
	y := o.Starts.Clone()
	info, err := solve.Run(ctx, o.Path, o.Field, y, g, s, solve.Options{Cond: o.Cond})
	var nf *ito.NonFiniteError
	if errors.As(err, &nf) {
		return math.Inf(1), 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	rmse = RMSE(y, o.Want)
	if math.IsNaN(rmse) {
		rmse = math.Inf(1)
	}
	for _, e := range info.Evals {
		evals = max(evals, e)
	}
	return rmse, evals, nil
}
