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

// LoopOptions surround a run and have no part in its result.
type LoopOptions struct {
	Pool     *ad.Pool
	Progress func(TrainEvent)            // at most ten times a second; nil: none
	After    func(step int) error        // called after every step; an error stops the run. nil: nothing
	Label    func(TrainEvent) TrainEvent // completes events: name, phase, stage. nil: as they are
}

// Loop is steps of Adam on networks under a [Loss]: it owns the optimiser, clipping, the moving average, the
// schedule of the rate, progress, and all the state that resuming needs; it knows no path and no data. A loss or
// gradient that is not finite stops it before the parameters are touched. It is not for concurrent use.
type Loop struct {
	cfg   Optimiser
	state State
	nets  []*nn.Weights // their Params are parts of weights
	grad  []float32     // by weights

	// adapter makes weights of state.Params; nil: they are the same, and so are pulled and grad.
	adapter nn.Adapter
	weights []float32
	pulled  []float32 // gradient by state.Params
	value   [1]float32

	sizes []size // one, or as many as the source has
	pick  func(step uint32) int

	held      *heldOut
	heldEvery int
	patience  int

	private *Private // nil: the steps are not private
	present []float32
}

// size is a loss that is compiled, for states of one size.
type size struct {
	loss Loss
	nets []*nn.Weights
	prog *ad.Program
	call ad.Call
}

// NewLoop plans the training of copies of networks.
func NewLoop(cfg Optimiser, nets ...*nn.Weights) (*Loop, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	l := &Loop{cfg: cfg}
	var params []float32
	for _, n := range nets {
		if err := n.CheckTrainable(); err != nil {
			return nil, &ito.InputError{Where: "the model", What: err.Error()}
		}
		params = append(params, n.Params...)
	}
	l.state, l.weights = newState(params), params
	l.grad = make([]float32, len(params))
	l.pulled = l.grad
	at := 0
	for _, n := range nets {
		own, err := n.With(params[at : at+len(n.Params) : at+len(n.Params)])
		if err != nil {
			return nil, err
		}
		l.nets = append(l.nets, own)
		at += len(n.Params)
	}
	return l, nil
}

// Networks are those that are trained, with their present parameters. They change with every step.
func (l *Loop) Networks() []*nn.Weights { return l.nets }

// Bind takes a loss, the first or the next; parameters and optimiser stay.
func (l *Loop) Bind(loss Loss) error {
	return l.bind([]size{{loss: loss, nets: l.nets}}, nil)
}

func (l *Loop) bind(sizes []size, pick func(step uint32) int) error {
	for i := range sizes {
		s := &sizes[i]
		if len(l.sizes) == len(sizes) {
			if r, ok := s.loss.(Retraced); ok && r.SameProgram(l.sizes[i].loss) {
				s.prog = l.sizes[i].prog
			}
		}
		if err := l.compile(s); err != nil {
			return err
		}
	}
	l.sizes, l.pick = sizes, pick
	return nil
}

// compile makes the program of a step: networks' tensors and the loss's inputs to the loss's own outputs, its
// value, and the gradient tensor by tensor.
func (l *Loop) compile(s *size) error {
	var in, out []ad.Array
	at := 0
	for _, n := range s.nets {
		in = append(in, n.Arrays(n.Params)...)
	}
	in, out = append(in, s.loss.Inputs()...), append(out, s.loss.Outputs()...)
	if l.private != nil {
		l.present = make([]float32, s.loss.Rows())
		in = append(in, ad.F32s(l.present))
	}
	out = append(out, ad.F32s(l.value[:]))
	for _, n := range s.nets {
		out = append(out, n.Arrays(l.grad[at:at+len(n.Params)])...)
		at += len(n.Params)
	}
	if s.prog == nil {
		prog, err := ad.Compile(func(g *ad.Graph) {
			var params []ad.Value
			if l.private != nil {
				nets := applies(g, s.nets, &params, true)
				l.tracePrivate(g, s.loss, nets, params)
				return
			}
			traceGradient(g, s.loss, applies(g, s.nets, &params, true), params)
		})
		if err != nil {
			return err
		}
		s.prog = prog
	}
	s.call = ad.Call{N: s.loss.Rows(), In: in, Out: out}
	if r, ok := s.loss.(Random); ok {
		s.call.Seed, s.call.Purpose = r.Noise()
	}
	return nil
}

// traceGradient writes a loss and its gradient.
func traceGradient(g *ad.Graph, loss Loss, nets []Apply, params []ad.Value) {
	r, ok := loss.(Ratio)
	if !ok {
		value := loss.Trace(g, nets)
		g.Output("loss", value)
		for _, v := range ad.Grad(value, params...) {
			g.Output("gradient", v)
		}
		return
	}
	sum, over := r.TraceRatio(g, nets)
	g.Output("loss", ad.Cast(ad.Div(sum, over), ad.F32))
	for _, v := range ad.Grad(sum, params...) {
		g.Output("gradient", ad.Div(v, ad.BroadcastTo(ad.Cast(over, v.DType()), v.Shape()...)))
	}
}

// applies declares the tensors of networks and returns what traces them, in a step of training or not.
func applies(g *ad.Graph, nets []*nn.Weights, params *[]ad.Value, training bool) []Apply {
	var out []Apply
	for _, n := range nets {
		p := n.Declare(g, ad.F32)
		*params = append(*params, p...)
		apply := n.Apply
		if training {
			apply = n.ApplyTraining
		}
		out = append(out, func(x, time, cond ad.Value) ad.Value { return apply(g, p, x, time, cond) })
	}
	return out
}

// Run trains until the given number of steps, of all, is done. A loss or gradient that is not finite stops it
// with an *ito.NonFiniteError that names the step, before the parameters are touched. ctx is looked at once a
// step. After an error of ctx or of opts.After the state is that of the last whole step.
func (l *Loop) Run(ctx context.Context, until int, opts LoopOptions) error {
	if len(l.sizes) == 0 {
		return errUnbound
	}
	start := time.Now()
	meter := newMeter(opts, l.cfg.Steps, start)
	for l.state.Step < until && !l.Stopped() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.step(ctx, opts.Pool); err != nil {
			return err
		}
		meter.step(l.state.Step, float64(l.value[0]))
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

func (l *Loop) step(ctx context.Context, pool *ad.Pool) error {
	k, s := l.state.Step, &l.state
	b := &l.sizes[0]
	if l.pick != nil {
		b = &l.sizes[l.pick(uint32(k))]
	}
	if err := b.loss.Draw(ctx, uint32(k), pool); err != nil {
		return err
	}
	b.call.Pool, b.call.Step = pool, uint32(k)
	if l.private != nil {
		if err := l.mark(uint32(k)); err != nil {
			return err
		}
	}
	if err := b.prog.Run(ctx, b.call); err != nil {
		return err
	}
	if l.private != nil {
		l.blur(uint32(k))
	}
	if l.adapter != nil {
		l.adapter.Pull(l.pulled, s.Params, l.grad)
	}
	factor, norm := nn.Clip(l.pulled, l.cfg.Clip)
	if loss := float64(l.value[0]); math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &ito.NonFiniteError{What: "training loss", Step: k + 1}
	}
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return &ito.NonFiniteError{What: "gradient of the training loss", Step: k + 1}
	}
	l.cfg.Adam.StepOn(pool, &s.Moments, s.Params, l.pulled, l.cfg.rate(k), factor)
	if l.adapter != nil {
		l.adapter.Expand(l.weights, s.Params)
	}
	if m, ok := b.loss.(Mover); ok {
		m.Move(s.Params)
		clear(s.Params)
	}
	l.cfg.EMA.Update(s.EMA, s.Params, uint64(k+1))
	s.Step++
	s.record(float64(l.value[0]), l.cfg.Steps)
	return l.holdOut(ctx, pool)
}

// Loss is the value of the loss at the last step.
func (l *Loop) Loss() float64 { return float64(l.value[0]) }

// Step is the number of steps done.
func (l *Loop) Step() int { return l.state.Step }

// Losses is the course of the loss.
func (l *Loop) Losses() []LossPoint { return l.state.Losses }

// State is the state after the last whole step. It shares memory with the loop: write it before going on.
func (l *Loop) State() State { return l.state }

// Restore continues from a state, which it copies. The loss is not part of it: Bind the one it was
// taken on. A state of other networks is an *ito.InputError.
func (l *Loop) Restore(s State) error {
	n := len(l.state.Params)
	for i, v := range [][]float32{s.Params, s.EMA, s.Moments.M, s.Moments.V, s.Best} {
		if len(v) != n && (i < 4 || v != nil) {
			return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state has %d parameters, the network %d",
				len(v), n)}
		}
	}
	if s.Step < 0 {
		return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state is at step %d", s.Step)}
	}
	copy(l.state.Params, s.Params)
	if l.adapter != nil {
		l.adapter.Expand(l.weights, s.Params)
	}
	l.state = State{Step: s.Step, Params: l.state.Params, EMA: slices.Clone(s.EMA),
		Moments: nn.Moments{Steps: s.Moments.Steps, M: slices.Clone(s.Moments.M), V: slices.Clone(s.Moments.V)},
		Losses:  slices.Clone(s.Losses), Sum: s.Sum, HeldOut: slices.Clone(s.HeldOut),
		Best: slices.Clone(s.Best), BestAt: s.BestAt}
	return nil
}

// Average is network i with the moving average of its weights, a copy: where rows are held out, that of the step at
// which their loss was least.
func (l *Loop) Average(i int) (*nn.Weights, error) {
	average := make([]float32, len(l.weights))
	l.expand(average, l.AverageState())
	at := 0
	for _, n := range l.nets[:i] {
		at += len(n.Params)
	}
	n := l.nets[i]
	return n.With(slices.Clone(average[at : at+len(n.Params)]))
}
