package model

import (
	"fmt"
	"strings"
)

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
