package model

import (
	"fmt"
	"slices"
	"strings"
)

// call reads the arguments of a function.
func (p *stanParser) call(t stanToken) stanValue {
	p.want("(")
	var args []stanValue
	bar := false
	for p.peek().text != ")" {
		args = append(args, p.expr(0))
		switch p.peek().text {
		case "|":
			bar = true
			p.next()
		case ",":
			p.next()
		}
	}
	p.want(")")
	name := t.text
	for _, end := range []string{"_lpdf", "_lpmf", "_lupdf", "_lupmf", "_lcdf", "_lccdf", "_rng"} {
		family, ok := strings.CutSuffix(name, end)
		if !ok {
			continue
		}
		if end == "_rng" {
			d := p.family(t, family, args)
			p.drawn = true
			return stanValue{d, 9, stanKind{"real", 0}}
		}
		if !bar || len(args) < 1 {
			p.fail(t, "%s takes (y | …)", name)
		}
		word := map[string]string{"_lcdf": "log_cdf", "_lccdf": "log_ccdf"}[end]
		if word == "" {
			word = "log"
		}
		y := args[0].text
		if slices.Contains(fromOne, family) {
			y = args[0].at(5) + " - 1"
		}
		text := fmt.Sprintf("%s.%s(%s)", p.family(t, family, args[1:]), word, y)
		if p.loop == nil {
			text = "sum(" + text + ")"
		}
		return stanValue{text, 9, stanKind{"real", 0}}
	}
	out := stanKind{"real", 0}
	if len(args) > 0 && !slices.Contains([]string{"sum", "mean", "sd", "max", "min", "log_sum_exp", "dot_product",
		"dot_self"}, name) {
		out = args[0].kind
		for _, a := range args {
			if a.kind.rank() > out.rank() {
				out = a.kind
			}
		}
		if out.base == "int" {
			out.base = "real"
		}
	}
	switch name {
	case "size", "rows", "cols", "num_elements":
		out = stanKind{"int", 0}
	case "rep_vector", "to_vector", "diagonal", "eigenvalues_sym", "softmax", "mdivide_left_tri_low", "append_row":
		out = stanKind{"vector", 0}
	case "rep_matrix", "diag_matrix", "identity_matrix", "cholesky_decompose", "diag_pre_multiply",
		"diag_post_multiply",
		"multiply_lower_tri_self_transpose", "quad_form_diag", "gp_exp_quad_cov", "cov_exp_quad", "gp_matern32_cov",
		"gp_matern52_cov",
		"tcrossprod", "crossprod", "inverse", "matrix_exp", "gp_exponential_cov":
		out = stanKind{"matrix", 0}
	case "col":
		return stanValue{fmt.Sprintf("%s[:, %s - 1]", args[0].at(9), args[1].at(5)), 9, stanKind{"vector", 0}}
	case "row":
		return stanValue{fmt.Sprintf("%s[%s - 1]", args[0].at(9), args[1].at(5)), 9, stanKind{"row_vector", 0}}
	case "rep_array":
		out = stanKind{args[0].kind.base, len(args) - 1}
		if len(args) > 2 {
			p.fail(t, "rep_array of several sizes is not translated")
		}
	}
	if name == "to_vector" {
		if args[0].kind.is("matrix") { // Stan goes down the columns
			return stanValue{"reshape(" + args[0].at(9) + ".T, -1)", 9, out}
		}
		return stanValue{args[0].text, args[0].prec, out}
	}
	if form, ok := stanWords[name]; ok {
		prec := 9
		if strings.ContainsAny(form, "*/+") && !strings.HasSuffix(form, ")") || strings.HasPrefix(form, "(") ||
			strings.HasPrefix(form, "1 /") ||
			strings.HasPrefix(form, "-") {
			prec = 5
		}
		return stanValue{fill(form, args), prec, out}
	}
	if slices.Contains(sameWords, name) {
		return stanValue{fill(name+"(%*)", args), 9, out}
	}
	p.fail(t, "the function %s is not translated", name)
	return stanValue{}
}

// family is a distribution.
func (p *stanParser) family(t stanToken, name string, args []stanValue) string {
	if form, ok := stanFamilies[name]; ok {
		return fill(form, args)
	}
	if slices.Contains(sameFamilies, name) {
		return fill(name+"(%*)", args)
	}
	p.fail(t, "the distribution %s is not translated", name)
	return ""
}
