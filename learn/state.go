package learn

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/nn"
)

// LossPoint is the mean loss over the steps since the point before.
type LossPoint struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`
}

// State is all of a Trainer that changes: with the configuration, the data and the path it is bound to,
// what resuming to the same bytes needs. Random numbers have addresses by step, so there is no generator in it.
type State struct {
	Step    int
	Params  []float32
	EMA     []float32
	Moments nn.Moments
	Losses  []LossPoint
	Sum     float64 // of the losses since the last point
}

func newState(params []float32) State {
	return State{Params: params, EMA: slices.Clone(params), Moments: *nn.NewMoments(len(params))}
}

// points is the number of points of a loss curve.
const points = 200

func (s *State) record(loss float64, steps int) {
	s.Sum += loss
	every := max(steps/points, 1)
	if s.Step%every == 0 {
		s.Losses = append(s.Losses, LossPoint{s.Step, s.Sum / float64(every)})
		s.Sum = 0
	}
}

// State is the state after the last whole step. It shares memory with the trainer: write it before going on.
func (t *Trainer) State() State { return t.state }

// Restore continues from a state, which it copies. The path is not part of it: Bind the one it was
// taken on. A state of another network is an *ito.InputError.
func (t *Trainer) Restore(s State) error {
	n := len(t.net.Params)
	for _, v := range [][]float32{s.Params, s.EMA, s.Moments.M, s.Moments.V} {
		if len(v) != n {
			return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state has %d parameters, the network %d", len(v), n)}
		}
	}
	if s.Step < 0 {
		return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state is at step %d", s.Step)}
	}
	copy(t.net.Params, s.Params)
	t.state = State{Step: s.Step, Params: t.net.Params, EMA: slices.Clone(s.EMA),
		Moments: nn.Moments{Steps: s.Moments.Steps, M: slices.Clone(s.Moments.M), V: slices.Clone(s.Moments.V)},
		Losses:  slices.Clone(s.Losses), Sum: s.Sum}
	return nil
}

// meter turns steps into events, ten a second at most.
type meter struct {
	opts        Options
	start, last time.Time
	steps       int
	sum         float64
	n           int
}

func newMeter(opts Options, steps int, now time.Time) *meter {
	return &meter{opts: opts, start: now, last: now, steps: steps}
}

func (m *meter) step(step int, loss float64) {
	if m.opts.Progress == nil {
		return
	}
	m.sum, m.n = m.sum+loss, m.n+1
	if m.n%8 == 0 && time.Since(m.last) >= 100*time.Millisecond {
		m.flush(step)
	}
}

func (m *meter) flush(step int) {
	if m.opts.Progress == nil || m.n == 0 {
		return
	}
	e := Event{Phase: "train", Step: step, Steps: m.steps, Loss: m.sum / float64(m.n), Elapsed: time.Since(m.start)}
	if m.opts.Label != nil {
		e = m.opts.Label(e)
	}
	m.opts.Progress(e)
	m.last, m.sum, m.n = time.Now(), 0, 0
}
