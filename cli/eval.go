package cli

import (
	"context"
	"slices"

	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// evalCmd is "ito eval".
type evalCmd struct {
	evaluate.Config
	JSON    bool `name:"json" after:"workers" help:"Print the report as one JSON object"`
	Verdict bool `after:"json" help:"Exit with 3 where the verdict on tables is against the samples: they differ, or rows of the data are given away"`
}

func (*evalCmd) manual() page {
	return page{
		synopsis: "SAMPLES|MODEL --against DATA [--holdout FILE] [--report DIR] [--json]",
		text: []string{
			dataHelp,
			"Two tables with words, dates or gaps are compared as tables with types, and so are tables of numbers " +
				"with --as table or --report: each column (1 − KS, 1 − TV, missing values), pair trends, W2 and MMD " +
				"on a mixed distance, two classifiers that try to tell samples from data (C2ST), α-precision and " +
				"β-recall, what a model learns from the samples (--target), and what the samples give away of " +
				"the data (DCR, copies, with --holdout a membership attack). Beside every figure stands the same " +
				"figure of two halves of the data, and of columns mixed independently, a Gaussian copula and SMOTE. " +
				"Columns are " +
				"found by their names; --types, --na and the like say how DATA is read, and samples are read as DATA " +
				"is. The verdict names the columns that are off, and with --verdict the exit code is 3 where it is " +
				"against the samples. docs/report.md defines every figure.",
			"A folder of tables that belong together, as ito sample writes it, is compared table by table with those " +
				"of " +
				"DATA or of their folder: the parent with the numbers of its rows, and of each child one row of each " +
				"parent beside the parent's columns, so that pair trends and classifiers see how they depend on it. " +
				"Rows that belong to none, and keys that come twice, are counted.",
			"Rows of numbers are compared by distances:",
			"Prints the exact 2-Wasserstein distance W2, the sliced W2 and the squared maximum mean discrepancy " +
				"between samples and data, each as the mean " +
				"over draws of --rows rows; and the mean and standard deviation of every column. For a model also " +
				"the straightness of its paths on 100 Euler steps: " +
				"the mean absolute second derivative, 0 for a straight line, and RF, the share of the motion that a " +
				"straight path would not have.",
			"A distance between finite samples is never zero. Beside each stands its floor, which is the same number " +
				"between two halves of the data, and the baseline " +
				"of normal variates with the mean and covariance of the data. The last line says what the numbers say.",
			"W2 compares in the units of the columns, so that the widest decides; the standardised W2 has each in " +
				"standard deviations of the data, and the verdict rests on it. Three tests look at the shape " +
				"whatever the units: KS, the largest difference between the distribution functions " +
				"of a column; the energy distance of the rows, and the share of nearest neighbours of the same set, " +
				"both of ranks. Beside KS stands its limit, beside the other two what " +
				"sets mixed at random have and the limit of those. Samples of the data's own law exceed any of the " +
				"limits in one evaluation of a hundred.",
			"Files of draws, as ito infer writes them (CSV, Parquet, npy, JSON) and CmdStan's CSV, are rows of their " +
				"parameters and derived quantities: all chains, without the sampler's statistics, and weighted " +
				"particles drawn again by their weights.",
			"Columns are matched by their names where both sides have the same, else by their order. A column named " +
				"id, and the columns that a model was " +
				"conditioned on, are left out.",
			"With --likelihood nothing is sampled: printed is the mean log-likelihood of the rows of DATA under " +
				"the model, by its probability flow, in nats in the units of the columns and in bits per dimension, " +
				"beside that of a normal whose moments are those of the other half of the rows. Rows keep the " +
				"conditions that stand in their columns, or have those of --where. Pixels and other whole numbers " +
				"between bounds are spread over ±½ first.",
		},
		examples: [][2]string{
			{"ito eval s.csv --against load.csv", "Samples against the data they imitate."},
			{"ito eval vp20.safetensors --against spiral --scale 1,8 --solver euler --nfe 20",
				"A model at 20 network calls."},
			{"ito eval new.csv --against customers.csv --holdout held.csv --target churn --report report",
				"A table with types: a page with pictures, and what the samples give away."},
			{"ito eval samples/ --against customers.csv --child orders.csv --key customer_id",
				"Tables that belong together."},
			{"ito eval digits.safetensors --against digits.csv --where label=3 --json",
				"One condition against its rows."},
			{"ito eval m.safetensors --against held.csv --likelihood", "How likely held-out rows are to the model."},
		},
	}
}

// Run implements the command.
func (c *evalCmd) Run(ctx context.Context, a *app) error {
	if c.All && !slices.Contains(a.given, "n") {
		c.Of.N = 0
	}
	m := a.meter()
	r, err := evaluate.Run(ctx, c.Config, evaluate.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	task.Words(&r, a.flagged)
	if r.Family != nil {
		return a.tellFamily(c, r)
	}
	if r.Table != nil {
		return a.tellTables(c, r)
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return writeComparison(a.stdout, r)
}
