package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task/impute"
)

// imputeCmd is "ito impute".
type imputeCmd struct {
	impute.Config
}

func (*imputeCmd) manual() page {
	return page{
		synopsis: "DATA MODEL --out FILE [--times M]",
		text: []string{
			"A missing cell is drawn from what the model has learnt of it, given the other cells of its row; all " +
				"else stays as it is written. With --times there are several filled tables, one below the other: " +
				"what differs between them is what the row leaves open. Cells are taken to be missing by chance, " +
				"given what is there.",
		},
		examples: [][2]string{
			{"ito impute customers.csv m.safetensors --out filled.csv", "Fill the gaps once."},
			{"ito impute customers.csv m.safetensors --times 10 --out ten.csv", "Ten times, for an interval."},
		},
	}
}

// Run implements the command.
func (c *imputeCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	r, err := impute.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	_, err = fmt.Fprintf(a.stderr, "%d missing cells of %d rows are filled\n", r.Filled, r.Rows)
	return err
}
