package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

var (
	opBatchSum  = &opDef{name: "batch_sum"}
	opBatchMax  = &opDef{name: "batch_max"}
	opBatchSize = &opDef{name: "batch_size", rowwise: true}
	opRows      = &opDef{name: "rows"}
)

func init() {
	opBatchSum.vjp = func(n *node, c Value, need []bool) []Value { return []Value{Rows(c)} }
	opBatchSum.jvp = func(n *node, t []Value) Value { return BatchSum(t[0]) }
	opBatchSum.lift = func(n *node, in []Value, mapped []bool, m int) Value { return BatchSum(in[0]) }
	opBatchSum.emit = emitBatchSum

	opBatchMax.vjp = func(n *node, c Value, need []bool) []Value { return []Value{{}} }
	opBatchMax.jvp = func(n *node, t []Value) Value { return Value{} }
	opBatchMax.lift = func(n *node, in []Value, mapped []bool, m int) Value { return BatchMax(in[0]) }
	opBatchMax.emit = func(c *planner, n *node) {
		x := c.use(n.in[0])
		size := n.size()
		c.pushLane(n, laneMax, 0, []*node{x}, func(at func(*node) ref, lane ref) func(*frame) {
			r := at(x)
			if n.dtype == F64 {
				return func(f *frame) { laneMaximum(f, vec[float64](f, lane), vec[float64](f, r), size) }
			}
			return func(f *frame) { laneMaximum(f, vec[float32](f, lane), vec[float32](f, r), size) }
		})
	}

	opRows.vjp = func(n *node, c Value, need []bool) []Value { return []Value{c} }
	opRows.jvp = func(n *node, t []Value) Value { return Rows(t[0]) }
	opRows.lift = func(n *node, in []Value, mapped []bool, m int) Value { return Rows(in[0]) }

	opBatchSize.vjp = func(n *node, c Value, need []bool) []Value { return []Value{{}} }
	opBatchSize.emit = func(c *planner, n *node) {
		c.push(instr{name: "batch_size", writes: []*node{n}, bind: func(at func(*node) ref) func(*frame) {
			o := at(n)
			if n.dtype == F64 {
				return func(f *frame) { vec[float64](f, o)[0] = float64(f.run.n) }
			}
			return func(f *frame) { vec[float32](f, o)[0] = float32(f.run.n) }
		}})
	}
	opBatchSize.lift = func(n *node, in []Value, mapped []bool, m int) Value { return Value{n} }
}

func laneMaximum[T float32 | float64](f *frame, acc, x []T, size int) {
	if f.first {
		for i := range acc {
			acc[i] = T(math.Inf(-1))
		}
	}
	for i, v := range x {
		if j := i % size; v > acc[j] || v != v {
			acc[j] = v
		}
	}
}

// emitBatchSum accumulates over the rows of a block into the lane. Where the summand is a product over the
// rows, a scatter of them or the gradient of a kernel, the summand itself is never made.
func emitBatchSum(c *planner, n *node) {
	src := n.in[0]
	for src.op == opReshape && c.uses(src) == 1 {
		src = src.in[0]
	}
	switch {
	case src.op == opMatMul && len(src.shape) == 2 && src.attr.(mmAttr) == (mmAttr{true, false}) && !src.in[0].shared &&
		!src.in[1].shared && !c.made(src):
		// Σ_rows AᵀB: one product over all rows of the block.
		p := productOf(src)
		a, b := c.use(src.in[0]), c.use(src.in[1])
		c.pushLane(n, laneSum, 0, []*node{a, b}, func(at func(*node) ref, lane ref) func(*frame) {
			ra, rb := at(a), at(b)
			if n.dtype == F64 {
				return func(f *frame) {
					simd.GemmTN64(vec[float64](f, lane), p.n, vec[float64](f, ra), p.m, vec[float64](f, rb), p.n,
						f.rows*p.k, p.n, p.m, !f.first)
				}
			}
			gemm := simd.GemmTN32
			if src.halved() {
				gemm = simd.GemmTNBF16
			}
			return func(f *frame) {
				gemm(vec[float32](f, lane), p.n, vec[float32](f, ra), p.m, vec[float32](f, rb), p.n,
					f.rows*p.k, p.n, p.m, !f.first)
			}
		})
		return
	case src.op == opScatter && !src.in[0].shared && !c.made(src):
		s := indexedSizes(src.shape, src.in[1].shape, src.attr.(scatterAttr).batch)
		up, idx := c.use(src.in[0]), c.use(src.in[1])
		c.pushLane(n, laneSum, 0, []*node{up, idx}, func(at func(*node) ref, lane ref) func(*frame) {
			ru, ri := at(up), at(idx)
			if n.dtype == F64 {
				return func(f *frame) {
					scatterLane(f, vec[float64](f, lane), vec[float64](f, ru), vec[int32](f, ri),
						s)
				}
			}
			return func(f *frame) { scatterLane(f, vec[float32](f, lane), vec[float32](f, ru), vec[int32](f, ri), s) }
		})
		return
	}
	if isKernelSum(src) && !c.made(src) {
		emitKernelSum(c, n, src)
		return
	}
	x := c.use(n.in[0])
	size := n.size()
	c.pushLane(n, laneSum, 0, []*node{x}, func(at func(*node) ref, lane ref) func(*frame) {
		r := at(x)
		if n.dtype == F64 {
			return func(f *frame) {
				acc := vec[float64](f, lane)
				if f.first {
					clear(acc)
				}
				simd.ColSumAcc64(acc, vec[float64](f, r), f.rows, size, size)
			}
		}
		return func(f *frame) {
			acc := vec[float32](f, lane)
			if f.first {
				clear(acc)
			}
			simd.ColSumAcc32(acc, vec[float32](f, r), f.rows, size, size)
		}
	})
}

func scatterLane[T float32 | float64](f *frame, acc, up []T, idx []int32, s indexed) {
	if f.first {
		clear(acc)
	}
	for r := range f.rows {
		if !scatterRow(acc, rowOf(up, r, s.batches*s.m*s.rest), rowOf(idx, r, s.batches*s.m), s, f, r) {
			return
		}
	}
}

// BatchSum adds a per-sample value over all samples of the batch: the result is shared, and exists from
// the next pass on. A shared value counts once for each sample.
func BatchSum(x Value) Value {
	if !x.n.dtype.Float() {
		fail("batch_sum", "needs floats, got %s", describe(x.n))
	}
	if x.n.op == opRows {
		x = Value{x.n.in[0]}
	}
	if x.n.shared {
		return Mul(x, BroadcastTo(batchSize(x), x.n.shape...))
	}
	return overBatch(opBatchSum, x)
}

// BatchMax is the elementwise maximum over all samples, treated as a constant by derivatives: it is the
// shift of a logsumexp over the batch.
func BatchMax(x Value) Value {
	if !x.n.dtype.Float() {
		fail("batch_max", "needs floats, got %s", describe(x.n))
	}
	if x.n.op == opRows {
		x = Value{x.n.in[0]}
	}
	if x.n.shared {
		return StopGradient(x)
	}
	return overBatch(opBatchMax, x)
}

func overBatch(op *opDef, x Value) Value {
	g := x.n.g.root.current
	for up := g; up.parent != nil; up = up.parent {
		if !up.lifted {
			fail(op.name, "is not possible inside a loop; return the summand and sum it outside")
		}
	}
	n := g.insert(&node{g: g, op: op, in: []*node{g.here(x.n, op.name)}, shape: x.n.shape, dtype: x.n.dtype,
		shared: true, level: x.n.level + 1})
	return Value{n}
}

// BatchMean is BatchSum divided by the number of samples.
func BatchMean(x Value) Value {
	s := BatchSum(x)
	return Div(s, BroadcastTo(batchSize(s), s.n.shape...))
}

// BatchLogSumExp is log Σ exp x over all samples, elementwise.
func BatchLogSumExp(x Value) Value {
	m := finiteOrZero(BatchMax(x))
	return Add(m, Log(BatchSum(Exp(Sub(x, m)))))
}

// batchSize is the number of samples of the run, as a shared scalar.
func batchSize(like Value) Value {
	g := like.n.g.root
	n := g.insert(&node{g: g, op: opBatchSize, dtype: like.n.dtype, shared: true})
	return Value{g.current.here(n, "batch_size")}
}

// Rows makes a shared value per-sample: every sample has it.
func Rows(x Value) Value {
	if !x.n.shared {
		return x
	}
	g := x.n.g.root.current
	n := g.here(x.n, "rows")
	return Value{g.insert(&node{g: g, op: opRows, in: []*node{n}, shape: n.shape, dtype: n.dtype, level: n.level})}
}

// rowsLike gives x the sharedness of y.
func rowsLike(x, y Value) Value {
	if y.n.shared {
		return x
	}
	return Rows(x)
}
