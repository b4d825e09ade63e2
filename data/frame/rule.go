package frame

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// RuleKind is what a constraint between columns says.
type RuleKind string

// The kinds of constraints.
const (
	Range   RuleKind = "range"   // a column lies between two numbers or times, or in a set of levels
	Order   RuleKind = "order"   // one column is at most, or below, another
	Sum     RuleKind = "sum"     // columns sum to another, or to a number
	Fixed   RuleKind = "fixed"   // columns have only the combinations of cells that the data have
	Implies RuleKind = "implies" // where one column is so, another is so
)

// Rule is a constraint that every row of a table meets, and every sample by construction. A missing cell meets every
// rule but "present" and those of fixed combinations, in which it counts as a level.
type Rule struct {
	Text string
	Kind RuleKind
	// Columns are places in the schema: of a range its column; of an order the lower and the upper; of a sum the parts,
	// and the total last, unless it is a number; of an implication the one and the other.
	Columns []int
	Strict  bool    // of an order: below, not at most
	Total   float64 // of a sum without a column for it
	Number  bool    // the total is a number
	If      Test    // of an implication
	Then    Test    // of an implication, and of a range
}

// Test is what a cell is asked to be.
type Test struct {
	Missing, Present bool      // one of these alone, or
	Set              []float64 // one of these, or
	Low, High        float64   // between these, inclusive
}

// between is a test of a range.
func between(low, high float64) Test { return Test{Low: low, High: high} }

// Holds reports a cell that is there and is as it is asked to be, or is missing where that is asked.
func (q Test) Holds(v float64) bool {
	switch {
	case q.Missing:
		return math.IsNaN(v)
	case q.Present:
		return !math.IsNaN(v)
	case q.Set != nil:
		return slices.Contains(q.Set, v)
	}
	return v >= q.Low && v <= q.High
}

// Allows is Holds, and also true of a missing cell, unless the test is about that.
func (q Test) Allows(v float64) bool {
	return q.Holds(v) || math.IsNaN(v) && !q.Missing && !q.Present
}

// apart reports two tests that no cell that is there, nor a missing one that a test is about, passes both.
func (q Test) apart(o Test) bool {
	switch {
	case q.Missing || o.Missing:
		return q.Present || o.Present
	case q.Present || o.Present:
		return false
	case q.Set != nil:
		return !slices.ContainsFunc(q.Set, o.Holds)
	case o.Set != nil:
		return !slices.ContainsFunc(o.Set, q.Holds)
	}
	return math.Max(q.Low, o.Low) > math.Min(q.High, o.High)
}

// sumSlack is how far a sum of numbers may be from its total, as a part of the largest of them: what decimal places
// lose in binary ones.
const sumSlack = 1e-9

// Met reports a row that meets the rule. Of fixed combinations it is always true: they are those of the data.
func (r *Rule) Met(row []float64) bool {
	at := func(i int) float64 { return row[r.Columns[i]] }
	switch r.Kind {
	case Range:
		return r.Then.Allows(at(0))
	case Order:
		a, b := at(0), at(1)
		return a != a || b != b || a < b || a == b && !r.Strict
	case Implies:
		return !r.If.Holds(at(0)) || r.Then.Allows(at(1))
	case Sum:
		total, largest := r.Total, math.Abs(r.Total)
		parts := r.Columns
		if !r.Number {
			total = row[parts[len(parts)-1]]
			largest, parts = math.Abs(total), parts[:len(parts)-1]
		}
		for _, k := range parts {
			total -= row[k]
			largest = max(largest, math.Abs(row[k]))
		}
		return total != total || math.Abs(total) <= sumSlack*largest
	}
	return true
}

// AddRules adds constraints that the schema does not have yet; spaces make no difference.
func (s *Schema) AddRules(rules []string) {
	same := func(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }
	for _, r := range rules {
		if !slices.ContainsFunc(s.Rules, func(have string) bool { return same(have, r) }) {
			s.Rules = append(s.Rules, r)
		}
	}
}

// Compile reads the rules of a schema. All that is wrong with them, each alone and together, is one *[Faults].
func (s *Schema) Compile() ([]Rule, error) {
	var out []Rule
	var bad problems
	for _, text := range s.Rules {
		rules, err := s.rule(text)
		if err != nil {
			bad.add(Fault{What: fmt.Sprintf("constraint %s: %v", lines.Brief(text), err)})
			continue
		}
		out = append(out, rules...)
	}
	if len(bad.list) == 0 {
		s.contradictions(out, &bad)
	}
	return out, bad.err("the constraints")
}

// contradictions reports rules that no row can meet together.
func (s *Schema) contradictions(rules []Rule, bad *problems) {
	say := func(a, b *Rule) {
		bad.add(Fault{What: fmt.Sprintf("constraints %q and %q contradict each other", a.Text, b.Text),
			Do: "leave one of them out"})
	}
	for i := range rules {
		a := &rules[i]
		for j := range i {
			b := &rules[j]
			switch {
			case a.Kind == Range && b.Kind == Range && a.Columns[0] == b.Columns[0] && a.Then.apart(b.Then):
				say(b, a)
			case a.Kind == Implies && b.Kind == Implies && slices.Equal(a.Columns, b.Columns) && !a.If.apart(b.If) &&
				a.Then.apart(b.Then):
				say(b, a)
			case a.Kind == Implies && b.Kind == Range && a.Columns[1] == b.Columns[0] && a.Then.apart(b.Then) &&
				!a.Then.Missing:
				say(b, a)
			case b.Kind == Implies && a.Kind == Range && b.Columns[1] == a.Columns[0] && b.Then.apart(a.Then) &&
				!b.Then.Missing:
				say(b, a)
			case a.Kind == Sum && b.Kind == Sum && a.Number && b.Number && a.Total != b.Total &&
				sameColumns(a.Columns, b.Columns):
				say(b, a)
			}
		}
	}
	// an order that leads from a column to itself
	next := map[int][]*Rule{}
	for i := range rules {
		if r := &rules[i]; r.Kind == Order {
			next[r.Columns[0]] = append(next[r.Columns[0]], r)
		}
	}
	state := map[int]int{}
	var visit func(k int) *Rule
	visit = func(k int) *Rule {
		state[k] = 1
		for _, r := range next[k] {
			to := r.Columns[1]
			if state[to] == 1 {
				return r
			}
			if state[to] == 0 {
				if r := visit(to); r != nil {
					return r
				}
			}
		}
		state[k] = 2
		return nil
	}
	for k := range s.Columns {
		if state[k] == 0 {
			if r := visit(k); r != nil {
				bad.add(Fault{What: fmt.Sprintf("constraint %q leads in a circle: %s would be before itself", r.Text,
					s.Columns[r.Columns[1]].Name), Do: "leave one of that order out, or join equal columns"})
				return
			}
		}
	}
}

func sameColumns(a, b []int) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// breakers collect the rows that break rules.
type breakers struct {
	rules  []Rule
	broken []offenders
}

func newBreakers(s *Schema) (*breakers, error) {
	rules, err := s.Compile()
	return &breakers{rules: rules, broken: make([]offenders, len(rules))}, err
}

func (b *breakers) look(line int, row []float64) {
	for i := range b.rules {
		if !b.rules[i].Met(row) {
			b.broken[i].add(line, "")
		}
	}
}

func (b *breakers) report(bad *problems) {
	for i := range b.rules {
		if o := &b.broken[i]; o.count > 0 {
			rows := "1 row breaks"
			if o.count > 1 {
				rows = fmt.Sprintf("%d rows break", o.count)
			}
			bad.add(Fault{Lines: o.lines, Count: o.count, What: fmt.Sprintf("%s the constraint %q", rows,
				b.rules[i].Text), Do: "mend them or leave them out, or leave the constraint out"})
		}
	}
}
