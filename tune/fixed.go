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
// settings and with the settings that the few-step literature uses, on every named grid on which it can be planned.
func FixedSolvers(p ito.Path, from, to float64, nfe int) []Fixed {
	var out []Fixed
	named := solve.All()
	for i, s := range named { // the short runs' solvers by their own number of evaluations
		if _, ok := s.(solve.DPMFast); ok {
			named[i] = solve.DPMFast{NFE: nfe}
		}
	}
	type variant struct {
		s    ito.Solver
		name string
	}
	var all []variant
	for _, s := range named {
		all = append(all, variant{s, s.Info().Name})
	}
	all = append(all,
		variant{solve.DPMpp{Second: solve.SecondTaylor}, "dpmpp-2m taylor"}, variant{solve.DPMpp{Order: 2, Eps: true}, "dpm-2m"}, variant{solve.DPMpp{Order: 3, Eps: true}, "dpm-3m"},
		variant{solve.DPMpp{Order: 3, LowerFinal: -1}, "dpmpp-3m all orders"}, variant{solve.UniPC{Order: 2, B: solve.UniB1}, "unipc-2 bh1"}, variant{solve.UniPC{Order: 3, B: solve.UniB1}, "unipc-3 bh1"},
		variant{solve.UniPC{Order: 3, LowerFinal: -1}, "unipc-3 all orders"}, variant{solve.UniPC{Order: 2, Eps: true}, "unipc-2 eps"}, variant{solve.UniPC{Order: 3, Eps: true}, "unipc-3 eps"},
		variant{solve.DEIS{Order: 3, Clock: solve.ClockLogRho}, "deis-logrho-3"}, variant{solve.DEIS{Clock: solve.ClockRho}, "deis-rho-4"},
		variant{solve.IPNDM{Order: 2}, "ipndm-2"}, variant{solve.IPNDM{Order: 3}, "ipndm-3"})
	for _, v := range all {
		info := v.s.Info()
		if info.Stochastic || info.Adaptive || solve.Check(p, v.s) != nil {
			continue
		}
		k, err := solve.StepsFor(v.s, nfe, 1)
		if fast, ok := v.s.(solve.DPMFast); ok {
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
				out = append(out, Fixed{v.s, v.name, name, g})
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
