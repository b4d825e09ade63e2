package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/compare"
)

// compareCmd is "ito compare".
type compareCmd struct {
	compare.Config
	JSON bool `name:"json" after:"workers" help:"Print the report as one JSON object"`
}

func (*compareCmd) manual() page {
	return page{
		synopsis: "MODEL --against DATA [--nfe 5,10,20] [--solver NAME,…] [--json]",
		text: []string{
			dataHelp,
			"Samples the model by every solver on every grid at every number of network calls, and prints the exact " +
				"2-Wasserstein distance W2 to the data of each solver on its best grid, " +
				"which is chosen by the sliced W2 of the same samples. Below stand the floor, which is the W2 of two " +
				"halves of the data, and that of normal variates with the data's moments.",
			"What a solver cannot do is left out: a path that it does not serve, or fewer calls than a step takes. " +
				"The line stored is the schedule that ito tune put into the model. The last line recommends, from " +
				"the numbers alone.",
		},
		examples: [][2]string{
			{"ito compare load.safetensors --against load.csv",
				"What to give ito sample for 5, 10 and 20 network calls."},
			{"ito compare m.safetensors --against spiral --scale 1,8 --nfe 8 --solver dpmpp-2m,unipc-2 --json",
				"Two solvers at eight calls."},
		},
	}
}

// Run implements the command.
func (c *compareCmd) Run(ctx context.Context, a *app) error {
	for i := range c.Grid {
		var err error
		if c.Grid[i], err = gridWord(c.Grid[i]); err != nil {
			return err
		}
	}
	m := a.meter()
	r, err := compare.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	task.Words(&r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	return writeRecommendation(a.stdout, r)
}

// writeRecommendation writes the report for people.
func writeRecommendation(w io.Writer, r *compare.Report) error {
	if _, err := fmt.Fprintf(w, "W2 of %s to %d draws of %d rows of %s, on the best grid\n\n", r.Model, r.Draws, r.Rows,
		r.Data); err != nil {
		return err
	}
	head := []string{"solver"}
	for _, k := range r.NFE {
		head = append(head, fmt.Sprintf("%d calls", k), "grid")
	}
	rows := [][]string{head}
	for _, s := range r.Solvers {
		line := []string{s.Solver}
		for k, c := range s.Cells {
			switch {
			case c.Grid == "":
				line = append(line, "-", "")
			case r.Best(k).Solver == s.Solver:
				line = append(line, "* "+table.Number(c.W2), c.Grid)
			default:
				line = append(line, table.Number(c.W2), c.Grid)
			}
		}
		rows = append(rows, line)
	}
	rows = append(rows, []string{"floor", fmt.Sprintf("%s ± %s", table.Number(r.Floor), table.Number(r.FloorSD))},
		[]string{"normal", table.Number(r.Baseline)})
	if err := table.Write(w, rows); err != nil {
		return err
	}
	for _, s := range r.Solvers {
		for k, c := range s.Cells {
			if c.Reason != "" {
				fmt.Fprintf(w, "\nnot %s at %d calls: %s", s.Solver, r.NFE[k], c.Reason)
				break
			}
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}
