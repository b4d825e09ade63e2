package model

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/target/dist"
)

// predeclared is what a file may name.
func predeclared(t *tracer, data map[string]any) starlark.StringDict {
	d := t.functions()
	for _, more := range []starlark.StringDict{operators(), t.supports(), t.algebra()} {
		for k, v := range more {
			d[k] = v
		}
	}
	for name, f := range families() {
		d[name] = t.family(name, f)
	}
	d["uniform"] = starlark.NewBuiltin("uniform", t.uniform)
	d["categorical"] = t.categorical("categorical", dist.Categorical, func(p ad.Value) ad.Value { return p })
	d["categorical_logit"] = t.categorical("categorical_logit", dist.CategoricalLogit,
		func(p ad.Value) ad.Value { return ad.Softmax(p, -1) })
	d["multi_normal"] = starlark.NewBuiltin("multi_normal", t.multiNormal)
	d["dirichlet"] = starlark.NewBuiltin("dirichlet", t.dirichlet)
	d["lkj_corr_cholesky"] = starlark.NewBuiltin("lkj_corr_cholesky", t.lkj)
	d["scan"] = starlark.NewBuiltin("scan", t.scan)
	d["ode"] = starlark.NewBuiltin("ode", t.ode)
	d["hmm_forward"] = t.hidden("hmm_forward", forwardLog)
	d["hmm_probs"] = t.hidden("hmm_probs", stateChances)
	d["hmm_viterbi"] = t.hidden("hmm_viterbi", viterbiPath)
	d["multi_student_t"] = starlark.NewBuiltin("multi_student_t", t.multiStudentT)
	d["lkj_corr"] = starlark.NewBuiltin("lkj_corr", t.lkjMatrix)
	d["multinomial"] = starlark.NewBuiltin("multinomial", t.multinomial)
	d["wishart"] = t.wishart("wishart", dist.WishartCholesky, false)
	d["inverse_wishart"] = t.wishart("inverse_wishart", dist.InverseWishartCholesky, true)
	d["ordered_logistic"] = t.orderedCategories("ordered_logistic", dist.OrderedLogits)
	d["ordered_probit"] = t.orderedCategories("ordered_probit", dist.OrderedProbits)
	d["zero_inflated"] = t.zeros("zero_inflated", zeroInflated)
	d["hurdle"] = t.zeros("hurdle", hurdle)
	d["mixture"] = starlark.NewBuiltin("mixture", t.mixture)
	d["param"] = starlark.NewBuiltin("param", t.param)
	d["observe"] = starlark.NewBuiltin("observe", t.observe)
	d["target"] = starlark.NewBuiltin("target", t.target)
	d["derived"] = starlark.NewBuiltin("derived", t.derived)
	d["generated"] = starlark.NewBuiltin("generated", t.generated)
	d[sliceWord] = starlark.NewBuiltin(sliceWord, sliceKey)
	d["data"] = &dataset{t, data}
	return d
}

// target adds a log density: target(lp), Stan's target +=. part = "prior" or "likelihood" says what it is.
func (t *tracer) target(th *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		lp   starlark.Value
		part string
	)
	if err := starlark.UnpackArgs("target", args, kw, "lp", &lp, "part?", &part); err != nil {
		return nil, err
	}
	kind, err := partOf(part)
	if err != nil {
		return nil, err
	}
	if err := t.outside("target"); err != nil {
		return nil, err
	}
	t.targets++
	t.contribute(th, Part{Kind: kind, Distribution: "target"}, lp)
	return starlark.None, t.add(lp)
}

// derived names a quantity that draws report and returns it.
func (t *tracer) derived(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		name string
		v    starlark.Value
	)
	if err := starlark.UnpackArgs("derived", args, kw, "name", &name, "value", &v); err != nil {
		return nil, err
	}
	return t.report(name, Derived, v)
}

// generated names a quantity that only draws need: a value, or a distribution to draw from.
func (t *tracer) generated(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kw []starlark.Tuple) (
	starlark.Value, error) {
	var (
		name string
		v    starlark.Value
	)
	if err := starlark.UnpackArgs("generated", args, kw, "name", &name, "value", &v); err != nil {
		return nil, err
	}
	if d, ok := v.(*distribution); ok {
		a, err := d.sample()
		if err != nil {
			return nil, err
		}
		v = a
	}
	return t.report(name, Generated, v)
}

func (t *tracer) report(name string, k Kind, v starlark.Value) (starlark.Value, error) {
	if err := t.outside(k.String()); err != nil {
		return nil, err
	}
	if err := t.free(name); err != nil {
		return nil, err
	}
	a, err := t.tensor(v)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", k, name, err)
	}
	t.outputs = append(t.outputs, &output{name, k, a.shape, a})
	return v, nil
}
