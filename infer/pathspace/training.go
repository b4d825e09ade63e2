package pathspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// PathLoss is a loss over simulated paths by which a [Learned] control is trained: [LogVariance] or [KL].
type PathLoss interface {
	Name() string
	// Fits reports a target with which the loss cannot be used.
	Fits(t ito.Target) error
	// Held says that the gradient does not pass through the paths: the noise absorbs a change of the control, and
	// they stay.
	Held() bool
	// Trace is, in a program, sum/over/d of the costs R of the paths of which fine is true, kept in number.
	Trace(cost, fine, kept ad.Value) (sum, over ad.Value)
	// Value is the same of what the costs were.
	Value(l infer.TrainingReport, d int) float64
}

// Training fits a [Learned] control, and the backward control of a [Bridge], to a target over paths of the present
// control. The first step compiles the loss; what is set before it stays as it is from then on.
type Training struct {
	Target       ito.Target
	Control      *Learned // trained in place
	PathLoss     PathLoss // nil: LogVariance
	Batch        int      // paths a step; 0: 512
	Iterations   int      // over which the learning rate falls to a fiftieth, and after which Run ends; 0: 2000
	LearningRate float64  // 0: .005
	Clip         float64  // of the gradient's norm; 0: 1
	Seed         uint64
	Pool         *ad.Pool

	Dropped int // paths left out so far because their cost was not finite

	loop *learn.Loop
	loss *controlLoss // nil before the first step
}

func (c *Training) pathLoss() PathLoss {
	if c.PathLoss == nil {
		return LogVariance{}
	}
	return c.PathLoss
}

func (c *Training) batch() int { return cmp.Or(c.Batch, 512) }

func (c *Training) iterations() int { return cmp.Or(c.Iterations, 2000) }

// Validate reports settings that cannot be used, or a target that the loss cannot be used with.
func (c *Training) Validate() error {
	if c.Control == nil || c.Target == nil || c.Target.Dim() != c.Control.D || c.Batch < 0 || c.Batch == 1 ||
		c.Iterations < 0 || c.LearningRate < 0 || c.Clip < 0 {
		return &ito.InputError{Where: "training of a control",
			What: fmt.Sprintf("batches of %d, %d iterations, learning rate %v", c.Batch, c.Iterations, c.LearningRate),
			Do:   "give a control of the target's dimension, two paths or more and a positive rate"}
	}
	return c.pathLoss().Fits(c.Target)
}

// controls are those that are trained.
func (c *Training) controls() []*Learned {
	if b, ok := c.Control.Process.(BothWays); ok {
		return []*Learned{c.Control, b.BackwardControl()}
	}
	return []*Learned{c.Control}
}

// ready makes the loop, whose parameters the controls have from then on.
func (c *Training) ready() error {
	if c.loop != nil {
		return nil
	}
	if err := c.Validate(); err != nil {
		return err
	}
	var nets []*nn.Weights
	for _, l := range c.controls() {
		nets = append(nets, l.networks()...)
	}
	of, rate := c.iterations(), cmp.Or(c.LearningRate, .005)
	loop, err := learn.NewLoop(learn.Optimiser{Steps: of,
		Rate: func(step int) float64 { return rate * math.Pow(.02, float64(step)/float64(of)) },
		Adam: nn.DefaultAdam(), Clip: cmp.Or(c.Clip, 1)}, nets...)
	if err != nil {
		return err
	}
	c.loop, nets = loop, loop.Networks()
	params := loop.State().Params
	for _, l := range c.controls() {
		n, k := len(l.Params), len(l.networks())
		l.adopt(params[:n:n], nets[:k])
		params, nets = params[n:], nets[k:]
	}
	return nil
}

// Step implements Trainer: one iteration. Its noise is addressed by Seed and the number of iterations done. One whose
// gradient is not finite changes nothing and is a *ito.NonFiniteError.
func (c *Training) Step(ctx context.Context) (infer.TrainingReport, error) {
	if err := c.ready(); err != nil {
		return infer.TrainingReport{}, err
	}
	if c.loss == nil {
		loss := newControlLoss(c, c.batch())
		if err := c.loop.Bind(loss); err != nil {
			return infer.TrainingReport{}, err
		}
		c.loss = loss
	}
	at := c.loop.Step()
	err := c.loop.Run(ctx, at+1, learn.LoopOptions{Pool: c.Pool})
	var infinite *ito.NonFiniteError
	if err != nil && !errors.As(err, &infinite) {
		return infer.TrainingReport{}, err
	}
	loss := c.summary(at, c.loss.cost)
	if c.batch()-loss.Dropped < 2 {
		return loss, &ito.NonFiniteError{What: "the cost of every path", Step: at}
	}
	if err == nil {
		c.Dropped += loss.Dropped
	}
	return loss, err
}

// Run takes iterations until Iterations are done. progress, unless nil, is called after every one; an error of it ends
// the run. When ctx ends, the state is that of the last whole iteration.
func (c *Training) Run(ctx context.Context, progress func(infer.TrainingReport) error) error {
	return infer.Train(ctx, c, progress)
}

// summary is what the costs of an iteration's paths were.
func (c *Training) summary(iteration int, cost []float64) infer.TrainingReport {
	loss := infer.TrainingReport{Iteration: iteration}
	d, kept := c.Control.D, 0.
	for _, r := range cost {
		if math.Abs(r) < mostCost {
			loss.ELBO -= r
			kept++
		}
	}
	loss.Dropped = len(cost) - int(kept)
	if kept < 2 {
		return loss
	}
	loss.ELBO /= kept
	for _, r := range cost {
		if math.Abs(r) < mostCost {
			δ := r + loss.ELBO
			loss.Variance += δ * δ / (kept - 1) / float64(d)
		}
	}
	loss.Value = c.pathLoss().Value(loss, d)
	return loss
}

// Progress implements Trainer.
func (c *Training) Progress() (done, of int) {
	if c.loop != nil {
		done = c.loop.Step()
	}
	return done, c.iterations()
}

// Gradients implements Trainer: one of every path at every step and at its end; two more a step where the gradient
// passes through the paths, which is what a Hessian-vector product costs.
func (c *Training) Gradients() float64 {
	done, _ := c.Progress()
	n, steps := float64(done*c.batch()), float64(c.Control.Process.Steps())
	if !c.pathLoss().Held() {
		return n * (3*steps + 1)
	}
	return n * (steps + 1)
}

const controlTrainer = "control"

// State implements Trainer.
func (c *Training) State() ([]infer.TrainerState, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return []infer.TrainerState{{Trainer: controlTrainer, Loop: c.loop.State(),
		Extra: map[string][]float64{"dropped": {float64(c.Dropped)}}}}, nil
}

// Restore implements Trainer.
func (c *Training) Restore(states []infer.TrainerState) error {
	s, err := infer.SingleState(states, controlTrainer, map[string]int{"dropped": 1})
	if err != nil {
		return err
	}
	if err := c.ready(); err != nil {
		return err
	}
	c.Dropped = infer.ReadCount(s.Extra["dropped"])
	return c.loop.Restore(s.Loop)
}
