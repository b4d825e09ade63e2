package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/task"
)

// schemaCmd is "ito schema".
type schemaCmd struct {
	Data string `arg:"" where:"local" help:"A table: CSV with any delimiter, Parquet or lines of JSON, gzipped or not, or - for standard input"`

	task.Reading
	task.Tables
}

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
func (c *schemaCmd) Run(_ context.Context, a *app) error {
	env := a.env(nil)
	in, err := c.Input(&env, c.Data, c.Reading)
	if err != nil {
		return err
	}
	defer in.Close()
	s, err := in.Infer()
	if s.Columns != nil {
		env.TellSchema(in.Name, s, in.Notes)
	}
	if err != nil {
		return err
	}
	return s.WriteTOML(a.stdout, in.Name)
}
