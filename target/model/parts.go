package model

import (
	"context"
	"fmt"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/rng"
)

// PartKind says what a term of the log density is.
type PartKind uint8

// The kinds of terms. A density of parameters whose own parameters are known numbers is of the prior; one that depends
// on other parameters belongs to a hierarchy; one of data is of the likelihood; and of what target adds nothing is
// known, unless it says so.
const (
	PriorPart PartKind = iota
	HierarchicalPart
	LikelihoodPart
	OtherPart
)

func (k PartKind) String() string { return [...]string{"prior", "hierarchy", "likelihood", "other"}[k] }

// Part is a term of the log density, in the order of the file.
type Part struct {
	Kind         PartKind
	Name         string // of the parameter or the datum; empty where it is neither as it is
	Distribution string // target for what target adds
	Line         int    // of the file
	Elements     int    // log densities of which it is the sum
}

// part is a term while the file runs.
type part struct {
	Part
	lp   *tensor
	uses set
}

func partOf(word string) (PartKind, error) {
	switch word {
	case "":
		return OtherPart, nil
	case "prior":
		return PriorPart, nil
	case "likelihood":
		return LikelihoodPart, nil
	}
	return 0, fmt.Errorf(`target: part is "prior" or "likelihood", not %q`, word)
}

// contribute notes a term.
func (t *tracer) contribute(th *starlark.Thread, p Part, lp starlark.Value) {
	l, err := t.tensor(lp)
	if err != nil {
		return
	}
	if th != nil && th.CallStackDepth() > 1 {
		p.Line = int(th.CallFrame(1).Pos.Line)
	}
	p.Elements = size(l.shape)
	t.terms = append(t.terms, part{p, l, l.uses})
}

// uses are the parameters on which the distribution depends.
func (d *distribution) uses() set {
	var all set
	for _, v := range d.args {
		all = all.union(usesOf(v))
	}
	for _, p := range d.parts {
		all = all.union(p.uses())
	}
	return all
}

// usesOf are the parameters on which a number, an array or a list of them depends.
func usesOf(v starlark.Value) set {
	switch v := v.(type) {
	case *tensor:
		return v.uses
	case *starlark.List, starlark.Tuple:
		var all set
		for i, l := 0, v.(starlark.Indexable); i < l.Len(); i++ {
			all = all.union(usesOf(l.Index(i)))
		}
		return all
	}
	return nil
}

// partOfPrior is the kind of a density of parameters.
func (d *distribution) partOfPrior() PartKind {
	if d.uses().empty() {
		return PriorPart
	}
	return HierarchicalPart
}

// partsProgram computes the elements of every term, one after the other, and the log-Jacobian of the supports.
type partsProgram struct {
	parts []Part
	uses  []set
	width int
	prog  *ad.Program
	data  []ad.Array
	err   error
}

func (m *Model) partsProgram() *partsProgram {
	m.onceParts.Do(func() {
		p := &partsProgram{}
		m.parts = p
		p.prog, p.data, p.err = m.runner.program(m.dim, func(t *tracer) []ad.Value {
			var out []ad.Value
			p.width = 1
			for _, q := range t.terms {
				p.parts, p.uses = append(p.parts, q.Part), append(p.uses, q.uses)
				p.width += q.Elements
				out = append(out, ad.Flatten(number(t.lift(q.lp))))
			}
			return append(out, ad.Reshape(t.jacobian, 1))
		})
	})
	return m.parts
}

// Parts are the terms of the log density, in the order of the file.
func (m *Model) Parts() ([]Part, error) {
	p := m.partsProgram()
	return p.parts, p.err
}

// PartDensities computes every term at states x: dst is [N, len(Parts)+1], the last being the log-Jacobian of the
// supports. Their sum is the log density.
func (m *Model) PartDensities(ctx context.Context, dst, x ito.States) error {
	p := m.partsProgram()
	if p.err != nil {
		return p.err
	}
	if dst.D != len(p.parts)+1 || dst.N != x.N || x.D != m.dim {
		return fmt.Errorf("model: %d numbers for %d terms", dst.D, len(p.parts)+1)
	}
	const rows = 256
	wide := make([]float64, min(rows, x.N)*p.width)
	for from := 0; from < x.N; from += rows {
		part := x.Slice(from, min(from+rows, x.N))
		if err := p.run(ctx, m, wide[:part.N*p.width], part); err != nil {
			return err
		}
		for i := range part.N {
			at := i * p.width
			to := dst.Row(from + i)
			for k, q := range p.parts {
				to[k] = 0
				for _, v := range wide[at : at+q.Elements] {
					to[k] += v
				}
				at += q.Elements
			}
			to[len(p.parts)] = wide[at]
		}
	}
	return nil
}

func (p *partsProgram) run(ctx context.Context, m *Model, dst []float64, x ito.States) error {
	return p.prog.Run(ctx, ad.Call{N: x.N, In: append([]ad.Array{ad.F64s(x.X)}, p.data...),
		Out: []ad.Array{ad.F64s(dst)}, IDs: x.ID, Purpose: rng.PurposeProgram, Pool: m.pool})
}
