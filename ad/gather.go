package ad

import (
	"cmp"
	"slices"
)

// gatherAttr: x is [B…, K, rest…], indices [B…, m…], the result [B…, m…, rest…]; batch counts the axes B.
// name is the layer's, for errors of a run.
type gatherAttr struct {
	batch int
	name  string
}

// scatterAttr: updates [B…, m…, rest…] are added at indices [B…, m…] of zeros [B…, K, rest…].
type scatterAttr struct{ batch, k int }

var (
	opGather  = &opDef{name: "gather", rowwise: true}
	opScatter = &opDef{name: "scatter_add", rowwise: true}
)

func init() {
	opGather.vjp = func(n *node, c Value, need []bool) []Value {
		a := n.attr.(gatherAttr)
		return []Value{scatterAdd(c, Value{n.in[1]}, scatterAttr{a.batch, n.in[0].shape[a.batch]}), {}}
	}
	opGather.jvp = func(n *node, t []Value) Value {
		if t[0].IsZero() {
			return Value{}
		}
		return gather(t[0], Value{n.in[1]}, n.attr.(gatherAttr))
	}
	opGather.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(gatherAttr)
		return gather(repeatIf(in[0], !mapped[0], m), repeatIf(in[1], !mapped[1], m), gatherAttr{a.batch + 1, a.name})
	}
	opGather.columns = columnIndexed
	opGather.emit = func(c *planner, n *node) { emitIndexed(c, n, n.attr.(gatherAttr).batch, n.in[0].shape, false) }

	opScatter.vjp = func(n *node, c Value, need []bool) []Value {
		return []Value{gather(c, Value{n.in[1]}, gatherAttr{batch: n.attr.(scatterAttr).batch}), {}}
	}
	opScatter.jvp = func(n *node, t []Value) Value {
		if t[0].IsZero() {
			return Value{}
		}
		return scatterAdd(t[0], Value{n.in[1]}, n.attr.(scatterAttr))
	}
	opScatter.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(scatterAttr)
		return scatterAdd(repeatIf(in[0], !mapped[0], m), repeatIf(in[1], !mapped[1], m), scatterAttr{a.batch + 1, a.k})
	}
	opScatter.columns = columnIndexed
	opScatter.emit = func(c *planner, n *node) { emitIndexed(c, n, n.attr.(scatterAttr).batch, n.shape, true) }
}

// repeatIf adds a leading axis of length m to a value that lacks it.
func repeatIf(v Value, lacking bool, m int) Value {
	if !lacking {
		return v
	}
	return BroadcastTo(v, append([]int{m}, v.n.shape...)...)
}

// indexed holds the sizes of a gather or a scatter-add within one row of the batch.
type indexed struct {
	name                string // of the operation or the layer
	batches, k, m, rest int
}

func indexedSizes(table, idx []int, batch int) indexed {
	return indexed{"", sizeOf(table[:batch]), table[batch], sizeOf(idx[batch:]), sizeOf(table[batch+1:])}
}

func emitIndexed(c *planner, n *node, batch int, table []int, scatter bool) {
	s := indexedSizes(table, n.in[1].shape, batch)
	if a, ok := n.attr.(gatherAttr); ok {
		s.name = a.name
	}
	x, idx := c.use(n.in[0]), c.use(n.in[1])
	c.push(instr{name: n.op.name, reads: []*node{x, idx}, writes: []*node{n}, bind: func(at func(*node) ref) func(
		*frame) {
		o, rx, ri := at(n), at(x), at(idx)
		switch {
		case scatter && n.dtype == F64:
			return func(f *frame) { scatterRows[float64](f, o, rx, ri, s) }
		case scatter:
			return func(f *frame) { scatterRows[float32](f, o, rx, ri, s) }
		case n.dtype.bytes() == 8:
			return func(f *frame) { gatherRows[uint64](f, o, rx, ri, s) }
		}
		return func(f *frame) { gatherRows[uint32](f, o, rx, ri, s) }
	}})
}

// rowOf returns row r of a per-sample operand, or all of a shared one.
func rowOf[T any](x []T, r, size int) []T {
	if len(x) == size {
		return x
	}
	return x[r*size : (r+1)*size]
}

func gatherRows[T any](f *frame, o, rx, ri ref, s indexed) {
	dst, x, idx := vec[T](f, o), vec[T](f, rx), vec[int32](f, ri)
	for r := range f.rowsOf(o) {
		table, at := rowOf(x, r, s.batches*s.k*s.rest), rowOf(idx, r, s.batches*s.m)
		out := dst[r*s.batches*s.m*s.rest:]
		for b := range s.batches {
			for j := range s.m {
				i := int(at[b*s.m+j])
				if i < 0 || i >= s.k {
					f.outOfRange(cmp.Or(s.name, "gather"), r, i, s.k)
					return
				}
				copy(out[(b*s.m+j)*s.rest:][:s.rest], table[(b*s.k+i)*s.rest:])
			}
		}
	}
}

func scatterRows[T float32 | float64](f *frame, o, rx, ri ref, s indexed) {
	dst, x, idx := vec[T](f, o), vec[T](f, rx), vec[int32](f, ri)
	clear(dst)
	for r := range f.rowsOf(o) {
		up, at := rowOf(x, r, s.batches*s.m*s.rest), rowOf(idx, r, s.batches*s.m)
		if !scatterRow(dst[r*s.batches*s.k*s.rest:], up, at, s, f, r) {
			return
		}
	}
}

// scatterRow adds in index order.
func scatterRow[T float32 | float64](table, up []T, at []int32, s indexed, f *frame, r int) bool {
	for b := range s.batches {
		for j := range s.m {
			i := int(at[b*s.m+j])
			if i < 0 || i >= s.k {
				f.outOfRange("scatter_add", r, i, s.k)
				return false
			}
			d := table[(b*s.k+i)*s.rest:][:s.rest]
			for e, v := range up[(b*s.m+j)*s.rest:][:s.rest] {
				d[e] += v
			}
		}
	}
	return true
}

func gather(x, idx Value, a gatherAttr) Value {
	shape := slices.Concat(idx.n.shape, x.n.shape[a.batch+1:])
	return add(opGather, a, shape, x.n.dtype, x, idx)
}

func scatterAdd(up, idx Value, a scatterAttr) Value {
	rest := up.n.shape[len(idx.n.shape):]
	shape := slices.Concat(idx.n.shape[:a.batch], []int{a.k}, rest)
	return add(opScatter, a, shape, up.n.dtype, up, idx)
}

// Gather reads entries of the first axis of x: x [K, rest…] and int32 indices [m…] give [m…, rest…].
// An index outside 0…K−1 is an error at run time that names the row.
func Gather(x, idx Value) Value {
	checkGather(x, idx)
	return gather(x, idx, gatherAttr{})
}

func checkGather(x, idx Value) {
	if x.Rank() < 1 || idx.n.dtype != I32 {
		fail("gather", "needs an axis to read and int32 indices, got %s and %s", describe(x.n), describe(idx.n))
	}
}

// GatherNamed is [Gather] for a layer of the given name, by which a run reports an index that is out of range.
func GatherNamed(name string, x, idx Value) Value {
	checkGather(x, idx)
	return gather(x, idx, gatherAttr{name: name})
}

// ScatterAdd adds updates [m…, rest…] at int32 indices [m…] of zeros [k, rest…], in index order.
func ScatterAdd(updates, idx Value, k int) Value {
	r := idx.Rank()
	if idx.n.dtype != I32 || !updates.n.dtype.Float() || updates.Rank() < r || !slices.Equal(updates.n.shape[:r],
		idx.n.shape) || k < 0 {
		fail("scatter_add", "updates %s do not fit indices %s", describe(updates.n), describe(idx.n))
	}
	return scatterAdd(updates, idx, scatterAttr{0, k})
}

// takeLast reads along the last axis with indices of the same leading axes.
func takeLast(x, idx Value) Value { return gather(x, idx, gatherAttr{batch: x.Rank() - 1}) }

// TakeAlong reads along an axis with int32 indices of x's shape except for the length of that axis.
func TakeAlong(x, idx Value, axis int) Value {
	axis = axisOf("take_along", x, axis)
	want := slices.Clone(x.n.shape)
	if idx.Rank() == x.Rank() {
		want[axis] = idx.n.shape[axis]
	}
	if idx.n.dtype != I32 || !slices.Equal(want, idx.n.shape) {
		fail("take_along", "indices %s do not fit %s along axis %d", describe(idx.n), describe(x.n), axis)
	}
	last := x.Rank() - 1
	return moveAxis(takeLast(moveAxis(x, axis, last), moveAxis(idx, axis, last)), last, axis)
}
