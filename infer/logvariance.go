package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// LogVariance trains a [Learned] control by the log-variance loss Var R over paths of the present control, whose gradient does not pass through the
// paths (Richter, Boustati, Nüsken, Ruiz and Akyildiz 2020; arXiv:2307.01198, §2.3). Along a held path ∂R_i/∂u_k = Rate_k ε_k, so that
//
//	∇Var R = 2/(B−1) Σ_i (R_i − R̄) Σ_k Rate_k ε_{k,i}ᵀ ∂_θ u(t_k, x_{k,i}),
//
// one pass of the network over all steps and paths and no Hessian of log ρ. Zero at the optimum, with zero variance.
type LogVariance struct {
	Target       ito.Target
	Control      *Learned
	Batch        int     // paths a step; 0: 512
	Iterations   int     // over which the learning rate falls to a fiftieth; 0: 2000
	LearningRate float64 // 0: .005
	Clip         float64 // of the gradient's norm; 0: 1
	Seed         uint64
	Pool         *ad.Pool

	// What a checkpoint keeps, beside Control.Params.
	Done    int // iterations taken
	Moments *nn.Moments
	Dropped int // paths left out because their cost was not finite
}

// Loss is what one iteration saw.
type Loss struct {
	Iteration int
	Variance  float64 // of R, divided by d
	ELBO      float64 // mean of −R
	Dropped   int     // paths of this iteration
}

func (c *LogVariance) validate() error {
	if c.Control == nil || c.Target == nil || c.Target.Dim() != c.Control.D || c.Batch < 0 || c.Batch == 1 || c.Iterations < 0 || c.LearningRate < 0 || c.Clip < 0 {
		return &ito.InputError{Where: "log-variance", What: fmt.Sprintf("batches of %d, %d iterations, learning rate %v", c.Batch, c.Iterations, c.LearningRate), Do: "give a control of the target's dimension, two paths or more and a positive rate"}
	}
	return nil
}

// paths are the simulated paths of one iteration, step by step.
type paths struct {
	x, guide, feat []float32 // [K,B,…]
	ε              []float64 // [K,B,D]
	cost           []float64 // [B]
}

// simulate runs the present control.
func (c *LogVariance) simulate(ctx context.Context, b int) (paths, error) {
	l := c.Control
	d, steps := l.D, l.Process.Steps()
	s := &State{Groups: b, Slots: 1, D: d, Step: uint32(c.Done), ID: make([]uint64, b), X: make([]float64, b*d), LogP: make([]float64, b)}
	for i := range s.ID {
		s.ID[i] = uint64(i)
	}
	s.add("tally", tallyWidth)
	p := Problem{Target: c.Target, Seed: c.Seed}
	out := paths{x: make([]float32, 0, steps*b*d), guide: make([]float32, 0, steps*b*d), feat: make([]float32, 0, steps*b), ε: make([]float64, steps*b*d), cost: make([]float64, b)}
	prior(c.Seed, 1+uint32(c.Done)).Normals64(s.X, d, s.ID)
	for i := range b {
		out.cost[i] = l.Process.Start(s.X[i*d : (i+1)*d])
	}
	u, guide := make([]float64, b*d), make([]float64, b*d)
	for k := range steps {
		ε := out.ε[k*b*d : (k+1)*b*d]
		s.normals(c.Seed, 16+uint32(k), ε)
		if err := guides(ctx, p, s, l.Process, k, guide, s.X); err != nil {
			return out, err
		}
		if err := l.Control(ctx, k, d, u, s.X, guide); err != nil {
			return out, err
		}
		out.x, out.guide = append(out.x, narrow(s.X)...), append(out.guide, narrow(guide)...)
		move := l.Process.Move(k)
		for i := range b {
			out.feat = append(out.feat, l.feature(k))
			out.cost[i] += move(s.X[i*d:(i+1)*d], u[i*d:(i+1)*d], ε[i*d:(i+1)*d])
		}
	}
	if err := density(ctx, p, s, b, s.LogP, s.X); err != nil {
		return out, err
	}
	for i := range b {
		out.cost[i] += l.Process.End(s.X[i*d:(i+1)*d]) - s.LogP[i]
	}
	return out, nil
}

// gradient is the loss and its gradient for simulated paths.
func (c *LogVariance) gradient(ctx context.Context, ps paths, grad []float32) (Loss, error) {
	l := c.Control
	d, b, steps := l.D, len(ps.cost), l.Process.Steps()
	loss := Loss{Iteration: c.Done}
	kept := 0.
	for _, r := range ps.cost {
		if math.Abs(r) < mostCost {
			loss.ELBO -= r
			kept++
		}
	}
	if kept < 2 {
		return loss, &ito.NonFiniteError{What: "the cost of every path", Step: c.Done}
	}
	loss.ELBO /= kept
	loss.Dropped = b - int(kept)
	cot := make([]float32, steps*b*d)
	rate := make([]float64, steps)
	for k := range rate {
		rate[k] = l.Process.Rate(k)
	}
	for i, r := range ps.cost {
		if !(math.Abs(r) < mostCost) {
			for k := range steps { // its row counts for nothing, whatever it holds
				at := (k*b + i) * d
				clear(ps.x[at : at+d])
				clear(ps.guide[at : at+d])
			}
			continue
		}
		δ := r + loss.ELBO
		loss.Variance += δ * δ / (kept - 1) / float64(d)
		for k := range steps {
			w := 2 / (kept - 1) * δ / float64(d) * rate[k]
			for j := (k*b + i) * d; j < (k*b+i+1)*d; j++ {
				cot[j] = float32(w * ps.ε[j])
			}
		}
	}
	return loss, l.vjp(ctx, c.Pool, grad, ps.x, ps.feat, ps.guide, cot)
}

// Step takes one iteration. Its noise is addressed by Seed and Done: training continued from a checkpoint gives the bytes of one that was not interrupted.
func (c *LogVariance) Step(ctx context.Context) (Loss, error) {
	if err := c.validate(); err != nil {
		return Loss{}, err
	}
	params := c.Control.Params
	if c.Moments == nil {
		c.Moments = nn.NewMoments(len(params))
	}
	ps, err := c.simulate(ctx, int(or(float64(c.Batch), 512)))
	if err != nil {
		return Loss{}, err
	}
	grad := make([]float32, len(params))
	loss, err := c.gradient(ctx, ps, grad)
	if err != nil {
		return loss, err
	}
	c.Dropped += loss.Dropped
	scale, _ := nn.Clip(grad, or(c.Clip, 1))
	lr := or(c.LearningRate, .005) * math.Pow(.02, float64(c.Done)/or(float64(c.Iterations), 2000))
	nn.DefaultAdam().Step(c.Moments, params, grad, lr, scale)
	c.Done++
	return loss, nil
}
