package tune

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Row is one cell of a table of errors: a solver on a grid with a number of evaluations.
type Row struct {
	Problem string  `json:"problem"`
	Path    string  `json:"path"`
	Solver  string  `json:"solver"`
	Grid    string  `json:"grid"`
	Evals   int     `json:"nfe"`
	RMSE    float64 `json:"rmse"`   // √mean ‖x − x_ref‖²
	Median  float64 `json:"median"` // of ‖x − x_ref‖
}

// Entry is a line of a table: a solver with its settings on a grid by name.
type Entry struct {
	Name   string
	Solver func(nfe int) ito.Solver
	Grid   string
}

// Entries are the lines of the sheet's tables that a problem's path admits: the solvers of the few-step literature
// on the grids on which they are used, or on the uniform one where the path begins without signal and has no
// log-SNR there. Orders fall at the end of a run however many steps it has.
func Entries(p MixtureProblem) []Entry {
	const always = math.MaxInt
	fixed := func(s ito.Solver) func(int) ito.Solver { return func(int) ito.Solver { return s } }
	compat := solve.DPMpp{Order: 3, LowerFinal: always, Second: solve.SecondMidpoint,
		Compat: solve.CompatThirdOrderFactor}
	all := []Entry{
		{"DDIM", fixed(solve.DDIM{}), "uniform"},
		{"DDIM", fixed(solve.DDIM{}), "logsnr"},
		{"DDIM", fixed(solve.DDIM{}), "karras"},
		{"Heun in ρ", fixed(solve.EDM{}), "karras"},
		{"DPM-Solver-2S", fixed(solve.DPM{}), "logsnr"},
		{"DPM-Solver++2S", fixed(solve.DPM{Data: true}), "logsnr"},
		{"DPM-Solver-fast", func(nfe int) ito.Solver { return solve.DPMFast{NFE: nfe} }, "logsnr"},
		{"DPM-Solver++2M", fixed(solve.DPMpp{LowerFinal: always}), "logsnr"},
		{"DPM-Solver++2M", fixed(solve.DPMpp{LowerFinal: always}), "uniform"},
		{"DPM-Solver++2M", fixed(solve.DPMpp{LowerFinal: always}), "karras"},
		{"DPM-Solver++3M as released", fixed(compat), "logsnr"},
		{"DPM-Solver++3M", fixed(solve.DPMpp{Order: 3, LowerFinal: always}), "logsnr"},
		{"UniPC-3 bh1", fixed(solve.UniPC{B: solve.UniB1, LowerFinal: always}), "logsnr"},
		{"UniPC-3 bh2", fixed(solve.UniPC{LowerFinal: always}), "logsnr"},
		{"UniPC-3 bh2", fixed(solve.UniPC{LowerFinal: always}), "karras"},
		{"UniPC-2 bh2", fixed(solve.UniPC{Order: 2, LowerFinal: always}), "logsnr"},
		{"DEIS tAB3", fixed(solve.DEIS{}), "quadratic"},
		{"DEIS ρAB3", fixed(solve.DEIS{Clock: solve.ClockRho}), "karras"},
		{"iPNDM-4", fixed(solve.IPNDM{}), "karras"},
	}
	if !p.hasLogSNR() {
		all = slices.DeleteFunc(all, func(e Entry) bool { // their first step is of order 1 and of fewer evaluations
			s := e.Solver(12)
			_, fast := s.(solve.Budgeted)
			return fast || s.Info().Evals > 1
		})
		all = append([]Entry{{"Euler", fixed(solve.Euler{}), "uniform"}, {"Heun", fixed(solve.Heun{}), "uniform"}},
			all...)
		for i, e := range all {
			if e.Grid != "quadratic" {
				all[i].Grid = "uniform"
			}
		}
	}
	var out []Entry
	for _, e := range all {
		twice := slices.ContainsFunc(out, func(o Entry) bool { return o.Name == e.Name && o.Grid == e.Grid })
		if !twice && solve.Check(p.Path, e.Solver(12)) == nil {
			out = append(out, e)
		}
	}
	return out
}

// hasLogSNR reports whether log(α/σ) is finite at both ends.
func (o MixtureProblem) hasLogSNR() bool {
	_, err := solve.LogSNR(o.Path, o.From, o.To, 1)
	return err == nil
}

// Table is the error of every entry with every number of evaluations from the first n fixed starts of a problem (0:
// 2048), against a converged reference. An entry that cannot take a number of evaluations, or whose grid the path
// does not have, has no row for it.
func Table(ctx context.Context, p MixtureProblem, entries []Entry, nfes []int, n int) ([]Row, error) {
	if n == 0 {
		n = 2048
	}
	task, err := p.Task(ctx, n, 0, 0)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, e := range entries {
		grid, err := solve.GridByName(e.Grid)
		if err != nil {
			return nil, err
		}
		for _, nfe := range nfes {
			s := e.Solver(nfe)
			k, ok := stepsExactly(s, nfe)
			if !ok {
				continue
			}
			g, err := grid(p.Path, p.From, p.To, k)
			if err != nil {
				continue
			}
			d, evals, err := task.Distances(ctx, s, g)
			if err != nil {
				return nil, fmt.Errorf("%s on a %s grid of %d steps: %w", e.Name, e.Grid, k, err)
			}
			out = append(out, Row{p.Name, p.Path.Name(), e.Name, e.Grid, evals, rootMeanSquare(d), median(d)})
		}
	}
	return out, nil
}

// stepsExactly is the number of steps that takes so many evaluations and no fewer.
func stepsExactly(s ito.Solver, nfe int) (int, bool) {
	if fast, ok := s.(solve.Budgeted); ok {
		return fast.Steps(), true
	}
	evals := s.Info().Evals
	return nfe / max(evals, 1), evals > 0 && nfe >= evals && nfe%evals == 0
}

func median(e []float64) float64 {
	if len(e) == 0 {
		return 0
	}
	e = slices.Clone(e)
	slices.Sort(e)
	return (e[(len(e)-1)/2] + e[len(e)/2]) / 2
}

// V3Entries are the lines of DPM-Solver-v3, with and without its corrector, by statistics of the problem's own
// field over the given number of draws of its data (0: 4096) by seed 0. A path on which it has no meaning has none.
func V3Entries(ctx context.Context, p MixtureProblem, rows int, s Statistics) ([]Entry, error) {
	if rows == 0 {
		rows = 4096
	}
	if !ito.Has(p.Path, ito.CapOneMode) || !ito.Has(p.Path, ito.CapGaussian) || !p.hasLogSNR() {
		return nil, nil
	}
	f, err := p.Field()
	if err != nil {
		return nil, err
	}
	x := ito.NewStates(rows, p.Data.D, 0)
	if err := p.Data.Draw(x, ito.Seed(0)); err != nil {
		return nil, err
	}
	ems, err := s.Estimate(ctx, p.Path, f, x, p.From, p.To)
	if err != nil {
		return nil, err
	}
	line := func(name string, plain bool) Entry {
		return Entry{name, func(int) ito.Solver {
			return DPMv3{EMS: ems, NoCorrect: plain,
				LowerFinal: math.MaxInt}
		}, "logsnr"}
	}
	return []Entry{line("DPM-Solver-v3 predictor", true), line("DPM-Solver-v3", false)}, nil
}
