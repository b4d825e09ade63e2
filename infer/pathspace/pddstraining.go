package pathspace

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
)

// PotentialTraining fits a [LearnedPotential] by the novel score matching loss of arXiv:2402.06320, §3.2,
//
//	E‖∇log ĝ(λ_t, x_t) − √(1−λ_t)∇log g_0(x_0)‖²,  x_t = √(1−λ_t) x_0 + √λ_t σ ε,
//
// t stratified over [10⁻³, 1] and x_0 among the particles of runs of [PDDS]. A round trains with the potential of
// its start in these runs, which are made anew every Refresh iterations, as in the authors' program: the loss has
// its minimum at ∇log g_t where x_0 has the target's distribution, and on the particles of one run, taken again and
// again, the network learns these. The potential is the moving average of the weights. One gradient a particle and
// step of a run, and one a row of training.
type PotentialTraining struct {
	Target       ito.Target
	Kernel       PDDS              // the run whose particles are learnt from; its Potential is not looked at
	Potential    *LearnedPotential // its Params are the moving average
	Rounds       int               // 0: 2
	Iterations   int               // of a round; 0: 4000
	Refresh      int               // iterations between runs; 0: 100
	Batch        int               // 0: 300
	LearningRate float64           // at the start of a round; 0: .001
	Decay        float64           // of the learning rate in 50 iterations; 0: .95
	Seed         uint64
	Pool         *ad.Pool

	// Spent are the gradients of the runs so far.
	Spent float64

	loop  *learn.Loop
	loss  *potentialLoss // nil before the first step
	round int
	// of the potential of the round's runs
	frozen []float32
	x, g   []float64 // [N,D] the particles of the last run and ∇log g_0 there
	made   int       // the number of the iteration for which it was made, from 1; 0: none was
}

func (c *PotentialTraining) rounds() int { return cmp.Or(c.Rounds, 2) }

func (c *PotentialTraining) iterations() int { return cmp.Or(c.Iterations, 4000) }

func (c *PotentialTraining) refresh() int { return cmp.Or(c.Refresh, 100) }

func (c *PotentialTraining) batch() int { return cmp.Or(c.Batch, 300) }

// done are the iterations of all rounds.
func (c *PotentialTraining) done() int {
	if c.loop == nil {
		return 0
	}
	return c.round*c.iterations() + c.loop.Step()
}

// Progress implements Trainer.
func (c *PotentialTraining) Progress() (done, of int) { return c.done(), c.rounds() * c.iterations() }

// Gradients implements Trainer.
func (c *PotentialTraining) Gradients() float64 { return c.Spent + float64(c.done()*c.batch()) }

// Validate reports settings that cannot be used, as an *ito.InputError.
func (c *PotentialTraining) Validate() error {
	if c.Target == nil || c.Potential == nil || c.Target.Dim() != c.Potential.D || c.Rounds < 0 || c.Iterations < 0 ||
		c.Refresh < 0 || c.Batch < 0 || c.LearningRate < 0 || c.Decay < 0 || c.Decay > 1 {
		return &ito.InputError{Where: "training of a potential",
			What: fmt.Sprintf("%d rounds of %d iterations of %d rows, learning rate %v", c.Rounds, c.Iterations,
				c.Batch, c.LearningRate),
			Do: "give a potential of the target's dimension and positive numbers"}
	}
	return c.Kernel.Validate(c.Target.Dim())
}

// ready makes the loop of a round; the potential is its moving average.
func (c *PotentialTraining) ready() error {
	if c.loop != nil {
		return nil
	}
	if err := c.Validate(); err != nil {
		return err
	}
	rate, decay := cmp.Or(c.LearningRate, .001), cmp.Or(c.Decay, .95)
	loop, err := learn.NewLoop(learn.Optimiser{Steps: c.iterations(),
		Rate: func(step int) float64 { return rate * math.Pow(decay, float64(step)/50) },
		Adam: nn.DefaultAdam(), Clip: 1, EMA: nn.EMA{Decay: .999, WarmUp: true}}, c.Potential.networks()...)
	if err != nil {
		return err
	}
	c.loop, c.frozen = loop, slices.Clone(c.Potential.Params)
	c.Potential.Params = loop.State().EMA
	return nil
}

// nextRound begins one: the runs keep the present potential, and the optimiser begins anew from it.
func (c *PotentialTraining) nextRound() error {
	average := c.Potential.Params
	c.round++
	c.frozen = slices.Clone(average)
	return c.restore(learn.State{Params: average, EMA: average, Moments: *nn.NewMoments(len(average))})
}

func (c *PotentialTraining) restore(s learn.State) error {
	if err := c.loop.Restore(s); err != nil {
		return err
	}
	c.Potential.Params = c.loop.State().EMA
	return nil
}

// run makes the particles that the next iterations learn from.
func (c *PotentialTraining) run(ctx context.Context, address int) error {
	frozen := *c.Potential
	frozen.Params = c.frozen
	k := c.Kernel
	k.Potential = &frozen
	s := infer.NewState(k, 1, c.Target.Dim(), uint64(address))
	r, err := infer.Run(ctx, c.Target, k, s, infer.RunOptions{Seed: c.Seed + 1})
	if err != nil {
		return err
	}
	c.Spent += r.Gradients
	c.x, c.g, c.made = s.X, s.Var("grad"), address+1
	return nil
}

// Step implements Trainer: one iteration, and where particles are due the run before.
func (c *PotentialTraining) Step(ctx context.Context) (infer.TrainingReport, error) {
	if err := c.ready(); err != nil {
		return infer.TrainingReport{}, err
	}
	if c.loss == nil {
		loss := newPotentialLoss(c)
		if err := c.loop.Bind(loss); err != nil {
			return infer.TrainingReport{}, err
		}
		c.loss = loss
	}
	if c.loop.Step() == c.iterations() {
		if err := c.nextRound(); err != nil {
			return infer.TrainingReport{}, err
		}
	}
	done := c.done()
	if err := c.loop.Run(ctx, c.loop.Step()+1, learn.LoopOptions{Pool: c.Pool}); err != nil {
		return infer.TrainingReport{}, err
	}
	return infer.TrainingReport{Iteration: done, Value: c.loop.Loss() / float64(c.Potential.D)}, nil
}

// Run takes iterations until all rounds are done. progress, unless nil, is called after every one; an error of it ends
// the run.
func (c *PotentialTraining) Run(ctx context.Context, progress func(infer.TrainingReport) error) error {
	return infer.Train(ctx, c, progress)
}

const potentialTrainer = "potential"

// State implements Trainer.
func (c *PotentialTraining) State() ([]infer.TrainerState, error) {
	if err := c.ready(); err != nil {
		return nil, err
	}
	return []infer.TrainerState{{Trainer: potentialTrainer, Loop: c.loop.State(), Extra: map[string][]float64{
		"round": {float64(c.round)}, "made": {float64(c.made)}, "spent": {c.Spent}, "frozen": widen(c.frozen),
		"x": c.x, "gradient": c.g}}}, nil
}

// Restore implements Trainer.
func (c *PotentialTraining) Restore(states []infer.TrainerState) error {
	if err := c.ready(); err != nil {
		return err
	}
	s, err := infer.SingleState(states, potentialTrainer, map[string]int{"round": 1, "made": 1, "spent": 1,
		"frozen": len(c.frozen), "x": -1, "gradient": -1})
	if err != nil {
		return err
	}
	x, g := s.Extra["x"], s.Extra["gradient"]
	if len(x) != len(g) || len(x)%c.Potential.D != 0 || len(x) == 0 && s.Loop.Step > 0 {
		return &ito.InputError{Where: "resuming", What: fmt.Sprintf("the state of the potential has %d coordinates of "+
			"particles and %d of gradients in %d dimensions", len(x), len(g), c.Potential.D),
			Do: "begin the training anew"}
	}
	if err := c.restore(s.Loop); err != nil {
		return err
	}
	c.round, c.Spent, c.frozen = infer.ReadCount(s.Extra["round"]), s.Extra["spent"][0], narrow(s.Extra["frozen"])
	c.x, c.g, c.made = slices.Clone(x), slices.Clone(g), infer.ReadCount(s.Extra["made"])
	return nil
}
