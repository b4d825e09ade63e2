package ad

import (
	"slices"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// layerRoutines are vector routines over places of channels.
type layerRoutines[T float32 | float64] struct {
	rowRoutines[T]
	subEach, mulEach func(dst, a, s []T, rows, cols int) // of every row its own number
	sumRows          func(dst, x []T, cols int)
	scale, shift     func(dst, a []T, s T)
	sqrt, recip      func(dst, x []T)
	sub              func(dst, a, b []T)
}

var (
	layer32 = layerRoutines[float32]{rows32, simd.SubPerRow32, simd.MulPerRow32, simd.SumRows32, simd.MulS32,
		simd.AddS32, simd.Sqrt32, simd.Recip32, simd.Sub32}
	layer64 = layerRoutines[float64]{rows64, simd.SubPerRow64, simd.MulPerRow64, simd.SumRows64, simd.MulS64,
		simd.AddS64, simd.Sqrt64, simd.Recip64, simd.Sub64}
)

// layerRun is a layer normalisation, or its cotangents, bound. Every operand is [entries,P,C] or [entries,C] for a row.
type layerRun[T float32 | float64] struct {
	layerRoutines[T]
	entries, p, c int
	epsilon       float64
	in            []ref
	out           ref
	parts         [3]ref // base < 0: not needed
	rowsAt        int    // places of a chunk
}

func bindLayer[T float32 | float64](r layerRoutines[T], n *node, at func(*node) ref, reads []*node) *layerRun[T] {
	a := n.attr.(layerAttr)
	shape := n.in[0].shape
	x := &layerRun[T]{layerRoutines: r, entries: sizeOf(shape[:a.batch]), p: shape[a.batch], c: shape[a.batch+1],
		epsilon: a.epsilon, in: refsOf(at, reads)}
	x.rowsAt = min(max(1, normChunk/x.c), x.p)
	return x
}

func emitLayerNorm(c *planner, n *node) {
	reads := usesOf(c, n)
	c.push(instr{name: n.op.name, cost: .4 * float64(n.size()), reads: reads, writes: []*node{n},
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				x := bindLayer(layer64, n, at, reads)
				x.out = at(n)
				return x.forward
			}
			x := bindLayer(layer32, n, at, reads)
			x.out = at(n)
			return x.forward
		}})
}

// emitLayerNormGrad makes every cotangent of one normalisation that is needed.
func emitLayerNormGrad(c *planner, n *node) {
	var parts [3]*node
	var writes []*node
	for _, u := range c.users[n.in[0]] {
		if u.op == opLayerNormGrad && !c.skip[u] && slices.Equal(u.in, n.in) && (u == n || !c.done[u]) {
			if i := u.attr.(layerAttr).part; parts[i] == nil {
				parts[i], c.done[u] = u, true
				writes = append(writes, u)
			}
		}
	}
	reads := usesOf(c, n)
	c.push(instr{name: n.op.name, cost: .8 * float64(n.in[0].size()), reads: reads, writes: writes,
		bind: func(at func(*node) ref) func(*frame) {
			var refs [3]ref
			for i, p := range parts {
				refs[i] = refOrNone(at, p)
			}
			if n.dtype == F64 {
				x := bindLayer(layer64, n, at, reads)
				x.parts = refs
				return x.backward
			}
			x := bindLayer(layer32, n, at, reads)
			x.parts = refs
			return x.backward
		}})
}

// space is scratch: two chunks and three numbers for each of their places.
func (x *layerRun[T]) space(f *frame) (d, e, mean, scale, sum []T) {
	n, r := x.rowsAt*x.c, x.rowsAt
	s := room[T](f, roomPadded, 2*n+3*r)
	return s[:n], s[n : 2*n], s[2*n : 2*n+r], s[2*n+r : 2*n+2*r], s[2*n+2*r : 2*n+3*r]
}

// entryOf is entry e of row r of a value with size numbers an entry.
func entryOf[T any](v []T, r, e, entries, size int) []T {
	return rowOf(v, r, entries*size)[e*size : (e+1)*size]
}

// statistics writes the deviations of rows places from their means to d, and 1/√(variance + ε) to scale; sq is scratch.
func (x *layerRun[T]) statistics(d, sq, mean, scale, src []T, rows int) {
	x.sumRows(mean, src, x.c)
	x.layerRoutines.scale(mean, mean, 1/T(x.c))
	x.subEach(d, src, mean, rows, x.c)
	x.square(sq, d)
	x.sumRows(scale, sq, x.c)
	x.layerRoutines.scale(scale, scale, 1/T(x.c))
	x.shift(scale, scale, T(x.epsilon))
	x.sqrt(scale, scale)
	x.recip(scale, scale)
}

func (x *layerRun[T]) forward(f *frame) {
	out, src, a, b := vec[T](f, x.out), vec[T](f, x.in[0]), vec[T](f, x.in[1]), vec[T](f, x.in[2])
	_, e, mean, scale, _ := x.space(f)
	size := x.p * x.c
	for r := range f.rowsOf(x.out) {
		for k := range x.entries {
			from, to := entryOf(src, r, k, x.entries, size), entryOf(out, r, k, x.entries, size)
			ak, bk := entryOf(a, r, k, x.entries, x.c), entryOf(b, r, k, x.entries, x.c)
			for p := 0; p < x.p; p += x.rowsAt {
				rows := min(x.rowsAt, x.p-p)
				i, j := p*x.c, (p+rows)*x.c
				y := to[i:j]
				x.statistics(y, e[:j-i], mean[:rows], scale[:rows], from[i:j], rows)
				x.mulEach(y, y, scale[:rows], rows, x.c)
				x.mulRow(y, y, ak, rows, x.c)
				x.addRow(y, y, bk, rows, x.c)
			}
		}
	}
}

// backward makes, with x̂ = (x − mean)/σ and g = a·c,
//
//	(g − mean(g) − x̂·mean(g·x̂))/σ,  Σ_p c·x̂,  Σ_p c.
func (x *layerRun[T]) backward(f *frame) {
	src, cot, a := vec[T](f, x.in[0]), vec[T](f, x.in[1]), vec[T](f, x.in[2])
	var out [3][]T
	var any ref
	for i, r := range x.parts {
		if r.base >= 0 {
			out[i], any = vec[T](f, r), r
		}
	}
	d, e, mean, scale, sum := x.space(f)
	size := x.p * x.c
	for r := range f.rowsOf(any) {
		for k := range x.entries {
			from, ck := entryOf(src, r, k, x.entries, size), entryOf(cot, r, k, x.entries, size)
			ak := entryOf(a, r, k, x.entries, x.c)
			var dx, da, db []T
			if out[layerInput] != nil {
				dx = entryOf(out[layerInput], r, k, x.entries, size)
			}
			if out[layerScale] != nil {
				da = entryOf(out[layerScale], r, k, x.entries, x.c)
				clear(da)
			}
			if out[layerShift] != nil {
				db = entryOf(out[layerShift], r, k, x.entries, x.c)
				clear(db)
			}
			for p := 0; p < x.p; p += x.rowsAt {
				rows := min(x.rowsAt, x.p-p)
				i, j := p*x.c, (p+rows)*x.c
				c := ck[i:j]
				if db != nil {
					x.colSum(db, c, rows, x.c, x.c)
				}
				if dx == nil && da == nil {
					continue
				}
				hat, t, m, s := d[:j-i], e[:j-i], mean[:rows], scale[:rows]
				x.statistics(hat, t, m, s, from[i:j], rows)
				x.mulEach(hat, hat, s, rows, x.c)
				if da != nil {
					x.mul(t, hat, c)
					x.colSum(da, t, rows, x.c, x.c)
				}
				if dx != nil {
					x.input(dx[i:j], c, ak, hat, t, m, s, sum[:rows], rows)
				}
			}
		}
	}
}

// input writes the cotangent of rows places of x; g is dst until it is done.
func (x *layerRun[T]) input(g, c, a, hat, t, mean, scale, sum []T, rows int) {
	x.mulRow(g, c, a, rows, x.c)
	x.sumRows(mean, g, x.c)
	x.layerRoutines.scale(mean, mean, 1/T(x.c))
	x.mul(t, g, hat)
	x.sumRows(sum, t, x.c)
	x.layerRoutines.scale(sum, sum, 1/T(x.c))
	x.subEach(g, g, mean, rows, x.c)
	x.mulEach(hat, hat, sum, rows, x.c)
	x.sub(g, g, hat)
	x.mulEach(g, g, scale, rows, x.c)
}
