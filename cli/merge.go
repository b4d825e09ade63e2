package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task/merge"
)

// mergeCmd is "ito merge".
type mergeCmd struct {
	merge.Config
	JSON bool `name:"json" help:"Print the report as one JSON object"`
}

func (*mergeCmd) manual() page {
	return page{
		synopsis: "MODEL DELTA --out FILE",
		text: []string{
			"Writes the model that ito sample MODEL --delta DELTA samples. Weights that the delta does not train are " +
				"those of MODEL to the bit. Schedules that ito tune stored in MODEL are left out: they were searched " +
				"for other weights.",
		},
		examples: [][2]string{
			{"ito merge m.safetensors new.delta --out new.safetensors", "A model of its own."},
		},
	}
}

// Run implements the command.
func (c *mergeCmd) Run(ctx context.Context, a *app) error {
	if err := a.replaces(c.Out, false); err != nil {
		return err
	}
	r, err := merge.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return facts(a.stdout, [][2]string{
		{"model", r.Out}, {"adaptation", r.Adaptation},
		{"weights", fmt.Sprintf("%d of %d are other than they were", r.Changed, r.Weights)},
	})
}
