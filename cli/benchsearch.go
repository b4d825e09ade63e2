package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/bench"
	"github.com/seed9a7962a8/ito/tune"
)

// benchSearchCmd is "ito bench search".
type benchSearchCmd struct {
	bench.SearchConfig
	JSON bool `name:"json" help:"Print the tables as one JSON object"`
}

func (*benchSearchCmd) manual() page {
	return page{
		synopsis: "[--problem NAME,…] [--nfe 5,10] [--seed S] [--json]",
		text: []string{
			fmt.Sprintf("Searches a schedule for each problem, as ito tune does for a model, on %d starting states, "+
				"and judges it on %d others beside every fixed solver on every grid: √mean ‖x − x_ref‖² and, after "+
				"the stroke, "+
				"the median of ‖x − x_ref‖. A problem is a Gaussian mixture on vp whose exact field is known.",
				tune.SearchStarts, tune.JudgeStarts),
			"Then it tries every schedule on every other problem: a row's schedule on a column's field, with a star " +
				"where it is better than every fixed solver there.",
			fmt.Sprintf("The mixtures are drawn by seed %d: 3 to 10 components in 2 to 8 dimensions with standard "+
				"deviations from .1 to .5, and those called sharp from .03.", tune.MixtureSeed),
		},
		examples: [][2]string{
			{"ito bench search", "Ten problems at 5 and 10 calls; some minutes."},
			{"ito bench search --problem ring,mixture-3 --nfe 6 --json", "Two problems."},
		},
	}
}

// Run implements the command.
func (c *benchSearchCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := bench.Search(ctx, c.SearchConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	for _, s := range r.Searches {
		if err := writeSearches(a.stdout, s); err != nil {
			return err
		}
	}
	return nil
}

// writeSearches writes the tables for people.
func writeSearches(w io.Writer, s bench.SearchTables) error {
	rows := [][]string{{fmt.Sprintf("%d calls", s.NFE), "searched", "on its own states", "best fixed", "solver",
		"losses"}}
	for _, l := range s.Lines {
		rows = append(rows, []string{l.Problem, fmt.Sprintf("%.5f/%.5f", l.RMSE, l.Median),
			fmt.Sprintf("%.5f", l.Search), fmt.Sprintf("%.5f/%.5f", l.Best, l.Middle), l.Fixed, fmt.Sprint(l.Losses)})
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	rows = [][]string{{"from \\ on"}}
	for i, l := range s.Lines {
		rows[0] = append(rows[0], l.Problem+" ")
		row := []string{l.Problem}
		for j, v := range s.Transfer[i].RMSE {
			mark := " "
			if s.Transfer[i].Better[j] {
				mark = "*"
			}
			row = append(row, fmt.Sprintf("%.4f", v)+mark)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(w)
	if err := table.Write(w, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n\n", s.Verdict)
	return err
}
