package frame

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/internal/lines"
)

// test reads what a column is asked to be: missing, present, = x|y, in x|y, in 3..9, < 5.
func (s *Schema) test(k int, words []ruleWord) (Test, error) {
	c := &s.Columns[k]
	if len(words) == 1 && words[0].is("missing") {
		if c.Missing == 0 {
			return Test{}, fmt.Errorf("no cell of %s is missing", c.Name)
		}
		return Test{Missing: true}, nil
	}
	if len(words) == 1 && (words[0].is("present") || words[0].is("there")) {
		return Test{Present: true}, nil
	}
	if len(words) < 2 {
		return Test{}, fmt.Errorf("what %s is asked to be is none of = x, in x|y, in 3..9, missing and present", c.Name)
	}
	op, rest := words[0], words[1:]
	switch {
	case op.op == "<" || op.op == "<=" || op.op == ">" || op.op == ">=":
		r, err := s.chain(append([]ruleWord{{text: c.Name, quoted: true}}, words...))
		if err != nil {
			return Test{}, err
		}
		if len(r) != 1 || r[0].Kind != Range {
			return Test{}, fmt.Errorf("%s is compared with another column, and only a value can stand there", c.Name)
		}
		return r[0].Then, nil
	case op.op != "=" && !op.is("in"):
		return Test{}, fmt.Errorf("%q is none of = and in", op.text+op.op)
	}
	if len(rest) == 1 && !rest[0].quoted {
		if from, to, ok := strings.Cut(rest[0].text, ".."); ok {
			if !c.Kind.Numeric() && c.Kind != Time && c.Kind != Ordered {
				return Test{}, fmt.Errorf("%s is %s, and has no ranges", c.Name, c.Kind)
			}
			t := between(math.Inf(-1), math.Inf(1))
			var err error
			if from != "" {
				t.Low, err = c.Parse(from)
			}
			if to != "" && err == nil {
				t.High, err = c.Parse(to)
			}
			if err == nil && t.Low > t.High {
				err = fmt.Errorf("%s is no range: its ends are the wrong way round", rest[0].text)
			}
			return t, err
		}
	}
	t := Test{Set: []float64{}}
	for i, w := range rest {
		if i%2 == 1 {
			if w.op != "|" {
				return t, fmt.Errorf("%q stands where | is meant between values", w.text+w.op)
			}
			continue
		}
		v, err := c.Parse(w.text)
		switch {
		case w.op != "" || len(rest)%2 == 0:
			return t, errors.New("a value is missing beside |")
		case err != nil:
			return t, err
		case math.IsNaN(v):
			return t, fmt.Errorf("%s is a missing cell: say %s missing", lines.Brief(w.text), c.Name)
		}
		t.Set = append(t.Set, v)
	}
	return t, nil
}

// implication reads COLUMN … then COLUMN ….
func (s *Schema) implication(words []ruleWord) (r Rule, err error) {
	r.Kind = Implies
	at := slices.IndexFunc(words, func(w ruleWord) bool { return w.is("then") })
	if at < 1 || at == len(words)-1 {
		return r, errors.New(`it is not "if a = x then b = y"`)
	}
	a, err := s.place(words[0])
	if err != nil {
		return r, err
	}
	b, err := s.place(words[at+1])
	if err != nil {
		return r, err
	}
	if r.Columns = []int{a, b}; a == b {
		return r, fmt.Errorf("both sides are about %s", s.Columns[a].Name)
	}
	if r.If, err = s.test(a, words[1:at]); err != nil {
		return r, err
	}
	r.Then, err = s.test(b, words[at+2:])
	return r, err
}

// fixed reads COLUMN, COLUMN, ….
func (s *Schema) fixed(words []ruleWord) (r Rule, err error) {
	r.Kind = Fixed
	for _, w := range words {
		if w.op == "," || w.op == "+" {
			continue
		}
		k, err := s.place(w)
		if err != nil {
			return r, err
		}
		if slices.Contains(r.Columns, k) {
			return r, fmt.Errorf("column %s stands twice", w.text)
		}
		r.Columns = append(r.Columns, k)
	}
	if len(r.Columns) < 2 {
		return r, errors.New("fixed combinations are of two columns or more")
	}
	return r, nil
}

// sum reads a + b = c, c = a + b, and a + b = 1.
func (s *Schema) sum(words []ruleWord) (r Rule, err error) {
	r.Kind = Sum
	at := slices.IndexFunc(words, func(w ruleWord) bool { return w.op == "=" })
	if at < 0 {
		return r, errors.New("a sum is written a + b = c, or a + b = 1")
	}
	parts, total := words[:at], words[at+1:]
	if len(parts) == 1 {
		parts, total = total, parts
	}
	if len(total) != 1 || len(parts) < 3 || len(parts)%2 == 0 {
		return r, errors.New("a sum is written a + b = c, or a + b = 1")
	}
	for i, w := range parts {
		if i%2 == 1 {
			if w.op != "+" {
				return r, fmt.Errorf("%q stands where + is meant", w.text+w.op)
			}
			continue
		}
		k, err := s.sized(w, true)
		if err != nil {
			return r, err
		}
		r.Columns = append(r.Columns, k)
	}
	if v, err := strconv.ParseFloat(total[0].text, 64); err == nil && !total[0].quoted && s.Find(total[0].text) < 0 {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return r, errors.New("the total is no finite number")
		}
		r.Total, r.Number = v, true
	} else {
		k, err := s.sized(total[0], true)
		if err != nil {
			return r, err
		}
		r.Columns = append(r.Columns, k)
	}
	for i, k := range r.Columns {
		if slices.Contains(r.Columns[:i], k) {
			return r, fmt.Errorf("column %s stands twice", s.Columns[k].Name)
		}
	}
	return r, nil
}
