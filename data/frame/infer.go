package frame

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
)

// declared is what somebody said of a column.
type declared struct {
	kind   Kind
	levels []string
	layout string
	given  *Column // of a schema
}

// Infer finds out what the columns are, in one pass and bounded memory. All that is wrong is one *[Faults].
func (in *Input) Infer() (Schema, error) {
	if in.other != nil {
		return Schema{}, in.other
	}
	var bad problems
	said, err := in.declared(&bad)
	if err != nil {
		return Schema{}, err
	}
	picked := in.picked(&bad)
	if len(picked) == 0 && len(bad.list) == 0 {
		return Schema{}, &ito.InputError{Where: in.Name, What: "no column is left", Do: "ignore fewer"}
	}
	tallies := make([]*tally, len(picked))
	for i, k := range picked {
		tallies[i] = newTally(in.Columns[k])
		if l := said[in.Columns[k]].layout; l != "" {
			tallies[i].tried = slices.Insert(tallies[i].tried, 0, newTrial(l))
		}
	}
	rows := 0
	err = in.each(func(line int, cells []string) error {
		if in.opts.DropMissing && in.gaps(picked, cells) {
			return nil
		}
		rows++
		for i, k := range picked {
			tallies[i].add(line, cells[k], in)
		}
		return nil
	}, &bad)
	if err != nil {
		return Schema{}, err
	}
	if rows == 0 && len(bad.list) == 0 {
		what := "there are names of columns and no row below them"
		if in.opts.DropMissing {
			what = "no row is without a missing cell"
		}
		return Schema{}, &ito.InputError{Where: in.Name, What: what, Do: "give rows"}
	}
	var s Schema
	for _, t := range tallies {
		s.Columns = append(s.Columns, t.decide(said[t.name], &bad))
	}
	if in.opts.Schema != nil {
		s.Rules = slices.Clone(in.opts.Schema.Rules)
	}
	s.AddRules(in.opts.Rules)
	if len(bad.list) == 0 {
		if _, err := s.Compile(); err != nil {
			return s, err
		}
	}
	return s, bad.err(in.Name)
}

// gaps reports a row with a missing cell.
func (in *Input) gaps(picked []int, cells []string) bool {
	return slices.ContainsFunc(picked, func(k int) bool { return in.na[cells[k]] })
}

// picked are the places of the columns that are read.
func (in *Input) picked(bad *problems) []int {
	for _, list := range []struct {
		setting string
		names   []string
	}{{"columns", in.opts.Columns}, {"ignore", in.opts.Ignore}} {
		for _, n := range list.names {
			if !slices.Contains(in.Columns, n) {
				bad.add(Fault{What: unknownColumn("`"+list.setting+"`", n, in.Columns).Error()})
			}
		}
	}
	var out []int
	for k, n := range in.Columns {
		drop := slices.Contains(in.opts.Ignore, n) || len(in.opts.Columns) > 0 && !slices.Contains(in.opts.Columns, n)
		if s := in.opts.Schema; s != nil {
			if at := s.Find(n); at >= 0 {
				drop = drop || s.Columns[at].Ignored
			} else if !drop {
				bad.add(Fault{Column: n, What: "the schema does not have it", Do: "add it there, or `ignore` it"})
			}
		}
		if !drop {
			out = append(out, k)
		}
	}
	return out
}

// declared reads the settings of types and the schema.
func (in *Input) declared(bad *problems) (map[string]declared, error) {
	said := map[string]declared{}
	if s := in.opts.Schema; s != nil {
		if err := s.Check("the schema"); err != nil {
			return nil, err
		}
		for i, c := range s.Columns {
			if !slices.Contains(in.Columns, c.Name) && !c.Ignored {
				bad.add(Fault{Column: c.Name, What: "the schema has it and " + in.Name + " has not",
					Do: "take it out of the schema, or give a table that has it"})
			}
			said[c.Name] = declared{kind: c.Kind, levels: c.Levels, layout: c.Layout, given: &s.Columns[i]}
		}
	}
	for _, text := range in.opts.Types {
		name, word, ok := strings.Cut(text, "=")
		name = strings.TrimSpace(name)
		word, detail, _ := strings.Cut(word, ":")
		kind, err := parseKind(word)
		switch {
		case !ok:
			bad.add(Fault{What: "`types`: " + lines.Brief(text) + " is not COLUMN=TYPE",
				Do: "write it like zip=category"})
			continue
		case err != nil:
			bad.add(Fault{What: "`types` of " + name + ": " + err.Error()})
			continue
		case !slices.Contains(in.Columns, name):
			bad.add(Fault{What: unknownColumn("`types`", name, in.Columns).Error()})
			continue
		}
		d := declared{kind: kind}
		if before, twice := said[name]; twice && before.given == nil {
			bad.add(Fault{Column: name, What: "`types` names it twice", Do: "name it once"})
		} else {
			d.given = before.given
		}
		if detail != "" {
			switch {
			case kind == Time:
				d.layout = detail
			case kind.Levelled():
				d.levels = strings.FieldsFunc(detail, func(r rune) bool { return r == '<' || r == '|' })
			default:
				bad.add(Fault{Column: name, What: fmt.Sprintf("`types`: a column of type %s has no %q", kind, detail),
					Do: "leave it out"})
			}
		}
		said[name] = d
	}
	return said, nil
}

// Numbered is Infer for whom rows are numbers: whole numbers that name rows are integers.
func (in *Input) Numbered() (Schema, error) {
	s, err := in.Infer()
	if err != nil {
		return s, err
	}
	before := len(in.opts.Types)
	for _, c := range s.Columns {
		if c.Kind == Identifier && !c.Hex && strings.Trim(c.Prefix, "0123456789") == "" &&
			!strings.Contains(c.Name, "=") {
			in.opts.Types = append(in.opts.Types, c.Name+"=integer")
		}
	}
	if len(in.opts.Types) == before {
		return s, nil
	}
	return in.Infer()
}
