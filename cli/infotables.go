package cli

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/info"
)

// family writes what a file of several tables holds.
func (c *infoCmd) family(a *app, f *info.Family) error {
	if c.JSON {
		return a.printJSON(f)
	}
	parent := f.Tables[0]
	p := parent.Model.Provenance
	if err := facts(a.stdout, [][2]string{{"model", c.File},
		{"tables", fmt.Sprintf("%s and %d whose rows belong to its rows", parent.Name, len(f.Tables)-1)},
		{"data", strings.TrimSpace(p.Data + " " + p.Digest)},
		{"made by", fmt.Sprintf("ito %s, %s, %s, %s", p.Version, p.Arch, p.SIMD, p.Created)}}); err != nil {
		return err
	}
	for i, t := range f.Tables {
		rows := [][2]string{{"table", t.Name}}
		if i > 0 {
			rows = append(rows, [2]string{"key", t.Key}, [2]string{"rows of a parent", fmt.Sprintf("up to %d; their "+
				"number "+
				"is %s of %s", t.Most, t.Count, parent.Name)}, [2]string{"a row is drawn", siblings(t, parent.Name)})
		}
		if m := t.Model; m != nil {
			rows = append(rows, [2]string{"path", m.Path},
				[2]string{"network", fmt.Sprintf("%s, %d parameters", m.Network.Kind, m.Network.Parameters)})
			if h := m.Provenance.HeldOut; h != nil {
				rows = append(rows, [2]string{"held out", heldOut(h)})
			}
		} else {
			rows = append(rows, [2]string{"columns", table.Few(t.Columns) + ", of which none is learnt"})
		}
		fmt.Fprintln(a.stdout)
		if err := facts(a.stdout, rows); err != nil {
			return err
		}
		if t.Model != nil {
			if err := tellTable(a.stdout, t.Model.Table, false); err != nil {
				return err
			}
		}
	}
	if p.Config != "" {
		_, err := fmt.Fprintf(a.stdout, "\n# configuration\n%s\n", strings.TrimRight(p.Config, "\n"))
		return err
	}
	return nil
}

// siblings describes what a row of a child is drawn from.
func siblings(t info.Table, parent string) string {
	text := "given its row of " + parent
	switch t.Siblings {
	case "place":
		text += ", and how many came before"
	case "previous":
		text += ", how many came before, and the last of them"
	}
	return text
}
