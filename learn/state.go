package learn

import (
	"slices"
	"time"

	"github.com/seed9a7962a8/ito/nn"
)

// LossPoint is the mean loss over the steps since the point before.
type LossPoint struct {
	Step int     `json:"step"`
	Loss float64 `json:"loss"`
}

// State is all of a Loop that changes: with the configuration, the data and the path it is bound to,
// what resuming to the same bytes needs. Random numbers have addresses by step, so there is no generator in it.
type State struct {
	Step    int
	Params  []float32
	EMA     []float32
	Moments nn.Moments
	Losses  []LossPoint
	Sum     float64     // of the losses since the last point
	HeldOut []LossPoint // see [Loop.HoldOut]
	Best    []float32   // the average at the least held-out loss; nil: none is held out
	BestAt  int         // its step
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

// meter turns steps into events, ten a second at most.
type meter struct {
	opts        LoopOptions
	start, last time.Time
	steps       int
	sum         float64
	n           int
}

func newMeter(opts LoopOptions, steps int, now time.Time) *meter {
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
	e := TrainEvent{Phase: "train", Step: step, Steps: m.steps, Loss: m.sum / float64(m.n),
		Elapsed: time.Since(m.start)}
	if m.opts.Label != nil {
		e = m.opts.Label(e)
	}
	m.opts.Progress(e)
	m.last, m.sum, m.n = time.Now(), 0, 0
}
