package bench

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync/atomic"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
)

// counted counts the rows at which a target was evaluated.
type counted struct {
	ito.Target
	rows *atomic.Int64
}

// LogDensity implements ito.Target.
func (c counted) LogDensity(ctx context.Context, dst []float64, x ito.States) error {
	c.rows.Add(int64(x.N))
	return c.Target.LogDensity(ctx, dst, x)
}

// Gradient implements ito.Target.
func (c counted) Gradient(ctx context.Context, logp []float64, grad, x ito.States) error {
	c.rows.Add(int64(x.N))
	return c.Target.Gradient(ctx, logp, grad, x)
}

// How a budget is divided. None of it is fitted to a target.
const (
	benchChains = 16  // chains, or ladders of temperatures
	benchWarmup = .2  // of a budget, where a step's price is known before
	benchTree   = 16  // leapfrog steps taken as the price of a tree of nuts in its warm-up
	benchFinish = .15 // of the budget of an annealing, for mala at its end
	benchBatch  = 256 // paths of an iteration of training
	// leastParticles are those of a particle sampler, whatever the budget. Where they are fewer than the draws that
	// are judged, some come twice.
	leastParticles = 64
	benchTrained   = .9 // of the budget of a trained sampler, for its training
	benchLeapfrogs = 4  // steps of a move of smc
)

// sample runs a method until it has used the budget, and returns the draws that are judged.
func (b DensityBench) sample(ctx context.Context, j *densityJudge, m infer.Method, seed uint64) (densityRun, error) {
	began := b.Now()
	var rows atomic.Int64
	t := counted{j.target, &rows}
	s := infer.DefaultSettings()
	s.Seed, s.Scale, s.Radius, s.Chains, s.Pool = seed, j.table.Scale, j.table.Scale*math.Sqrt(3), 1, b.Pool
	var r densityRun
	var err error
	if m.Kind == infer.Chains {
		r, err = b.chains(ctx, t, m, s)
	} else {
		r, err = b.particles(ctx, t, m, s)
	}
	r.used, r.seconds = float64(rows.Load()), b.Now().Sub(began).Seconds()
	return r, err
}

// errSpent ends a run of chains whose budget is used.
var errSpent = errors.New("the budget is used")

// chains runs chains until the budget is used, and keeps draws evenly spaced over time.
func (b DensityBench) chains(ctx context.Context, t counted, m infer.Method, s infer.Settings) (densityRun, error) {
	r := densityRun{logZ: math.NaN(), ess: math.NaN()}
	s.Chains, s.Warmup, s.Draws = benchChains, 0, 1
	if m.Name == "stretch" {
		s.Chains = 1 // an ensemble
	}
	probe, err := m.Plan(t, s)
	if err != nil {
		return r, err
	}
	// The price of a step, in rows: a trajectory for every slot of every group.
	price := float64(probe.Groups * probe.Kernel.Slots())
	switch m.Name {
	case "hmc":
		price *= 16
	case "nuts":
		price *= benchTree
	case "pt":
		price *= 4
	}
	s.Warmup = int(min(1000, benchWarmup*b.Gradients/price))
	s.Draws = 1 << 28 // until the budget is used
	plan, err := m.Plan(t, s)
	if err != nil {
		return r, err
	}
	keep := sieve{want: b.Draws}
	stopped, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, _, err = plan.Run(stopped, t, infer.RunOptions{
		Progress: func(infer.RunEvent) {
			if float64(t.rows.Load()) >= b.Gradients {
				stop(errSpent)
			}
		},
		Sink: func(d infer.Draw) error {
			keep.add(d)
			return nil
		},
	})
	if err != nil && (ctx.Err() != nil || context.Cause(stopped) != errSpent) {
		return r, err
	}
	if r.x = keep.states(t.Dim()); r.x.N == 0 {
		return r, &ito.UnsupportedError{What: m.Name + " with this budget", Why: "it was used before the first draw"}
	}
	return r, nil
}

// sieve keeps the draws of chains, at growing distances, so that memory does not grow with their number.
type sieve struct {
	want  int
	every int         // a draw is kept every so many-th
	rows  [][]float64 // of a kept draw: [chain, d]
	per   int         // chains
}

func (k *sieve) add(d infer.Draw) {
	k.every = max(k.every, 1)
	if d.Index%k.every != 0 {
		return
	}
	s := d.State
	row := make([]float64, 0, s.Groups*d.Drawn*s.D)
	for g := range s.Groups {
		row = append(row, s.X[g*s.Slots*s.D:(g*s.Slots+d.Drawn)*s.D]...)
	}
	k.per = s.Groups * d.Drawn
	k.rows = append(k.rows, row)
	if len(k.rows)*k.per < 8*k.want || len(k.rows) < 2 {
		return
	}
	k.every *= 2
	half := k.rows[:0]
	for i := 0; i < len(k.rows); i += 2 {
		half = append(half, k.rows[i])
	}
	k.rows = half
}

// states are the wanted number of draws, evenly spaced in the sequence of one chain after another. Where there are
// fewer, some come twice.
func (k *sieve) states(d int) ito.States {
	total := len(k.rows) * k.per
	if total == 0 {
		return ito.States{D: d}
	}
	x := ito.NewStates(k.want, d, 0)
	for i := range k.want {
		at := (2*i + 1) * total / (2 * k.want)
		chain, draw := at/len(k.rows), at%len(k.rows)
		copy(x.Row(i), k.rows[draw][chain*d:(chain+1)*d])
	}
	return x
}

// particles plans a particle sampler for the budget and runs it.
func (b DensityBench) particles(ctx context.Context, t counted, m infer.Method, s infer.Settings) (densityRun, error) {
	r := densityRun{logZ: math.NaN(), ess: math.NaN()}
	n, budget := float64(b.Draws), b.Gradients
	s.Draws = b.Draws
	switch {
	case m.Trained:
		const steps = 100
		s.Steps, s.Batch = steps, benchBatch
		s.Iterations = max(1, int(benchTrained*budget/(benchBatch*steps)))
		s.Draws = max(leastParticles, int((1-benchTrained)*budget/steps))
	case m.Name == "smc":
		// A small run finds out how many moves a temperature takes. The run that is judged takes as many at each,
		// since a price that is found out on the way is not one that can be planned.
		s.Draws, s.Leapfrogs = max(leastParticles, min(b.Draws, int(budget/2000))), benchLeapfrogs
		before := t.rows.Load()
		pilot, err := b.once(ctx, t, m, s)
		if err != nil {
			return r, err
		}
		cost := float64(t.rows.Load()-before) / float64(s.Draws)
		s.Moves = int(math.Ceil((cost - 1) / (pilot.steps * benchLeapfrogs)))
		cost = 1 + float64(s.Moves)*benchLeapfrogs*pilot.steps
		s.Draws = max(leastParticles, int((budget-float64(t.rows.Load()))/cost))
	case m.Name == "ais":
		s.Steps = max(2, int(budget/n/4))
	case m.Name == "pdds":
		s.Steps = 128
		s.Draws = max(leastParticles, int(budget/float64(s.Steps+1)))
	default: // annealed particles
		price := 1.
		if m.Name == "convolutional" {
			price = 33
		}
		s.Finish = max(20, int(benchFinish*budget/n))
		s.Steps = max(20, int((budget/n-float64(s.Finish)-1)/price))
	}
	return b.once(ctx, t, m, s)
}

// once runs a particle sampler and draws from its particles.
func (b DensityBench) once(ctx context.Context, t counted, m infer.Method, s infer.Settings) (densityRun, error) {
	r := densityRun{logZ: math.NaN(), ess: math.NaN()}
	plan, err := m.Plan(t, s)
	if err != nil {
		return r, err
	}
	report, state, err := plan.Run(ctx, t, infer.RunOptions{})
	if err != nil {
		return r, err
	}
	if e := report.Evidence(); e.Runs > 0 {
		r.logZ = e.LogZ
	}
	if q := infer.Qualities(state); q != nil {
		r.ess = q[0].ESS / float64(q[0].Particles)
	} else if w := state.Var("ess"); w != nil {
		r.ess = w[0] / float64(state.Slots)
	}
	r.steps = float64(state.Step)
	r.x = choose(state.Particles(), state.Var("logw"), b.Draws, s.Seed)
	return r, nil
}

// choose takes n of the particles, systematically and in proportion to their weights; nil weights are equal.
func choose(x ito.States, logw []float64, n int, seed uint64) ito.States {
	w := make([]float64, x.N)
	top := math.Inf(-1)
	for _, l := range logw {
		top = max(top, l)
	}
	total := 0.
	for i := range w {
		if w[i] = 1; logw != nil {
			w[i] = math.Exp(logw[i] - top)
		}
		total += w[i]
	}
	var u [1]float64
	rng.NewKey(seed, rng.PurposeMetric, 0, 3).Uniforms64(u[:], 1, []uint64{0})
	out := ito.NewStates(n, x.D, 0)
	sum, at := w[0], 0
	for i := range n {
		for sum < (float64(i)+u[0])/float64(n)*total && at < x.N-1 {
			at++
			sum += w[at]
		}
		copy(out.Row(i), x.Row(at))
	}
	return out
}

// exactDraws are n draws of the truth.
func exactDraws(j *densityJudge, n int, seed uint64) ito.States {
	x := ito.NewStates(n, j.target.Dim(), 0)
	j.truth.Sample(x, seed)
	return x
}

// normals are draws of N(0, scale²).
func normals(x ito.States, seed uint64, scale float64) {
	rng.NewKey(seed, rng.PurposeMetric, 1, 3).Normals64(x.X, x.D, x.ID)
	for i := range x.X {
		x.X[i] *= scale
	}
}

// scaleOf is the root of the mean square of all coordinates, to two digits.
func scaleOf(x ito.States) float64 {
	ss := 0.
	for _, v := range x.X {
		ss += v * v / float64(len(x.X))
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(math.Sqrt(ss), 'g', 2, 64), 64)
	if err != nil || v == 0 {
		return 1
	}
	return v
}
