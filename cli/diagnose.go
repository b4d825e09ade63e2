package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/task/diagnose"
)

// diagnoseCmd is "ito diagnose".
type diagnoseCmd struct {
	diagnose.Config
	All  bool `help:"Show every parameter, not the forty that matter most"`
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*diagnoseCmd) manual() page {
	return page{
		synopsis: "FILE… [--plot DIR] [--all] [--json]",
		text: []string{
			"Says what draws tell of each parameter and whether to believe them, whichever program made them: mean " +
				"with its Monte Carlo standard error (MCSE), sd, quantiles, R̂ and the bulk " +
				"and tail effective sample size as the posterior package computes them (Vehtari et al. 2021); of the " +
				"sampler E-BFMI, divergences and trees that reached the greatest depth; of weighted " +
				"particles the effective size of the weights, Pareto k̂ and how many ancestors are left.",
			"It warns when R̂ is above 1.01, an effective sample size is below 100 a chain, a trajectory diverged, " +
				"E-BFMI is below .3, k̂ is above .7, a chain never moved, or two chains are the same, " +
				"and ends with what to do. None of these sees a mode that no chain has found.",
			"Several files are the chains of one run in the CSV layout of CmdStan; saved warm-up rows are left out, " +
				"and so is the mean that CmdStan's variational draws begin with. Files whose headers tell of other " +
				"models, data, settings, or, of ito, seeds are refused. " +
				"One CSV or Parquet file may hold several chains: a column chain, .chain or chain__ says which, and " +
				"draw, iteration, .draw, .iteration, iter__ or draw__, whose numbers must increase along a " +
				"chain, are no parameters. In the layout of CmdStan chain and draw are parameters like others. " +
				"Particles are known by a column logw__ or ancestor__: their moments and quantiles are weighted.",
			"Memory does not grow with the draws: about 100 MB at most, and, beyond two million values, a temporary " +
				"file in $TMPDIR as large as they are. Pictures of long chains show every second, third, … draw.",
			"Warnings do not change the exit status.",
		},
		files: [][2]string{
			{"d_1.csv …", "CmdStan's layout, one chain a file: those of ito infer, CmdStan, cmdstanpy, cmdstanr"},
			{"d.parquet", "a table with columns chain, draw and numbers, of any program"},
			{"d.npy", "of ito, with d.npy.json beside it"},
			{"d.csv.partial", "the draws so far of an ito infer that is running or was stopped"},
			{"DIR/traces.png …", "the pictures: traces, ranks, densities, pairs"},
		},
		examples: [][2]string{
			{"ito diagnose d_*.csv", "The chains of one run."},
			{"ito diagnose d_*.csv --plot pictures", "And what they look like: where the divergent ones are, whether " +
				"a chain stays by itself."},
			{"ito diagnose d.parquet --json | jq .warnings", "For a program."},
		},
	}
}

// Run implements the command.
func (c *diagnoseCmd) Run(ctx context.Context, a *app) error {
	r, err := diagnose.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return draws.Text{Most: most(c.All)}.Write(a.stdout, &r.Summary)
}

// most is the number of parameters in a table: all, or as many as draws.Text shows by itself.
func most(all bool) int {
	if all {
		return -1
	}
	return 0
}
