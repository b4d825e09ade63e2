package model

import (
	"fmt"
	"slices"
	"strings"
)

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
