package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/bench"
)

// benchInverseCmd is "ito bench inverse".
type benchInverseCmd struct {
	bench.InverseConfig
	JSON bool `name:"json" help:"Print the table as one JSON object"`
}

func (*benchInverseCmd) manual() page {
	return page{
		synopsis: "[--priors gaussian,mixture] [--dims 2,20] [--operators KIND,…] [--methods NAME,…] " +
			"[--posteriors N] [--json]",
		text: []string{
			"Sets the methods of ito restore against posteriors in closed form. Data are drawn from a prior, " +
				"measured through an operator with noise, and restored with the exact field of the prior; what is " +
				"drawn is compared with exact draws of each posterior.",
			"W2/floor is the mean sliced 2-Wasserstein distance to exact draws over that of other exact draws: 1 " +
				"is as good as exact. in 50 % and in 90 % are how often the true value of a coordinate lies within " +
				"the central interval of the draws, which for exact draws is 50 and 90 %; ± is the standard error " +
				"of the first. RMSE is of the mean of the draws to the truth, beside that of the exact mean. calls " +
				"are network calls a draw; a derivative counts as one.",
			"gaussian has variances from .1 to 1.5 and, up to 64 dimensions, neighbours correlated by .7; mixture " +
				"is four normals of variance .1 around random means. The levels and settings of methods are " +
				"their defaults.",
		},
		examples: [][2]string{
			{"ito bench inverse", "Every method on every operator in 2 and 20 dimensions; minutes."},
			{"ito bench inverse --dims 20 --operators mask --posteriors 400", "The coverage of masks to two percent."},
			{"ito bench inverse --dims 20 --priors mixture --methods mcg,mcg:particles=256", "What particles bring."},
		},
	}
}

// Run implements the command.
func (c *benchInverseCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := bench.Inverse(ctx, c.InverseConfig, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return writeInverse(a.stdout, r)
}

// writeInverse writes the tables for people.
func writeInverse(w io.Writer, r bench.InverseReport) error {
	fmt.Fprintf(w, "%d posteriors, %d draws of each, noise %g, seed %d\n", r.Posteriors, r.Draws, r.Noise, r.Seed)
	for i := 0; i < len(r.Lines); {
		first := r.Lines[i]
		fmt.Fprintf(w, "\n%s, d = %d, %s; RMSE of the exact mean %.3f\n", first.Prior, first.Dim, first.Operator,
			first.Exact)
		rows := [][]string{{"method", "W2/floor ", "in 50 % ", "in 90 % ", "± ", "RMSE ", "calls ", "is"}}
		for ; i < len(r.Lines) && r.Lines[i].Prior == first.Prior && r.Lines[i].Dim == first.Dim &&
			r.Lines[i].Operator == first.Operator; i++ {
			l := r.Lines[i]
			if l.Failed != "" {
				rows = append(rows, []string{l.Method, "failed ", "- ", "- ", "- ", "- ", "- ", string(l.Is)})
				continue
			}
			rows = append(rows, []string{l.Method, fmt.Sprintf("%.2f ", l.Ratio), fmt.Sprintf("%.1f ", 100*l.Within50),
				fmt.Sprintf("%.1f ", 100*l.Within90), fmt.Sprintf("%.1f ", 100*l.SE), fmt.Sprintf("%.3f ", l.RMSE),
				fmt.Sprintf("%d ", l.Evals), string(l.Is)})
		}
		if err := table.Write(w, rows); err != nil {
			return err
		}
	}
	return nil
}
