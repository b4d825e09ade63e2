package evaluate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/tabular"
)

// ForTables sets how tables with types are compared.
type ForTables struct {
	As      string `default:"auto" enum:"auto,table,numbers" help:"What both sides are: ${enum}; auto: numbers where every cell of both is one, and none of the settings of tables is given"`
	Holdout string `where:"local" placeholder:"FILE" help:"Rows of DATA's law that the samples have nothing of: for a membership attack, and for what a model scores"`
	Target  string `placeholder:"COL" help:"Column that a model learns on the samples, beside one that learns it on DATA; both are scored on held-out rows"`
	Report  string `where:"local" placeholder:"DIR" help:"Write report.html, a page with pictures, and report.json into this directory"`
}

// asked reports a setting that only tables have.
func (t ForTables) asked() bool { return t.Holdout != "" || t.Target != "" || t.Report != "" }

// errNumbers is a setting of tables where numbers were asked for.
var errNumbers = &ito.InputError{What: "`holdout`, `target` and `report` are for tables, and `as` says numbers",
	Do: "leave them out, or give `as=table`"}

// table reports that a report on tables is asked for.
func (c *Config) table() bool {
	t := c.Tables
	t.Ignore = nil // rows of numbers have it too
	return c.Typed.As == "table" || c.Typed.As == "auto" && (c.Typed.asked() || t.Asked())
}

// pair are two tables of the same columns, and what was left out.
type pair struct {
	samples, data tabular.Table
	holdout       *tabular.Table
	kinds         []frame.Kind
	left          []LeftOut
	extra         []string
	kept          []Kept
}

// LeftOut is a column that is not compared.
type LeftOut struct {
	Column string `json:"column"`
	Why    string `json:"why"`
}

// numbers reports that every cell is one.
func numbers(s frame.Schema) bool {
	number := func(w string) bool { _, err := strconv.ParseFloat(w, 64); return err == nil }
	for _, c := range s.Columns {
		ok := c.Missing == 0
		switch {
		case c.Kind.Levelled():
			ok = ok && !slices.ContainsFunc(c.Levels, func(l string) bool { return !number(l) })
		case c.Kind == frame.Constant:
			ok = ok && number(c.Value)
		case c.Kind == frame.Identifier:
			ok = ok && !c.Hex && strings.Trim(c.Prefix, "0123456789") == ""
		case !c.Kind.Numeric():
			ok = false
		}
		if !ok {
			return false
		}
	}
	return true
}

// pair reads samples, data and holdout and brings them to the columns of the data.
func (r *reader) pair() (*pair, error) {
	in, err := r.input(r.c.Against, frame.ReadOptions{Decimal: r.c.Decimal, Delimiter: r.c.Delimiter})
	if err != nil {
		return nil, err
	}
	in.Close()
	o, err := r.asked(in.Columns)
	if err != nil {
		return nil, err
	}
	ignore := o.Ignore
	if in, err = r.input(r.c.Against, o); err != nil {
		return nil, err
	}
	defer in.Close()
	s, err := in.Infer()
	if err != nil {
		return nil, err
	}
	for _, n := range in.Notes {
		r.env.Tell(in.Name + ": " + n)
	}
	free := s
	free.Rules = nil // rows that break them are counted
	y, err := in.Frame(free)
	if err != nil {
		return nil, err
	}
	p := &pair{}
	columns, err := p.columns(y.Name, s)
	if err != nil {
		return nil, err
	}
	x, extra, err := r.like(r.c.Samples, columns, in.Name)
	if err != nil {
		return nil, err
	}
	p.extra = slices.DeleteFunc(extra, func(n string) bool { return s.Find(n) >= 0 })
	for _, n := range r.c.Ignore {
		if !slices.Contains(ignore, n) && !slices.Contains(extra, n) {
			return nil, &ito.InputError{Where: "`ignore`", What: "neither side has a column " + n,
				Do: "name one of " + table.Few(s.Names())}
		}
	}
	frames := []*frame.Frame{x}
	if r.c.Typed.Holdout != "" {
		h, _, err := r.like(r.c.Typed.Holdout, columns, in.Name)
		if err != nil {
			return nil, err
		}
		frames = append(frames, h)
	}
	p.fill(join(columns, y, frames))
	p.kept, err = kept(s, y, x)
	return p, err
}

// columns are those of a schema that are compared.
func (p *pair) columns(name string, s frame.Schema) (columns []frame.Column, err error) {
	for _, c := range s.Columns {
		switch c.Kind {
		case frame.Identifier:
			p.left = append(p.left, LeftOut{c.Name, "it names the rows"})
		case frame.Text:
			p.left = append(p.left, LeftOut{c.Name, "it is free text"})
		default:
			columns = append(columns, c)
			p.kinds = append(p.kinds, c.Kind)
		}
	}
	if len(columns) == 0 {
		return nil, &ito.InputError{Where: name, What: "no column is left to compare", Do: "ignore fewer"}
	}
	return columns, nil
}

// fill takes data, samples and a holdout, if there is one.
func (p *pair) fill(tables []tabular.Table) {
	p.data, p.samples = tables[0], tables[1]
	if len(tables) > 2 {
		p.holdout = &tables[2]
	}
}
