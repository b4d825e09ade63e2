package infer

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/advise"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/task"
)

// Report is what ito infer did and found. Numbers that are not known are nil.
type Report struct {
	Target  string   `json:"target"`
	D       int      `json:"d"` // unconstrained coordinates
	Method  string   `json:"method"`
	Why     string   `json:"why,omitempty" says:"settings"`    // of a method that was not asked for
	Modes   int      `json:"pilot_modes,omitempty"`            // to which the pilot's starts climbed
	Begins  string   `json:"begins,omitempty" says:"settings"` // from which normal, where the pilot chose it
	Metric  string   `json:"metric,omitempty" says:"settings"` // where a pilot chose it, why
	Kind    string   `json:"kind"`                             // chains, particles or point
	Seed    uint64   `json:"seed"`
	Files   []string `json:"files"`
	Plots   []string `json:"plots,omitempty"`
	Seconds float64  `json:"seconds"` // of this call

	Gradients   float64  `json:"gradients"` // of the sampling, earlier calls included
	Evaluations float64  `json:"evaluations"`
	Training    float64  `json:"training_gradients,omitempty"`
	Dropped     int      `json:"dropped"`
	LogZ        *float64 `json:"log_z,omitempty"`
	LogZSD      *float64 `json:"log_z_sd,omitempty"` // over the runs
	// lower bound of log Z of a controlled diffusion, the mean over the runs
	ELBO     *float64 `json:"elbo,omitempty"`
	Swaps    *Swaps   `json:"swaps,omitempty"`    // of parallel tempering
	Point    *Point   `json:"point,omitempty"`    // of a mode
	Improper []string `json:"improper,omitempty"` // parameters along which the density seems to have no integral

	Undefined *Undefined `json:"undefined,omitempty"` // places where the density is not a number
	// parameters whose components stand in another order in each chain
	Switched  []string      `json:"switched,omitempty"`
	Occupancy *Occupancy    `json:"occupancy,omitempty"`
	Spread    *Spread       `json:"spread,omitempty"`
	Summary   draws.Summary `json:"summary"`

	Finished bool `json:"-"` // before: nothing was drawn, and Files are all that is set

	far     bool // an approximation that k̂ speaks against
	against int  // warnings of the summary alone
	plain   bool // pdds in the target's own coordinates
	missed  bool // the pilot saw modes that the method may not reach
}

// Swaps is how states travel between the temperatures.
type Swaps struct {
	Least      float64 `json:"least"` // of the mean swap probabilities of neighbours
	Most       float64 `json:"most"`
	RoundTrips int     `json:"round_trips"` // from the hot end to the cold one

	Temperatures int       `json:"temperatures"`
	Barrier      float64   `json:"barrier"` // sum of the probabilities that neighbours do not swap
	Ladder       []float64 `json:"betas"`   // inverse temperatures after warm-up, the geometric mean over ladders
}

// Undefined is where the density is not a number.
type Undefined struct {
	Count int                `json:"count"`
	First map[string]float64 `json:"first"` // the first such place, by the columns of a draw

	at string // the same for people
}

// Spread is the scatter of particles before and after exact moves, where that says that they are no draws.
type Spread struct {
	Coordinate string  `json:"coordinate"`
	Before     float64 `json:"sd"`
	After      float64 `json:"sd_after_exact_moves"`
	Shift      float64 `json:"shift"` // of the mean, in standard deviations

	say string
}

// Occupancy is where particles are and where the mass is.
type Occupancy struct {
	TV     *float64 `json:"tv"`
	Floor  *float64 `json:"tv_floor"`
	Basins []Basin  `json:"basins"`
}

// Basin is a mode in which particles were found.
type Basin struct {
	Mean   []float64 `json:"mean"`
	Share  float64   `json:"share"`
	Weight *float64  `json:"weight"`
	LogZ   *float64  `json:"log_z"`
}

// judge sums up what was drawn.
func (r *inference) judge(ctx context.Context, report infer.Report) (*Report, error) {
	o := &Report{
		Target: r.p.name, D: r.p.Dim(), Method: r.plan.Method.Name, Kind: r.plan.Method.Kind.String(), Seed: r.c.Seed,
		Gradients: report.Gradients, Evaluations: report.Evaluations, Dropped: report.Dropped, Improper: r.flat,
	}
	_, whitened := r.plan.Kernel.(infer.Whitened)
	o.plain = r.plan.Method.MeanField && !whitened && r.warning == "" // of modes, which a mean field is not for
	if r.plan.Train != nil {
		o.Training = r.plan.Train.Gradients()
	}
	r.estimate(o, report)
	var err error
	if o.Summary, err = r.journal.Summarise(&r.meta); err != nil {
		return nil, err
	}
	o.against = len(o.Summary.Warnings)
	if q := infer.Qualities(r.state); q != nil && o.Summary.Particles != nil {
		var ess, khat []float64
		for _, g := range q {
			ess, khat = append(ess, g.ESS), append(khat, g.KHat)
			o.far = o.far || r.plan.Method.Approximates && g.KHat > .7
		}
		o.Summary.Particles.Before(ess, khat)
	}
	if r.advice != nil {
		o.Why, o.Modes = r.advice.Why, r.advice.Modes
	}
	o.Metric = r.metric
	o.Begins, o.missed = r.begins, r.warning != ""
	for _, w := range r.warnings(report) {
		o.Summary.Warn(w)
	}
	if err := r.faults(ctx, o, report); err != nil {
		return nil, err
	}
	if _, ok := r.plan.Kernel.(anneal.Follower); ok && r.state.Groups > 1 {
		if err := r.trust(ctx, o); err != nil {
			return nil, err
		}
	}
	r.point(o)
	o.Seconds = time.Since(r.began).Seconds()
	o.Summary.Advice = o.verdict()
	return o, nil
}

// estimate takes what particles know besides draws: the evidence and its bound, and how replicas changed places.
func (r *inference) estimate(o *Report, report infer.Report) {
	if e := report.Evidence(); e.Runs > 0 {
		o.LogZ, o.LogZSD = task.OrNull(e.LogZ), task.OrNull(e.SD)
	}
	if bound := r.state.Var("elbo"); len(bound) > 0 {
		mean := 0.
		for _, v := range bound {
			mean += v / float64(len(bound))
		}
		o.ELBO = task.OrNull(mean)
	}
	if k, ok := r.plan.Kernel.(infer.Exchanger); ok {
		rates, trips := k.Swaps(r.state)
		if least := slices.Min(rates); least >= 0 { // every pair has tried
			o.Swaps = &Swaps{Least: least, Most: slices.Max(rates), RoundTrips: trips, Temperatures: len(rates) + 1,
				Ladder: k.Ladder(r.state)}
			for _, v := range rates {
				o.Swaps.Barrier += 1 - v
			}
		}
	}
}

// warnings are those that do not come from the draws, in the order in which they came up.
func (r *inference) warnings(report infer.Report) []string {
	var all []string
	if len(r.flat) > 0 {
		all = append(all, improperWarning(r.flat))
	}
	if r.advice != nil && r.advice.Warning != "" {
		all = append(all, r.advice.Warning)
	}
	if t, ok := r.plan.Train.(interface{ Warnings() []string }); ok {
		all = append(all, t.Warnings()...)
	}
	if r.warning != "" {
		all = append(all, r.warning)
	}
	return append(all, report.Unseen...)
}

// trust checks the proportions in which particles stand in their modes.
func (r *inference) trust(ctx context.Context, o *Report) error {
	t, err := advise.Trust(ctx, r.p, r.state.Particles(), advise.CheckOptions{Seed: r.c.Seed,
		Workers: task.Workers(r.c.Workers)})
	if err != nil {
		return fmt.Errorf("checking the proportions: %w", err)
	}
	o.Occupancy = &Occupancy{TV: task.OrNull(t.TV), Floor: task.OrNull(t.Floor)}
	for _, b := range t.Basins {
		o.Occupancy.Basins = append(o.Occupancy.Basins, Basin{b.Mean, b.Share, task.OrNull(b.Weight),
			task.OrNull(b.LogZ)})
	}
	for _, w := range t.Warnings {
		o.Summary.Warn(w)
	}
	s, err := advise.CheckSpread(ctx, r.p, r.state.Particles(), advise.CheckOptions{Seed: r.c.Seed,
		Workers: task.Workers(r.c.Workers)})
	if err != nil {
		return fmt.Errorf("checking the spread: %w", err)
	}
	if s.Wrong {
		o.Spread = &Spread{r.p.coordinate(s.Coordinate), s.Before, s.After, s.Shift, s.String()}
		o.Summary.Warn(s.String())
	}
	return nil
}

// faults look for what statistics of the draws do not name: a density that is not a number, and label switching.
func (r *inference) faults(ctx context.Context, o *Report, report infer.Report) error {
	if u := report.Undefined; u.Count > 0 {
		o.Undefined = r.undefined(ctx, u)
		say := fmt.Sprintf("the log density is not a number at %d of the places that were tried after warm-up, "+
			"first at %s", u.Count, o.Undefined.at)
		if why := r.explain(ctx, u.At); why != "" {
			say += ": " + why
		}
		o.Summary.Warn(say)
	}
	apart := slices.ContainsFunc(o.Summary.Parameters, func(p draws.Row) bool { return p.RHat > 1.1 })
	if float64(r.meta.Chains)*float64(r.plan.Draws)*float64(len(r.meta.Columns)) > mostSwitched ||
		r.plan.Method.Kind != infer.Chains || !apart {
		return nil
	}
	set, err := draws.Read(r.partial()) // still there, and the same whatever the format of the files
	if err != nil {
		return err
	}
	if w, ok := advise.FindSwitch(set.Columns, set.Column); ok {
		o.Switched = w.Names
		o.Summary.Warn(w.String())
	}
	return nil
}

// mostSwitched bounds the values that are read once more to look for label switching, which holds all of them.
const mostSwitched = 1 << 26

// undefined names the first place by the columns of a draw there, or by coordinates where no draw can be made.
func (r *inference) undefined(ctx context.Context, u infer.Undefined) *Undefined {
	out := &Undefined{Count: u.Count, First: map[string]float64{}}
	names, wide := r.p.columns, ito.NewStates(1, len(r.p.columns), 0)
	if err := r.p.draw(ctx, wide, ito.States{N: 1, D: len(u.At), X: u.At, ID: []uint64{u.Group}}, r.c.Seed,
		0); err != nil {
		names, wide = nil, ito.States{N: 1, D: len(u.At), X: u.At}
		for j := range u.At {
			names = append(names, fmt.Sprintf("coordinate %d", j+1))
		}
	}
	var some []string
	for j, v := range wide.X {
		if math.IsNaN(v) || math.IsInf(v, 0) { // generated there, perhaps
			continue
		}
		out.First[names[j]] = v
		if len(some) < 6 {
			some = append(some, fmt.Sprintf("%s = %.4g", names[j], v))
		}
	}
	out.at = strings.Join(some, ", ")
	return out
}
