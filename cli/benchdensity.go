package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/internal/table"
	samplers "github.com/seed9a7962a8/ito/recipe/bench"
	"github.com/seed9a7962a8/ito/task/bench"
)

// benchDensityCmd is "ito bench density".
type benchDensityCmd struct {
	bench.DensityConfig
	JSON bool `name:"json" help:"Print the tables as one JSON object"`
}

func (*benchDensityCmd) manual() page {
	return page{
		synopsis: "[--targets NAME,…] [--methods NAME,…] [--gradients N] [--repeats R] [--draws N] [--seed S] [--json]",
		text: []string{
			"Measures samplers on densities whose truth is known, at equal budgets: every row at which a density is " +
				"evaluated counts, with its gradient or without, in warm-up, pilots and training too. A method that " +
				"plans its " +
				"steps beforehand is planned for the budget; chains stop when it is used. What was used stands in " +
				"the table.",
			"Every method is told one number about a density, the standard deviation of its exact draws over all " +
				"coordinates, and begins there: chains in a cube of that size, particles from that normal. All other " +
				"settings are the defaults of ito infer, save that smc takes at every temperature the number of " +
				"moves that a small run of its own found necessary, and that nothing is whitened. " +
				"Chains are 16; so are the ladders of pt.",
			"W2 is the exact distance between the draws of a run and as many exact ones, its median over the " +
				"repeats; KS, where a density has a form in normal coordinates, the largest Kolmogorov distance of " +
				"these. TV is the total " +
				"variation of the occupancy of the modes, modes how many of them have draws, ESS the effective " +
				"fraction of weights. The row of exact draws is the floor that no sampler passes, N(0, scale²) " +
				"what anybody has. " +
				"The best distance and TV have a star. Draws with weights are resampled before they are judged.",
			"Seconds are of one run on this machine; everything else is the same every time. After ctrl-C the rows " +
				"that are complete are printed.",
			"Rows for a longer evening: --targets gmm40 --methods pt --gradients 1e7 --repeats 30, whose W2 should " +
				"lie within 15 % of the floor; --targets gmm40-50d --gradients 1e7; --targets lgcp,lgcp127 --methods " +
				"smc --gradients 3e6 --repeats 2, " +
				"whose log Z is 501.79 and 512.4 with the two files of points; --targets " +
				"brownian,ionosphere,sonar,manywell --methods smc,ais.",
		},
		examples: [][2]string{
			{"ito bench density", "Nine methods on four densities; some minutes."},
			{"ito bench density --targets gmm40 --methods dilation,pt --repeats 10", "Two on forty modes."},
			{"ito bench density --targets ionosphere --methods smc,ais,pdds --json", "Errors of log Z."},
		},
	}
}

// Run implements the command.
func (c *benchDensityCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := bench.Density(ctx, c.DensityConfig, a.env(m))
	m.close()
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if c.JSON {
		if e := a.printJSON(r); e != nil {
			return e
		}
	} else if e := writeDensity(a.stdout, r); e != nil {
		return e
	}
	return afterSignal(ctx, err, "what was complete is printed")
}

// writeDensity writes the tables for people.
func writeDensity(w io.Writer, r bench.DensityReport) error {
	fmt.Fprintf(w, "%g evaluations a run, %d draws judged, %d repeats from seed %d\n", r.Gradients, r.Draws, r.Repeats,
		r.Seed)
	for _, t := range r.Targets {
		fmt.Fprintf(w, "\n%s, d = %d, scale %g", t.Target, t.Dim, t.Scale)
		if t.LogZ != nil {
			fmt.Fprintf(w, ", log Z = %.6g", *t.LogZ)
		}
		fmt.Fprint(w, "\n")
		if err := table.Write(w, densityRows(t)); err != nil {
			return err
		}
		for _, l := range t.Lines {
			if l.Skipped != "" {
				fmt.Fprintf(w, "%s: %s\n", l.Method, l.Skipped)
			}
		}
	}
	return nil
}

// densityColumn is a number that lines may have.
type densityColumn struct {
	name string
	of   func(l samplers.DensityLine) *float64
	star bool // the sampler with the least is marked
	text func(l samplers.DensityLine, v float64) string
}

// densityColumns are the columns of a table, before what it cost.
func densityColumns(t samplers.DensityTable) []densityColumn {
	modes := "modes "
	if t.Modes > 0 {
		modes = fmt.Sprintf("modes of %d ", t.Modes)
	}
	plain := func(format string) func(samplers.DensityLine, float64) string {
		return func(_ samplers.DensityLine, v float64) string { return fmt.Sprintf(format, v) }
	}
	return []densityColumn{
		{cmp.Or(t.Metric, "W2") + " ", func(l samplers.DensityLine) *float64 { return l.Distance }, true,
			plain("%.3g")},
		{"TV ", func(l samplers.DensityLine) *float64 { return l.TV }, true, plain("%.3g")},
		{modes, func(l samplers.DensityLine) *float64 { return l.Found }, false, plain("%.4g")},
		{"log Z error ", func(l samplers.DensityLine) *float64 { return l.LogZError }, false, logZText},
		{"ESS ", func(l samplers.DensityLine) *float64 { return l.ESS }, false, plain("%.3f")},
	}
}

// farLogZ is the error of log Z from which its thousandths say nothing.
const farLogZ = 1000

// logZText is an error of log Z with the deviation over the repeats, where there are several.
func logZText(l samplers.DensityLine, v float64) string {
	text := fmt.Sprintf("%+.3f", v)
	if math.Abs(v) >= farLogZ {
		text = fmt.Sprintf("%+.2g", v)
	}
	switch {
	case l.LogZSD == nil:
		return text
	case *l.LogZSD >= farLogZ:
		return text + fmt.Sprintf(" ± %.2g", *l.LogZSD)
	}
	return text + fmt.Sprintf(" ± %.3f", *l.LogZSD)
}

// densityRows is the table of one target: a column for everything that any line has.
func densityRows(t samplers.DensityTable) [][]string {
	lines := t.Lines
	for _, l := range []*samplers.DensityLine{t.Baseline, t.Floor} {
		if l != nil {
			lines = append([]samplers.DensityLine{*l}, lines...)
		}
	}
	rows := make([][]string, len(lines)+1)
	rows[0] = []string{"method"}
	for i, l := range lines {
		rows[i+1] = []string{l.Method}
	}
	for _, c := range densityColumns(t) {
		if !slices.ContainsFunc(lines, func(l samplers.DensityLine) bool { return c.of(l) != nil }) {
			continue
		}
		best := -1 // of the samplers
		for i := len(lines) - len(t.Lines); i < len(lines); i++ {
			if v := c.of(lines[i]); v != nil && (best < 0 || *v < *c.of(lines[best])) {
				best = i
			}
		}
		rows[0] = append(rows[0], c.name)
		for i, l := range lines {
			text, mark := "-", " "
			if v := c.of(l); v != nil {
				text = c.text(l, *v)
			}
			if c.star && i == best {
				mark = "*"
			}
			rows[i+1] = append(rows[i+1], text+mark)
		}
	}
	rows[0] = append(rows[0], "evaluations", "seconds")
	for i, l := range lines {
		cost := []string{"-", "-"}
		if l.Gradients != 0 {
			cost = []string{fmt.Sprintf("%.3g", l.Gradients), fmt.Sprintf("%.1f", l.Seconds)}
		}
		rows[i+1] = append(rows[i+1], cost...)
	}
	return rows
}
