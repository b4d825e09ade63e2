package diffusion

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/tune"
)

// The grids of a sampler.
const (
	GridUniform = "uniform"
	GridGITS    = "gits" // found for the model, by windows that it was trained on
)

// scheduleStarts are the windows that GITS looks at, and schedulePoints the nodes of its teacher.
const scheduleStarts, schedulePoints = 8, 41

// scheduled finds the times of so many calls of a solver for a field, by dynamic programming over the error that steps
// of DDIM make from the states of a few windows of a source (see [tune.GITS]). It costs 40 calls a window.
func scheduled(ctx context.Context, f *field.Net, src ito.Source, solver string, calls int, seed uint64) (ito.Grid,
	error) {
	s, err := solve.ByName(solver)
	if err != nil {
		return nil, err
	}
	steps, err := solve.StepsFor(s, calls, 1)
	if err != nil {
		return nil, err
	}
	lo, hi := f.Bound().Span()
	n := min(scheduleStarts, src.Len())
	t := tune.Task{Path: f.Bound(), Field: f, From: hi, To: lo, Starts: ito.NewStates(n, src.Space().Dim(), 1<<40),
		Cond: ito.Cond{C: src.CondWidth(), X: make([]float64, n*src.CondWidth())}}
	one := ito.NewStates(1, t.Starts.D, 0)
	for i := range n {
		if err := src.Read(one, t.Cond.Row(i), i*(src.Len()-1)/max(n-1, 1)); err != nil {
			return nil, err
		}
	}
	if err := f.Bound().Prior(t.Starts, ito.Cond{}, ito.Seed(seed)); err != nil {
		return nil, err
	}
	list, err := tune.GITS{Points: schedulePoints, Grid: solve.Uniform}.Gridded(ctx, t, steps)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(f tune.Fixed) bool { return len(f.Times) == steps+1 })
	if i < 0 {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("a schedule of %d calls by GITS", calls),
			Why: "it finds none", Nearest: "grid=uniform"}
	}
	return list[i].Times, nil
}
