package model

import (
	"fmt"
	"slices"
	"strings"
)

// stanValue is a translated expression: its text, how tightly it binds, and what Stan calls it.
type stanValue struct {
	text string
	prec int // 0 loosest … 9 an atom
	kind stanKind
}

// stanKind is a type: int, real, vector, row_vector or matrix, in so many arrays.
type stanKind struct {
	base   string
	arrays int
}

func (k stanKind) is(bases ...string) bool { return k.arrays == 0 && slices.Contains(bases, k.base) }

// element is the kind of an element.
func (k stanKind) element() stanKind {
	switch {
	case k.arrays > 0:
		return stanKind{k.base, k.arrays - 1}
	case k.base == "matrix":
		return stanKind{"row_vector", 0}
	}
	return stanKind{"real", 0}
}

// rank is the number of axes.
func (k stanKind) rank() int {
	r := k.arrays
	switch k.base {
	case "vector", "row_vector":
		r++
	case "matrix":
		r += 2
	}
	return r
}

func (v stanValue) at(prec int) string {
	if v.prec < prec {
		return "(" + v.text + ")"
	}
	return v.text
}

// stanWords are functions with another name or form here; %1 is the first argument.
var stanWords = map[string]string{
	"log10": "log(%1) / log(10)",
	"fabs":  "abs(%1)", "inv": "1 / (%1)", "log_sum_exp": "logsumexp(%*)", "dot_product": "dot(%1, %2)",
	"dot_self":   "sum(square(%1))",
	"rep_vector": "(%1) * ones(%2)", "rep_row_vector": "(%1) * ones(%2)", "rep_array": "(%1) * ones(%2)",
	"rep_matrix": "(%1) * ones((%2, %3))", "cumulative_sum": "cumsum(%1)", "rows": "(%1).shape[0]",
	"cols":         "(%1).shape[1]",
	"num_elements": "len(%1)", "size": "len(%1)", "cholesky_decompose": "cholesky(%1)",
	"diag_matrix": "diag_matrix(%1)",
	"diagonal":    "diag(%1)", "diag_pre_multiply": "(%1)[:, None] * (%2)", "diag_post_multiply": "(%1) * (%2)",
	"multiply_lower_tri_self_transpose": "matmul(%1, (%1).T)", "tcrossprod": "matmul(%1, (%1).T)",
	"crossprod":      "matmul((%1).T, %1)",
	"quad_form_diag": "(%2)[:, None] * (%1) * (%2)", "append_row": "concat([%1, %2])",
	"append_array": "concat([%1, %2])",
	"to_array_1d":  "(%1)", "to_row_vector": "(%1)", "identity_matrix": "eye(%1)", "log_determinant_spd": "log_det(%1)",
	"mdivide_left_tri_low": "solve_lower(%1, %2)", "mdivide_left": "solve(%1, %2)", "fmax": "max(%1, %2)",
	"fmin":             "min(%1, %2)",
	"log_mix":          "logsumexp([log(%1) + (%2), log1m(%1) + (%3)])",
	"squared_distance": "sum(square((%1) - (%2)))", "log1m_exp": "log(-expm1(%1))", "log1p_exp": "softplus(%1)",
	"inv_sqrt":   "1 / sqrt(%1)",
	"inv_square": "1 / square(%1)", "exp2": "pow(2, %1)", "sort_asc": "sort(%1)", "pi": "pi", "e": "exp(1)",
	"negative_infinity": "-inf",
	"positive_infinity": "inf", "gp_exp_quad_cov": "gp_exp_quad(%*)", "gp_matern32_cov": "gp_matern32(%*)",
	"gp_matern52_cov":    "gp_matern52(%*)",
	"gp_exponential_cov": "gp_matern12(%*)", "cov_exp_quad": "gp_exp_quad(%*)", "softmax": "softmax(%1)",
	"sum": "sum(%1)",
	"max": "max(%*)", "min": "min(%*)",
}

// sameWords are functions of the same name and meaning.
var sameWords = strings.Fields("exp log log1p log1m expm1 sqrt square abs sin cos tanh floor erf lgamma digamma " +
	"inv_logit logit Phi pow " +
	"mean sd inverse matrix_exp eigenvalues_sym log_softmax matmul")

// stanFamilies are distributions with another name or form.
var stanFamilies = map[string]string{
	"std_normal": "normal(0, 1)", "double_exponential": "laplace(%*)", "inv_gamma": "inverse_gamma(%*)",
	"multi_normal": "multi_normal(%1, cov = %2)", "multi_normal_cholesky": "multi_normal(%1, cholesky = %2)",
	"multi_student_t": "multi_student_t(%1, %2, cov = %3)", "wishart": "wishart(%1, scale = %2)",
	"inv_wishart": "inverse_wishart(%1, scale = %2)", "neg_binomial_2_log": "neg_binomial_2(exp(%1), %2)",
	"inv_chi_square": "inv_chi_square(%*)",
}

var sameFamilies = strings.Fields("normal student_t cauchy exponential gamma beta lognormal logistic uniform " +
	"bernoulli bernoulli_logit " +
	"binomial binomial_logit poisson poisson_log neg_binomial neg_binomial_2 categorical categorical_logit " +
	"dirichlet lkj_corr_cholesky " +
	"lkj_corr weibull pareto gumbel frechet rayleigh chi_square skew_normal von_mises beta_binomial " +
	"ordered_logistic ordered_probit")

// fromOne are families whose outcomes count from 1 in Stan.
var fromOne = []string{"categorical", "categorical_logit", "ordered_logistic", "ordered_probit"}

// fill puts arguments into a form.
func fill(form string, args []stanValue) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = a.text
	}
	out := strings.ReplaceAll(form, "%*", strings.Join(texts, ", "))
	for i, t := range texts {
		out = strings.ReplaceAll(out, fmt.Sprintf("(%%%d)", i+1), "("+t+")")
		out = strings.ReplaceAll(out, fmt.Sprintf("%%%d", i+1), t)
	}
	return out
}

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
