package model

import "go.starlark.net/starlark"

// observation is what an observe adds: the log density of every number or vector of y.
type observation struct {
	d  *distribution
	y  *tensor
	lp *tensor
	// censored says that the term is no density of y
	censored bool
}

// note keeps what an observe added, for the predictive checks of draws.
func (t *tracer) note(d *distribution, y *tensor, lp starlark.Value, censored bool) {
	if l, err := t.tensor(lp); err == nil {
		t.observed = append(t.observed, observation{d, y, l, censored})
	}
}
