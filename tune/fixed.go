package tune

import (
	"context"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Fixed is a solver as published on a grid by name.
type Fixed struct {
	Solver ito.Solver
	Name   string // of the solver
	Grid   string
	Times  ito.Grid
}

// FixedSolvers lists every deterministic solver that takes the given number of evaluations on a path, with its default
// settings and with the settings that the few-step literature uses, and those of other modules, on every named grid on
// which it can be planned.
func FixedSolvers(p ito.Path, from, to float64, nfe int) []Fixed {
	var out []Fixed
	all := append(solve.All(),
		solve.DPMpp{Second: solve.SecondTaylor}, solve.DPMpp{Order: 2, Eps: true}, solve.DPMpp{Order: 3, Eps: true},
		solve.DPMpp{Order: 3, LowerFinal: -1},
		solve.UniPC{Order: 2, B: solve.UniB1}, solve.UniPC{Order: 3, B: solve.UniB1},
		solve.UniPC{Order: 3, LowerFinal: -1}, solve.UniPC{Order: 2, Eps: true}, solve.UniPC{Order: 3, Eps: true},
		solve.DEIS{Order: 3, Clock: solve.ClockLogRho}, solve.DEIS{Clock: solve.ClockRho}, solve.IPNDM{Order: 2},
		solve.IPNDM{Order: 3})
	for _, s := range append(all, solve.Others()...) {
		if b, ok := s.(solve.Budgeted); ok { // the short runs' solvers by their own number of evaluations
			s = b.For(nfe)
		}
		info := s.Info()
		if info.Stochastic || info.Adaptive || solve.Check(p, s) != nil {
			continue
		}
		k, err := solve.StepsFor(s, nfe, 1)
		if fast, ok := s.(solve.Budgeted); ok {
			k, err = fast.Steps(), nil
		}
		if err != nil || info.Evals > 1 && k*info.Evals != nfe {
			continue
		}
		for _, name := range solve.GridNames() {
			f, err := solve.GridByName(name)
			if err != nil {
				continue
			}
			if g, err := f(p, from, to, k); err == nil {
				out = append(out, Fixed{s, info.Name, name, g})
			}
		}
	}
	return out
}

// Ranked is a fixed solver with its errors.
type Ranked struct {
	Fixed
	RMSE, Median float64
}

// Rank judges fixed solvers on a task, best first, so many at a time (0: one). One that cannot run on the task's grid
// is left out.
func Rank(ctx context.Context, t Task, fixed []Fixed, workers int) ([]Ranked, error) {
	out, err := RankInOrder(ctx, t, fixed, workers)
	out = slices.DeleteFunc(out, func(r Ranked) bool { return math.IsNaN(r.RMSE) })
	sort.SliceStable(out, func(i, j int) bool { return out[i].RMSE < out[j].RMSE })
	return out, err
}

// RankInOrder is Rank without sorting: an error that is NaN marks one that cannot run.
func RankInOrder(ctx context.Context, t Task, fixed []Fixed, workers int) ([]Ranked, error) {
	out := make([]Ranked, len(fixed))
	each(len(fixed), workers, func(i int) {
		f := fixed[i]
		out[i] = Ranked{f, math.NaN(), math.NaN()}
		if e, _, err := t.Distances(ctx, f.Solver, f.Times); err == nil {
			out[i].RMSE, out[i].Median = rootMeanSquare(e), median(e)
		}
	})
	return out, ctx.Err()
}

// each calls f with 0 … n−1, so many at a time.
func each(n, workers int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(min(n, workers), 1) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
