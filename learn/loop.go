package learn

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// loop is what every trainer shares: steps of Adam on one network, under a compiled loss whose first output is its
// value and whose others are the gradient, tensor by tensor.
type loop struct {
	cfg   Config
	state State
	net   *nn.Weights // its Params are state.Params
	prog  *ad.Program
	call  ad.Call
	grad  []float32
	loss  [1]float32
	fill  func(step uint32) error // writes the inputs of a step; nil: the network is bound to no path
}

func newLoop(cfg Config, net *nn.Weights) loop {
	l := loop{cfg: cfg, net: net.Clone(), grad: make([]float32, len(net.Params))}
	l.state = newState(l.net.Params)
	return l
}

// outputs declares the loss and its gradient as the outputs of a program.
func (l *loop) outputs(g *ad.Graph, loss ad.Value, params []ad.Value) {
	g.Output("loss", loss)
	for i, v := range ad.Grad(loss, params...) {
		g.Output(l.net.Layout()[i].Name, v)
	}
}

// plan makes prog, whose inputs before the network's tensors are in, the program of a step.
func (l *loop) plan(prog *ad.Program, in ...ad.Array) {
	l.prog = prog
	l.call = ad.Call{N: l.cfg.Batch, In: append(in, l.net.Arrays(l.net.Params)...), Out: append([]ad.Array{ad.F32s(l.loss[:])}, l.net.Arrays(l.grad)...)}
}

// Run trains until the given number of steps, of all, is done. A loss or gradient that is not finite stops it
// with an *ito.NonFiniteError that names the step, before the parameters are touched. ctx is looked at once a
// step. After an error of ctx or of opts.After the state is that of the last whole step.
func (l *loop) Run(ctx context.Context, until int, opts Options) error {
	if l.fill == nil {
		return errUnbound
	}
	l.call.Pool = opts.Pool
	start := time.Now()
	meter := newMeter(opts, l.cfg.Steps, start)
	for l.state.Step < until {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.step(ctx); err != nil {
			return err
		}
		meter.step(l.state.Step, float64(l.loss[0]))
		if opts.After != nil {
			if err := opts.After(l.state.Step); err != nil {
				return err
			}
		}
	}
	meter.flush(l.state.Step)
	return nil
}

var errUnbound = &ito.InputError{Where: "training", What: "the network is bound to no path"}

func (l *loop) step(ctx context.Context) error {
	k, s := l.state.Step, &l.state
	if err := l.fill(uint32(k)); err != nil {
		return err
	}
	if err := l.prog.Run(ctx, l.call); err != nil {
		return err
	}
	factor, norm := nn.Clip(l.grad, l.cfg.Clip)
	if loss := float64(l.loss[0]); math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &ito.NonFiniteError{What: "training loss", Step: k + 1}
	}
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return &ito.NonFiniteError{What: "gradient of the training loss", Step: k + 1}
	}
	l.cfg.Adam.Step(&s.Moments, s.Params, l.grad, l.cfg.LR*l.cfg.Schedule.At(k, l.cfg.Steps), factor)
	l.cfg.EMA.Update(s.EMA, s.Params, uint64(k+1))
	s.Step++
	s.record(float64(l.loss[0]), l.cfg.Steps)
	return nil
}

// Step is the number of steps done.
func (l *loop) Step() int { return l.state.Step }

// Losses is the course of the loss.
func (l *loop) Losses() []LossPoint { return l.state.Losses }

// State is the state after the last whole step. It shares memory with the trainer: write it before going on.
func (l *loop) State() State { return l.state }

// Restore continues from a state, which it copies. The path is not part of it: Bind the one it was
// taken on. A state of another network is an *ito.InputError.
func (l *loop) Restore(s State) error {
	n := len(l.net.Params)
	for _, v := range [][]float32{s.Params, s.EMA, s.Moments.M, s.Moments.V} {
		if len(v) != n {
			return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state has %d parameters, the network %d", len(v), n)}
		}
	}
	if s.Step < 0 {
		return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state is at step %d", s.Step)}
	}
	copy(l.net.Params, s.Params)
	l.state = State{Step: s.Step, Params: l.net.Params, EMA: slices.Clone(s.EMA),
		Moments: nn.Moments{Steps: s.Moments.Steps, M: slices.Clone(s.Moments.M), V: slices.Clone(s.Moments.V)},
		Losses:  slices.Clone(s.Losses), Sum: s.Sum}
	return nil
}

// average is the network of the moving average of the weights, a copy.
func (l *loop) average() (*nn.Weights, error) { return l.net.With(slices.Clone(l.state.EMA)) }
