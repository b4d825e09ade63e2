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
// each follows those that its prior depends on. A prior that is wider than its parameter's support is drawn until it is
// within, number by number where these are independent and vector by vector elsewhere; an ordered vector of numbers
// that are alike is sorted. A parameter without a prior, one whose prior has no draws or is no density of its kind of
// vectors or matrices, and a target(…) are an *ito.UnsupportedError: the model does not say how it would be drawn.
// Addresses are those of Draw.
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
	for _, p := range priors {
		if k := p.p.kind.kind; k != "scalar" && k != "ordered" && k != "positive_ordered" && p.d.needs != k {
			return refuse("%s, the prior of %q, is no density of a %s", p.d.name, p.p.name, k)
		}
	}
	order, err := m.order(priors)
	if err != nil {
		return err
	}
	clear(x.X)
	r := &priorDraw{m: m, prog: prog, data: data, order: order, priors: map[string]declaredPrior{}, at: at,
		out: ito.States{N: x.N, D: width, X: make([]float64, x.N*width), ID: x.ID}, failed: make([]string, x.N)}
	for _, p := range priors {
		r.priors[p.p.name] = p
	}
	for i := range r.failed {
		r.failed[i] = "first"
	}
	for round := range uint32(priorTries) {
		if err := r.round(ctx, x, seed, step, round); err != nil {
			return err
		}
		left := ""
		for _, name := range r.failed {
			left += name
		}
		if left == "" {
			return nil
		}
	}
	for _, name := range r.failed {
		if name != "" {
			return refuse("%q is hardly ever within its support under its prior", name)
		}
	}
	return nil
}

// priorDraw is a draw of rows from the priors. Of a row that failed the parameter outside its support is kept.
type priorDraw struct {
	m      *Model
	prog   *ad.Program
	data   []ad.Array
	order  []int
	priors map[string]declaredPrior
	at     map[string][2]int
	out    ito.States
	failed []string
}

// round draws the rows that failed anew. A number outside its support is drawn again alone where the share of its prior
// within is the same for all rows. Elsewhere the density of the model, which does not divide by that share, makes rows
// with a small one rare: the whole row fails.
func (r *priorDraw) round(ctx context.Context, x ito.States, seed uint64, step, round uint32) error {
	todo := make([]bool, x.N)
	for i, name := range r.failed {
		if todo[i] = name != ""; todo[i] {
			r.failed[i] = ""
			clear(x.Row(i))
		}
	}
	for _, k := range r.order {
		p := r.m.params[k]
		prior := r.priors[p.name]
		place, kept := r.at[p.name], prior.sameShare()
		n := place[1]
		values := make([]float64, x.N*n)
		group, rising := together(p, prior.d)
		if !kept {
			group = n
		}
		for i := range values {
			values[i] = math.NaN()
		}
		for try := range uint32(priorTries) {
			call := ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, r.data...), Out: []ad.Array{ad.F64s(r.out.X)},
				IDs: x.ID, Seed: seed, Purpose: rng.PurposeProgram, Step: (step+round<<16)*priorTries + try,
				Pool: r.m.pool}
			if err := r.prog.Run(ctx, call); err != nil {
				return err
			}
			left := false
			for i := range x.N {
				if !todo[i] || r.failed[i] != "" {
					continue
				}
				ok, err := r.take(values[i*n:(i+1)*n], p, i, x, group, rising)
				if err != nil {
					return err
				}
				if !ok && (!kept || try == priorTries-1) {
					r.failed[i] = p.name
				}
				left = left || !ok && kept
			}
			if !left {
				break
			}
		}
		for i := range x.N {
			if !todo[i] || r.failed[i] != "" {
				continue
			}
			if err := r.set(x.Row(i), values[i*n:(i+1)*n], p, rising); err != nil {
				return err
			}
		}
	}
	return nil
}

// take keeps the numbers of a row that are within the support, group by group, and reports whether all are.
func (r *priorDraw) take(values []float64, p *parameter, i int, x ito.States, group int, rising bool) (bool, error) {
	lo, hi := make([]float64, len(values)), make([]float64, len(values))
	for j := range values {
		lo[j], hi[j] = p.kind.lo, p.kind.hi
	}
	if p.kind.ends != nil {
		s, err := r.m.limits.at(p, x.Row(i))
		if err != nil {
			return false, err
		}
		lo, hi = s.(fixedBounds).lo, s.(fixedBounds).hi
	}
	row := r.out.Row(i)[r.at[p.name][0]:][:len(values)]
	shape := p.support.Shape()
	all := true
	for from := 0; from < len(values); from += group {
		if !math.IsNaN(values[from]) {
			continue
		}
		ok := true
		for j := from; j < from+group; j++ {
			ok = ok && row[j] > lo[j] && row[j] < hi[j] && (!rising || j%shape[len(shape)-1] == 0 || row[j] > row[j-1])
		}
		if ok {
			copy(values[from:from+group], row[from:from+group])
		}
		all = all && ok
	}
	return all, nil
}

// set writes the unconstrained coordinates of a parameter's numbers.
func (r *priorDraw) set(row, v []float64, p *parameter, rising bool) (err error) {
	if ordered(p) && !rising {
		s := p.support.Shape()
		for from, k := 0, s[len(s)-1]; from < len(v); from += k {
			slices.Sort(v[from : from+k])
		}
	}
	support := p.support
	if p.kind.ends != nil {
		if support, err = r.m.limits.at(p, row); err != nil {
			return err
		}
	}
	if err := support.Unconstrain(row[p.from:p.from+support.Free()], v); err != nil {
		return fmt.Errorf("model: a draw of the prior of %q: %w", p.name, err)
	}
	return nil
}
