package frame

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/lines"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// rule reads a constraint:
//
//	start < end         a <= b <= c         0 <= age < 120        age in 18..99       size in S|M
//	net + tax = gross   a + b + c = 1       fixed city, zip
//	if member = no then joined missing      if size = S|M then price in 1..20
//
// A name with other characters than letters, digits, _ and . may stand in double quotes.
func (s *Schema) rule(text string) ([]Rule, error) {
	words, err := ruleWords(text)
	switch {
	case err != nil:
		return nil, err
	case len(words) == 0:
		return nil, errors.New("it is empty")
	}
	keyword := len(words) > 1 && words[1].op == ""
	switch {
	case keyword && words[0].is("if"):
		r, err := s.implication(words[1:])
		r.Text = text
		return []Rule{r}, err
	case keyword && words[0].is("fixed"):
		r, err := s.fixed(words[1:])
		r.Text = text
		return []Rule{r}, err
	case slices.ContainsFunc(words, func(w ruleWord) bool { return w.op == "+" || w.op == "=" }):
		r, err := s.sum(words)
		r.Text = text
		return []Rule{r}, err
	}
	out, err := s.chain(words)
	for i := range out {
		out[i].Text = text
	}
	return out, err
}

// ruleWord is a name or a value, or an operator.
type ruleWord struct {
	text   string
	quoted bool
	op     string
}

// is reports a keyword.
func (w ruleWord) is(keyword string) bool {
	return !w.quoted && w.op == "" && strings.EqualFold(w.text, keyword)
}

// ruleWords takes a text apart: operators are < <= > >= = + , and |.
func ruleWords(text string) ([]ruleWord, error) {
	var out []ruleWord
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimLeft(rest, " \t\n") {
		switch c := rest[0]; {
		case c == '"':
			word, after, ok := whereWord(rest, nil)
			if !ok {
				return nil, errors.New("a quote is not closed")
			}
			out, rest = append(out, ruleWord{text: word, quoted: true}), after
		case strings.HasPrefix(rest, "<=") || strings.HasPrefix(rest, ">="):
			out, rest = append(out, ruleWord{op: rest[:2]}), rest[2:]
		case strings.HasPrefix(rest, "≤"):
			out, rest = append(out, ruleWord{op: "<="}), rest[len("≤"):]
		case strings.HasPrefix(rest, "≥"):
			out, rest = append(out, ruleWord{op: ">="}), rest[len("≥"):]
		case strings.IndexByte("<>=+,|", c) >= 0:
			out, rest = append(out, ruleWord{op: rest[:1]}), rest[1:]
		default:
			at := strings.IndexAny(rest, " \t\n<>=+,|\"≤≥")
			if at < 0 {
				at = len(rest)
			}
			out, rest = append(out, ruleWord{text: rest[:at]}), rest[at:]
		}
	}
	return out, nil
}

// place finds a column that a rule can be about.
func (s *Schema) place(w ruleWord) (int, error) {
	k := s.Find(w.text)
	switch {
	case w.op != "":
		return 0, fmt.Errorf("a column is missing before %q", w.op)
	case k < 0:
		return 0, &ito.InputError{What: fmt.Sprintf("no column is named %q", w.text),
			Do: suggest.Among(w.text, s.Names())}
	case s.Columns[k].Kind == Constant:
		return k, nil
	case !s.Columns[k].Kind.Learnt():
		return 0, fmt.Errorf("column %s is %s, which is not learnt", w.text, s.Columns[k].Kind)
	}
	return k, nil
}

// sized is place of a column whose cells have a size.
func (s *Schema) sized(w ruleWord, numbers bool) (int, error) {
	k, err := s.place(w)
	if err != nil {
		return k, err
	}
	if c := &s.Columns[k]; !c.Kind.Numeric() && (numbers || c.Kind != Time) {
		do := "declare it a number, as `types=" + c.Name + "=real`"
		if c.Kind == Constant {
			do = "leave it out"
		}
		return k, &ito.InputError{What: fmt.Sprintf("column %s is %s, and has no size", c.Name, c.Kind), Do: do}
	}
	return k, nil
}

// chain reads a < b <= 3, and age in 18..99.
func (s *Schema) chain(words []ruleWord) ([]Rule, error) {
	if len(words) > 1 && words[1].is("in") {
		k, err := s.place(words[0])
		if err != nil {
			return nil, err
		}
		t, err := s.test(k, words[1:])
		return []Rule{{Kind: Range, Columns: []int{k}, Then: t}}, err
	}
	if len(words) < 3 || len(words)%2 == 0 {
		return nil, errors.New(`it is none of a < b, a + b = c, a in 1..9, "fixed a, b" and "if a = x then b = y"`)
	}
	column := func(w ruleWord) int {
		if w.op != "" {
			return -1
		}
		return s.Find(w.text)
	}
	up, down := false, false
	var out []Rule
	for i := 1; i < len(words); i += 2 {
		op, a, b := words[i].op, words[i-1], words[i+1]
		up, down = up || strings.HasPrefix(op, "<"), down || strings.HasPrefix(op, ">")
		if up == down || !slices.Contains([]string{"<", "<=", ">", ">="}, op) {
			return nil, fmt.Errorf("%q stands where all of < and <=, or all of > and >=, is meant", words[i].text+op)
		}
		if down {
			a, b = b, a
		}
		strict := len(op) == 1
		ka, kb := column(a), column(b)
		switch {
		case ka >= 0 && kb >= 0:
			ka, err := s.sized(a, false)
			if err != nil {
				return nil, err
			}
			if kb, err = s.sized(b, false); err != nil {
				return nil, err
			}
			x, y := &s.Columns[ka], &s.Columns[kb]
			if ka == kb || (x.Kind == Time) != (y.Kind == Time) || x.Dated() != y.Dated() {
				return nil, fmt.Errorf("%s is %s and %s is %s, which have no order", x.Name, x.Kind, y.Name, y.Kind)
			}
			out = append(out, Rule{Kind: Order, Columns: []int{ka, kb}, Strict: strict})
		case ka >= 0 || kb >= 0:
			k, end, upper := ka, b, true
			if kb >= 0 {
				k, end, upper = kb, a, false
			}
			c := &s.Columns[k]
			if _, err := s.sized(ruleWord{text: c.Name}, false); err != nil {
				return nil, err
			}
			v, err := c.Parse(end.text)
			if err != nil || end.op != "" {
				return nil, fmt.Errorf("%s is neither a column nor a value of %s", lines.Brief(end.text), c.Name)
			}
			t := between(math.Inf(-1), v)
			switch {
			case upper && strict:
				t.High = math.Nextafter(v, math.Inf(-1))
			case !upper && strict:
				t = between(math.Nextafter(v, math.Inf(1)), math.Inf(1))
			case !upper:
				t = between(v, math.Inf(1))
			}
			out = append(out, Rule{Kind: Range, Columns: []int{k}, Then: t})
		default:
			_, err := s.place(a)
			return nil, err
		}
	}
	return out, nil
}
