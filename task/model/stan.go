package model

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// FromStan translates a Stan program of the common subset; whatever else it holds is a *StanError at its place.
func FromStan(c StanConfig) (text string, err error) {
	src, err := os.ReadFile(c.File)
	if err != nil {
		return "", &ito.InputError{Where: c.File, What: "it cannot be read: " + err.Error(), Do: "check the name"}
	}
	if text, err = translate(c.File, string(src)); err != nil || c.Out == "" {
		return text, err
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return "", err
	}
	return text, store.WriteFile(c.Out, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// stanParser translates as it reads.
type stanParser struct {
	file   string
	tokens []stanToken
	at     int
	out    strings.Builder
	indent int
	block  string
	kinds  map[string]stanKind
	sizes  map[string][]string // of declared variables, as text
	params map[string]bool     // true: it has a prior
	lists  map[string]bool     // variables that are lists while their elements are assigned
	open   []string            // declared without a value, in order
	loop   *stanLoop           // that is written as whole arrays
	drawn  bool                // the expression draws
	noBar  bool
}

// stanLoop is a loop over whole arrays.
type stanLoop struct {
	p         *stanParser
	name, end string
	failed    bool
}

// replace writes v[n] as v, or v[g[n]] as v[g - 1], where v has one axis; it fails the loop otherwise.
func (l *stanLoop) replace(v *stanValue, key string, k stanKind) bool {
	if !regexp.MustCompile(`\b` + l.name + `\b`).MatchString(key) {
		return false
	}
	if key != l.name+" - 1" || k.rank() > 0 {
		l.failed = true
		return false
	}
	if s := l.p.sizes[v.text]; len(s) != 1 || s[0] != l.end {
		v.text = v.at(9) + "[:" + l.end + "]"
		v.prec = 9
	}
	v.kind = stanKind{v.kind.base, v.kind.arrays}
	return true
}

type stanFailure struct{ err *StanError }

func (p *stanParser) fail(t stanToken, format string, a ...any) {
	panic(stanFailure{&StanError{p.file, t.line, t.col, fmt.Sprintf(format, a...)}})
}

func (p *stanParser) peek() stanToken { return p.tokens[p.at] }

func (p *stanParser) next() stanToken {
	t := p.tokens[p.at]
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

func (p *stanParser) want(text string) stanToken {
	t := p.next()
	if t.text != text {
		p.fail(t, "%q is expected, not %q", text, t.text)
	}
	return t
}

func (p *stanParser) line(format string, a ...any) {
	p.out.WriteString(strings.Repeat("    ", p.indent) + fmt.Sprintf(format, a...) + "\n")
}

// taken are words of the language that a Stan variable may be called.
var taken = strings.Fields("data param observe target derived generated and as def for if in lambda not or return " +
	"else elif load " +
	"pass break continue None True False len range print sum mean max min positive real unit lower upper pi inf " +
	"solve scan levels abs " +
	"normal beta gamma diag eye log exp sd dot where stack array zeros ones")

// named is a variable's name in the model file.
func (p *stanParser) named(s string) string {
	if slices.Contains(taken, s) {
		return s + "_"
	}
	return s
}

func translate(file, src string) (text string, err error) {
	p := &stanParser{file: file, kinds: map[string]stanKind{}, sizes: map[string][]string{}, params: map[string]bool{},
		lists: map[string]bool{}}
	if p.tokens, err = stanTokens(file, src); err != nil {
		return "", err
	}
	defer func() {
		if v := recover(); v != nil {
			f, ok := v.(stanFailure)
			if !ok {
				panic(v)
			}
			text, err = "", f.err
		}
	}()
	p.line("# translated by ito model from-stan; indices count from 0")
	for p.peek().kind != 0 {
		t := p.next()
		name := t.text
		for p.peek().kind == 'w' {
			name += " " + p.next().text
		}
		if !slices.Contains([]string{"data", "transformed data", "parameters", "transformed parameters", "model",
			"generated quantities"}, name) {
			p.fail(t, "the block %q is not translated", name)
		}
		p.want("{")
		p.block = name
		for p.peek().text != "}" {
			p.statement(true)
		}
		p.next()
		p.finish()
	}
	return p.out.String(), nil
}

// finish reports what a block defined by its elements.
func (p *stanParser) finish() {
	for _, name := range p.open {
		n := p.named(name)
		if p.lists[name] {
			p.line("%s = array(%s)", n, n)
			delete(p.lists, name)
		}
		p.report(name, n)
	}
	p.open = nil
}

// report gives a quantity to the draws.
func (p *stanParser) report(name, value string) {
	switch p.block {
	case "transformed parameters":
		p.line("%s = derived(%q, %s)", p.named(name), name, value)
	case "generated quantities":
		p.line("%s = generated(%q, %s)", p.named(name), name, value)
	default:
		if value != p.named(name) {
			p.line("%s = %s", p.named(name), value)
		}
	}
}

var stanTypes = []string{"int", "real", "vector", "row_vector", "matrix", "simplex", "ordered", "positive_ordered",
	"unit_vector",
	"cov_matrix", "corr_matrix", "cholesky_factor_corr", "cholesky_factor_cov", "sum_to_zero_vector", "array"}

// statement reads one; top says that a declaration is of the block.
func (p *stanParser) statement(top bool) {
	t := p.peek()
	switch {
	case t.text == ";":
		p.next()
	case slices.Contains(stanTypes, t.text):
		p.declaration(top)
	case t.text == "for":
		p.forLoop()
	case t.text == "if":
		p.ifs("if")
	case t.text == "{":
		p.next()
		for p.peek().text != "}" {
			p.statement(false)
		}
		p.next()
	case t.text == "target":
		p.next()
		p.want("+=")
		v := p.expr(0)
		p.want(";")
		p.line("target(%s)", v.text)
	case t.text == "print":
		for p.next().text != ";" {
		}
	case slices.Contains([]string{"while", "reject", "return", "break", "continue", "profile"}, t.text):
		p.fail(t, "%s is not translated", t.text)
	default:
		p.simple()
	}
}

// declaration reads type<bounds>[sizes] name = value.
func (p *stanParser) declaration(top bool) {
	t := p.next()
	base := t.text
	var sizes []string
	arrays := 0
	size := func() {
		p.want("[")
		for {
			sizes = append(sizes, p.expr(0).at(1))
			if p.next().text != "," {
				break
			}
		}
	}
	if base == "array" {
		size()
		arrays = len(sizes)
		base = p.next().text
	}
	bounds := map[string]string{}
	if p.peek().text == "<" {
		p.next()
		for p.peek().text != ">" {
			word := p.next().text
			p.want("=")
			bounds[word] = p.expr(5).text
			if p.peek().text == "," {
				p.next()
			}
		}
		p.next()
	}
	own := len(sizes)
	if p.peek().text == "[" {
		size()
	}
	for {
		name := p.next()
		all := slices.Clone(sizes)
		if p.peek().text == "[" { // the arrays of old programs
			inner := all[own:]
			sizes = nil
			size()
			arrays += len(sizes)
			all, sizes = append(slices.Clone(sizes), inner...), all
		}
		k := stanKind{base, arrays}
		switch base {
		case "simplex", "ordered", "positive_ordered", "unit_vector", "sum_to_zero_vector":
			k.base = "vector"
		case "cov_matrix", "corr_matrix", "cholesky_factor_corr", "cholesky_factor_cov":
			k.base = "matrix"
		}
		p.kinds[name.text], p.sizes[p.named(name.text)] = k, all
		n := p.named(name.text)
		switch {
		case p.block == "data":
			p.line("%s = data[%q]", n, name.text)
		case p.block == "parameters":
			p.parameter(name, base, arrays, bounds, all)
		case p.peek().text == "=":
			p.next()
			p.drawn = false
			v := p.expr(0)
			if top {
				p.report(name.text, v.text)
				if p.block == "model" || p.block == "transformed data" {
					break
				}
			} else {
				p.line("%s = %s", n, v.text)
			}
		case k.rank() > 0:
			if k.rank() > 1 {
				p.lists[name.text] = false
			}
			p.open = append(p.open, name.text)
			if !top {
				p.open = p.open[:len(p.open)-1]
			}
			p.lists[name.text] = false
		default:
			if top {
				p.open = append(p.open, name.text)
			}
		}
		if p.peek().text != "," {
			break
		}
		p.next()
	}
	p.want(";")
}

// parameter declares one.
func (p *stanParser) parameter(name stanToken, base string, arrays int, bounds map[string]string, sizes []string) {
	support := ""
	lo, hi := bounds["lower"], bounds["upper"]
	switch {
	case lo == "0" && hi == "1":
		support = "unit"
	case lo != "" && hi != "":
		support = fmt.Sprintf("interval(%s, %s)", lo, hi)
	case lo == "0":
		support = "positive"
	case lo != "":
		support = fmt.Sprintf("lower(%s)", lo)
	case hi != "":
		support = fmt.Sprintf("upper(%s)", hi)
	}
	shape := sizes
	words := map[string]string{"simplex": "simplex", "ordered": "ordered", "positive_ordered": "positive_ordered",
		"unit_vector": "unit_vector", "sum_to_zero_vector": "sum_to_zero", "cov_matrix": "cov_matrix",
		"corr_matrix":          "corr_matrix",
		"cholesky_factor_corr": "corr_cholesky", "cholesky_factor_cov": "cholesky_cov"}
	if w, ok := words[base]; ok {
		last := sizes[len(sizes)-1]
		support, shape = fmt.Sprintf("%s(%s)", w, last), sizes[:arrays]
	}
	if base == "int" {
		p.fail(name, "a parameter cannot be an int")
	}
	text := fmt.Sprintf("%s = param(%q", p.named(name.text), name.text)
	if support != "" {
		text += ", " + support
	}
	switch len(shape) {
	case 0:
	case 1:
		text += ", shape = " + shape[0]
	default:
		text += ", shape = (" + strings.Join(shape, ", ") + ")"
	}
	p.line("%s)", text)
	p.params[name.text] = false
}

// forLoop is written as whole arrays where it can be, and as a loop otherwise.
func (p *stanParser) forLoop() {
	p.next()
	p.want("(")
	name := p.next()
	p.want("in")
	from := p.expr(1)
	if p.peek().text != ":" {
		p.fail(name, "a loop over the elements of an array is not translated: loop over 1:N")
	}
	p.next()
	to := p.expr(1)
	p.want(")")
	p.kinds[name.text] = stanKind{"int", 0}
	if from.text == "1" && p.whole(name.text, to.at(1)) {
		return
	}
	p.line("for %s in range(%s, %s + 1):", p.named(name.text), from.text, to.at(5))
	p.body()
	if p.indent == 0 {
		for _, n := range p.open {
			if p.lists[n] {
				p.line("%s = array(%s)", p.named(n), p.named(n))
				p.lists[n] = false
			}
		}
	}
}

// whole tries a loop over one statement as whole arrays.
func (p *stanParser) whole(name, end string) bool {
	at, text := p.at, p.out.String()
	braces := p.peek().text == "{"
	if braces {
		p.next()
	}
	t := p.peek()
	if t.kind != 'w' || slices.Contains(stanTypes, t.text) || slices.Contains([]string{"for", "if", "target", "while"},
		t.text) ||
		p.loop != nil {
		p.at = at
		return false
	}
	p.loop = &stanLoop{p: p, name: p.named(name), end: end}
	p.simple()
	failed := p.loop.failed
	p.loop = nil
	written := strings.TrimPrefix(p.out.String(), text)
	if braces && !failed {
		failed = p.peek().text != "}"
		if !failed {
			p.next()
		}
	}
	if failed || regexp.MustCompile(`\b`+p.named(name)+`\b`).MatchString(written) {
		p.at = at
		p.out.Reset()
		p.out.WriteString(text)
		return false
	}
	return true
}

func (p *stanParser) body() {
	p.indent++
	from := p.out.Len()
	p.statement(false)
	if p.out.Len() == from {
		p.line("pass")
	}
	p.indent--
}

func (p *stanParser) ifs(word string) {
	p.next()
	p.want("(")
	c := p.expr(0)
	p.want(")")
	p.line("%s %s:", word, c.text)
	p.body()
	if p.peek().text == "else" {
		p.next()
		if p.peek().text == "if" {
			p.ifs("elif")
			return
		}
		p.line("else:")
		p.body()
	}
}

// simple is an assignment or a sampling statement.
func (p *stanParser) simple() {
	t := p.peek()
	start := p.at
	v := p.expr(0)
	op := p.next()
	switch op.text {
	case "~":
		p.sampling(t, v)
		return
	case "=", "+=", "-=", "*=", "/=":
	default:
		p.fail(op, "%q is not translated here", op.text)
	}
	if t.kind != 'w' {
		p.fail(t, "an assignment to an expression")
	}
	if _, param := p.params[t.text]; param {
		p.fail(t, "%s is a parameter", t.text)
	}
	p.drawn = false
	r := p.expr(0)
	p.want(";")
	value := r.text
	if op.text != "=" {
		value = v.at(6) + " " + op.text[:1] + " " + r.at(7)
	}
	indexed := p.tokens[start+1].text == "["
	switch {
	case !indexed:
		delete(p.lists, t.text)
		if i := slices.Index(p.open, t.text); i >= 0 && p.indent == 0 && op.text == "=" {
			p.open = slices.Delete(p.open, i, i+1)
			p.report(t.text, value)
			return
		}
		p.line("%s = %s", p.named(t.text), value)
	case p.loop != nil:
		if s := p.sizes[p.named(t.text)]; len(s) != 1 || s[0] != p.loop.end || op.text != "=" {
			p.loop.failed = true
			return
		}
		if strings.Contains(value, p.named(t.text)) &&
			regexp.MustCompile(`\b`+p.named(t.text)+`\b`).MatchString(value) {
			p.loop.failed = true // a recurrence
			return
		}
		delete(p.lists, t.text)
		if p.drawn || p.block == "generated quantities" || p.block == "transformed parameters" {
			if i := slices.Index(p.open, t.text); i >= 0 {
				p.open = slices.Delete(p.open, i, i+1)
				if !p.drawn {
					value = whole(value, r, p.loop.end)
				}
				p.report(t.text, value)
				return
			}
		}
		p.line("%s = %s", p.named(t.text), whole(value, r, p.loop.end))
	default:
		if p.drawn {
			p.fail(t, "a draw of one element is not translated: draw the whole array")
		}
		if _, fresh := p.lists[t.text]; !fresh {
			p.fail(t, "%s has its values already; an element of them cannot be assigned", t.text)
		}
		s := p.sizes[p.named(t.text)]
		if len(s) != 1 {
			p.fail(t, "an assignment to an element of %s, which has %d axes, is not translated: make the whole of it",
				t.text, len(s))
		}
		if !p.lists[t.text] {
			indent := p.indent
			if indent > 0 && !p.lists[t.text] {
				p.hoist(fmt.Sprintf("%s = [0] * (%s)", p.named(t.text), s[0]))
			} else {
				p.line("%s = [0] * (%s)", p.named(t.text), s[0])
			}
			p.lists[t.text] = true
		}
		p.line("%s = %s", v.text, value)
	}
}

// whole is a value that may be one number for all elements.
func whole(value string, r stanValue, n string) string {
	if r.kind.rank() == 0 && !strings.Contains(value, ").log") {
		return stanValue{value, 0, r.kind}.at(6) + " * ones(" + n + ")"
	}
	return value
}

// hoist writes a line before the outermost loop that is being written.
func (p *stanParser) hoist(text string) {
	lines := strings.Split(strings.TrimSuffix(p.out.String(), "\n"), "\n")
	at := len(lines)
	for i := len(lines) - 1; i >= 0; i-- {
		if !strings.HasPrefix(lines[i], " ") {
			at = i
			break
		}
	}
	lines = slices.Insert(lines, at, text)
	p.out.Reset()
	p.out.WriteString(strings.Join(lines, "\n") + "\n")
}

// sampling is lhs ~ family(args) T[lower, upper].
func (p *stanParser) sampling(t stanToken, lhs stanValue) {
	name := p.next()
	p.want("(")
	var args []stanValue
	for p.peek().text != ")" {
		args = append(args, p.expr(0))
		if p.peek().text == "," {
			p.next()
		}
	}
	p.want(")")
	d := p.family(name, name.text, args)
	if p.peek().text == "T" {
		p.next()
		p.want("[")
		var ends []string
		if p.peek().text != "," {
			ends = append(ends, "lower = "+p.expr(0).text)
		}
		p.want(",")
		if p.peek().text != "]" {
			ends = append(ends, "upper = "+p.expr(0).text)
		}
		p.want("]")
		if len(ends) > 0 {
			d = strings.TrimSuffix(d, ")") + ", " + strings.Join(ends, ", ") + ")"
		}
	}
	p.want(";")
	if prior, ok := p.params[t.text]; ok && !prior && lhs.text == p.named(t.text) && p.indent == 0 {
		p.params[t.text] = true
		p.line("%s.prior(%s)", lhs.text, d)
		return
	}
	y := lhs.text
	if slices.Contains(fromOne, name.text) {
		y = lhs.at(5) + " - 1"
	}
	p.line("observe(%s, %s)", d, y)
}
