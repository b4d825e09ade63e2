package tune

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Converged is where the probability flow takes the starts of a task, and change, the RMSE between the last two
// runs: UniPC-3 with steps equal in log-SNR, doubled from 125 to at most 8000 until change is at most tol (0: 10⁻⁵)
// of the scale of the result; the finer run is then better by another order of magnitude. Where the path has no
// log-SNR at its ends it is Dopri5, with tolerances from tol down by factors of ten, at most six times. The bytes
// do not depend on the number of workers.
func Converged(ctx context.Context, t Task, tol float64, workers int) (y ito.States, change float64, err error) {
	if tol == 0 {
		tol = 1e-5
	}
	_, err = solve.LogSNR(t.Path, t.From, t.To, 125)
	finer := func(i int) (ito.Grid, ito.Solver, error) {
		g, err := solve.LogSNR(t.Path, t.From, t.To, 125<<i)
		return g, solve.UniPC{}, err
	}
	if err != nil {
		finer = func(i int) (ito.Grid, ito.Solver, error) {
			return ito.Grid{t.From, t.To}, solve.Dopri5{Tol: tol * math.Pow(.1, float64(i))}, nil
		}
	}
	const most = 7
	var last ito.States
	for i := range most {
		g, s, err := finer(i)
		if err != nil {
			return last, change, err
		}
		if y, err = t.end(ctx, g, s, workers); err != nil {
			return y, change, err
		}
		if last.N > 0 {
			if change = RMSE(y, last); change <= tol*math.Max(1e-3, scale(y)) {
				break
			}
		}
		last = y
	}
	return y, change, nil
}

// end runs a solver from copies of the starts, a part of the rows on each worker.
func (o Task) end(ctx context.Context, g ito.Grid, s ito.Solver, workers int) (ito.States, error) {
	y := o.Starts.Clone()
	parts := max(min(workers, y.N), 1)
	errs := make([]error, parts)
	each(parts, parts, func(i int) {
		lo, hi := i*y.N/parts, (i+1)*y.N/parts
		_, errs[i] = solve.Run(ctx, o.Path, o.Field, y.Slice(lo, hi), g, s, solve.RunOptions{Cond: o.Cond.Slice(lo,
			hi)})
	})
	for _, err := range errs {
		if err != nil {
			return y, err
		}
	}
	return y, nil
}
