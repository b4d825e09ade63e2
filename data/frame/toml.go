package frame

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/table"
)

// WriteTOML writes the schema of a table for a person to change, the reasons as comments. [LoadSchema] reads it.
func (s Schema) WriteTOML(w io.Writer, name string) error {
	rows := 0
	if len(s.Columns) > 0 {
		rows = s.Columns[0].Rows
	}
	if _, err := fmt.Fprintf(w, "# %s: %s, %s\n", strings.ReplaceAll(name, "\n", " "), lines.Count(rows, "row"),
		lines.Count(len(s.Columns), "column")); err != nil {
		return err
	}
	if len(s.Rules) > 0 {
		var b bytes.Buffer
		if err := toml.NewEncoder(&b).Encode(struct {
			Rules []string `toml:"rules"`
		}{s.Rules}); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		if _, err := w.Write(b.Bytes()); err != nil {
			return err
		}
	}
	for _, c := range s.Columns {
		var b bytes.Buffer
		e := toml.NewEncoder(&b)
		e.Indent = ""
		if err := e.Encode(c); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
		reason := strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, c.Reason)
		if _, err := fmt.Fprintf(w, "\n[[column]] # %s\n%s", reason, b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// LoadSchema reads a schema from a file that [Schema.WriteTOML] wrote or a person.
func LoadSchema(file string) (*Schema, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return ParseSchema(file, string(text))
}

// ParseSchema reads a schema; name is used in messages.
func ParseSchema(name, text string) (*Schema, error) {
	var s Schema
	m, err := toml.Decode(text, &s)
	if err != nil {
		return nil, &ito.InputError{Where: name, What: err.Error(), Do: "let `ito schema` write one and change that"}
	}
	if u := m.Undecoded(); len(u) > 0 {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("there is no setting %s of a column", u[0]),
			Do: "let `ito schema` write one and change that"}
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		if c.Kind, err = parseKind(string(c.Kind)); err != nil {
			return nil, fmt.Errorf("%s: column %s: %w", name, c.Name, err)
		}
		if c.Kind == Time && c.Layout == "" {
			continue // it is found
		}
	}
	return &s, nil
}

// shownColumns of a wide table are written for people.
const shownColumns = 60

// Write writes the schema as a table for people.
func (s Schema) Write(w io.Writer) error {
	rows := [][]string{{"column", "type", "missing", "why"}}
	for i, c := range s.Columns {
		if i == shownColumns && len(s.Columns) > shownColumns+1 {
			rows = append(rows, []string{fmt.Sprintf("… and %d more", len(s.Columns)-i)})
			break
		}
		gap := "–"
		if c.Missing > 0 {
			gap = fmt.Sprintf("%.3g %%", 100*float64(c.Missing)/float64(max(c.Rows, 1)))
		}
		rows = append(rows, []string{cut(c.Name), string(c.Kind), gap, c.Reason})
	}
	widest := 0
	for _, r := range rows {
		if len(r) > 1 {
			widest = max(widest, len(r[1]))
		}
	}
	why := 0
	for _, r := range rows { // the reasons stand to the left
		if len(r) > 3 {
			why = max(why, len([]rune(r[3])))
		}
	}
	for _, r := range rows {
		if len(r) > 3 {
			r[1] += strings.Repeat(" ", widest-len(r[1]))
			r[3] += strings.Repeat(" ", why-len([]rune(r[3])))
		}
	}
	return table.Write(w, rows)
}

// cut shortens a name for a table.
func cut(s string) string {
	if r := []rune(s); len(r) > 32 {
		return string(r[:31]) + "…"
	}
	return s
}
