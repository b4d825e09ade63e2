package model

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// declaredPrior is the prior of a parameter, as a distribution.
type declaredPrior struct {
	p    *parameter
	d    *distribution
	uses set
}

// priorTries is how often a number outside its support is drawn again.
const priorTries = 500

// PriorDraws writes unconstrained states [N, Dim] drawn from the priors: parameter by parameter in an order in which
// each
// follows those that its prior depends on. A prior that is wider than its parameter's support is drawn until it is
// within;
// an ordered vector is sorted. A parameter without a prior, one whose prior has no draws, and a target(…) are an
// *ito.UnsupportedError: the model does not say how it would be drawn. Addresses are those of Draw.
func (m *Model) PriorDraws(ctx context.Context, x ito.States, seed uint64, step uint32) error {
	var (
		priors  []declaredPrior
		targets int
	)
	prog, data, err := m.runner.program(m.dim, func(t *tracer) []ad.Value {
		priors, targets = t.priors, t.targets
		var out []ad.Value
		for _, p := range t.priors {
			shape := p.p.support.Shape()
			v := ad.Zeros(t.x)
			if p.d.drawable() == nil {
				v = ad.BroadcastTo(p.d.drawLike(shape), shape...)
			} else {
				v = ad.BroadcastTo(ad.Shift(ad.Zeros(ad.At(v, 0, 0)), math.NaN()), shape...)
			}
			out = append(out, ad.Flatten(v))
		}
		return out
	})
	if err != nil {
		return err
	}
	refuse := func(format string, a ...any) error {
		return &ito.UnsupportedError{What: "prior draws of " + m.file, Why: fmt.Sprintf(format, a...)}
	}
	if targets > 0 {
		return refuse("target(…) adds a density that belongs to no parameter: write priors instead")
	}
	width := 0
	at := map[string][2]int{}
	for _, p := range priors {
		if p.d.drawable() != nil {
			return refuse("%s, the prior of %q, has no draws", p.d.name, p.p.name)
		}
		n := size(p.p.support.Shape())
		at[p.p.name] = [2]int{width, n}
		width += n
	}
	for _, p := range m.params {
		if _, ok := at[p.name]; !ok {
			return refuse("parameter %q has no prior", p.name)
		}
		if p.kind.kind == "sum_to_zero" || p.kind.kind == "unit_vector" {
			return refuse("draws of a prior on %s are not known", p.kind.name)
		}
	}
	order, err := m.order(priors)
	if err != nil {
		return err
	}
	clear(x.X)
	out := ito.States{N: x.N, D: width, X: make([]float64, x.N*width), ID: x.ID}
	for _, k := range order {
		p := m.params[k]
		place := at[p.name]
		n := place[1]
		values := make([]float64, x.N*n)
		for i := range values {
			values[i] = math.NaN()
		}
		for try := range uint32(priorTries) {
			call := ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, data...), Out: []ad.Array{ad.F64s(out.X)},
				IDs: x.ID, Seed: seed, Purpose: rng.PurposeProgram, Step: step*priorTries + try, Pool: m.pool}
			if err := prog.Run(ctx, call); err != nil {
				return err
			}
			left := false
			for i := range x.N {
				lo, hi := make([]float64, n), make([]float64, n)
				for j := range n {
					lo[j], hi[j] = p.kind.lo, p.kind.hi
				}
				if p.kind.ends != nil {
					s, err := m.limits.at(p, x.Row(i))
					if err != nil {
						return err
					}
					lo, hi = s.(fixedBounds).lo, s.(fixedBounds).hi
				}
				for j := range n {
					v := out.X[i*width+place[0]+j]
					if old := &values[i*n+j]; math.IsNaN(*old) && v > lo[j] && v < hi[j] {
						*old = v
					}
					left = left || math.IsNaN(values[i*n+j])
				}
			}
			if !left {
				break
			}
			if try == priorTries-1 {
				return refuse("%q is hardly ever within %s under its prior", p.name, p.kind.name)
			}
		}
		for i := range x.N {
			v := values[i*n : (i+1)*n]
			if p.kind.kind == "ordered" || p.kind.kind == "positive_ordered" {
				s := p.support.Shape()
				for from, k := 0, s[len(s)-1]; from < n; from += k {
					slices.Sort(v[from : from+k])
				}
			}
			support := p.support
			if p.kind.ends != nil {
				if support, err = m.limits.at(p, x.Row(i)); err != nil {
					return err
				}
			}
			if err := support.Unconstrain(x.Row(i)[p.from:p.from+support.Free()], v); err != nil {
				return fmt.Errorf("model: a draw of the prior of %q: %w", p.name, err)
			}
		}
	}
	return nil
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
