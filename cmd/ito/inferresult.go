package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito/infer"
)

// inferResult is what ito infer did and found. Numbers that are not known are nil.
type inferResult struct {
	Target  string   `json:"target"`
	D       int      `json:"d"`
	Method  string   `json:"method"`
	Why     string   `json:"why,omitempty"`         // of a method that was not asked for
	Modes   int      `json:"pilot_modes,omitempty"` // to which the pilot's starts climbed
	Seed    uint64   `json:"seed"`
	Chains  int      `json:"chains"` // or runs
	Draws   int      `json:"draws"`  // of each
	Kind    string   `json:"kind"`
	Files   []string `json:"files"`
	Seconds float64  `json:"seconds"`

	Gradients   float64    `json:"gradients"` // of the sampling
	Evaluations float64    `json:"evaluations"`
	Training    float64    `json:"training_gradients,omitempty"`
	Accept      *float64   `json:"accept"`
	Divergent   int        `json:"divergent"`
	Deep        int        `json:"greatest_depth"`
	Dropped     int        `json:"dropped"`
	EBFMI       []*float64 `json:"ebfmi,omitempty"`

	LogZ      *float64   `json:"log_z,omitempty"`
	LogZSD    *float64   `json:"log_z_sd,omitempty"` // over the runs
	Particles *particles `json:"particles,omitempty"`
	Occupancy *occupancy `json:"occupancy,omitempty"`

	Improper []string `json:"improper,omitempty"` // parameters along which the density seems to have no integral
	Warnings []string `json:"warnings"`
	Verdict  string   `json:"verdict"`
}

// particles is the worst of the runs.
type particles struct {
	N         int      `json:"n"`
	ESS       float64  `json:"ess"`
	KHat      *float64 `json:"khat"`
	Ancestors int      `json:"ancestors"`
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
	Weight float64   `json:"weight"`
	LogZ   float64   `json:"log_z"`
}

// known is a number for JSON, which has no NaN and no infinity.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// judge sums up what was drawn.
func (r *inference) judge(ctx context.Context, report infer.Report) (*inferResult, error) {
	o := &inferResult{
		Target: r.p.name, D: r.p.Dim(), Method: r.plan.Method.Name, Seed: r.c.Seed, Chains: r.meta.Chains, Draws: int(r.journal.Rows()), Kind: r.plan.Method.Kind.String(),
		Gradients: report.Gradients, Evaluations: report.Evaluations, Accept: known(report.Accept), Divergent: report.Divergent, Deep: report.Deep, Dropped: report.Dropped,
		Warnings: append([]string{}, report.Warnings...),
	}
	if o.Improper = r.flat; len(r.flat) > 0 {
		o.Warnings = append([]string{improperWarning(r.flat)}, o.Warnings...)
	}
	if r.advice != nil {
		o.Why, o.Modes = r.advice.Why, r.advice.Modes
		if r.advice.Warning != "" {
			o.Warnings = append(o.Warnings, r.advice.Warning)
		}
	}
	if r.plan.Train != nil {
		o.Training = r.plan.Train.Gradients()
	}
	for _, f := range report.EBFMI {
		o.EBFMI = append(o.EBFMI, known(f))
	}
	if e := report.Evidence(); e.Runs > 0 {
		o.LogZ, o.LogZSD = known(e.LogZ), known(e.SD)
	}
	for i, q := range infer.Qualities(r.state) {
		if i == 0 {
			o.Particles = &particles{N: q.Particles, ESS: q.ESS, KHat: known(q.KHat), Ancestors: q.Ancestors}
			continue
		}
		w := o.Particles
		w.ESS, w.Ancestors = min(w.ESS, q.ESS), min(w.Ancestors, q.Ancestors)
		if k := known(q.KHat); k != nil && (w.KHat == nil || *k > *w.KHat) {
			w.KHat = k
		}
	}
	if _, ok := r.plan.Kernel.(infer.Annealed); ok {
		if err := r.trust(ctx, o); err != nil {
			return nil, err
		}
	}
	o.Seconds = time.Since(r.began).Seconds()
	o.Verdict = o.verdict()
	return o, nil
}

// trust checks the proportions in which particles stand in their modes.
func (r *inference) trust(ctx context.Context, o *inferResult) error {
	t, err := infer.Trust(ctx, r.p, r.state.Particles(), infer.Check{Seed: r.c.Seed, Workers: workers(r.c.Workers)})
	if err != nil {
		return fmt.Errorf("checking the proportions: %w", err)
	}
	o.Occupancy = &occupancy{TV: known(t.TV), Floor: known(t.Floor)}
	for _, b := range t.Basins {
		o.Occupancy.Basins = append(o.Occupancy.Basins, basin{b.Mean, b.Share, b.Weight, b.LogZ})
	}
	o.Warnings = append(o.Warnings, t.Warnings...)
	return nil
}

// write is the result for people.
func (o *inferResult) write(w io.Writer) error {
	rows := [][2]string{
		{"target", fmt.Sprintf("%s, %d dimensions", o.Target, o.D)},
		{"method", o.Method},
		{"draws", fmt.Sprintf("%d %s of %d in %s", o.Chains, o.word(), o.Draws, strings.Join(firstAndLast(o.Files), ", "))},
		{"cost", fmt.Sprintf("%.4g gradients, %.4g other evaluations, %s (%.3g gradients/s)", o.Gradients+o.Training, o.Evaluations, seconds(o.Seconds), (o.Gradients+o.Training)/max(o.Seconds, 1e-9))},
	}
	put := func(name, format string, a ...any) { rows = append(rows, [2]string{name, fmt.Sprintf(format, a...)}) }
	if o.Accept != nil {
		put("acceptance", "%.3f", *o.Accept)
	}
	if o.Method == "nuts" || o.Method == "hmc" {
		put("divergences", "%d", o.Divergent)
	}
	if o.LogZ != nil {
		sd := ""
		if o.LogZSD != nil {
			sd = fmt.Sprintf(" ± %.2g (sd over %d runs)", *o.LogZSD, o.Chains)
		}
		put("log Z", "%.3f%s", *o.LogZ, sd)
	}
	if p := o.Particles; p != nil {
		k := "–"
		if p.KHat != nil {
			k = fmt.Sprintf("%.2f", *p.KHat)
		}
		put("worst run", "effective particles %.4g of %d, ancestors %d, k-hat %s", p.ESS, p.N, p.Ancestors, k)
	}
	if err := facts(w, rows); err != nil {
		return err
	}
	if err := o.basins(w); err != nil {
		return err
	}
	for _, s := range o.Warnings {
		fmt.Fprintf(w, "warning: %s\n", s)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", o.Verdict)
	return err
}

func (o *inferResult) word() string {
	if o.Kind == "chains" {
		return "chains"
	}
	return "runs"
}

// basins is the table of modes that particles were found in, the largest twenty.
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
		rows = append(rows, []string{fmt.Sprint(i + 1), fmt.Sprintf("%.3f", b.Share), fmt.Sprintf("%.3f", b.Weight), fmt.Sprintf("%.3f", b.LogZ), numbers(b.Mean)})
	}
	fmt.Fprintln(w)
	if err := table(w, rows); err != nil {
		return err
	}
	if o.Occupancy.TV != nil {
		fmt.Fprintf(w, "total variation between share and estimate %.3f; exact draws %.3f\n", *o.Occupancy.TV, *o.Occupancy.Floor)
	}
	return nil
}

// firstAndLast is a list of files without its middle.
func firstAndLast(files []string) []string {
	if len(files) > 3 {
		return []string{files[0], "…", files[len(files)-1]}
	}
	return files
}
