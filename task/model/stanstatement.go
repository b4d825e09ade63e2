package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

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
	if from.text == "1" && p.asArrays(name.text, to.at(1)) {
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
	if p.loop != nil {
		p.loop.used = false
	}
	v := p.expr(0)
	if p.loop != nil && !p.loop.used { // what is not of the loop's element is done as often as the loop goes round
		p.loop.failed = true
		return
	}
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
					value = spread(value, r, p.loop.end)
				}
				p.report(t.text, value)
				return
			}
		}
		p.line("%s = %s", p.named(t.text), spread(value, r, p.loop.end))
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
