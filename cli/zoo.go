package cli

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"text/tabwriter"

	"github.com/seed9a7962a8/ito/task/zoo"
)

// zooCmd is "ito zoo".
type zooCmd struct {
	JSON bool `name:"json" help:"Print the list as one JSON object"`
}

func (*zooCmd) manual() page {
	return page{
		synopsis: "[--json]",
		text: []string{
			"Densities of which something is known: the logarithm of the integral, with its standard error where it " +
				"was sampled, and the number of well-separated modes. " +
				"A sampler that is given one of them is told nothing of this. What is not known is –.",
		},
		examples: [][2]string{
			{"ito zoo", "All of them."},
			{"ito infer zoo:gmm40 --method dilation --out d.parquet", "Draws from one of them."},
		},
	}
}

// Run implements the command.
func (c *zooCmd) Run(ctx context.Context, a *app) error {
	r, err := zoo.Run(ctx, zoo.Config{}, a.env(nil))
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "target\td\tlog Z\tmodes\thard for")
	for _, l := range r.Targets {
		z, modes := "–", "–"
		if l.LogZ != nil {
			z = strconv.FormatFloat(math.Round(*l.LogZ*1e5)/1e5+0, 'f', -1, 64)
			if l.LogZSE > 0 {
				z += fmt.Sprintf(" ± %.2g", l.LogZSE)
			}
		}
		if l.Modes > 0 {
			modes = strconv.Itoa(l.Modes)
		}
		fmt.Fprintf(w, "zoo:%s\t%d\t%s\t%s\t%s\n", l.Name, l.D, z, modes, l.Hard)
	}
	return w.Flush()
}
