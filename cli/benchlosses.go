package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed9a7962a8/ito/internal/table"
	samplers "github.com/seed9a7962a8/ito/recipe/bench"
	"github.com/seed9a7962a8/ito/task/bench"
)

// benchLossesCmd is "ito bench losses".
type benchLossesCmd struct {
	bench.LossesConfig
	JSON bool `name:"json" help:"Print the table as one JSON object"`
}

func (*benchLossesCmd) manual() page {
	return page{
		synopsis: "[--target NAME] [--process dis] [--losses log-variance,kl] [--rates X,…] [--iterations N] " +
			"[--repeats R] [--json]",
		text: []string{
			"Trains the control of a path-space sampler by KL, through the paths, and by log-variance, along held " +
				"paths, on a density whose truth is known: the same network, initial weights, paths and iterations " +
				"for both, and every learning rate " +
				"for each. A row is a loss at a rate, a number the mean over the repeats with its standard deviation.",
			"|Δ log Z| is the error of the weighted paths, bound gap what the ELBO is below the truth, ESS the " +
				"effective fraction of the weights, modes how many have a fifth of their share of the unweighted " +
				"ends or more, TV the total variation of the shares. " +
				"Gradients are those of one training, where kl's Hessian-vector products count two. The row of exact " +
				"draws is the floor, none is the process before any training.",
			"Seconds are of this machine; everything else is the same every time. A training of the defaults takes " +
				"half a minute by log-variance and more than a minute by kl, and there are 18. After ctrl-C the rows " +
				"that are complete are printed.",
		},
		examples: [][2]string{
			{"ito bench losses", "DIS on nine modes, as in table 1 of arXiv:2307.01198."},
			{"ito bench losses --target dw5 --rates 0.005 --repeats 1", "On 32 wells, one training for each loss."},
			{"ito bench losses --process bridge --losses log-variance --json", "The bridge, for a program."},
		},
	}
}

// Run implements the command.
func (c *benchLossesCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	t, err := bench.Losses(ctx, c.LossesConfig, a.env(m))
	m.close()
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if c.JSON {
		if e := a.printJSON(t); e != nil {
			return e
		}
	} else if e := writeLosses(a.stdout, t); e != nil {
		return e
	}
	return afterSignal(ctx, err, "what was complete is printed")
}

// writeLosses writes the table for people.
func writeLosses(w io.Writer, t samplers.LossTable) error {
	fmt.Fprintf(w, "%s on %s, d = %d", t.Process, t.Target, t.Dim)
	if t.LogZ != nil {
		fmt.Fprintf(w, ", log Z = %.6g", *t.LogZ)
	}
	fmt.Fprintln(w)
	found := "modes "
	if t.Modes > 0 {
		found = fmt.Sprintf("modes of %d ", t.Modes)
	}
	rows := [][]string{{"loss", "rate", "|Δ log Z| ", "bound gap ", "ESS ", found, "TV ", "gradients", "seconds"}}
	cell := func(n *samplers.LossNumber, repeats int) string {
		switch {
		case n == nil:
			return "- "
		case repeats > 1:
			return fmt.Sprintf("%.3f ± %.3f ", n.Mean, n.SD)
		}
		return fmt.Sprintf("%.3f ", n.Mean)
	}
	for _, l := range append([]samplers.LossLine{t.Floor, t.Untrained}, t.Lines...) {
		row := []string{l.Loss, "-", cell(l.LogZError, l.Repeats), cell(l.Bound, l.Repeats), cell(l.ESS, l.Repeats),
			cell(l.Found, l.Repeats), cell(l.TV, l.Repeats), "-", "-"}
		if l.Rate > 0 {
			row[1], row[7], row[8] = fmt.Sprintf("%g", l.Rate), fmt.Sprintf("%.3g", l.Gradients),
				fmt.Sprintf("%.1f", l.Seconds)
		}
		if l.Best {
			row[4] = strings.TrimSpace(row[4]) + "*"
		}
		rows = append(rows, row)
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	for _, l := range t.Lines {
		if l.Failed != "" {
			fmt.Fprintf(w, "%s at %g: %s\n", l.Loss, l.Rate, l.Failed)
		}
	}
	return nil
}
