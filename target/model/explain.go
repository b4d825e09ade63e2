package model

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Explain says in one line which term of the log density is not finite at unconstrained coordinates x, and where the
// parameters stand on which it depends; or, where all are, along which parameter the gradient is not. Empty where
// everything is finite, or where the file cannot be traced once more.
func (m *Model) Explain(ctx context.Context, x []float64) string {
	p := m.partsProgram()
	if p.err != nil || len(x) != m.dim {
		return ""
	}
	at := ito.States{N: 1, D: m.dim, X: x, ID: []uint64{0}}
	wide := make([]float64, p.width)
	if p.run(ctx, m, wide, at) != nil {
		return ""
	}
	from := 0
	for k, q := range p.parts {
		for i, v := range wide[from : from+q.Elements] {
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				continue
			}
			return fmt.Sprintf("%s is %v%s%s", q.says(i), v, m.standing(ctx, at, p.uses[k]), m.stepped(v))
		}
		from += q.Elements
	}
	if v := wide[from]; math.IsNaN(v) || math.IsInf(v, 0) {
		var all set
		for k := range m.params {
			all = all.union(only(k))
		}
		return fmt.Sprintf("the Jacobian of the supports is %v%s", v, m.standing(ctx, at, all))
	}
	g, logp := ito.NewStates(1, m.dim, 0), make([]float64, 1)
	if m.Gradient(ctx, logp, g, at) != nil {
		return ""
	}
	for k, q := range m.params {
		for _, v := range g.X[q.from : q.from+q.support.Free()] {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Sprintf("the derivative of the log density along %s is %v%s", q.name, v,
					m.standing(ctx, at, only(k)))
			}
		}
	}
	return ""
}

// stepped is what a density that is not a number may mean where an equation is integrated by explicit steps of fixed
// length.
func (m *Model) stepped(v float64) string {
	if !m.explicit || !math.IsNaN(v) {
		return ""
	}
	return "; the steps of `ode` may be too long for a stiff equation there: give it method = \"stiff\", or more steps"
}

// says names element i of a term.
func (p Part) says(i int) string {
	what := p.Distribution
	if p.Name != "" {
		what += " of " + p.Name
		if p.Elements > 1 {
			what += fmt.Sprintf("[%d]", i)
		}
	}
	switch {
	case p.Distribution == "target":
	case p.Kind == LikelihoodPart:
		what = "the observation " + what
	case p.Name != "":
		what = "the prior " + what
	}
	if p.Line > 0 {
		what += fmt.Sprintf(" (line %d)", p.Line)
	}
	return what
}

// standing lists values of parameters: numbers first, four at most.
func (m *Model) standing(ctx context.Context, x ito.States, which set) string {
	wide := ito.NewStates(1, m.width, 0)
	if m.Draw(ctx, wide, x, 0, 0) != nil {
		return ""
	}
	names := m.Columns()
	var some []string
	for pass := range 2 {
		col := 0
		for k, p := range m.params {
			n := size(p.support.Shape())
			if which.has(k) && (n == 1) == (pass == 0) {
				for i := range n {
					if len(some) == 4 {
						some = append(some, "…")
					}
					if len(some) > 4 {
						break
					}
					some = append(some, fmt.Sprintf("%s = %.4g", names[col+i], wide.X[col+i]))
				}
			}
			col += n
		}
	}
	if some == nil {
		return ""
	}
	return " at " + strings.Join(some, ", ")
}
