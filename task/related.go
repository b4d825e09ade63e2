package task

import (
	"fmt"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/relate"
)

// Related sets which tables have rows that belong to those of another, and by what.
type Related struct {
	Child []string // files
	Key   []string // one for all, or one for each
}

// Sides are how the tables are read: settings whose column begins with the name of a child are the child's.
func (t Related) Sides(e *Env, of Tables, r Reading, file string) (relate.Side, []relate.ChildSide, error) {
	bad := func(setting, what, do string) error {
		return &ito.InputError{Where: "`" + setting + "`", What: what, Do: do}
	}
	var none relate.Side
	switch {
	case len(t.Key) == 0:
		return none, nil, bad("key", "nothing says which rows belong together",
			"name the column that both tables have, as `key=customer_id`")
	case len(t.Key) > 1 && len(t.Key) != len(t.Child):
		return none, nil, bad("key", fmt.Sprintf("%d keys for %d children", len(t.Key), len(t.Child)),
			"give one for all, or one for each")
	}
	names := make([]string, len(t.Child))
	children := make([]relate.ChildSide, len(t.Child))
	for i, c := range t.Child {
		names[i] = relate.Name(c)
		k, err := relate.ParseKey(t.Key[min(i, len(t.Key)-1)])
		if err != nil {
			return none, nil, err
		}
		children[i].Key, children[i].File = k, c
	}
	options := make([]Tables, len(t.Child)+1) // of the parent, and of the children
	for i := range options {
		options[i] = Tables{DropMissing: of.DropMissing, NA: of.NA, Decimal: of.Decimal, Delimiter: of.Delimiter}
	}
	options[0].Schema = of.Schema
	sort := func(list []string, mark string, into func(o *Tables) *[]string) {
		for _, word := range list {
			at := 0
			for i, n := range names {
				if rest, ok := strings.CutPrefix(word, n+mark); ok {
					at, word = i+1, strings.TrimSpace(rest)
					break
				}
			}
			*into(&options[at]) = append(*into(&options[at]), word)
		}
	}
	sort(of.Types, ".", func(o *Tables) *[]string { return &o.Types })
	sort(of.Columns, ".", func(o *Tables) *[]string { return &o.Columns })
	sort(of.Ignore, ".", func(o *Tables) *[]string { return &o.Ignore })
	sort(of.Constraint, ":", func(o *Tables) *[]string { return &o.Constraint })
	parent := relate.Side{File: file}
	for i := range options {
		o, err := options[i].Options(e, r)
		if err != nil {
			return none, nil, err
		}
		if i == 0 {
			parent.Options = o
		} else {
			children[i-1].Options = o
		}
	}
	return parent, children, nil
}
