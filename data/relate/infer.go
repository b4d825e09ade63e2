package relate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// inferred is a table whose types are known.
type inferred struct {
	in     *frame.Input
	schema frame.Schema
	held   int
}

// infer finds out the types of a table with keys. Of each key of a parent one column at least is an identifier, the
// last where none looks like one, so that fresh ones are made of it; of a child, all are, since they are the parent's.
func infer(s Side, keys [][]string, child bool) (*inferred, error) {
	if s.File == "-" {
		return nil, &ito.InputError{Where: s.File, What: "tables that belong together are read more than once",
			Do: "name files"}
	}
	o := s.Options
	in, err := frame.Open(s.File, o)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		for _, name := range k {
			what := ""
			switch {
			case !slices.Contains(in.Columns, name):
				what = suggest.Among(name, in.Columns)
			case slices.Contains(o.Ignore, name) || len(o.Columns) > 0 && !slices.Contains(o.Columns, name):
				what = "read it: it says which rows belong together"
			default:
				continue
			}
			_ = in.Close()
			return nil, &ito.InputError{Where: "`key`", What: fmt.Sprintf("%s has no column %q", in.Name, name),
				Do: what}
		}
	}
	declare := func(name string) {
		if !slices.ContainsFunc(o.Types, func(t string) bool { return strings.HasPrefix(t, name+"=") }) {
			o.Types = append(slices.Clone(o.Types), name+"="+string(frame.Identifier))
		}
	}
	before := len(o.Types)
	var schema frame.Schema
	if child {
		for _, name := range keys[0] {
			declare(name)
		}
	} else {
		if schema, err = in.Infer(); err != nil {
			return &inferred{in: in}, err
		}
		for _, k := range keys {
			if !slices.ContainsFunc(k, func(name string) bool { return identifies(schema, name) }) {
				declare(k[len(k)-1])
			}
		}
	}
	if len(o.Types) > before || child {
		_ = in.Close()
		if in, err = frame.Open(s.File, o); err != nil {
			return nil, err
		}
		if schema, err = in.Infer(); err != nil {
			return &inferred{in: in}, err
		}
	}
	for _, k := range keys {
		if !slices.ContainsFunc(k, func(name string) bool { return identifies(schema, name) }) {
			return &inferred{in: in}, &ito.InputError{Where: "`key`", What: fmt.Sprintf(
				"no column of %s is an identifier in %s", strings.Join(k, ","), in.Name),
				Do: "leave `types` of it out, so that fresh ones are made"}
		}
	}
	return &inferred{in, schema, o.Held}, nil
}

func identifies(s frame.Schema, name string) bool {
	k := s.Find(name)
	return k >= 0 && s.Columns[k].Kind == frame.Identifier
}

// places are the columns of a file.
func (s *inferred) places(names []string) []int {
	var at []int
	for _, n := range names {
		at = append(at, slices.Index(s.in.Columns, n))
	}
	return at
}
