package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/task/demo"
)

// demoCmd is "ito demo".
type demoCmd struct {
	demo.Config
	JSON bool `name:"json" help:"Print the report as one JSON object instead of the table"`
}

func (*demoCmd) manual() page {
	return page{
		synopsis: "[--out DIR] [--seed N]",
		text: []string{
			"Six networks of one size, with one number of steps and one optimiser, learn a spiral that is eight " +
				"times as high as wide, in raw units: on " +
				"the variance-preserving paths VP-10 and VP-20, whose noise grows with t^1.7 as on the " +
				"Schrödinger path, on " +
				"stock VP-20, where it grows with t, on the Schrödinger path with constant and with " +
				"logistic A, and on VP-10 with standardised columns. " +
				"A table compares their samples by exact W2 at 6 to 50 network calls (E: Euler, H: Heun) and their " +
				"paths by straightness, beside the control " +
				"of VP-10 started from the moments of the data and beside the floor, which is the W2 of true samples " +
				"among themselves.",
			"It takes one to two minutes on two processors and ends with one sentence, computed from the report, " +
				"that says who won. Without vector " +
				"code it measures its speed first and cuts the steps to stay under five minutes, and says so.",
		},
		files: [][2]string{
			{"DIR/report.json", "the numbers, seeds, budget, version and vector level"},
			{"DIR/samples.png", "the data beside every row's samples"},
			{"DIR/paths.png", "the trajectories of VP-20 beside those of the Schrödinger path"},
		},
		examples: [][2]string{
			{"ito demo", "A minute or two."},
			{"ito demo --seed 2 --out second", "Another seed."},
		},
	}
}

// Run implements the command.
func (c *demoCmd) Run(ctx context.Context, a *app) error {
	m := a.meter(c.Names()...)
	r, err := demo.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return r.Write(a.stdout)
}
