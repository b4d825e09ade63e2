package learn

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// Options surround a run and have no part in its result.
type Options struct {
	Pool     *ad.Pool
	Progress func(Event)          // at most ten times a second; nil: none
	After    func(step int) error // called after every step; an error stops the run. nil: nothing
	Label    func(Event) Event    // completes events: name, phase, stage. nil: as they are
}

// Trainer fits one network on one path at a time. It is not for concurrent use.
type Trainer struct {
	cfg     Config
	data    Data
	moments ito.Gaussian
	state   State

	net   *nn.Net // its Params are state.Params
	prog  *ad.Program
	turns bool // prog takes a basis
	call  ad.Call
	batch *batch
	grad  []float32
	loss  [1]float32
	scale [1]float32
	basis []float32

	path    ito.Diagonal
	precond *field.Precond
	clock   clock
}

// NewTrainer plans the training of net, which it copies, on data. The network's shape must be that of the data.
func NewTrainer(cfg Config, net *nn.Net, data Data) (*Trainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := data.check(); err != nil {
		return nil, err
	}
	if n := net.Config; n.In != data.X.D || n.Out != data.X.D || n.Cond != data.Cond.C {
		return nil, &ito.InputError{Where: "training", What: fmt.Sprintf("a network from %d to %d with %d conditions for data of dimension %d with %d", n.In, n.Out, n.Cond, data.X.D, data.Cond.C)}
	}
	m, err := data.moments()
	if err != nil {
		return nil, err
	}
	t := &Trainer{cfg: cfg, data: data, moments: m, net: net.Clone(), batch: newBatch(cfg.Batch, data)}
	t.grad = make([]float32, len(net.Params))
	t.state = newState(t.net.Params)
	t.basis = make([]float32, data.X.D*data.X.D)
	return t, nil
}

// Bind puts the network on a path, the first or the next. The parameters and the optimiser stay: the
// network sees x_t through the path's own scaling.
func (t *Trainer) Bind(p ito.Diagonal) error {
	if !ito.Has(p, ito.CapGaussian) {
		return &ito.UnsupportedError{What: "training on path " + p.Name(), Why: "the trainer draws Gaussian noise and its transition is not Gaussian", Nearest: "edm"}
	}
	c, err := field.NewPrecond(p, t.moments)
	if err != nil {
		return err
	}
	turns := p.Modes() > 1 || c.Basis() != nil // a path of modes may have a basis later
	if t.prog == nil || turns != t.turns {
		if err := t.compile(turns); err != nil {
			return err
		}
	}
	t.path, t.precond, t.clock = p, c, newClock(p, t.cfg.Times)
	clear(t.basis)
	d := t.data.X.D
	for i := range d {
		t.basis[i*d+i] = 1
	}
	for i, v := range c.Basis() {
		t.basis[i] = float32(v)
	}
	return t.setScale()
}

// compile traces the loss of one sample and its gradient.
func (t *Trainer) compile(turns bool) error {
	d := t.data.X.D
	b := t.batch
	prog, err := ad.Compile(func(g *ad.Graph) {
		x, feat := g.Input("x", ad.F32, d), g.Input("time", ad.F32, 1)
		target, weight := g.Input("target", ad.F32, d), g.Input("weight", ad.F32, d)
		var cond, basis ad.Value
		if t.data.Cond.C > 0 {
			cond = g.Input("condition", ad.F32, t.data.Cond.C)
		}
		scale := g.Shared("scale", ad.F32)
		if turns {
			basis = g.Shared("basis", ad.F32, d, d)
		}
		params := t.net.Declare(g, ad.F32)
		out := t.net.Apply(g, params, x, feat, cond)
		if turns {
			out = ad.MatMul(out, basis)
		}
		loss := ad.Mul(scale, ad.BatchMean(ad.Mean(ad.Mul(weight, ad.Square(ad.Sub(out, target))))))
		g.Output("loss", loss)
		for i, v := range ad.Grad(loss, params...) {
			g.Output(t.net.Layout()[i].Name, v)
		}
	})
	if err != nil {
		return err
	}
	t.prog, t.turns = prog, turns
	in := []ad.Array{ad.F32s(b.X), ad.F32s(b.Feat), ad.F32s(b.Target), ad.F32s(b.Weight)}
	if t.data.Cond.C > 0 {
		in = append(in, ad.F32s(b.cond))
	}
	in = append(in, ad.F32s(t.scale[:]))
	if turns {
		in = append(in, ad.F32s(t.basis))
	}
	t.call = ad.Call{N: t.cfg.Batch, In: append(in, t.net.Arrays(t.net.Params)...), Out: append([]ad.Array{ad.F32s(t.loss[:])}, t.net.Arrays(t.grad)...)}
	return nil
}

// setScale divides the loss by the mean of its weights where they are not at most 1, as those of a velocity
// in the user's units are not: clipping then means the same for every path. The minimiser is the same.
func (t *Trainer) setScale() error {
	t.scale[0] = 1
	if t.cfg.Objective.Predicts() == ito.PredEps {
		return nil
	}
	const n = 64
	b, x := field.NewBatch(n, t.data.X.D), ito.NewStates(n, t.data.X.D, 0)
	times := make(ito.Times, n)
	for i := range times {
		times[i] = t.clock.at((float64(i) + .5) / n)
	}
	if err := t.precond.Prepare(b, x, x, times, t.cfg.Objective.Predicts()); err != nil {
		return err
	}
	sum := 0.0
	for _, w := range b.Weight {
		sum += float64(w)
	}
	if mean := sum / float64(len(b.Weight)); mean > 0 && !math.IsInf(mean, 0) {
		t.scale[0] = float32(1 / mean)
	}
	return nil
}

// Run trains until the given number of steps, of all, is done. A loss or gradient that is not finite stops it
// with an *ito.NonFiniteError that names the step, before the parameters are touched. ctx is looked at once a
// step. After an error of ctx or of opts.After the state is that of the last whole step.
func (t *Trainer) Run(ctx context.Context, until int, opts Options) error {
	if t.path == nil {
		return &ito.InputError{Where: "training", What: "the network is bound to no path"}
	}
	t.call.Pool = opts.Pool
	start := time.Now()
	meter := newMeter(opts, t.cfg.Steps, start)
	for t.state.Step < until {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.step(ctx); err != nil {
			return err
		}
		meter.step(t.state.Step, float64(t.loss[0]))
		if opts.After != nil {
			if err := opts.After(t.state.Step); err != nil {
				return err
			}
		}
	}
	meter.flush(t.state.Step)
	return nil
}

func (t *Trainer) step(ctx context.Context) error {
	k, s := t.state.Step, &t.state
	if err := t.batch.fill(t.data, t.precond, t.cfg.Objective, t.clock, t.cfg.Seed, uint32(k), t.cfg.Dropout); err != nil {
		return err
	}
	if err := t.prog.Run(ctx, t.call); err != nil {
		return err
	}
	factor, norm := nn.Clip(t.grad, t.cfg.Clip)
	if loss := float64(t.loss[0]); math.IsNaN(loss) || math.IsInf(loss, 0) {
		return &ito.NonFiniteError{What: "training loss", Step: k + 1}
	}
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return &ito.NonFiniteError{What: "gradient of the training loss", Step: k + 1}
	}
	t.cfg.Adam.Step(&s.Moments, s.Params, t.grad, t.cfg.LR*t.cfg.Schedule.At(k, t.cfg.Steps), factor)
	t.cfg.EMA.Update(s.EMA, s.Params, uint64(k+1))
	s.Step++
	s.record(float64(t.loss[0]), t.cfg.Steps)
	return nil
}

// Step is the number of steps done.
func (t *Trainer) Step() int { return t.state.Step }

// Losses is the course of the loss.
func (t *Trainer) Losses() []LossPoint { return t.state.Losses }

// Moments are those of the data, which scale the network.
func (t *Trainer) Moments() ito.Gaussian { return t.moments }

// Field is the field of the moving average of the weights on the path that the network is bound to. It is a copy:
// training on does not change it.
func (t *Trainer) Field() (*field.Net, error) {
	if t.path == nil {
		return nil, &ito.InputError{Where: "training", What: "the network is bound to no path"}
	}
	net, err := t.net.With(append([]float32(nil), t.state.EMA...))
	if err != nil {
		return nil, err
	}
	return field.NewNet(t.path, net, t.moments, t.cfg.Objective.Predicts())
}

// With returns a Fitter of t under the given options: stage k trains until k·StageSteps steps are done. The
// field that it returns has a copy of the moving average.
func (t *Trainer) With(opts Options) Fitter {
	return FitterFunc(func(ctx context.Context, p *path.VSDM, stage int) (ito.Field, error) {
		if err := t.Bind(p); err != nil {
			return nil, err
		}
		if err := t.Run(ctx, stage*t.cfg.StageSteps, opts); err != nil {
			return nil, err
		}
		return t.Field()
	})
}
