package ad

import (
	"context"
	"fmt"
	"slices"
)

// External is an operation that Go code computes, for blocks of rows: float64 vectors in, one float64 vector out. It
// makes part of a program of what cannot be traced, a density of somebody else for one.
type External struct {
	Name string
	Out  int // elements of the result of a row
	// Rows writes the results of n rows to out [n,Out]; in are the operands [n,size]. It computes every row from that
	// row alone, is called by several workers at once, and keeps none of the slices. An error ends the run. ids are the
	// sample ids.
	Rows func(ctx context.Context, ids []uint64, in [][]float64, out []float64) error
	// VJP returns the cotangents of the operands, zero Values for none, from that of the result out; JVP its tangent
	// from those of the operands. nil: the operation has no derivative, which is a mistake where one is needed.
	VJP func(in []Value, out, cotangent Value) []Value
	JVP func(in []Value, out Value, tangents []Value) Value
}

// externalAttr is an operation and how many there are side by side in a row, by Map.
type externalAttr struct {
	e     *External
	times int
}

var opExternal = &opDef{name: "external"}

func init() {
	opExternal.vjp = func(n *node, c Value, need []bool) []Value {
		e := n.attr.(externalAttr).e
		if e.VJP == nil {
			fail(e.Name, "has no reverse derivative")
		}
		k := len(n.in)
		return overMaps(len(n.shape)-1, append(n.inputs(), Value{n}, c), func(v []Value) []Value {
			cots := e.VJP(v[:k], v[k], v[k+1])
			for i := range cots {
				cots[i] = orZeros(cots[i], v[i])
			}
			return cots
		})
	}
	opExternal.jvp = func(n *node, t []Value) Value {
		e := n.attr.(externalAttr).e
		if e.JVP == nil {
			fail(e.Name, "has no forward derivative")
		}
		k, in := len(n.in), n.inputs()
		all := append(n.inputs(), Value{n})
		for i, d := range t {
			all = append(all, orZeros(d, in[i]))
		}
		return overMaps(len(n.shape)-1, all, func(v []Value) []Value { return []Value{e.JVP(v[:k], v[k], v[k+1:])} })[0]
	}
	opExternal.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(externalAttr)
		for i, v := range in {
			in[i] = repeatIf(v, !mapped[i], m)
		}
		a.times *= m
		return external(a, append([]int{m}, n.shape...), in)
	}
	opExternal.emit = func(c *planner, n *node) {
		a := n.attr.(externalAttr)
		var reads []*node
		for _, m := range n.in {
			reads = append(reads, c.use(m))
		}
		c.push(instr{name: "external", reads: reads, writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o := at(n)
			refs := make([]ref, len(reads))
			for i, m := range reads {
				refs[i] = at(m)
			}
			return func(f *frame) { f.external(a, o, refs) }
		}})
	}
}

// overMaps applies f under as many maps as have put axes in front of its operands.
func overMaps(maps int, v []Value, f func(v []Value) []Value) []Value {
	if maps == 0 {
		return f(v)
	}
	return Map(func(v []Value) []Value { return overMaps(maps-1, v, f) }, 0, v...)
}

// external runs an operation on the rows of the block.
func (f *frame) external(a externalAttr, o ref, refs []ref) {
	if f.err == nil {
		f.err = f.run.ctx.Err()
	}
	if f.err != nil {
		return
	}
	in := make([][]float64, len(refs))
	for i, r := range refs {
		in[i] = vec[float64](f, r)
	}
	ids := f.run.ids[f.row0 : f.row0+f.rows]
	if a.times > 1 {
		many := make([]uint64, 0, len(ids)*a.times)
		for _, id := range ids {
			many = append(many, slices.Repeat([]uint64{id}, a.times)...)
		}
		ids = many
	}
	if err := a.e.Rows(f.run.ctx, ids, in, vec[float64](f, o)); err != nil {
		f.err = fmt.Errorf("%s: %w", a.e.Name, err)
	}
}

// Of applies the operation to float64 vectors or scalars: the result is a per-sample vector [Out].
func (e *External) Of(in ...Value) Value {
	if len(in) == 0 {
		fail(e.Name, "needs an operand")
	}
	for _, v := range in {
		if v.IsZero() || v.n.dtype != F64 || v.Rank() > 1 {
			fail(e.Name, "needs vectors of float64, got %s", v)
		}
	}
	return external(externalAttr{e, 1}, []int{e.Out}, in)
}

func external(a externalAttr, shape []int, in []Value) Value {
	for i, v := range in {
		in[i] = Rows(v)
	}
	return add(opExternal, a, shape, F64, in...)
}
