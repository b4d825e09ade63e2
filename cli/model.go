package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito/task/model"
)

// modelCmd is "ito model".
type modelCmd struct {
	Check   modelCheckCmd   `cmd:"" help:"Say what a model file declares, and whether its gradient and priors hold together"`
	Predict modelPredictCmd `cmd:"" help:"Compute what a model generates at old draws"`
	LOO     modelLOOCmd     `cmd:"" name:"loo" help:"Judge a model by leave-one-out and by replicated data"`

	Sensitivity modelSensitivityCmd `cmd:"" help:"Say how much the posterior depends on the prior and on the likelihood"`
	Compare     modelCompareCmd     `cmd:"" help:"Compare models by leave-one-out or by log Z"`

	SBC      modelSBCCmd      `cmd:"" name:"sbc" help:"Calibrate a model and its sampler by simulated data"`
	FromStan modelFromStanCmd `cmd:"" name:"from-stan" help:"Translate a Stan program of the common subset"`
}

func (*modelCmd) manual() page {
	return page{
		synopsis: "check|predict|loo|sensitivity|compare|sbc|from-stan MODEL.star …",
		text: []string{"Looks at model files (docs/models.md) beside sampling them, which is ito infer: before, " +
			"check and " +
			"from-stan; after, predict, loo and sensitivity on the draws, and compare on what loo or infer report; " +
			"and sbc, which fits many simulated data sets."},
		examples: [][2]string{
			{"ito model check m.star --data d.json", "Before the first run."},
			{"ito model loo m.star d_*.csv --data d.json", "After it."},
		},
	}
}

// modelCheckCmd is "ito model check".
type modelCheckCmd struct {
	model.CheckConfig
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*modelCheckCmd) manual() page {
	return page{
		synopsis: "MODEL.star [--data FILE] [--draws N] [--seed N] [--json]",
		text: []string{
			"Compiles the file and lists its parameters with their shapes and supports, what it derives, " +
				"generates and " +
				"observes; compares the gradient with differences at four states; counts at how many of a hundred " +
				"states " +
				"uniform in (-2, 2) of the unconstrained parameters the density is finite, which is where chains " +
				"begin; " +
				"and draws from the priors, with 5, 50 and 95 % quantiles of every column, generated data " +
				"included. A model " +
				"with target(…), or with a parameter without a prior, does not say how it would be drawn; that is " +
				"said then.",
			"The exit status is 2 where the file is wrong, and 0 otherwise.",
		},
		examples: [][2]string{{"ito model check eight_schools.star --data eight_schools.json", "What is declared?"}},
	}
}

// Run implements the command.
func (c *modelCheckCmd) Run(ctx context.Context, a *app) error {
	r, err := model.Check(ctx, c.CheckConfig, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %d unconstrained coordinates, %.0f operations a gradient\n\n", r.Model, r.D, r.Operations)
	fmt.Fprintln(w, "name\tkind\tshape\tsupport")
	for _, q := range r.Quantities {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", q.Name, q.Kind, shapeOf(q.Shape), q.Support)
	}
	for _, t := range r.Terms {
		fmt.Fprintf(w, "%s\tobserved\t%s\t%s\n", dash(t.Data), shapeOf(t.Shape), t.Distribution)
	}
	fmt.Fprintf(w, "\ngradient: %s\nfinite at %d of 100 states\n", r.Gradient, r.Finite)
	if r.NoPrior != "" {
		fmt.Fprintf(w, "no draws of the priors: %s\n", r.NoPrior)
		return w.Flush()
	}
	fmt.Fprintln(w, "\nunder the priors\t5 %\t50 %\t95 %")
	for i, p := range r.Prior {
		if i == 40 {
			fmt.Fprintf(w, "… %d more; --json has all\n", len(r.Prior)-40)
			break
		}
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.4g\n", p.Column, p.Q05, p.Q50, p.Q95)
	}
	return w.Flush()
}

func shapeOf(s []int) string { return strings.ReplaceAll(fmt.Sprint(s), " ", ",") }

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// modelPredictCmd is "ito model predict".
type modelPredictCmd struct {
	model.PredictConfig
	JSON bool `name:"json" after:"seed" help:"Print one JSON object"`
}

func (*modelPredictCmd) manual() page {
	return page{
		synopsis: "MODEL.star DRAWS… [--data FILE] --out FILE.csv [--seed N] [--json]",
		text: []string{"Computes what a model derives and generates at the draws of an earlier run, without " +
			"sampling again: " +
			"the file may generate more than it did, and be given other data, as long as its parameters are the " +
			"same. " +
			"FILE.csv has a row for each draw with its chain and number, which ito diagnose and ito eval read."},
		examples: [][2]string{{"ito model predict m.star d_*.csv --data new.json --out y_new.csv",
			"At new covariates."}},
	}
}

// Run implements the command.
func (c *modelPredictCmd) Run(ctx context.Context, a *app) error {
	r, err := model.Predict(ctx, c.PredictConfig, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.stdout, "%s: %d draws of %d columns\n", r.File, r.Draws, len(r.Columns))
	return nil
}

// modelLOOCmd is "ito model loo".
type modelLOOCmd struct {
	model.LOOConfig
	JSON bool `name:"json" help:"Print one JSON object, with every observation"`
}

func (*modelLOOCmd) manual() page {
	return page{
		synopsis: "MODEL.star DRAWS… [--data FILE] [--seed N] [--plot DIR] [--json]",
		text: []string{
			"The expected log predictive density of the model, by Pareto smoothed importance sampling over " +
				"leaving out one " +
				"observation (PSIS-LOO) and by WAIC, with standard errors over the observations and effective " +
				"numbers of " +
				"parameters. An observation is a number or a vector of an observe line; target(…) is none. Where " +
				"a Pareto k̂ " +
				"is above .7 (less for few draws) the estimate of that observation is not reliable, and a warning " +
				"says so.",
			"It also replicates the data at every draw and compares their mean, sd, least, greatest and, of " +
				"counts, share of " +
				"zeros with those of the data: a p near 0 or 1 is a model that does not make data like these.",
			"With --plot DIR it draws, for every observe line, the data over replicated data sets and the statistics " +
				"of both (ppc_1.png, …), and the k̂ of the observations (khat.png).",
			"The difference of two models' elpd_loo has the standard error of their pointwise differences: ito model " +
				"compare takes it from what --json prints.",
		},
		examples: [][2]string{{"ito model loo m.star d_*.csv --data d.json", "How well does it predict?"}},
	}
}

// Run implements the command.
func (c *modelLOOCmd) Run(ctx context.Context, a *app) error {
	r, err := model.LOO(ctx, c.LOOConfig, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%d observations at %d draws\n\n\testimate\tse\tparameters\n", r.Observations, r.Draws)
	fmt.Fprintf(w, "elpd_loo\t%.2f\t%.2f\t%.2f\n", r.ELPD, r.SE, r.P)
	fmt.Fprintf(w, "elpd_waic\t%.2f\t%.2f\t%.2f\n", r.WAIC, r.WAICSE, r.PWAIC)
	fmt.Fprintf(w, "\nPareto k̂: %d good, %d bad\n", r.Good, r.Bad)
	if len(r.Checks) > 0 {
		fmt.Fprintln(w, "\nreplicated data\t\tdata\treplicated\tsd\tp")
	}
	for _, p := range r.Checks {
		fmt.Fprintf(w, "%s\t%s\t%.4g\t%.4g\t%.3g\t%.3f\n", p.Term, p.Statistic, p.Data, p.Mean, p.SD, p.P)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	writeWarnings(a.stdout, r.Warnings)
	return nil
}

func writeWarnings(w io.Writer, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintln(w)
	}
	for _, l := range lines {
		fmt.Fprintln(w, "warning: "+l)
	}
}

// modelSBCCmd is "ito model sbc".
type modelSBCCmd struct {
	model.SBCConfig
	JSON bool `name:"json" after:"resume" help:"Print the file as it is"`
}

func (*modelSBCCmd) manual() page {
	return page{
		synopsis: "MODEL.star [--data FILE] --out FILE.json [--simulations N] [--resume] [--json]",
		text: []string{
			"Simulation-based calibration: draws parameters from the priors and data from the model, fits the " +
				"data, and ranks " +
				"the true value of every parameter among the draws. If model and sampler are right the ranks are " +
				"uniform. For " +
				"each parameter it prints how far the ECDF of the ranks leaves a band that holds all of it in 95 " +
				"of 100 cases, " +
				"the mean and spread of the ranks, and a histogram. Every parameter needs a prior with draws, and " +
				"every " +
				"observation must be a datum that the model reads nowhere else.",
			"Ranks are written after every simulation. After ctrl-C or a crash the same command with --resume " +
				"goes on to the " +
				"same ranks; other settings are refused. With more --simulations it adds to them.",
		},
		files: [][2]string{{"FILE.json", "settings, ranks, and what they say"}},
		examples: [][2]string{{"ito model sbc m.star --data d.json --out ranks.json --simulations 500",
			"An hour or a minute: it fits 500 times."}},
	}
}

// Run implements the command.
func (c *modelSBCCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := model.SBC(ctx, c.SBCConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(w, "%d simulations, ranks among %d draws\n\n\tECDF/band\tmean\tspread\thistogram\n", len(r.Ranks),
		r.Draws)
	for i, p := range r.Parameters {
		if i == 40 {
			fmt.Fprintf(w, "… %d more; %s has all\n", len(r.Parameters)-40, c.Out)
			break
		}
		fmt.Fprintf(w, "%s\t%.2f\t%.3f\t%.3f\t%v\n", p.Column, p.Outside, p.Mean, p.Spread, p.Histogram)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	writeWarnings(a.stdout, r.Warnings)
	return nil
}

// modelFromStanCmd is "ito model from-stan".
type modelFromStanCmd struct {
	model.FromStanConfig
}

func (*modelFromStanCmd) manual() page {
	return page{
		synopsis: "FILE.stan [--out FILE.star]",
		text: []string{
			"Translates a Stan program into a model file: the blocks data, transformed data, parameters, transformed " +
				"parameters, model and generated quantities with declarations, assignments, sampling statements, " +
				"target +=, " +
				"if and for. A for loop over one assignment or sampling statement becomes whole arrays where each " +
				"index is the " +
				"loop's own, and stays a loop otherwise. Indices count from 0 in the file that is written.",
			"What it cannot translate is refused with its line, and nothing is written: functions, while, " +
				"user-defined " +
				"densities, algebra and differential equation solvers, and words that it does not know. Constants " +
				"that " +
				"Stan drops in ~ are kept here, as everywhere.",
		},
		examples: [][2]string{{"ito model from-stan eight_schools.stan --out eight_schools.star", ""}},
	}
}

// Run implements the command.
func (c *modelFromStanCmd) Run(ctx context.Context, a *app) error {
	r, err := model.FromStan(ctx, c.FromStanConfig, a.env(nil))
	if err != nil {
		return err
	}
	if c.Out == "" {
		_, err = io.WriteString(a.stdout, r.Text)
	}
	return err
}
