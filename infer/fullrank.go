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

// FullRank fits the normal q = N(m, FFᵀ), F lower triangular, of greatest evidence lower bound to a target (Kucukelbir
// et al., JMLR 18, 2017), as [MeanField] fits one of independent coordinates, from whose end it may begin:
//
//	ELBO = E_q[log ρ(x) − log q(x)],  x = m + Fz,  z ~ N(0, I),  h = Fᵀ∇log ρ(x) + z,
//	∂/∂δ = E[h] of m + Fδ,  ∂/∂Δ = lower triangle of E[h zᵀ] of F(I + Δ).
//
// Steps are in the coordinates of q, so that neither scales nor correlations need another rate, and their noise is
// zero where q is ρ: a normal is found exactly. From afar it walks in steps of its own width, so begin it where a
// mean field has ended. Batch gradients an iteration, and O(d²) numbers.
type FullRank struct {
	Target       ito.Target
	Iterations   int     // 0: 5000
	Batch        int     // draws of an iteration, an even number; 0: 32
	LearningRate float64 // at the start, falling to a thousandth of it; 0: .05
	Seed         uint64
	From         *MeanField // where it begins; nil: N(0, I)

	// Mean and Factor [d,d] are the fit so far and never move: others may hold the slices.
	Mean, Factor []float64
	Dropped      int // draws left out because a value was not finite

	late  lateBounds
	begun bool
	loop  *learn.Loop
	loss  *fullRankLoss // nil before the first step
}

// MostFullRank is the greatest dimension of a [FullRank].
const MostFullRank = 1024

// NewFullRank makes a fit to t.
func NewFullRank(t ito.Target, seed uint64, from *MeanField) *FullRank {
	d := t.Dim()
	c := &FullRank{Target: t, Seed: seed, From: from, Mean: make([]float64, d), Factor: make([]float64, d*d)}
	for j := range d {
		c.Factor[j*d+j] = 1
	}
	return c
}

func (c *FullRank) iterations() int { return cmp.Or(c.Iterations, 5000) }

func (c *FullRank) batch() int { return cmp.Or(c.Batch, 32) }

// Progress implements Trainer.
func (c *FullRank) Progress() (done, of int) {
	if c.loop != nil {
		done = c.loop.Step()
	}
	return done, c.iterations()
}

// Gradients implements Trainer.
func (c *FullRank) Gradients() float64 {
	done, _ := c.Progress()
	return float64(done * c.batch())
}

// Validate reports settings that cannot be used, as an *ito.InputError.
func (c *FullRank) Validate() error {
	d := len(c.Mean)
	if c.Target == nil || c.Target.Dim() != d || len(c.Factor) != d*d || c.Iterations < 0 || c.Batch < 0 ||
		c.Batch%2 != 0 || !(c.LearningRate >= 0) {
		return &ito.InputError{Where: "full rank", What: fmt.Sprintf("%d iterations of %d draws, learning rate %v",
			c.Iterations, c.Batch, c.LearningRate),
			Do: "make it by NewFullRank and give an even number of draws and positive numbers"}
	}
	if d > MostFullRank {
		return &ito.UnsupportedError{What: fmt.Sprintf("a normal of full rank in %d dimensions", d),
			Why: fmt.Sprintf("it is fitted in %d at most", MostFullRank), Nearest: "a diagonal covariance"}
	}
	return nil
}

// ready makes the loop.
func (c *FullRank) ready() error {
	if c.loop != nil {
		return nil
	}
	if err := c.Validate(); err != nil {
		return err
	}
	n := c.numbers()
	by, err := nn.New(displacement(n), nn.Flat(1, n, 0), 0)
	if err != nil {
		return err
	}
	of, rate := c.iterations(), cmp.Or(c.LearningRate, .05)
	c.loop, err = learn.NewLoop(learn.Optimiser{Steps: of,
		Rate: func(step int) float64 { return rate * math.Pow(1e-3, float64(step)/float64(of)) },
		Adam: nn.Adam{Beta1: .9, Beta2: .99, Eps: 1e-8}}, by)
	return err
}

// numbers are those of δ and of the lower triangle of Δ.
func (c *FullRank) numbers() int { d := len(c.Mean); return d + d*(d+1)/2 }

// Step implements Trainer. The noise is addressed by Seed and the number of iterations done.
func (c *FullRank) Step(ctx context.Context) (TrainingReport, error) {
	if err := c.ready(); err != nil {
		return TrainingReport{}, err
	}
	if d := len(c.Mean); !c.begun && c.loop.Step() == 0 && c.From != nil {
		copy(c.Mean, c.From.Mean)
		for j, s := range c.From.SD {
			c.Factor[j*d+j] = s
		}
	}
	c.begun = true
	if c.loss == nil {
		loss := newFullRankLoss(c)
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
func (c *FullRank) Bound() (elbo, se, gain float64) { return c.late.bound() }

// Warnings say whether the fit has not come to rest.
func (c *FullRank) Warnings() []string {
	done, _ := c.Progress()
	return c.late.warnings("full-rank", done, c.batch(), c.Dropped)
}

const fullRankTrainer = "full rank"

// State implements Trainer.
func (c *FullRank) State() ([]TrainerState, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return []TrainerState{{Trainer: fullRankTrainer, Loop: c.loop.State(), Extra: map[string][]float64{
		"mean": c.Mean, "factor": c.Factor, "late": slices.Concat(c.late[0][:], c.late[1][:]),
		"dropped": {float64(c.Dropped)}}}}, nil
}

// Restore implements Trainer.
func (c *FullRank) Restore(states []TrainerState) error {
	d := len(c.Mean)
	s, err := SingleState(states, fullRankTrainer, map[string]int{"mean": d, "factor": d * d, "late": 6, "dropped": 1})
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
	copy(c.Factor, s.Extra["factor"])
	copy(c.late[0][:], s.Extra["late"][:3])
	copy(c.late[1][:], s.Extra["late"][3:])
	c.Dropped = ReadCount(s.Extra["dropped"])
	return nil
}
