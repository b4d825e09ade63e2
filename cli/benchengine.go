package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/seed9a7962a8/ito/internal/speed"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/bench"
)

// benchEngineCmd is "ito bench engine".
type benchEngineCmd struct {
	bench.EngineConfig
	Serve bool `name:"turns" hidden:"" help:"Take turns: answer lines of standard input"`
	JSON  bool `name:"json" help:"Print the numbers as one JSON object"`
}

func (*benchEngineCmd) manual() page {
	return page{
		synopsis: "[--against PROGRAM] [--rounds N] [--length TIME] [--only WORD,…] [--json]",
		text: []string{
			"Prints what the engine reaches on this machine: the peak of a core, products of matrices over it, " +
				"training steps and forward passes of networks, what ito train and ito sample make of them, " +
				"gradients of nuts, compilations of a training step, a start of the program and its size. " +
				"Every number is the median of --rounds turns with its quartiles. With one worker, seconds are those " +
				"of the processor, which a busy machine disturbs least; with all of them those of the clock.",
			"A training step is that of a network 4 → W → W → W → 2 with SiLU on a batch of B rows, (B,W), noise and " +
				"Adam included. Training vp is a step of ito train on two columns with all that surrounds it; " +
				"sampling takes ten network calls a row, by unipc-2; nuts runs on the logistic regression of " +
				"zoo:ionosphere.",
			"With --against, this program and another one take turns, in pairs of five bursts each. Ratios are of " +
				"this program's speed to the other's: the median over the pairs with its quartiles, and that of the " +
				"best slices of 4 ms, which the machine left alone. " +
				"Where both are below .97 this program is slower, and the last line says so; where they disagree the " +
				"machine was too busy to tell.",
			"Numbers are of this machine and this hour. " +
				"Compare them only with those of turns that were taken together.",
		},
		examples: [][2]string{
			{"ito bench engine", "What this machine makes of this program."},
			{"ito bench engine --against ./ito-before", "Whether a change has cost speed."},
			{"ito bench engine --only step,nuts --json", "Some of it, for a program."},
		},
	}
}

// Run implements the command.
func (c *benchEngineCmd) Run(ctx context.Context, a *app) error {
	if c.Serve {
		return speed.Serve(ctx, a.stdin, a.stdout)
	}
	m := a.meter()
	r, err := bench.Engine(ctx, c.EngineConfig, a.env(m))
	m.close()
	switch {
	case err != nil:
		return afterSignal(ctx, err, "")
	case r.Pairs != nil && c.JSON:
		return a.printJSON(r.Pairs)
	case r.Pairs != nil:
		return writePairs(a.stdout, *r.Pairs)
	case c.JSON:
		return a.printJSON(r.Alone)
	}
	return writeEngine(a.stdout, *r.Alone)
}

func machineLine(m speed.Machine) string {
	words := []string{m.System, fmt.Sprintf("%d processors", m.CPUs), m.SIMD, m.Go}
	if m.Processor != "" {
		words = append([]string{m.Processor}, words...)
	}
	if m.Load != "" {
		words = append(words, "load "+m.Load)
	}
	return strings.Join(words, ", ")
}

// duration is a time in the unit in which people would say it.
func duration(seconds float64) string {
	for _, u := range []struct {
		scale float64
		name  string
	}{{1, "s"}, {1e3, "ms"}, {1e6, "µs"}} {
		if seconds*u.scale >= 1 || u.name == "µs" {
			return fmt.Sprintf("%.3g %s", seconds*u.scale, u.name)
		}
	}
	return ""
}

// rate is a number of things a second.
func rate(v float64) string {
	if v >= 1e6 {
		return fmt.Sprintf("%.3gM", v/1e6)
	}
	if v >= 1e4 {
		return fmt.Sprintf("%.3gk", v/1e3)
	}
	return fmt.Sprintf("%.4g", v)
}

// writeEngine writes a measurement for people.
func writeEngine(w io.Writer, r speed.Report) error {
	fmt.Fprintln(w, machineLine(r.Machine))
	if r.Machine.Peak > 0 {
		fmt.Fprintf(w, "peak of a core  %.0f GFLOP/s in float32\n", r.Machine.Peak)
	}
	rows := [][]string{{"measure", "workers", "a second", "quartiles", "each", "GFLOP/s", "of peak"}}
	for _, m := range r.Results {
		row := []string{m.Name, fmt.Sprint(m.Workers), rate(m.Rate.Median) + " " + m.Unit, rate(m.Rate.Lower) + "–" +
			rate(m.Rate.Upper), duration(1 / m.Rate.Median), "", ""}
		if m.GFLOPS > 0 {
			row[5] = fmt.Sprintf("%.0f", m.GFLOPS)
		}
		if m.OfPeak > 0 {
			row[6] = fmt.Sprintf("%.2f", m.OfPeak)
		}
		rows = append(rows, row)
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	if r.Start != nil {
		fmt.Fprintf(w, "start  %s of the processor (%s–%s)\n", duration(r.Start.Median), duration(r.Start.Lower),
			duration(r.Start.Upper))
	}
	if r.Bytes > 0 {
		fmt.Fprintf(w, "size   %.2f MB\n", float64(r.Bytes)/1e6)
	}
	return nil
}

// mostCost is the part of speed that a change may cost.
const mostCost = .03

// writePairs writes a comparison for people.
func writePairs(w io.Writer, t speed.Comparison) error {
	fmt.Fprintln(w, machineLine(t.Machine))
	rows := [][]string{{"measure", "other", "this", "this/other", "quartiles", "best", ""}}
	var slower, unknown []string
	for _, p := range t.Pairs {
		if p.Absent != "" {
			rows = append(rows, []string{p.Name, "-", "-", "-", "", "", p.Absent})
			unknown = append(unknown, p.Name)
			continue
		}
		row := []string{p.Name, rate(p.Other.Median), rate(p.This.Median), fmt.Sprintf("%.3f", p.Ratio.Median),
			fmt.Sprintf("%.3f–%.3f", p.Ratio.Lower, p.Ratio.Upper), fmt.Sprintf("%.3f", p.Best), p.Unit + " a second"}
		if p.Name == "size" {
			row[4], row[6] = "", p.Unit
		}
		if p.Slower(mostCost) {
			slower = append(slower, p.Name)
		}
		rows = append(rows, row)
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	switch {
	case len(slower) > 0:
		fmt.Fprintf(w, "slower or larger by more than 3 %%: %s\n", strings.Join(slower, ", "))
	case len(unknown) > 0:
		fmt.Fprintf(w, "nothing that both have is slower or larger by more than 3 %%\n")
	default:
		fmt.Fprintln(w, "nothing is slower or larger by more than 3 %")
	}
	return nil
}
