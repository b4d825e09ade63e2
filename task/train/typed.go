package train

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/task"
)

// typed opens a table whose columns have types, and takes the defaults that such a table has. It is nil for what the
// reader of plain numbers takes as it always has: built-in sets, npy, and files of real numbers without gaps, unless
// a setting asks for types or conditions.
func (c *Config) typed(env *Env) (*frame.Frame, error) {
	asked := c.Asked()
	if env.Open != nil || c.From != "" || slices.Contains(data.Names(), c.Data) || len(c.Scale) > 0 ||
		c.Transform != "standardise" {
		if asked {
			return nil, notTyped("with `from`, `scale` and `transform`, and from a built-in set, " +
				"rows are plain numbers")
		}
		return nil, nil
	}
	in, err := c.Input(&env.Env, c.Data, c.Reading)
	if errors.Is(err, fs.ErrNotExist) && !task.Exists(c.Data) {
		return nil, nil // the reader of built-in sets knows their names
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	plain := func() (*frame.Frame, error) { // as ever
		if c.Data == "-" {
			env.Stdin, err = in.Again()
		}
		return nil, err
	}
	if !asked && (in.Format == "npy" || in.Format == "zip") {
		return plain()
	}
	s, err := in.Infer()
	var bad *frame.Faults
	if err != nil && !errors.As(err, &bad) {
		return nil, err
	}
	if err == nil && !asked && in.Usual && len(c.Condition) == 0 && s.Plain() {
		return plain()
	}
	if slices.ContainsFunc(s.Columns, func(k frame.Column) bool { return k.Rows > 0 }) { // else no row was read
		env.TellSchema(in.Name, s, in.Notes)
	}
	if err != nil {
		return nil, err
	}
	f, err := in.Frame(s)
	if err == nil {
		c.TrainConfig = c.OfTable()
	}
	return f, err
}

// notTyped refuses the settings of a table with types for what is none.
func notTyped(what string) error {
	return &ito.InputError{What: "`types`, `columns`, `ignore`, `na`, `decimal`, `delimiter`, `drop-missing`, " +
		"`constraint` and `schema` are for tables whose columns have types, and " + what, Do: "leave them out"}
}
