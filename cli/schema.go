package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/task/schema"
)

// schemaCmd is "ito schema".
type schemaCmd struct{ schema.Config }

func (*schemaCmd) manual() page {
	return page{
		synopsis: "DATA [--types COL=TYPE,…] > FILE",
		text: []string{
			"What each column of a table is, and why: as TOML on standard output, to be changed and given to ito " +
				"train --schema, and as a table on standard error. Bounds and the order of levels in it are kept by " +
				"samples; what is counted is counted anew.",
		},
		examples: [][2]string{
			{"ito schema customers.csv > s.toml", "Write what the columns are taken for."},
			{"ito train customers.csv --schema s.toml --out m.safetensors", "Train with what the file says."},
		},
	}
}

// Run implements the command.
func (c *schemaCmd) Run(ctx context.Context, a *app) error {
	r, err := schema.Run(ctx, c.Config, a.env(nil))
	if err != nil {
		return err
	}
	return r.Schema.WriteTOML(a.stdout, r.Name)
}
