package model

import (
	"math"

	"github.com/seed9a7962a8/ito"
)

// sameShare reports whether the chance of the support under the prior is the same for all values of other parameters:
// neither depends on any, or the support is a half of the line around which the prior is symmetric. The order of
// numbers that are alike has always the chance 1/k!.
func (p declaredPrior) sameShare() bool {
	none := true
	for _, w := range p.uses {
		none = none && w == 0
	}
	k := p.p.kind
	inside := k.ends == nil && k.lo <= p.d.lo && k.hi >= p.d.hi && (!ordered(p.p) || p.d.alike())
	if none || inside {
		return true
	}
	if k.ends != nil || p.d.truncated || len(p.d.parts) > 0 || ordered(p.p) && !p.d.alike() {
		return false
	}
	half := k.lo == 0 && math.IsInf(k.hi, 1) || k.hi == 0 && math.IsInf(k.lo, -1)
	at, ok := map[string]int{"normal": 0, "cauchy": 0, "laplace": 0, "logistic": 0, "student_t": 1}[p.d.name]
	if !half || !ok {
		return false
	}
	mu, ok := p.d.args[at].(*tensor)
	if !ok || !mu.isData() {
		return false
	}
	for _, v := range mu.x {
		if v != 0 {
			return false
		}
	}
	return true
}

func ordered(p *parameter) bool { return p.kind.kind == "ordered" || p.kind.kind == "positive_ordered" }

// together says of how many numbers of a parameter a draw is taken or refused as one, and whether these must rise: a
// vector whose numbers depend on each other, or are in order without being alike.
func together(p *parameter, d *distribution) (group int, rising bool) {
	shape := p.support.Shape()
	group = 1
	if d.axes > 0 {
		group = size(shape[len(shape)-d.axes:])
	}
	if ordered(p) && !d.alike() {
		rising = true
		group = shape[len(shape)-1]
	}
	return group, rising
}

// alike reports whether the numbers along the last axis are independent and of one distribution.
func (d *distribution) alike() bool {
	if d.axes > 0 {
		return false
	}
	for _, p := range d.parts {
		if !p.alike() {
			return false
		}
	}
	args := d.args
	if len(d.parts) > 0 { // the weights of a mixture have an axis of components
		if a, ok := args[0].(*tensor); !ok || a.rank() > 1 && a.shape[a.rank()-2] > 1 {
			return false
		}
		args = nil
	}
	for _, v := range args {
		if a, ok := v.(*tensor); ok && a.rank() > 0 && a.shape[a.rank()-1] > 1 {
			return false
		}
	}
	return true
}

// order puts parameters after those that their priors and bounds depend on.
func (m *Model) order(priors []declaredPrior) ([]int, error) {
	needs := make([]set, len(m.params))
	for _, p := range priors {
		for k, q := range m.params {
			if q.name == p.p.name {
				needs[k] = p.uses
			}
		}
	}
	var out []int
	done := map[int]bool{}
	for len(out) < len(m.params) {
		before := len(out)
		for k := range m.params {
			ready := !done[k]
			for j := range m.params {
				ready = ready && (j == k || done[j] || !needs[k].has(j))
			}
			if ready {
				out, done[k] = append(out, k), true
			}
		}
		if len(out) == before {
			return nil, &ito.UnsupportedError{What: "prior draws of " + m.file,
				Why: "the priors depend on each other in a circle"}
		}
	}
	return out, nil
}
