package model

import (
	"fmt"
	"strings"
)

// binary operators by how tightly they bind.
var stanBinary = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5,
	"*": 6, "/": 6,
	"%": 6, "%/%": 6, ".*": 6, "./": 6, "\\": 6, "^": 8, ".^": 8}

// expr reads an expression that binds at least so tightly.
func (p *stanParser) expr(least int) stanValue {
	v := p.unary()
	for {
		t := p.peek()
		if t.text == "?" && least == 0 {
			p.next()
			a := p.expr(0)
			p.want(":")
			b := p.expr(0)
			p.unwhole()
			v = stanValue{fmt.Sprintf("%s if %s else %s", a.at(1), v.at(1), b.at(1)), 0, a.kind}
			continue
		}
		prec, ok := stanBinary[t.text]
		if !ok || prec < least || t.kind != 'o' || p.noBar && t.text == "|" {
			return v
		}
		p.next()
		right := prec + 1
		if prec == 8 { // from the right
			right = prec
		}
		v = p.combine(t, v, p.expr(right))
	}
}

func (p *stanParser) unary() stanValue {
	t := p.peek()
	switch t.text {
	case "-":
		p.next()
		v := p.expr(7)
		return stanValue{"-" + v.at(7), 7, v.kind}
	case "+":
		p.next()
		return p.expr(7)
	case "!":
		p.next()
		p.unwhole()
		v := p.expr(7)
		return stanValue{"not " + v.at(7), 3, stanKind{"int", 0}}
	}
	return p.postfix(p.atom())
}

// unwhole gives up writing a loop as whole arrays.
func (p *stanParser) unwhole() {
	if p.loop != nil {
		p.loop.failed = true
	}
}

// combine is a binary operation: products of matrices are products, everything else is by elements.
func (p *stanParser) combine(t stanToken, a, b stanValue) stanValue {
	wide := func() stanKind {
		if a.kind.rank() >= b.kind.rank() && !(a.kind.base == "int" && b.kind.base == "real") {
			return a.kind
		}
		return b.kind
	}
	linear := func(k stanKind) bool { return k.is("vector", "row_vector", "matrix") }
	plain := func(op string, prec int, k stanKind) stanValue {
		return stanValue{a.at(prec) + " " + op + " " + b.at(prec+1), prec, k}
	}
	if p.loop != nil { // of whole arrays: Starlark compares and joins single values
		words := map[string]string{"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
		if w, ok := words[t.text]; ok {
			return stanValue{fmt.Sprintf("%s(%s, %s)", w, a.text, b.text), 9, stanKind{"int", 0}}
		}
		if t.text == "&&" || t.text == "||" {
			p.unwhole()
		}
	}
	switch t.text {
	case "*":
		switch {
		case a.kind.is("row_vector") && b.kind.is("vector"):
			return stanValue{fmt.Sprintf("dot(%s, %s)", a.text, b.text), 9, stanKind{"real", 0}}
		case a.kind.is("vector") && b.kind.is("row_vector"):
			return stanValue{fmt.Sprintf("%s[:, None] * %s", a.at(9), b.at(7)), 6, stanKind{"matrix", 0}}
		case linear(a.kind) && linear(b.kind) && (a.kind.is("matrix") || b.kind.is("matrix")):
			k := stanKind{"matrix", 0}
			if b.kind.is("vector") {
				k.base = "vector"
			} else if a.kind.is("row_vector") {
				k.base = "row_vector"
			}
			return stanValue{fmt.Sprintf("matmul(%s, %s)", a.text, b.text), 9, k}
		}
		return plain("*", 6, wide())
	case "/":
		if a.kind.is("int") && b.kind.is("int") {
			return plain("//", 6, a.kind)
		}
		if linear(a.kind) && b.kind.is("matrix") {
			p.fail(t, "division by a matrix is not translated: write a solve")
		}
		return plain("/", 6, wide())
	case "\\":
		return stanValue{fmt.Sprintf("solve(%s, %s)", a.text, b.text), 9, b.kind}
	case "%/%":
		return plain("//", 6, a.kind)
	case ".*":
		return plain("*", 6, wide())
	case "./":
		return plain("/", 6, wide())
	case "^", ".^":
		return stanValue{fmt.Sprintf("pow(%s, %s)", a.text, b.text), 9, stanKind{map[bool]string{true: "real",
			false: a.kind.base}[a.kind.base == "int"], a.kind.arrays}}
	case "&&":
		return plain("and", 2, stanKind{"int", 0})
	case "||":
		return plain("or", 1, stanKind{"int", 0})
	case "+", "-":
		return plain(t.text, 5, wide())
	case "%":
		return plain("%", 6, a.kind)
	}
	return plain(t.text, 4, stanKind{"int", 0})
}

// postfix reads indices and transposes.
func (p *stanParser) postfix(v stanValue) stanValue {
	for {
		t := p.peek()
		switch t.text {
		case "'":
			p.next()
			k := v.kind
			switch k.base {
			case "vector":
				k.base = "row_vector"
			case "row_vector":
				k.base = "vector"
			default:
				v.text = v.at(9) + ".T"
			}
			v = stanValue{v.text, 9, k}
		case "[":
			p.next()
			var keys []string
			whole := p.loop != nil // of the loop's variable, whose vector stands for all
			k := v.kind
			for n := 0; ; n++ {
				key, many := p.index(k)
				if !many {
					k = k.element()
				} else if n > 0 && k.base == "row_vector" {
					k.base = "vector"
				}
				keys = append(keys, key)
				if p.peek().text != "," {
					break
				}
				p.next()
			}
			p.want("]")
			if whole && len(keys) == 1 && p.loop.replace(&v, keys[0], k) {
				continue
			}
			v = stanValue{v.at(9) + "[" + strings.Join(keys, ", ") + "]", 9, k}
		default:
			return v
		}
	}
}

// index reads an index; many says that it keeps the axis.
func (p *stanParser) index(k stanKind) (text string, many bool) {
	less := func(v stanValue) string { // counted from 0
		var n int
		if _, err := fmt.Sscanf(v.text, "%d", &n); err == nil && fmt.Sprint(n) == v.text {
			return fmt.Sprint(n - 1)
		}
		return v.at(5) + " - 1"
	}
	if p.peek().text == ":" {
		p.next()
		if s := p.peek().text; s == "," || s == "]" {
			return ":", true
		}
		return ":" + p.expr(0).at(1), true
	}
	if s := p.peek().text; s == "," || s == "]" {
		return ":", true
	}
	v := p.expr(0)
	if p.peek().text != ":" {
		return less(v), v.kind.rank() > 0
	}
	p.next()
	if s := p.peek().text; s == "," || s == "]" {
		return less(v) + ":", true
	}
	return less(v) + ":" + p.expr(0).at(1), true
}

// atom reads a number, a name, a call, a bracket or an array.
func (p *stanParser) atom() stanValue {
	t := p.next()
	switch {
	case t.kind == 'n':
		k := "int"
		if strings.ContainsAny(t.text, ".eE") {
			k = "real"
		}
		return stanValue{t.text, 9, stanKind{k, 0}}
	case t.text == "(":
		v := p.expr(0)
		p.want(")")
		return stanValue{"(" + v.text + ")", 9, v.kind}
	case t.text == "[" || t.text == "{":
		var parts []string
		k := stanKind{"real", 0}
		for p.peek().text != "]" && p.peek().text != "}" {
			v := p.expr(0)
			k = v.kind
			parts = append(parts, v.text)
			if p.peek().text == "," {
				p.next()
			}
		}
		p.next()
		out := stanKind{"row_vector", 0}
		if t.text == "{" {
			out = stanKind{k.base, k.arrays + 1}
		} else if k.rank() > 0 {
			out = stanKind{"matrix", 0}
		}
		return stanValue{"array([" + strings.Join(parts, ", ") + "])", 9, out}
	case t.kind == 'w' && p.peek().text == "(":
		return p.call(t)
	case t.kind == 'w':
		k, ok := p.kinds[t.text]
		if !ok {
			p.fail(t, "%s is not declared", t.text)
		}
		return stanValue{p.named(t.text), 9, k}
	}
	p.fail(t, "an expression is expected, not %q", t.text)
	return stanValue{}
}
