package recipe

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// Trajectory is the states of n samples at every time of the grid, in the user's columns; of a table with types the
// states themselves.
type Trajectory struct {
	Times []float64 // [T], from noise to data
	N, D  int       // D columns
	X     []float64 // [T,N,D]
	First uint64    // id of the first sample
}

// At returns the states at time k, sharing memory.
func (t Trajectory) At(k int) ito.States {
	s := ito.NewStates(t.N, 0, t.First)
	s.D, s.X = t.D, t.X[k*t.N*t.D:(k+1)*t.N*t.D]
	return s
}

// Last returns the samples at the end, sharing memory.
func (t Trajectory) Last() ito.States { return t.At(len(t.Times) - 1) }

// traceNodes is the number of steps of the grid at which an adaptive solver's states are kept.
const traceNodes = 50

// Trace draws the samples that Sample draws and keeps them at every time of the grid. It holds all of them
// in memory. An adaptive solver must stop at the 51 times that are kept, so its samples are those of
// Sample to its tolerance only.
func Trace(ctx context.Context, m *ito.Model, cfg SampleConfig, run RunOptions) (Trajectory, SampleReport, error) {
	began := run.Clock()
	s, err := newSampler(m, cfg)
	if err != nil {
		return Trajectory{}, SampleReport{}, err
	}
	if s.bySize != nil {
		return Trajectory{}, s.report, &ito.UnsupportedError{What: "trajectories of graphs",
			Why: "they have different numbers of nodes", Nearest: "solve.Run for graphs of one"}
	}
	if s.solver.Info().Adaptive {
		if s.grid, err = s.spaced(traceNodes); err != nil {
			return Trajectory{}, SampleReport{}, err
		}
		s.report.Steps = len(s.grid) - 1
	}
	tr := Trajectory{Times: s.grid, N: cfg.N, First: cfg.First}
	x := ito.NewStates(cfg.N, s.d, cfg.First)
	info, err := s.draw(ctx, x, solve.RunOptions{Trajectory: func(_ int, _ float64, x ito.States) error {
		rows, err := x, error(nil)
		if s.typed == nil {
			rows, err = s.rows(x)
		}
		tr.D = rows.D
		tr.X = append(tr.X, rows.X...)
		return err
	}})
	if err != nil {
		return Trajectory{}, s.report, err
	}
	s.report.NFE = slices.Max(info.Evals)
	s.report.Seconds = run.Clock().Sub(began).Seconds()
	return tr, s.report, nil
}
