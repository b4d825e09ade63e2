package recipe

import (
	"context"

	"github.com/seed9a7962a8/ito"
)

// SampleReport says what a sampling did.
type SampleReport struct {
	N       int     `json:"n"`
	Solver  string  `json:"solver"`
	Steps   int     `json:"steps"` // of the grid
	NFE     int     `json:"nfe"`   // network calls of the sample that had most
	Seconds float64 `json:"seconds"`
}

// Sample draws cfg.N samples and gives them to sink in order, in constant memory. Their bytes do not
// depend on the chunks, the workers, N or First. To continue an interrupted file call it with First and N moved on.
func Sample(ctx context.Context, m *ito.Model, cfg SampleConfig, run Run, sink Sink) (SampleReport, error) {
	return SampleReport{}, &ito.UnsupportedError{What: "sampling", Why: "it is being written"}
}

// Trajectory is the states of n samples at every time of the grid, in the user's columns.
type Trajectory struct {
	Times []float64 // [T], from noise to data
	N, D  int       // D columns
	X     []float64 // [T,N,D]
	First uint64    // id of the first sample
}

// Last returns the samples at the end.
func (t Trajectory) Last() ito.States {
	s := ito.NewStates(t.N, t.D, t.First)
	copy(s.X, t.X[len(t.X)-t.N*t.D:])
	return s
}

// Trace draws the samples that Sample draws and keeps them at every time of the grid (of dopri5: at 51 even times).
// It holds all of them in memory.
func Trace(ctx context.Context, m *ito.Model, cfg SampleConfig, run Run) (Trajectory, SampleReport, error) {
	return Trajectory{}, SampleReport{}, &ito.UnsupportedError{What: "sampling", Why: "it is being written"}
}
