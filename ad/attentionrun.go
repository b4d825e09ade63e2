package ad

import (
	"math"
	"unsafe"

	"github.com/seed9a7962a8/ito/internal/simd"
)

type real interface{ float32 | float64 }

// attentionRoutines are the vector routines of one dtype.
type attentionRoutines[T real] struct {
	nn, nt, tn gemm[T]
	transpose  func(dst []T, ldd int, a []T, lda, m, n int)
	mul        func(dst, a, b []T)
	scale      func(dst, a []T, s T)
	expSub     func(dst, a, p []T, rows, cols int)    // exp(a − p), of a vector from every row
	times      func(dst, a, p []T, rows, cols int)    // a·p
	subMul     func(dst, a, b, p []T, rows, cols int) // (a − p)·b
	colSum     func(acc, x []T, rows, cols, ld int)
	colMax     func(acc, x []T, rows, cols, ld int)
}

var (
	attention32 = attentionRoutines[float32]{simd.GemmNN32, simd.GemmNT32, simd.GemmTN32, simd.Transpose32,
		simd.Mul32, simd.MulS32, simd.ExpSub32, simd.MulPeriodic32, simd.SubMul32, simd.ColSumAcc32, simd.ColMaxAcc32}
	attention64 = attentionRoutines[float64]{simd.GemmNN64, simd.GemmNT64, simd.GemmTN64, simd.Transpose64,
		simd.Mul64, simd.MulS64, simd.ExpSub64, simd.MulPeriodic64, simd.SubMul64, simd.ColSumAcc64, simd.ColMaxAcc64}
)

// attentionTile is the number of scores that there are at a time: a few tiles of float32 stay in the second-level
// cache, and long sequences still have products of many columns.
const attentionTile = 65536

// attentionOf is attention over one row of the batch. A tile of scores has a row for each key and a column for each of
// a few queries: maxima and sums over keys then run along vectors of queries.
type attentionOf[T real] struct {
	attention
	attentionRoutines[T]
	q, k, v, keys, bias, cot, out []T
	grad                          [4][]T // of queries, keys, values, bias; nil: not needed
	tile, dtile, turned, vector   []T
	scaled                        []T // queries of a leading row, over √d
}

func attentionRow[T real](f *frame, a attention, k attentionRoutines[T], refs []ref, r int) attentionOf[T] {
	x := attentionOf[T]{attention: a, attentionRoutines: k}
	get := func(i int) []T { return rowOf(vec[T](f, refs[i]), r, refs[i].size) }
	x.q, x.k, x.v = get(0), get(1), get(2)
	if a.masked {
		x.keys = get(3)
	}
	if a.biased {
		x.bias = get(len(refs) - 1)
	}
	wide, cols := a.n*a.columns(), a.columns()
	x.tile, x.dtile = roomFor[T](f, 0, wide), roomFor[T](f, 1, wide)
	x.turned = roomFor[T](f, 2, wide)
	more := roomFor[T](f, 3, cols+a.m*a.Heads*a.d)
	x.vector, x.scaled = more[:cols], more[cols:]
	return x
}

// roomFor is scratch of n numbers.
func roomFor[T real](f *frame, slot, n int) []T {
	s := f.scratch(slot, n)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&s[0])), n)
}

// columns is the number of queries of a tile.
func (a attention) columns() int {
	return min(a.m, max(attentionTile/max(a.n, 1)&^15, 16))
}

// tiles calls f for every leading row, head and block of queries, in order: q0 … q0+w−1 are the queries, of which the
// first n keys may be read by one of them at least.
func (x *attentionOf[T]) tiles(f func(lead, head, q0, w, n int)) {
	cols := x.columns()
	for lead := range sizeOf(x.lead) {
		size := len(x.scaled)
		x.scale(x.scaled, x.q[lead*size:(lead+1)*size], T(1/math.Sqrt(float64(x.d))))
		for head := range x.Heads {
			for q0 := 0; q0 < x.m; q0 += cols {
				w, n := min(cols, x.m-q0), x.n
				if x.Causal {
					n = min(n, q0+w)
				}
				f(lead, head, q0, w, n)
			}
		}
	}
}

// at is x from position row of a leading row and head on: x holds l positions of Heads times w numbers.
func (x *attentionOf[T]) at(v []T, lead, head, row, l, w int) []T {
	return v[((lead*l+row)*x.Heads+head)*w:]
}

// forward reports whether the mask leaves a key.
func (x *attentionOf[T]) forward() bool {
	if x.masked && len(x.keys) > 0 && !anyOf(x.keys) {
		return false
	}
	x.tiles(func(lead, head, q0, w, n int) {
		p := x.weights(lead, head, q0, w, n)
		ld := x.Heads * x.e
		x.tn(x.at(x.out, lead, head, q0, x.m, x.e), ld, p, w, x.at(x.v, lead, head, 0, x.n, x.e), ld, n, x.e, w, false)
	})
	return true
}

func anyOf[T real](x []T) bool {
	for _, v := range x {
		if v != 0 {
			return true
		}
	}
	return false
}

// weights is the tile [n,w] of the weights of n keys for w queries.
func (x *attentionOf[T]) weights(lead, head, q0, w, n int) []T {
	s := x.tile[:n*w]
	ld := x.Heads * x.d
	x.nt(s, w, x.at(x.k, lead, head, 0, x.n, x.d), ld, x.at(x.scaled, 0, head, q0, x.m, x.d), ld, n, w, x.d, false)
	if x.biased {
		b := x.turned[:n*w]
		x.transpose(b, w, x.bias[((lead*x.Heads+head)*x.m+q0)*x.n:], x.n, w, n)
		addTo(s, b)
	}
	x.hide(s, lead, q0, w, n)
	top := x.vector[:w]
	copy(top, s)
	x.colMax(top, s, n, w, w)
	for i, v := range top {
		if math.IsInf(float64(v), -1) {
			top[i] = 0 // nothing to read: all weights are 0
		}
	}
	x.expSub(s, s, top, n, w)
	clear(top)
	x.colSum(top, s, n, w, w)
	for i, v := range top {
		if v != 0 {
			top[i] = 1 / v
		}
	}
	x.times(s, s, top, n, w)
	return s
}

// hide sets the scores of keys that a query may not read to −∞.
func (x *attentionOf[T]) hide(s []T, lead, q0, w, n int) {
	never := T(math.Inf(-1))
	fill := func(v []T) {
		for i := range v {
			v[i] = never
		}
	}
	for j := range n {
		row := s[j*w : (j+1)*w]
		if x.masked && x.keys[lead*x.n+j] == 0 {
			fill(row)
			continue
		}
		if x.Causal && j > q0 {
			fill(row[:j-q0])
		}
		if x.Hollow && j >= q0 && j < q0+w {
			row[j-q0] = never
		}
	}
}

// backward makes the cotangents that are needed.
func (x *attentionOf[T]) backward() {
	for _, g := range x.grad {
		clear(g)
	}
	ldq, ldv := x.Heads*x.d, x.Heads*x.e
	x.tiles(func(lead, head, q0, w, n int) {
		p := x.weights(lead, head, q0, w, n)
		cot := x.at(x.cot, lead, head, q0, x.m, x.e)
		if g := x.grad[partValue]; g != nil {
			x.nn(x.at(g, lead, head, 0, x.n, x.e), ldv, p, w, cot, ldv, n, x.e, w, true)
		}
		if x.grad[partQuery] == nil && x.grad[partKey] == nil && x.grad[partBias] == nil {
			return
		}
		// ds = p∘(dp − Σ p∘dp), dp = v·cotᵀ.
		d := x.dtile[:n*w]
		x.nt(d, w, x.at(x.v, lead, head, 0, x.n, x.e), ldv, cot, ldv, n, w, x.e, false)
		both, sum := x.turned[:n*w], x.vector[:w]
		x.mul(both, p, d)
		clear(sum)
		x.colSum(sum, both, n, w, w)
		x.subMul(d, d, p, sum, n, w)
		if g := x.grad[partBias]; g != nil {
			x.transpose(g[((lead*x.Heads+head)*x.m+q0)*x.n:], x.n, d, w, n, w)
		}
		if g := x.grad[partQuery]; g != nil {
			keys := x.at(x.k, lead, head, 0, x.n, x.d)
			x.tn(x.at(g, lead, head, q0, x.m, x.d), ldq, d, w, keys, ldq, n, x.d, w, false)
		}
		if g := x.grad[partKey]; g != nil {
			queries := x.at(x.scaled, 0, head, q0, x.m, x.d)
			x.nn(x.at(g, lead, head, 0, x.n, x.d), ldq, d, w, queries, ldq, n, x.d, w, true)
		}
	})
	if g := x.grad[partQuery]; g != nil {
		x.scale(g, g, T(1/math.Sqrt(float64(x.d))))
	}
}
