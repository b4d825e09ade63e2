package task

import (
	"strings"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Tables sets how a table with types is read. Its settings are those of [frame.ReadOptions].
type Tables struct {
	Types       []string `placeholder:"COL=TYPE,…" help:"Types of columns that are not what they look like, as zip=category,size=ordered:S<M<L,day=time:02/01/2006; types are real, positive, proportion, integer, boolean, category, ordered, time, identifier, text and constant"`
	Columns     []string `placeholder:"COL,…" help:"Columns to learn; the others are left out"`
	Ignore      []string `placeholder:"COL,…" help:"Columns to leave out"`
	DropMissing bool     `help:"Leave out rows with a missing cell"`
	NA          []string `name:"na" empty:"allowed" placeholder:"CELL,…" help:"Cells that are missing, beside empty ones, which alone are where it is empty; without it those that pandas takes for missing, such as NA, NaN and null"`
	Decimal     string   `placeholder:"." help:"Point of numbers, . or ,; without it as the cells say"`
	Delimiter   string   `placeholder:"," help:"What stands between cells, such as ; or tab; without it as the lines say"`
	Constraint  []string `sep:"none" placeholder:"RULE" help:"What every row keeps, and so every sample: start <= end; a + b = c, or = 1; age in 18..99; fixed city, zip, for the combinations of the data alone; if member = no then joined missing, or = a|b, or in 1..9, or present. May be given again"`
	Schema      string   `where:"local" placeholder:"FILE" help:"Types, levels, bounds and constraints of the columns, as ito schema writes them"`
}

// Asked reports a setting that only a table with types has.
func (t Tables) Asked() bool {
	return len(t.Types)+len(t.Columns)+len(t.Ignore)+len(t.NA)+len(t.Constraint) > 0 ||
		t.DropMissing || t.Decimal != "" ||
		t.Delimiter != "" || t.Schema != ""
}

// Input opens a table.
func (t Tables) Input(e *Env, name string, r Reading) (*frame.Input, error) {
	o, err := t.Options(e, r)
	if err != nil {
		return nil, err
	}
	return frame.Open(name, o)
}

// Options are those of the reader.
func (t Tables) Options(e *Env, r Reading) (frame.ReadOptions, error) {
	o := frame.ReadOptions{Stdin: e.Stdin, Header: r.Header, Delimiter: t.Delimiter, Decimal: t.Decimal, NA: t.NA,
		Types: t.Types, Columns: t.Columns, Ignore: t.Ignore, DropMissing: t.DropMissing,
		Rules: t.Constraint, Held: e.held()}
	if t.Schema != "" {
		var err error
		if o.Schema, err = frame.LoadSchema(t.Schema); err != nil {
			return o, err
		}
	}
	return o, nil
}

// TellSchema notes what the columns of a table are taken for.
func (e *Env) TellSchema(name string, s frame.Schema, notes []string) {
	for _, n := range notes {
		e.Tell(name + ": " + n)
	}
	var b strings.Builder
	_ = s.Write(&b) // a builder does not fail
	for line := range strings.Lines(b.String()) {
		e.Tell(strings.TrimRight(line, "\n"))
	}
}
