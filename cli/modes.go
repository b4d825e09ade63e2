package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/modes"
)

// modesCmd is "ito modes".
type modesCmd struct {
	modes.Config
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*modesCmd) manual() page {
	return page{
		synopsis: "MODEL [--bandwidth X] [--annealed] [--out FILE.csv] [--json]",
		text: []string{
			"The modes of the density that a model has learnt, smoothed by noise of --bandwidth, by mean shift: " +
				"a step takes a place z to the mean of the data given z, which never lowers the density and stands " +
				"still at its modes. Starts are samples, so that the share of a mode is the probability of what " +
				"flows to it. With --annealed the bandwidth falls from the path's noise, a step at each, which " +
				"leads to the heaviest mode.",
			"Modes nearer to one another than about the bandwidth run together; a density has more of them the " +
				"smaller it is, in the end one for each point that the network knows by heart.",
			"They are those of the density that was learnt, of columns of numbers; how near it is to that of the " +
				"data ito eval says.",
		},
		files: [][2]string{{"FILE.csv", "share and columns of the data, a row for each mode, the largest share first"}},
		examples: [][2]string{
			{"ito modes m.safetensors", "Where the data gather, and how much of them."},
			{"ito modes load.safetensors --annealed --out typical.csv", "The most typical row."},
			{"ito modes m.safetensors --bandwidth 0.1 --starts 2000", "Finer ones, rare ones too."},
		},
	}
}

// Run implements the command.
func (c *modesCmd) Run(ctx context.Context, a *app) error {
	r, err := modes.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	task.Words(&r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	rows := [][]string{append([]string{"mode", "share"}, firstOf(r.Columns, 8)...)}
	for k, m := range r.Modes.Modes {
		if k == 40 {
			rows = append(rows, []string{fmt.Sprintf("… and %d more", len(r.Modes.Modes)-k)})
			break
		}
		row := []string{fmt.Sprint(k + 1), fmt.Sprintf("%.3f", m.Share)}
		for _, v := range firstOf(m.At, 8) {
			row = append(row, table.Number(v))
		}
		rows = append(rows, row)
	}
	if err := table.Write(a.stdout, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n%d modes at bandwidth %.3g from %d starts, up to %d steps; %s\n",
		len(r.Modes.Modes),
		r.Bandwidth, r.Starts, r.Steps, r.Verdict)
	return err
}

// firstOf are the first n of a list.
func firstOf[T any](x []T, n int) []T { return x[:min(n, len(x))] }
