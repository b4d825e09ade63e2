package interop

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// SchedulerPlan is a scheduler for a number of steps, in ito's terms. [SchedulerPlan.Run] reproduces what the
// scheduler computes:
// after step k of the run the states are what its k-th call of step returned, to the float32 rounding of the
// reference.
//
// The states are the scheduler's own: x = αx_0 + σε with α² + σ² = 1 for those of the training table, α = 1 for those
// that scale their input (Euler, Heun, LMS, KDPM2, EDM), α = 1−σ for flows.
type SchedulerPlan struct {
	Path   *Ladder
	Grid   ito.Grid // one node a call and the end: K, K−1, …, 0
	Solver ito.Solver
	Hooks  []ito.Hook // thresholding
	// Notices are what of the file has no part in the plan: keys that the class does not own, which the reference
	// leaves aside too.
	Notices []string

	raw   raw
	steps int                       // of inference
	from  int                       // the call at which a run begins
	tail  func(call int) ito.Solver // of a run that begins there; nil: Solver
	data  float64                   // σ_data of EDM and of consistency models
	least float64                   // σ_min of consistency models
	wide  bool                      // the network's second half is of variances
}

// raw is what the network says.
type raw uint8

const (
	rawEps    raw = iota
	rawX0         // sample
	rawV          // v = αε − σx_0 at α² + σ² = 1
	rawFlow       // ε − x_0
	rawEDM        // F of x_0 = c_skip x + c_out F
	rawEDMNeg     // the same with −c_out
	rawScore
	rawFlowEps     // ε − x_0, from which ε is taken: where a run begins at σ = 0
	rawVEps        // v, from which ε is taken: likewise
	rawConsistency // F of x_0 = c_skip x + c_out F, which is x at σ_min
)

var rawNames = [...]string{"epsilon", "sample", "v_prediction", "flow_prediction", "epsilon", "v_prediction", "score",
	"flow_prediction", "v_prediction", "consistency"}

// Labels are the timesteps that the network is told, call by call.
func (p *SchedulerPlan) Labels() []float64 {
	out := make([]float64, len(p.Path.levels)-1-p.from)
	for k := range out {
		out[k] = p.Path.levels[p.from+k].Label
	}
	return out
}

// InitialScale is diffusers' init_noise_sigma, by which N(0,I) is multiplied at the start.
func (p *SchedulerPlan) InitialScale() float64 { return p.Path.start }

// PredictionType is diffusers' word for what the network says.
func (p *SchedulerPlan) PredictionType() string { return rawNames[p.raw] }

// Outputs is how many numbers the network says of a row of d: d, or 2d where variance_type is learned.
func (p *SchedulerPlan) Outputs(d int) int {
	if p.wide {
		return 2 * d
	}
	return d
}

// InputScale is what call k of the run multiplies the states by before the network sees them: scale_model_input.
func (p *SchedulerPlan) InputScale(k int) float64 { return p.inputScale(p.Path.levels[p.from+k]) }

func (p *SchedulerPlan) inputScale(l Level) float64 {
	switch {
	case p.raw == rawEDM || p.raw == rawEDMNeg || p.raw == rawConsistency:
		return 1 / math.Hypot(l.Sigma, p.data)
	case l.Alpha == 1 && p.raw != rawScore:
		return 1 / math.Hypot(l.Sigma, 1)
	}
	return 1
}

// CallNetwork is a Network that is also told which call of the run it is, counted from 0: two calls may have one
// timestep.
type CallNetwork func(ctx context.Context, dst, x ito.States, call int, label float64, c ito.Cond) error

// Network is what a file's weights compute: the raw output for scaled states and a timestep. With a variance_type
// that is learned, dst is twice as wide as x ([SchedulerPlan.Outputs]): the prediction of a row, and then what it
// says of
// the variance.
type Network func(ctx context.Context, dst, x ito.States, label float64, c ito.Cond) error

// Field binds a network to the plan: it scales the input, tells the label, and turns the raw output into ε where the
// network predicts it, into a score for ScoreSdeVeScheduler, into x_0 otherwise. All rows must have one time.
func (p *SchedulerPlan) Field(n Network) ito.Field {
	return p.FieldOfCalls(func(ctx context.Context, dst, x ito.States, _ int, label float64, c ito.Cond) error {
		return n(ctx, dst, x, label, c)
	})
}

// FieldOfCalls is Field for a network that is told the call.
func (p *SchedulerPlan) FieldOfCalls(n CallNetwork) ito.Field { return &networkField{plan: p, net: n} }

type networkField struct {
	plan     *SchedulerPlan
	net      CallNetwork
	variance *ito.States // where what is said of the variance goes; nil: nowhere
}

// Kind implements ito.Field.
func (f *networkField) Kind() ito.Prediction {
	switch f.plan.raw {
	case rawEps, rawFlowEps, rawVEps:
		return ito.PredEps
	case rawScore:
		return ito.PredScore
	}
	return ito.PredX0
}

// OutDim implements ito.Field.
func (f *networkField) OutDim(d int) int { return d }

// Predict implements ito.Field.
func (f *networkField) Predict(ctx context.Context, dst, x ito.States, t ito.Times, c ito.Cond) error {
	if len(t) != 1 {
		return &ito.UnsupportedError{What: "a time for each row",
			Why: "a scheduler calls its network for the whole batch", Nearest: "one time"}
	}
	k, err := f.plan.call(t[0])
	if err != nil {
		return err
	}
	l := f.plan.Path.levels[k]
	in := x
	if s := f.plan.inputScale(l); s != 1 {
		in = x.Clone()
		for i := range in.X {
			in.X[i] *= s
		}
	}
	said := dst
	if f.plan.wide {
		said = x.Like(2 * x.D)
	}
	if err := f.net(ctx, said, in, k-f.plan.from, l.Label, c); err != nil {
		return err
	}
	if f.plan.wide {
		for i := range x.N {
			copy(dst.Row(i), said.Row(i))
			if f.variance != nil {
				copy(f.variance.Row(i), said.Row(i)[x.D:])
			}
		}
	}
	skip, out := f.plan.scales(l)
	if skip != 0 || out != 1 {
		for i, v := range x.X {
			dst.X[i] = float64(skip*v) + float64(out*dst.X[i])
		}
	}
	return nil
}

// scales are those of x_0, or of ε, = skip x + out F; 0 and 1 leave the output as it is.
func (p *SchedulerPlan) scales(l Level) (skip, out float64) {
	σ := l.Sigma
	switch p.raw {
	case rawV:
		n := math.Hypot(l.Alpha, σ)
		return l.Alpha / (n * n), -σ / n
	case rawVEps:
		n := math.Hypot(l.Alpha, σ)
		return σ / (n * n), l.Alpha / n
	case rawFlow:
		return 1, -σ
	case rawFlowEps:
		return 1, l.Alpha
	case rawEDM, rawEDMNeg:
		d := p.data
		out = σ * d / math.Hypot(σ, d)
		if p.raw == rawEDMNeg {
			out = -out
		}
		return d * d / (σ*σ + d*d), out
	case rawConsistency:
		d, above := p.data, σ-p.least
		return d * d / (above*above + d*d), above * d / math.Hypot(σ, d)
	}
	return 0, 1
}

// call is the index of the call at a time of the grid.
func (p *SchedulerPlan) call(t float64) (int, error) {
	n := len(p.Path.levels) - 1
	k := n - int(t)
	if t != math.Trunc(t) || k < 0 || k >= n {
		return 0, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("the network was asked at t=%g", t),
			Do: "run the plan's own solver on its grid"}
	}
	return k, nil
}

// Run carries x, the scaled start, through the plan with a network. Of opts, Hooks follow those of the plan.
func (p *SchedulerPlan) Run(ctx context.Context, n Network, x ito.States, opts solve.RunOptions) (solve.RunInfo,
	error) {
	opts.Hooks = append(append([]ito.Hook(nil), p.Hooks...), opts.Hooks...)
	return solve.Run(ctx, p.Path, p.Field(n), x, p.Grid, p.Solver, opts)
}

// Plan makes the plan of the given number of inference steps, which is that of set_timesteps: two-stage schedulers
// call the network more often. With lists of Options it is their length, or 0. Settings that cannot be used are an
// *ito.InputError, those that ito does not have an *ito.UnsupportedError.
func (s *Scheduler) Plan(steps int, opts CallOptions) (*SchedulerPlan, error) {
	steps, err := opts.steps(s.class, steps)
	if err != nil {
		return nil, err
	}
	c := classes[s.class]
	r := &reader{s: s, defaults: c.defaults(), o: opts}
	p, err := c.plan(r, steps)
	if err == nil {
		r.rest()
	}
	if r.err != nil {
		return nil, r.err
	}
	if err != nil {
		return nil, err
	}
	for _, l := range p.Path.levels {
		if math.IsNaN(l.Alpha+l.Sigma+l.Label) || math.IsInf(l.Alpha+l.Sigma+l.Label, 0) {
			return nil, &ito.InputError{Where: "scheduler " + s.class, What: fmt.Sprintf("a level is not finite: %+v",
				l), Do: "change its schedule or the number of steps"}
		}
		if l.Alpha < 0 || l.Sigma < 0 || l.Alpha == 0 && l.Sigma == 0 {
			return nil, &ito.InputError{Where: "scheduler " + s.class,
				What: fmt.Sprintf("a level has α = %g and σ = %g", l.Alpha, l.Sigma),
				Do:   "change its schedule or its shifts, so that neither is below 0"}
		}
	}
	if n := len(p.Path.levels); p.raw == rawEps && opts.Begin == 0 && p.Path.levels[0].Alpha == 0 && n > 1 {
		return nil, &ito.UnsupportedError{What: "prediction epsilon with zero terminal SNR",
			Why: "nothing of the data is left at its start", Nearest: "v_prediction or sample"}
	}
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if !strings.HasPrefix(key, "_") && !r.owns(key) {
			p.Notices = append(p.Notices, "key "+key+" is not one of "+s.class+" and is left aside")
		}
	}
	p.steps = steps
	p.Grid = make(ito.Grid, len(p.Path.levels))
	for k := range p.Grid {
		p.Grid[k] = float64(len(p.Grid) - 1 - k)
	}
	if opts.Begin != 0 {
		return p.From(opts.Begin)
	}
	return p, nil
}

// ladder makes a plan of levels.
func ladder(levels []Level, start float64, solver ito.Solver) *SchedulerPlan {
	return &SchedulerPlan{Path: &Ladder{levels, start}, Solver: solver}
}

// failed stands for a plan whose reader has an error.
func failed() *SchedulerPlan { return ladder([]Level{{Alpha: 1}, {Alpha: 1}}, 1, nil) }

// prediction reads prediction_type.
func (r *reader) prediction(words ...string) raw {
	w := r.word("prediction_type", words...)
	for i, name := range rawNames[:4] {
		if name == w {
			return raw(i)
		}
	}
	return rawEps
}
