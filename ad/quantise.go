package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Grid are 256 equidistant numbers with 0 among them, Scale·(q − Zero) for a byte q. Scale is positive.
type Grid struct {
	Scale float32 `json:"scale"`
	Zero  uint8   `json:"zero"`
}

// opQuantise is x rounded to a grid.
var opQuantise = &opDef{name: "quantise", rowwise: true}

func init() {
	opQuantise.vjp = func(n *node, c Value, need []bool) []Value { return []Value{c} }
	opQuantise.jvp = func(n *node, t []Value) Value { return t[0] }
	opQuantise.lift = func(n *node, in []Value, mapped []bool, m int) Value { return Quantise(in[0], n.attr.(Grid)) }
	opQuantise.emit = func(c *planner, n *node) {
		x, g := c.use(n.in[0]), n.attr.(Grid)
		c.push(instr{name: "quantise", reads: []*node{x}, writes: []*node{n},
			bind: func(at func(*node) ref) func(*frame) {
				o, r := at(n), at(x)
				if n.dtype == F32 {
					return func(f *frame) { simd.Round8(vec[float32](f, o), vec[float32](f, r), simd.Grid8(g)) }
				}
				return func(f *frame) { g.round(vec[float64](f, o), vec[float64](f, r)) }
			}})
	}
	opQuantise.columns = columnOp(opQuantise.emit)
}

// Quantise is x rounded to the grid, to its ends beyond them; what is not finite is NaN. Derivatives pass through it as
// if it were x. A product with a shared matrix or kernel that reads it, and nothing between, is one of bytes in a
// program with products of [Int8]: the same to the rounding of float32. The columns of the weights are then on grids of
// their own, which weights that are on them already do not change.
func Quantise(x Value, g Grid) Value {
	if x.n == nil || !x.n.dtype.Float() {
		fail("quantise", "needs floats, got %s", x)
	}
	if by := 1 / g.Scale; !(g.Scale > 0) || !(by > 0) || math.IsInf(float64(g.Scale), 0) || math.IsInf(float64(by), 0) {
		fail("quantise", "a grid of steps of %g", g.Scale)
	}
	return add(opQuantise, g, x.n.shape, x.n.dtype, x)
}

// round is Round8 of float64: the quotient is rounded to float32 first, so that the same x has the same byte.
func (g Grid) round(dst, src []float64) {
	by, zero := float64(1/g.Scale), float64(g.Zero)
	for i, x := range src {
		dst[i] = float64(g.Scale) * math.RoundToEven(min(max(float64(float32(x*by)), -zero), 255-zero))
		if x-x != 0 {
			dst[i] = math.NaN()
		}
	}
}

// quantised is what a product of bytes of k terms reads, and its grid; false where it is none.
func (n *node) quantised(k int) (*node, simd.Grid8, bool) {
	q := baseOf(n.in[0])
	if !isBytes(q) || k > simd.MaxTerms8 {
		return nil, simd.Grid8{}, false
	}
	return q.in[0], simd.Grid8(q.attr.(Grid)), true
}

// isBytes reports a value that products read as bytes.
func isBytes(n *node) bool { return n.op == opQuantise && n.dtype == F32 && n.g.root.products == Int8 }
