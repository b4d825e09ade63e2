package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task"
	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

// forecastDetectCmd is "ito forecast detect".
type forecastDetectCmd struct {
	taskforecast.DetectConfig
	JSON bool `name:"json" help:"Print the report as one JSON object, with --out"`
}

func (*forecastDetectCmd) manual() page {
	return page{synopsis: "MODEL DATA [--last N] [--level .99] [--out FILE]", text: []string{seriesHelp, methodsHelp(),
		"Forecasts the last steps from what came before each, and reports intervals in which values leave the " +
			"predictive " +
			"interval. Two or three seasons of history are the least that a seasonal method needs."},
		examples: [][2]string{{"ito forecast detect seasonal-errors load.csv --last 48", "What was odd in two days."}}}
}

// Run implements the command.
func (c *forecastDetectCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Detect(ctx, c.DetectConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	task.Words(r, a.flagged)
	if c.JSON && c.Out != "-" {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d anomalies; %d of %d values outside the interval of %g %%\n", len(r.Anomalies),
		r.Outside, r.Steps, 100*c.Level)
	return err
}
