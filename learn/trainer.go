package learn

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
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
	loop
	data    Data
	moments ito.Gaussian

	turns bool // the program takes a basis
	batch *batch
	scale [1]float32
	basis []float32
	fp    *penalty // not nil: the network is a potential

	path    ito.Path
	precond scaling
	clock   clock
}

// scaling is what stands between the network and a path: [wrap.Moments], or [wrap.Momentum].
type scaling interface {
	Prepare(b *wrap.Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error
	Basis() []float64
}

// NewTrainer plans the training of net, which it copies, on data. The network's shape must be that of the data; on a
// momentum path it reads twice as many numbers.
func NewTrainer(cfg Config, net *nn.Weights, data Data) (*Trainer, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if err := data.check(); err != nil {
		return nil, err
	}
	if _, ok := cfg.Objective.(Interpolation); ok {
		return nil, &ito.UnsupportedError{What: "training by " + cfg.Objective.Name() + " on rows of one end", Why: "an interpolant has two", Nearest: ScoreMatching{}.Name()}
	}
	out := data.X.D
	fp, potential := cfg.Objective.(FokkerPlanck)
	if potential {
		if err := fp.check(cfg.Batch); err != nil {
			return nil, err
		}
		out = 1
	}
	if p := net.Ports; p.Reads() != data.X.D && p.Reads() != 2*data.X.D || p.Writes() != out || p.CondWidth() != data.Cond.C {
		return nil, &ito.InputError{Where: "training", What: fmt.Sprintf("a network from %d to %d with %d conditions for data of dimension %d with %d", p.Reads(), p.Writes(), p.CondWidth(), data.X.D, data.Cond.C)}
	}
	m, err := data.moments()
	if err != nil {
		return nil, err
	}
	t := &Trainer{loop: newLoop(cfg, net), data: data, moments: m, batch: newBatch(cfg.Batch, data, net.Ports.Reads())}
	t.basis = make([]float32, data.X.D*data.X.D)
	if potential {
		t.fp = newPenalty(fp, cfg.Batch, data.X.D)
		t.batch.together = together(cfg.Batch, fp.group(cfg.Batch))
	}
	return t, nil
}

// Bind puts the network on a path, the first or the next: Diagonal, or a momentum path, on which the loss is hybrid score
// matching, E ‖ε̂_v − ε_v‖² with v_0 integrated out. On [path.PFGM] ε is the path's own noise (x_t−x_0)/σ, so that the
// network is the denoiser of that kernel, x̂_0 = x − σε̂. The parameters and the optimiser stay: the network sees x_t through the
// path's own scaling.
func (t *Trainer) Bind(p ito.Path) error {
	c, turns, err := t.scaling(p)
	if err != nil {
		return err
	}
	if t.fp != nil {
		if err := t.fp.bind(p, t.moments); err != nil {
			return err
		}
	}
	levels, err := newLevels(t.cfg.Objective, p, t.moments)
	if err != nil {
		return err
	}
	if t.prog == nil || turns != t.turns || t.fp != nil {
		if err := t.compile(turns); err != nil {
			return err
		}
	}
	t.path, t.precond, t.clock = p, c, newClock(p, t.cfg.Times)
	t.clock.levels = levels
	t.batch.tails = nil
	if heavy, ok := p.(path.PFGM); ok {
		t.batch.tails = heavy.Kernel()
	}
	t.fill = func(step uint32) error {
		err := t.batch.fill(t.data, t.precond, t.cfg.Objective, t.clock, t.cfg.Seed, step, t.cfg.Dropout)
		if err == nil && levels != nil {
			levels.weigh(t.batch)
		}
		if err == nil && t.penalised() {
			t.fp.fill(t.batch.t)
		}
		return err
	}
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

// scaling is that of p, and whether the loss may be in the modes of a basis.
func (t *Trainer) scaling(p ito.Path) (c scaling, turns bool, err error) {
	refuse := func(why, nearest string) error {
		return &ito.UnsupportedError{What: "training on path " + p.Name(), Why: why, Nearest: nearest}
	}
	reads := t.net.Ports.Reads()
	if m, ok := p.(*path.Momentum); ok {
		if reads != p.Dim() {
			return nil, false, refuse(fmt.Sprintf("its states have dimension %d and the network reads %d numbers", p.Dim(), reads), "a network of twice the dimension of the data")
		}
		if k := t.cfg.Objective.Predicts(); k != ito.PredEps {
			return nil, false, refuse("a network there learns the score of the velocity, not a "+k.String(), "dsm")
		}
		c, err := wrap.NewMomentum(m, t.moments)
		return c, c != nil && c.Basis() != nil, err
	}
	d, ok := p.(ito.Diagonal)
	switch {
	case !ok:
		return nil, false, refuse("it is neither diagonal nor a momentum path", "vp")
	case !ito.Has(p, ito.CapGaussian) && !heavyTailed(p):
		return nil, false, refuse("the trainer does not know how to draw its noise, which is not Gaussian", "edm")
	case heavyTailed(p) && t.fp != nil:
		return nil, false, refuse("its noise is not Gaussian, and the Fokker–Planck equation is that of Gaussian noise", "edm")
	case reads != t.data.X.D:
		return nil, false, refuse(fmt.Sprintf("the data have dimension %d and the network reads %d numbers, as on a momentum path", t.data.X.D, reads), "cld")
	}
	pre, err := wrap.NewMoments(d, t.moments)
	return pre, d.Modes() > 1 || err == nil && pre.Basis() != nil, err // a path of modes may have a basis later
}

// heavyTailed reports a path whose noise is not Gaussian and can be drawn.
func heavyTailed(p ito.Path) bool { _, ok := p.(path.PFGM); return ok }

// compile traces the loss of one sample and its gradient.
func (t *Trainer) compile(turns bool) error {
	d := t.data.X.D
	b := t.batch
	prog, err := ad.Compile(func(g *ad.Graph) {
		x, feat := g.Input("x", ad.F32, t.net.Ports.Reads()), g.Input("time", ad.F32, 1)
		target, weight := g.Input("target", ad.F32, d), g.Input("weight", ad.F32, d)
		var cond, basis ad.Value
		if t.data.Cond.C > 0 {
			cond = g.Input("condition", ad.F32, t.data.Cond.C)
		}
		scale := g.Shared("scale", ad.F32)
		if turns {
			basis = g.Shared("basis", ad.F32, d, d)
		}
		var params []ad.Value
		apply := func(x, feat ad.Value) ad.Value { return t.net.Apply(g, params, x, feat, cond) }
		var penalty func() ad.Value
		if t.penalised() {
			penalty = t.fp.declare(g, apply, x, feat)
		}
		params = t.net.Declare(g, ad.F32)
		out := apply(x, feat)
		if t.fp != nil {
			out = t.fp.potential.Output(g, out, x)
		}
		if turns {
			out = ad.MatMul(out, basis)
		}
		loss := ad.Mul(scale, ad.BatchMean(ad.Mean(ad.Mul(weight, ad.Square(ad.Sub(out, target))))))
		if penalty != nil {
			loss = ad.Add(loss, penalty())
		}
		t.outputs(g, loss, params)
	})
	if err != nil {
		return err
	}
	t.turns = turns
	in := []ad.Array{ad.F32s(b.X), ad.F32s(b.Feat), ad.F32s(b.Target), ad.F32s(b.Weight)}
	if t.data.Cond.C > 0 {
		in = append(in, ad.F32s(b.cond))
	}
	in = append(in, ad.F32s(t.scale[:]))
	if turns {
		in = append(in, ad.F32s(t.basis))
	}
	if t.penalised() {
		in = append(in, t.fp.arrays()...)
	}
	t.plan(prog, in...)
	return nil
}

// penalised reports a loss with the residual in it.
func (t *Trainer) penalised() bool { return t.fp != nil && t.fp.Weight > 0 }

// setScale divides the loss by the mean of its weights where they are not at most 1, as those of a velocity
// in the user's units are not: clipping then means the same for every path. The minimiser is the same.
func (t *Trainer) setScale() error {
	t.scale[0] = 1
	if t.cfg.Objective.Predicts() == ito.PredEps || t.clock.levels != nil {
		return nil
	}
	const n = 64
	b, x := wrap.NewBatch(n, t.data.X.D), ito.NewStates(n, t.data.X.D, 0)
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

// Moments are those of the data, which scale the network.
func (t *Trainer) Moments() ito.Gaussian { return t.moments }

// Field is the field of the moving average of the weights on the path that the network is bound to: a *[field.Net], or a
// *[field.Net] that predicts the score. It is a copy: training on does not change it.
func (t *Trainer) Field() (*field.Net, error) {
	if t.path == nil {
		return nil, errUnbound
	}
	net, err := t.average()
	if err != nil {
		return nil, err
	}
	kind := t.cfg.Objective.Predicts()
	if _, moves := t.path.(*path.Momentum); moves {
		kind = ito.PredScore
	}
	if t.fp != nil {
		return field.NewPotential(t.path.(ito.Diagonal), net, t.moments, kind)
	}
	return field.NewScaled(t.path, net, t.moments, kind)
}

// With returns a Fitter of t under the given options: stage k trains until k·StageSteps steps are done. The
// field that it returns has a copy of the moving average.
func (t *Trainer) With(opts Options) Fitter {
	return FitterFunc(func(ctx context.Context, p ito.Path, stage int) (ito.Field, error) {
		if err := t.Bind(p); err != nil {
			return nil, err
		}
		if err := t.Run(ctx, stage*t.cfg.StageSteps, opts); err != nil {
			return nil, err
		}
		return t.Field()
	})
}
