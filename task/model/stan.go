package model

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// FromStan translates a Stan program of the common subset; whatever else it holds is a *StanError at its place.
func FromStan(_ context.Context, c FromStanConfig, _ task.Env) (*FromStanReport, error) {
	src, err := os.ReadFile(c.File)
	if err != nil {
		return nil, &ito.InputError{Where: c.File, What: "it cannot be read: " + err.Error(), Do: "check the name"}
	}
	text, err := translate(c.File, string(src))
	if err != nil {
		return nil, err
	}
	r := &FromStanReport{Out: c.Out, Text: text}
	if c.Out == "" {
		return r, nil
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return nil, err
	}
	return r, store.WriteFile(c.Out, func(w io.Writer) error {
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
	used      bool // an index was the loop's variable
}

// replace writes v[n] as v, or v[g[n]] as v[g - 1], where v has one axis; it fails the loop otherwise.
func (l *stanLoop) replace(v *stanValue, key string, k stanKind) bool {
	if !regexp.MustCompile(`\b` + l.name + `\b`).MatchString(key) {
		return false
	}
	l.used = true
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

// asArrays tries a loop over one statement as whole arrays.
func (p *stanParser) asArrays(name, end string) bool {
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
	lists, params, open := maps.Clone(p.lists), maps.Clone(p.params), slices.Clone(p.open)
	p.loop = &stanLoop{p: p, name: p.named(name), end: end}
	failed := false
	for more := true; more && !failed; {
		p.simple()
		failed = p.loop.failed
		if more = braces && p.peek().text != "}"; more && !failed {
			t := p.peek()
			failed = t.kind != 'w' || slices.Contains(stanTypes, t.text) ||
				slices.Contains([]string{"for", "if", "target", "while"}, t.text)
		}
	}
	p.loop = nil
	written := strings.TrimPrefix(p.out.String(), text)
	if braces && !failed {
		p.next()
	}
	if failed || regexp.MustCompile(`\b`+p.named(name)+`\b`).MatchString(written) {
		p.at = at
		p.lists, p.params, p.open = lists, params, open
		p.out.Reset()
		p.out.WriteString(text)
		return false
	}
	return true
}

// spread is a value that may be one number for all elements.
func spread(value string, r stanValue, n string) string {
	if r.kind.rank() == 0 && !strings.Contains(value, ").log") {
		return stanValue{value, 0, r.kind}.at(6) + " * ones(" + n + ")"
	}
	return value
}
