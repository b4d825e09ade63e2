package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/forecast/score"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task"
	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

// forecastCmd is "ito forecast".
type forecastCmd struct {
	Check    forecastCheckCmd    `cmd:"" help:"Say what is in a file of series, and what will be done about it"`
	Train    forecastTrainCmd    `cmd:"" help:"Learn to forecast series"`
	Predict  forecastPredictCmd  `cmd:"" help:"Forecast series: quantiles or sample paths"`
	Backtest forecastBacktestCmd `cmd:"" help:"Say which method forecasts series best, by past origins"`
	Detect   forecastDetectCmd   `cmd:"" help:"Find where values left their forecast"`
	Impute   forecastImputeCmd   `cmd:"" help:"Fill gaps of series by a model"`
	Refine   forecastRefineCmd   `cmd:"" help:"Improve forecasts of another program by a model"`
	Synth    forecastSynthCmd    `cmd:"" help:"Invent series by a model"`
}

func (*forecastCmd) manual() page {
	return page{
		synopsis: "check|train|predict|backtest|detect|impute|refine|synth DATA [--FLAG VALUE…]",
		text: []string{"Series become quantiles and joint sample paths, by a model that is trained or by a method " +
			"that needs no training. backtest says which of them forecasts these series best. " +
			"docs/forecasting.md has the details.", seriesHelp},
		examples: [][2]string{
			{"ito forecast check load.csv", "What is in the file, and what will be done about it."},
			{"ito forecast backtest load.csv --horizon 48", "Every method, by past origins."},
		},
	}
}

// seriesHelp describes what DATA may be.
const seriesHelp = "DATA is a table with a row a time of a series (id, time, value and covariates, as Nixtla's " +
	"unique_id,ds,y), or with a column a series; CSV, Parquet or lines of JSON, gzipped or not. It may also " +
	"be lines of JSON as gluonts has them, M4's rows of a name and values, or what Prometheus answers to " +
	"query_range, several " +
	"answers behind each other, which are joined; - is standard input. What is missing is masked, never filled in."

func methodsHelp() string {
	return "Methods: " + strings.Join(forecast.Kinds(), ", ") + "; settings follow a colon, seasonal-errors:season=168."
}

type forecastCheckCmd struct {
	taskforecast.CheckConfig
	JSON bool `name:"json" help:"Print the report as one JSON object"`
}

func (*forecastCheckCmd) manual() page {
	return page{synopsis: "DATA [--horizon H] [--json]", text: []string{seriesHelp},
		examples: [][2]string{{"ito forecast check load.csv",
			"Step, gaps, duplicates, changes of the clock, odd values."}}}
}

// Run implements the command.
func (c *forecastCheckCmd) Run(ctx context.Context, a *app) error {
	r, err := taskforecast.Check(ctx, c.CheckConfig, a.env(nil))
	if err != nil {
		return err
	}
	task.Words(r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	how := ""
	if r.Inferred {
		how = ", inferred"
	}
	const layout = "2006-01-02 15:04:05 -07:00"
	number := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return table.Number(*v)
	}
	rows := [][]string{{"format", r.Format}, {"frequency", r.Freq.String() + how}, {"seasons", fmt.Sprint(r.Seasons)},
		{"zone", r.Zone}, {"series", fmt.Sprint(r.Series)}, {"steps", fmt.Sprintf("%d to %d", r.Shortest, r.Longest)},
		{"times", r.First.Format(layout) + " to " + r.Last.Format(layout)},
		{"values", number(r.Low) + " to " + number(r.High)}, {"missing", fmt.Sprintf("%.3g %%", 100*r.Missing)}}
	if r.Whole {
		rows = append(rows, []string{"", "all values are whole numbers"})
	}
	if len(r.Known)+len(r.Past) > 0 {
		rows = append(rows, []string{"known", strings.Join(r.Known, ", ")},
			[]string{"past", strings.Join(r.Past, ", ")})
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(a.stdout, "%-10s %s\n", row[0], printable(row[1])); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.stdout)
	for _, f := range r.Findings {
		fmt.Fprintln(a.stdout, printable(f.Text))
	}
	_, err = fmt.Fprintln(a.stdout, r.Verdict)
	return err
}

type forecastTrainCmd struct {
	taskforecast.TrainConfig
	JSON bool `name:"json" help:"Print the report as one JSON object"`
}

func (*forecastTrainCmd) manual() page {
	return page{synopsis: "DATA --horizon H --out FILE [--model WORD]", text: []string{seriesHelp, methodsHelp(),
		"A training that is interrupted leaves OUT.checkpoint, from which the same command goes on to the same bytes."},
		examples: [][2]string{{"ito forecast train load.csv --horizon 48 --out m.safetensors", "Learn the load."}}}
}

// Run implements the command.
func (c *forecastTrainCmd) Run(ctx context.Context, a *app) error {
	if err := a.replaces(c.Out, task.Exists(c.Out+".checkpoint")); err != nil {
		return err
	}
	m := a.meter()
	r, err := taskforecast.Train(ctx, c.TrainConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "run the same command to go on")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	_, err = fmt.Fprintf(a.stderr, "%s: %s of %d series, %d steps, in %.1f s\n", r.Out, r.Model, r.Series, r.Steps,
		r.Seconds)
	return err
}

type forecastPredictCmd struct {
	taskforecast.PredictConfig
}

func (*forecastPredictCmd) manual() page {
	return page{synopsis: "MODEL DATA [--horizon H] [--quantiles Q,…] [--out FILE] [--plot FILE]",
		text: []string{seriesHelp, methodsHelp(), "Rows are series,time,mean,q0.05,… in CSV and Parquet; lines of " +
			"JSON also say how the quantiles were made, and which method stands in where the model cannot " +
			"forecast a series."},
		examples: [][2]string{
			{"ito forecast predict seasonal-errors load.csv --horizon 48 --out f.csv --plot f.png",
				"Without training."},
			{"ito forecast predict m.safetensors load.csv --quantiles .05,.5,.95", "By a model that was trained."},
			{"ito forecast predict m.safetensors load.csv --samples 200 --out paths.parquet", "Joint sample paths."},
			{"ito forecast predict m.safetensors sales.csv --sum", "Totals up to each step."},
		}}
}

// Run implements the command.
func (c *forecastPredictCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Predict(ctx, c.PredictConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	_, err = fmt.Fprintf(a.stderr, "%d series, %d steps by %s; spread: %s\n", r.Series, r.Horizon, r.Model,
		strings.Join(r.Spread, "; "))
	return err
}

type forecastBacktestCmd struct {
	taskforecast.BacktestConfig
	JSON    bool `name:"json" help:"Print the report as one JSON object"`
	Verdict bool `help:"Exit with 3 when no method that was trained beats the best baseline"`
}

func (*forecastBacktestCmd) manual() page {
	return page{synopsis: "DATA --horizon H [--windows N] [--models WORD,…] [--json] [--verdict]",
		text: []string{seriesHelp, methodsHelp(), "Forecasts from past origins by every method; a forecast has seen " +
			"nothing after its origin. wql is the mean weighted quantile loss, the other scores are defined in " +
			"docs/forecasting.md. The ratio is the geometric mean over forecasts of the loss over that of " +
			"the seasonal naive: below 1 is better."},
		examples: [][2]string{
			{"ito forecast backtest load.csv --horizon 48", "Every baseline, at five origins."},
			{"ito forecast backtest load.csv --horizon 48 --models baselines,m.safetensors --verdict",
				"Exit code 3 when the model loses."},
		}}
}

// errLosing is a verdict against a model, where the exit code is to say so.
var errLosing = errors.New("no model beats the best baseline")

// Run implements the command.
func (c *forecastBacktestCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := taskforecast.Backtest(ctx, c.BacktestConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	judges := func(m taskforecast.ModelScores) bool { return !m.Baseline && m.Ratio != nil }
	if c.Verdict && !slices.ContainsFunc(r.Models, judges) {
		return &ito.InputError{Where: "--verdict", What: "there is no model to judge: baselines alone were compared",
			Do: "name a model, a file of one, or a file of forecasts in --models"}
	}
	if c.JSON {
		err = a.printJSON(r)
	} else {
		err = writeBacktest(a.stdout, r)
	}
	if err == nil && c.Verdict && r.Against {
		err = errLosing
	}
	return err
}

func writeBacktest(w io.Writer, r *taskforecast.BacktestReport) error {
	if _, err := fmt.Fprintf(w, "%d series of %s at %s, %d steps ahead from %d origins %d steps "+
		"apart: %d forecasts\n\n",
		r.Series, r.Data, r.Freq, r.Horizon, r.Windows, r.Step, r.Items); err != nil {
		return err
	}
	var head []string
	for _, m := range r.Models {
		if len(m.Scores) > 0 {
			head = []string{"method", "ratio"}
			for _, v := range m.Scores {
				head = append(head, v.Name)
			}
			break
		}
	}
	rows := [][]string{append(head, "s")}
	for _, m := range r.Models {
		if m.Refused != "" {
			continue
		}
		ratio := "-"
		if m.Ratio != nil {
			ratio = fmt.Sprintf("%.3f", *m.Ratio)
		}
		row := []string{m.Model, ratio}
		for _, h := range head[2:] {
			row = append(row, table.Number(score.Get(m.Scores, h)))
		}
		rows = append(rows, append(row, fmt.Sprintf("%.1f", m.Seconds)))
	}
	if err := table.Write(w, rows); err != nil {
		return err
	}
	for _, m := range r.Models {
		if m.Refused != "" {
			fmt.Fprintf(w, "\nnot %s: %s", m.Model, printable(m.Refused))
		}
		if m.Fallbacks > 0 {
			fmt.Fprintf(w, "\n%s: another method stands in for %d forecasts", m.Model, m.Fallbacks)
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.Verdict)
	return err
}
