package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/interop/draws"
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

	Occupancy *occupancy    `json:"occupancy,omitempty"`
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
			o.Swaps = &swaps{least, slices.Max(rates), trips}
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
	t, err := infer.Trust(ctx, r.p, r.state.Particles(), infer.Check{Seed: r.c.Seed, Workers: workers(r.c.Workers)})
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
	return nil
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
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprintf("%.3f", b.Share), thousandths(b.Weight), thousandths(b.LogZ), numbers(b.Mean)})
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
