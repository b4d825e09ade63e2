package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito/internal/table"
	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

// benchDetectCmd is "ito bench detect".
type benchDetectCmd struct {
	taskforecast.DetectBenchConfig
	JSON bool `name:"json" help:"Print the table as one JSON object"`
}

func (*benchDetectCmd) manual() page {
	return page{synopsis: "DATA [--models WORD|FILE,…] [--sizes X,…] [--kinds KIND,…] [--repeats N] [--json]",
		text: []string{seriesHelp, "Puts faults into the last steps of the series, one at a time, and counts what " +
			"ito forecast detect finds by each model, beside a z-score of the values and a seasonal test of extreme " +
			"deviates (arXiv:1704.07706), which looks at later values too.",
			"Recall is the part of the faults with an alarm before they ended, precision the part of the alarms over " +
				"a fault or within a season behind it, delay the mean number of steps from the beginning of a fault " +
				"to its alarm, and false alarms those on the series as they are, a thousand steps."},
		examples: [][2]string{{"ito bench detect load.csv --models seasonal-errors,m.safetensors",
			"Is the model worth its alarms?"}}}
}

// Run implements the command.
func (c *benchDetectCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.DetectBench(ctx, c.DetectBenchConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	head := []string{"detector", "size", "faults", "recall", "precision", "delay", "false alarms"}
	rows := [][]string{append(head, c.Kinds...)}
	number := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf("%.3g", *v)
	}
	for _, l := range r.Lines {
		row := []string{l.Model, fmt.Sprintf("%g", l.Size), fmt.Sprint(l.Faults), number(l.Recall), number(l.Precision),
			number(l.Delay), number(l.FalseAlarms)}
		for _, k := range c.Kinds {
			row = append(row, number(l.RecallOf[k]))
		}
		rows = append(rows, row)
	}
	if _, err := fmt.Fprintf(a.stdout, "%d series, faults of %d steps; recall of each kind on the right\n", r.Series,
		r.Length); err != nil {
		return err
	}
	return table.Write(a.stdout, slices.Clip(rows))
}
