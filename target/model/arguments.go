package model

import (
	"fmt"
	"math"

	"go.starlark.net/starlark"
)

func positive(dist, name string, a *tensor) error {
	if a.param != nil && a.param.kind.lo < 0 && a.param.kind.kind != "simplex" {
		return fmt.Errorf("%s: %s is the parameter %q, which is %s and may be negative: declare it positive", dist,
			name, a.param.name, a.param.kind.name)
	}
	for i, v := range a.x {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %s must be positive, but element %d of %s is %v", dist, name, i, a.describe(), v)
		}
	}
	return nil
}

// probability refuses what is not in [0, 1], finite what is not a number, count what is no number of trials.
func probability(dist, name string, a *tensor) error {
	if p := a.param; p != nil && (p.kind.kind == "scalar" || p.kind.kind == "ordered") &&
		!(p.kind.lo >= 0 && p.kind.hi <= 1) {
		return fmt.Errorf("%s: %s is the parameter %q, which is %s and may leave [0, 1]: declare it unit", dist, name,
			p.name, p.kind.name)
	}
	for i, v := range a.x {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("%s: %s must be in [0, 1], but element %d of %s is %v", dist, name, i, a.describe(), v)
		}
	}
	return nil
}

func finite(dist, name string, a *tensor) error {
	for i, v := range a.x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %s must be finite, but element %d of %s is %v", dist, name, i, a.describe(), v)
		}
	}
	return nil
}

func count(dist, name string, a *tensor) error {
	if !a.isData() {
		return fmt.Errorf("%s: %s is a number of trials: it is data, not %s", dist, name, a.describe())
	}
	for i, v := range a.x {
		if !(v >= 0) || v != math.Trunc(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %s counts trials, but element %d of %s is %v", dist, name, i, a.describe(), v)
		}
	}
	return nil
}

// shares refuses data whose last axis does not hold shares of 1.
func shares(dist, name string, a *tensor) error {
	if p := a.param; p != nil && p.kind.kind != "simplex" {
		return fmt.Errorf("%s: %s is the parameter %q, which is %s: declare it simplex(%d)", dist, name, p.name,
			p.kind.name, a.shape[a.rank()-1])
	}
	if !a.isData() {
		return nil
	}
	k := a.shape[a.rank()-1]
	for from := 0; from < len(a.x); from += k {
		sum := 0.
		for i, v := range a.x[from : from+k] {
			if !(v >= 0) {
				return fmt.Errorf("%s: element %d of %s is %v: shares are not negative", dist, from+i, name, v)
			}
			sum += v
		}
		if !(math.Abs(sum-1) <= 1e-6) {
			return fmt.Errorf("%s: %s from element %d on sum to %v, not 1", dist, name, from, sum)
		}
	}
	return nil
}

// number64 unpacks an int or float.
type number64 struct{ to *float64 }

func (n *number64) Unpack(v starlark.Value) error {
	f, ok := starlark.AsFloat(v)
	if !ok {
		return fmt.Errorf("got %s, want a number known before sampling", v.Type())
	}
	*n.to = f
	return nil
}
