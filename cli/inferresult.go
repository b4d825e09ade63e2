package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/interop/draws"
	"github.com/seed9a7962a8/ito/task"
)

// inferResult is what ito infer did and found. Numbers that are not known are nil.
type inferResult struct {
	Target  string   `json:"target"`
	D       int      `json:"d"` // unconstrained coordinates
	Method  string   `json:"method"`
	Why     string   `json:"why,omitempty"`         // of a method that was not asked for
	Modes   int      `json:"pilot_modes,omitempty"` // to which the pilot's starts climbed
	Begins  string   `json:"begins,omitempty"`      // from which normal, where the pilot chose it
	Kind    string   `json:"kind"`                  // chains or particles
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
	ELBO        *float64 `json:"elbo,omitempty"`     // lower bound of log Z of a controlled diffusion, the mean over the runs
	Swaps       *swaps   `json:"swaps,omitempty"`    // of parallel tempering
	Improper    []string `json:"improper,omitempty"` // parameters along which the density seems to have no integral

	Undefined *undefined    `json:"undefined,omitempty"` // places where the density is not a number
	Switched  []string      `json:"switched,omitempty"`  // parameters whose components stand in another order in each chain
	Occupancy *occupancy    `json:"occupancy,omitempty"`
	Spread    *spread       `json:"spread,omitempty"`
	Summary   draws.Summary `json:"summary"`

	against int  // warnings of the summary alone
	plain   bool // pdds in the target's own coordinates
	missed  bool // the pilot saw modes that the method may not reach
}

// swaps is how states travel between the temperatures.
type swaps struct {
	Least      float64 `json:"least"` // of the mean swap probabilities of neighbours
	Most       float64 `json:"most"`
	RoundTrips int     `json:"round_trips"` // from the hot end to the cold one

	Temperatures int       `json:"temperatures"`
	Barrier      float64   `json:"barrier"` // sum of the probabilities that neighbours do not swap
	Ladder       []float64 `json:"betas"`   // inverse temperatures after warm-up, the geometric mean over ladders
}

// undefined is where the density is not a number.
type undefined struct {
	Count int                `json:"count"`
	First map[string]float64 `json:"first"` // the first such place, by the columns of a draw

	at string // the same for people
}

// spread is the scatter of particles before and after exact moves, where that says that they are no draws.
type spread struct {
	Coordinate string  `json:"coordinate"`
	Before     float64 `json:"sd"`
	After      float64 `json:"sd_after_exact_moves"`
	Shift      float64 `json:"shift"` // of the mean, in standard deviations

	say string
}

// occupancy is where particles are and where the mass is.
type occupancy struct {
	TV     *float64 `json:"tv"`
	Floor  *float64 `json:"tv_floor"`
	Basins []basin  `json:"basins"`
}

type basin struct {
	Mean   []float64 `json:"mean"`
	Share  float64   `json:"share"`
	Weight *float64  `json:"weight"`
	LogZ   *float64  `json:"log_z"`
}

// judge sums up what was drawn.
func (r *inference) judge(ctx context.Context, report infer.Report) (*inferResult, error) {
	o := &inferResult{
		Target: r.p.name, D: r.p.Dim(), Method: r.plan.Method.Name, Kind: r.plan.Method.Kind.String(), Seed: r.c.Seed,
		Gradients: report.Gradients, Evaluations: report.Evaluations, Dropped: report.Dropped, Improper: r.flat,
	}
	_, o.plain = r.plan.Kernel.(infer.PDDS)
	o.plain = o.plain && r.warning == "" // of modes, which a mean field is not for
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
		}
		o.Summary.Particles.Before(ess, khat)
	}
	if r.advice != nil {
		o.Why, o.Modes = r.advice.Why, r.advice.Modes
	}
	o.Begins, o.missed = r.begins, r.warning != ""
	for _, w := range r.warnings(report) {
		o.Summary.Warn(w)
	}
	if err := r.faults(ctx, o, report); err != nil {
		return nil, err
	}
	if _, ok := r.plan.Kernel.(infer.Annealed); ok && r.state.Groups > 1 {
		if err := r.trust(ctx, o); err != nil {
			return nil, err
		}
	}
	o.Seconds = time.Since(r.began).Seconds()
	o.Summary.Advice = o.verdict()
	return o, nil
}

// estimate takes what particles know besides draws: the evidence and its bound, and how replicas changed places.
func (r *inference) estimate(o *inferResult, report infer.Report) {
	if e := report.Evidence(); e.Runs > 0 {
		o.LogZ, o.LogZSD = orNull(e.LogZ), orNull(e.SD)
	}
	if bound := r.state.Var("elbo"); len(bound) > 0 {
		mean := 0.
		for _, v := range bound {
			mean += v / float64(len(bound))
		}
		o.ELBO = orNull(mean)
	}
	if k, ok := r.plan.Kernel.(infer.Tempering); ok {
		rates, trips := k.Swaps(r.state)
		if least := slices.Min(rates); least >= 0 { // every pair has tried
			o.Swaps = &swaps{Least: least, Most: slices.Max(rates), RoundTrips: trips, Temperatures: len(rates) + 1, Ladder: k.Ladder(r.state)}
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
func (r *inference) trust(ctx context.Context, o *inferResult) error {
	t, err := infer.Trust(ctx, r.p, r.state.Particles(), infer.Check{Seed: r.c.Seed, Workers: task.Workers(r.c.Workers)})
	if err != nil {
		return fmt.Errorf("checking the proportions: %w", err)
	}
	o.Occupancy = &occupancy{TV: orNull(t.TV), Floor: orNull(t.Floor)}
	for _, b := range t.Basins {
		o.Occupancy.Basins = append(o.Occupancy.Basins, basin{b.Mean, b.Share, orNull(b.Weight), orNull(b.LogZ)})
	}
	for _, w := range t.Warnings {
		o.Summary.Warn(w)
	}
	s, err := infer.CheckSpread(ctx, r.p, r.state.Particles(), infer.Check{Seed: r.c.Seed, Workers: task.Workers(r.c.Workers)})
	if err != nil {
		return fmt.Errorf("checking the spread: %w", err)
	}
	if s.Wrong {
		o.Spread = &spread{r.p.coordinate(s.Coordinate), s.Before, s.After, s.Shift, s.String()}
		o.Summary.Warn(s.String())
	}
	return nil
}

// faults look for what statistics of the draws do not name: a density that is not a number, and label switching.
func (r *inference) faults(ctx context.Context, o *inferResult, report infer.Report) error {
	if u := report.Undefined; u.Count > 0 {
		o.Undefined = r.undefined(ctx, u)
		o.Summary.Warn(fmt.Sprintf("the log density is not a number at %d of the places that were tried after warm-up, first at %s", u.Count, o.Undefined.at))
	}
	apart := slices.ContainsFunc(o.Summary.Parameters, func(p draws.Row) bool { return p.RHat > 1.1 })
	if float64(r.meta.Chains)*float64(r.plan.Draws)*float64(len(r.meta.Columns)) > mostSwitched || r.plan.Method.Kind != infer.Chains || !apart {
		return nil
	}
	set, err := draws.Read(r.partial()) // still there, and the same whatever the format of the files
	if err != nil {
		return err
	}
	if w, ok := infer.FindSwitch(set.Columns, set.Column); ok {
		o.Switched = w.Names
		o.Summary.Warn(w.String())
	}
	return nil
}

// mostSwitched bounds the values that are read once more to look for label switching, which holds all of them.
const mostSwitched = 1 << 26

// undefined names the first place by the columns of a draw there, or by coordinates where no draw can be made.
func (r *inference) undefined(ctx context.Context, u infer.Undefined) *undefined {
	out := &undefined{Count: u.Count, First: map[string]float64{}}
	names, wide := r.p.columns, ito.NewStates(1, len(r.p.columns), 0)
	if err := r.p.draw(ctx, wide, ito.States{N: 1, D: len(u.At), X: u.At, ID: []uint64{u.Group}}, r.c.Seed, 0); err != nil {
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

// write is the result for people.
func (o *inferResult) write(w io.Writer) error {
	cost := fmt.Sprintf("%.4g gradients", o.Gradients)
	if o.Training > 0 {
		cost += fmt.Sprintf(" and %.4g of the training", o.Training)
	}
	if o.Evaluations > 0 {
		cost += fmt.Sprintf(", %.4g evaluations", o.Evaluations)
	}
	rows := [][2]string{
		{"files", strings.Join(firstAndLast(o.Files), ", ")},
		{"plots", strings.Join(firstAndLast(o.Plots), ", ")},
		{"cost", cost + ", " + seconds(o.Seconds)},
		{"log Z", o.evidence()},
	}
	if o.ELBO != nil {
		rows = append(rows, [2]string{"bound", fmt.Sprintf("log Z is above %.3f in expectation", *o.ELBO)})
	}
	if s := o.Swaps; s != nil {
		rows = append(rows, [2]string{"swaps", fmt.Sprintf("with probability %.2f to %.2f; %d round trips", s.Least, s.Most, s.RoundTrips)})
	}
	if err := facts(w, rows); err != nil {
		return err
	}
	if err := o.basins(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return draws.Text{}.Write(w, &o.Summary)
}

func (o *inferResult) evidence() string {
	switch {
	case o.LogZ == nil:
		return ""
	case o.LogZSD == nil:
		return fmt.Sprintf("%.3f (one run)", *o.LogZ)
	}
	return fmt.Sprintf("%.3f ± %.2g (sd over %d runs)", *o.LogZ, *o.LogZSD, o.Summary.Chains)
}

// basins is the table of modes that particles were found in, twenty at most.
func (o *inferResult) basins(w io.Writer) error {
	if o.Occupancy == nil || len(o.Occupancy.Basins) == 0 {
		return nil
	}
	rows := [][]string{{"basin", "share", "estimated", "log Z", "at"}}
	for i, b := range o.Occupancy.Basins {
		if i == 20 {
			rows = append(rows, []string{fmt.Sprintf("… %d more", len(o.Occupancy.Basins)-i)})
			break
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprintf("%.3f", b.Share), thousandths(b.Weight), thousandths(b.LogZ), table.Numbers(b.Mean)})
	}
	fmt.Fprintln(w)
	if err := table.Write(w, rows); err != nil {
		return err
	}
	if o.Occupancy.TV != nil {
		fmt.Fprintf(w, "total variation between share and estimate %.3f; exact draws %.3f\n", *o.Occupancy.TV, *o.Occupancy.Floor)
	}
	return nil
}

// thousandths is a number that may not be known.
func thousandths(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *x)
}

// firstAndLast is a list of files without its middle.
func firstAndLast(files []string) []string {
	if len(files) > 4 {
		return []string{files[0], "…", files[len(files)-1]}
	}
	return files
}
