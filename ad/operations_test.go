package ad

import "testing"

// The count is that of the formulas, in rows and in columns, and dead values cost nothing.
func TestOperations(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(g *Graph)
		want float64
	}{
		"elements": {func(g *Graph) {
			x := g.Input("x", F64, 7)
			Exp(Log(x)) // unused
			g.Output("y", Sum(Exp(Reshape(x, 7))))
		}, 7 + 7},
		"product": {func(g *Graph) {
			x, w := g.Input("x", F64, 5), g.Shared("w", F64, 3, 5)
			g.Output("y", MatMul(Exp(w), x))
		}, 2 * 3 * 5},
		"factor": {func(g *Graph) { g.Output("y", Cholesky(g.Input("x", F64, 4, 4))) }, 64},
		"loop": {func(g *Graph) {
			x := g.Input("x", F64, 3)
			out, _ := Loop(10, []Value{x}, nil, func(_ Value, c, _ []Value) ([]Value,
				[]Value) {
				return []Value{Exp(c[0])}, nil
			})
			g.Output("y", out[0])
		}, 30},
	} {
		for kind, compile := range map[string]func(func(g *Graph)) (*Program, error){"rows": Compile,
			"columns": CompileColumns} {
			p, err := compile(c.f)
			if err != nil || p.Operations() != c.want {
				t.Errorf("%s by %s: %v operations, want %v (%v)", name, kind, p.Operations(), c.want, err)
			}
		}
	}
}
