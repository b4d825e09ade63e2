package infer

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// MeanField fits the normal q = N(m, diag s²) of greatest evidence lower bound to a target,
//
//	ELBO = E_q[log ρ(x) − log q(x)] ≤ log ∫ρ,  x = m + s z,  z ~ N(0, I),
//
// by Adam on the reparameterised gradient that leaves out the score of q (Roeder, Wu and Duvenaud, arXiv:1703.09194),
//
//	h = ∇log ρ(x) + z/s,  ∂/∂m = E[h],  ∂/∂log s = E[h s z],
//
// whose noise is zero where q is ρ. Draws come in pairs ±z. A step of m is taken in units of s, in the beginning of
// at least 1, so that neither a far mean nor a narrow target needs another rate. For a normal of precision Λ the
// optimum is its mean and s² = 1/Λ_jj: narrower than the marginals where coordinates are correlated, and of several
// modes it takes one. Batch gradients an iteration.
type MeanField struct {
	Target       ito.Target
	Iterations   int     // 0: 5000
	Batch        int     // draws of an iteration, an even number; 0: 32
	LearningRate float64 // at the start, falling to a thousandth of it; 0: .1
	Seed         uint64

	// Mean and SD are the fit so far and never move: others may hold the slices.
	Mean, SD []float64
	Dropped  int // draws left out because a value was not finite

	late lateBounds
	loop *learn.Loop
	loss *meanFieldLoss // nil before the first step
}

// NewMeanField makes a fit to t that begins at N(0, I).
func NewMeanField(t ito.Target, seed uint64) *MeanField {
	d := t.Dim()
	c := &MeanField{Target: t, Seed: seed, Mean: make([]float64, d), SD: make([]float64, d)}
	for j := range c.SD {
		c.SD[j] = 1
	}
	return c
}

func (c *MeanField) iterations() int { return cmp.Or(c.Iterations, 5000) }

func (c *MeanField) batch() int { return cmp.Or(c.Batch, 32) }

// Progress implements Trainer.
func (c *MeanField) Progress() (done, of int) {
	if c.loop != nil {
		done = c.loop.Step()
	}
	return done, c.iterations()
}

// Gradients implements Trainer.
func (c *MeanField) Gradients() float64 {
	done, _ := c.Progress()
	return float64(done * c.batch())
}

// Reference is the fit, sharing memory.
func (c *MeanField) Reference() Reference { return Reference{Mean: c.Mean, SD: c.SD} }

// Validate reports settings that cannot be used, as an *ito.InputError.
func (c *MeanField) Validate() error {
	if d := len(c.Mean); c.Target == nil || c.Target.Dim() != d || len(c.SD) != d || c.Iterations < 0 || c.Batch < 0 ||
		c.Batch%2 != 0 || !(c.LearningRate >= 0) {
		return &ito.InputError{Where: "mean field", What: fmt.Sprintf("%d iterations of %d draws, learning rate %v",
			c.Iterations, c.Batch, c.LearningRate),
			Do: "make it by NewMeanField and give an even number of draws and positive numbers"}
	}
	return nil
}

// ready makes the loop.
func (c *MeanField) ready() error {
	if c.loop != nil {
		return nil
	}
	if err := c.Validate(); err != nil {
		return err
	}
	by, err := nn.New(displacement(2*len(c.Mean)), nn.Flat(1, 2*len(c.Mean), 0), 0)
	if err != nil {
		return err
	}
	of, rate := c.iterations(), cmp.Or(c.LearningRate, .1)
	c.loop, err = learn.NewLoop(learn.Optimiser{Steps: of,
		Rate: func(step int) float64 { return rate * math.Pow(1e-3, float64(step)/float64(of)) },
		// .999 does not forget the steep start within the fit
		Adam: nn.Adam{Beta1: .9, Beta2: .99, Eps: 1e-8}}, by)
	return err
}

// Step implements Trainer. The noise is addressed by Seed and the number of iterations done. An iteration without a
// pair of finite gradients is a *ito.NonFiniteError.
func (c *MeanField) Step(ctx context.Context) (TrainingReport, error) {
	if err := c.ready(); err != nil {
		return TrainingReport{}, err
	}
	if c.loss == nil {
		loss := newMeanFieldLoss(c)
		if err := c.loop.Bind(loss); err != nil {
			return TrainingReport{}, err
		}
		c.loss = loss
	}
	at := c.loop.Step()
	err := c.loop.Run(ctx, at+1, learn.LoopOptions{})
	loss := c.loss.seen
	if err != nil {
		return loss, err
	}
	c.Dropped += loss.Dropped
	c.late.add(at, c.iterations(), loss.ELBO)
	return loss, nil
}

// Bound is the mean ELBO of the last fifth of the iterations, with its standard error, and what it gained on the
// fifth before. NaN before the end.
func (c *MeanField) Bound() (elbo, se, gain float64) { return c.late.bound() }

// Warnings say whether the fit has not come to rest.
func (c *MeanField) Warnings() []string {
	done, _ := c.Progress()
	return c.late.warnings("mean-field", done, c.batch(), c.Dropped)
}

const meanFieldTrainer = "mean field"

// State implements Trainer.
func (c *MeanField) State() ([]TrainerState, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return []TrainerState{{Trainer: meanFieldTrainer, Loop: c.loop.State(), Extra: map[string][]float64{
		"mean": c.Mean, "sd": c.SD, "late": slices.Concat(c.late[0][:], c.late[1][:]),
		"dropped": {float64(c.Dropped)}}}}, nil
}

// Restore implements Trainer.
func (c *MeanField) Restore(states []TrainerState) error {
	d := len(c.Mean)
	s, err := SingleState(states, meanFieldTrainer, map[string]int{"mean": d, "sd": d, "late": 6, "dropped": 1})
	if err != nil {
		return err
	}
	if err := c.ready(); err != nil {
		return err
	}
	if err := c.loop.Restore(s.Loop); err != nil {
		return err
	}
	copy(c.Mean, s.Extra["mean"])
	copy(c.SD, s.Extra["sd"])
	copy(c.late[0][:], s.Extra["late"][:3])
	copy(c.late[1][:], s.Extra["late"][3:])
	c.Dropped = ReadCount(s.Extra["dropped"])
	return nil
}
