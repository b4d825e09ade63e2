package infer

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// Objective is a loss by which a [Learned] control is trained: [LogVariance] or [KL].
type Objective interface {
	Name() string
	// fits reports a target with which the loss cannot be used.
	fits(t ito.Target) error
	// held says that the gradient does not pass through the paths: the noise absorbs a change of the control, and
	// they stay.
	held() bool
	// loss is, in a program, total/over/d of the costs R of the paths of which fine is true, kept in number.
	loss(cost, fine, kept ad.Value) (total, over ad.Value)
	// value is the same of what the costs were.
	value(l Loss, d int) float64
}

// Training fits a [Learned] control, and the backward control of a [Bridge], to a target over paths of the present
// control. The first step compiles the loss; Target, Control and Objective stay as they are from then on.
type Training struct {
	Target       ito.Target
	Control      *Learned
	Objective    Objective // nil: LogVariance
	Batch        int       // paths a step; 0: 512
	Iterations   int       // over which the learning rate falls to a fiftieth, and after which Run ends; 0: 2000
	LearningRate float64   // 0: .005
	Clip         float64   // of the gradient's norm; 0: 1
	Seed         uint64
	Pool         *ad.Pool

	// What a checkpoint keeps, beside the Params of the networks.
	Done    int // iterations taken
	Moments *nn.Moments
	Dropped int // paths left out because their cost was not finite

	loss *ad.Program
}

// Loss is what one iteration saw.
type Loss struct {
	Iteration int
	Value     float64 // of the objective, divided by d
	Variance  float64 // of R, divided by d
	ELBO      float64 // mean of −R
	Dropped   int     // paths of this iteration
}

func (c *Training) objective() Objective {
	if c.Objective == nil {
		return LogVariance{}
	}
	return c.Objective
}

func (c *Training) batch() int { return int(or(float64(c.Batch), 512)) }

func (c *Training) iterations() int { return int(or(float64(c.Iterations), 2000)) }

func (c *Training) validate() error {
	if c.Control == nil || c.Target == nil || c.Target.Dim() != c.Control.D || c.Batch < 0 || c.Batch == 1 ||
		c.Iterations < 0 || c.LearningRate < 0 || c.Clip < 0 {
		return &ito.InputError{Where: "training of a control",
			What: fmt.Sprintf("batches of %d, %d iterations, learning rate %v", c.Batch, c.Iterations, c.LearningRate),
			Do:   "give a control of the target's dimension, two paths or more and a positive rate"}
	}
	return c.objective().fits(c.Target)
}

// networks are those that are trained.
func (c *Training) networks() []*Learned {
	if b, ok := c.Control.Process.(Bridge); ok {
		return []*Learned{c.Control, b.Backward}
	}
	return []*Learned{c.Control}
}

// params are copies of the weights of all networks, one behind the other; set puts such weights back.
func (c *Training) params() []float32 {
	var p []float32
	for _, l := range c.networks() {
		p = append(p, l.Params...)
	}
	return p
}

func (c *Training) set(params []float32) {
	for _, l := range c.networks() {
		params = params[copy(l.Params, params):]
	}
}

// Step takes one iteration. Its noise is addressed by Seed and Done: training continued from a checkpoint gives the
// bytes of one that was not interrupted. An iteration whose gradient is not finite changes nothing and is a
// *ito.NonFiniteError.
func (c *Training) Step(ctx context.Context) (Loss, error) {
	if err := c.validate(); err != nil {
		return Loss{}, err
	}
	cost, grads, err := c.evaluate(ctx, c.batch())
	if err != nil {
		return Loss{}, err
	}
	loss, err := c.summary(cost)
	if err != nil {
		return loss, err
	}
	c.Dropped += loss.Dropped
	params, grad := c.params(), narrow(slices.Concat(grads...))
	scale, norm := nn.Clip(grad, or(c.Clip, 1))
	if !finite(norm) {
		return loss, &ito.NonFiniteError{What: "the gradient of the loss", Step: c.Done}
	}
	if c.Moments == nil {
		c.Moments = nn.NewMoments(len(params))
	}
	lr := or(c.LearningRate, .005) * math.Pow(.02, float64(c.Done)/float64(c.iterations()))
	nn.DefaultAdam().Step(c.Moments, params, grad, lr, scale)
	c.set(params)
	c.Done++
	return loss, nil
}

// Run takes iterations until Iterations are done. progress, unless nil, hears of every one; an error of it ends the
// run. When ctx ends, the state is that of the last whole iteration.
func (c *Training) Run(ctx context.Context, progress func(Loss) error) error {
	for c.Done < c.iterations() {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss, err := c.Step(ctx)
		if err != nil {
			return err
		}
		if progress == nil {
			continue
		}
		if err := progress(loss); err != nil {
			return err
		}
	}
	return nil
}

// summary is what the costs of paths say.
func (c *Training) summary(cost []float64) (loss Loss, err error) {
	loss.Iteration = c.Done
	d, kept := c.Control.D, 0.
	for _, r := range cost {
		if math.Abs(r) < mostCost {
			loss.ELBO -= r
			kept++
		}
	}
	loss.Dropped = len(cost) - int(kept)
	if kept < 2 {
		return loss, &ito.NonFiniteError{What: "the cost of every path", Step: c.Done}
	}
	loss.ELBO /= kept
	for _, r := range cost {
		if math.Abs(r) < mostCost {
			δ := r + loss.ELBO
			loss.Variance += δ * δ / (kept - 1) / float64(d)
		}
	}
	loss.Value = c.objective().value(loss, d)
	return loss, nil
}
