package cli

import (
	"context"
	"fmt"

	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

// forecastImputeCmd is "ito forecast impute".
type forecastImputeCmd struct {
	taskforecast.ImputeConfig
	JSON bool `name:"json" help:"Print the report as one JSON object, with --out"`
}

func (*forecastImputeCmd) manual() page {
	return page{synopsis: "MODEL DATA [--quantiles Q,…] [--out FILE]",
		text: []string{seriesHelp,
			"Every value that was not observed is drawn given all that were, before and behind it, " +
				"and written as forecasts are: series,time,mean,q0.05,…. MODEL is a csdi or a tsdiff; a csdi of " +
				"joint=true fills its series together."},
		examples: [][2]string{
			{"ito forecast train load.csv --horizon 24 --model csdi:hide=random --out m.safetensors",
				"Learn to fill gaps."},
			{"ito forecast impute m.safetensors load.csv --out filled.csv", "Fill them."}}}
}

// Run implements the command.
func (c *forecastImputeCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Impute(ctx, c.ImputeConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON && c.Out != "-" {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d missing values of %d series, drawn by %s\n", r.Gaps, r.Series, r.Model)
	return err
}

// forecastRefineCmd is "ito forecast refine".
type forecastRefineCmd struct {
	taskforecast.RefineConfig
	JSON bool `name:"json" help:"Print the report as one JSON object, with --out"`
}

func (*forecastRefineCmd) manual() page {
	return page{synopsis: "MODEL DATA BASE.csv [--out FILE]",
		text: []string{seriesHelp,
			"Forecasts that another program made are improved by what a tsdiff knows of series: " +
				"Langevin steps on its energy, held near the forecasts by their quantiles."},
		examples: [][2]string{{"ito forecast refine m.safetensors load.csv base.csv --out better.csv",
			"Refine what ito forecast predict, or another program, wrote to base.csv."}}}
}

// Run implements the command.
func (c *forecastRefineCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Refine(ctx, c.RefineConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON && c.Out != "-" {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d series, %d steps refined by %s\n", r.Series, r.Horizon, r.Model)
	return err
}

// forecastSynthCmd is "ito forecast synth".
type forecastSynthCmd struct {
	taskforecast.SynthConfig
	JSON bool `name:"json" help:"Print the report as one JSON object, with --out"`
}

func (*forecastSynthCmd) manual() page {
	return page{synopsis: "MODEL [-n N] [--out FILE]",
		text: []string{"Series that a tsdiff invents, of as many steps as its windows have, on the scale of 1 that " +
			"it learns windows on: rows series,step,value. Series i of any run is the same."},
		examples: [][2]string{{"ito forecast synth m.safetensors -n 1000 --out series.csv", "A thousand series."}}}
}

// Run implements the command.
func (c *forecastSynthCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Synth(ctx, c.SynthConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON && c.Out != "-" {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%d series of %d steps by %s\n", r.Series, r.Steps, r.Model)
	return err
}
