package ad

import (
	"slices"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// lstmRoutines are the vector routines of one dtype.
type lstmRoutines[T float32 | float64] struct {
	gemm                  func(c []T, ldc int, a []T, lda int, packed []T, m, n, k int, acc bool)
	sigmoid, tanh, square func(dst, x []T)
	add, mul              func(dst, a, b []T)
	from                  func(dst, a []T, s T) // s − a
}

var (
	lstm32 = lstmRoutines[float32]{simd.Gemm32, simd.Sigmoid32, simd.Tanh32, simd.Square32, simd.Add32, simd.Mul32,
		simd.RSubS32}
	lstm64 = lstmRoutines[float64]{simd.Gemm64, simd.Sigmoid64, simd.Tanh64, simd.Square64, simd.Add64, simd.Mul64,
		simd.RSubS64}
)

// lstmRun is a pass over the positions of a block of rows, bound. What one position has of a block stays in the
// first-level cache: the gates are tiles [rows,W], one behind the other.
type lstmRun[T float32 | float64] struct {
	lstmRoutines[T]
	l, w                    int
	in, u, kept, cot, d, to ref // base < 0: not needed
}

// The tiles of a position that are kept, in the order in which they lie.
const (
	tileI = iota
	tileF
	tileO
	tileG
	tileC
	lstmTiles
)

// gateTile is the tile of a gate of the inputs, whose order is i, f, g, o.
var gateTile = [4]int{tileI, tileF, tileG, tileO}

// lstmBody is the number of numbers of a row that a position touches.
func lstmBody(w int) int { return 24 * w }

// emitLSTM makes both parts of one memory, as far as they are needed.
func emitLSTM(c *planner, n *node) {
	a := n.attr.(lstmPart)
	var parts [2]*node
	var writes []*node
	for _, u := range c.users[n.in[0]] {
		if u.op == opLSTM && !c.skip[u] && slices.Equal(u.in, n.in) && (u == n || !c.done[u]) {
			i := u.attr.(lstmPart).part
			parts[i], c.done[u] = u, true
			writes = append(writes, u)
		}
	}
	reads := []*node{c.use(n.in[0]), c.packed(n.in[1], packAttr{k: a.width, n: 4 * a.width, trans: true, taps: 1})}
	c.push(instr{name: n.op.name, reads: reads, writes: writes, cost: lstmCost(a),
		body: lstmBody(a.width) * n.dtype.bytes(), bind: func(at func(*node) ref) func(*frame) {
			to, kept := refOrNone(at, parts[lstmStates]), refOrNone(at, parts[lstmKept])
			if n.dtype == F64 {
				return (&lstmRun[float64]{lstmRoutines: lstm64, l: a.length, w: a.width, in: at(reads[0]),
					u: at(reads[1]), kept: kept, to: to}).forward
			}
			return (&lstmRun[float32]{lstmRoutines: lstm32, l: a.length, w: a.width, in: at(reads[0]),
				u: at(reads[1]), kept: kept, to: to}).forward
		}})
}

func emitLSTMGrad(c *planner, n *node) {
	a := n.attr.(lstmPart)
	u := c.packed(n.in[1], packAttr{k: 4 * a.width, n: a.width, taps: 1})
	reads := []*node{u, c.use(n.in[2]), c.use(n.in[3])}
	c.push(instr{name: n.op.name, reads: reads, writes: []*node{n}, cost: 1.2 * lstmCost(a),
		body: lstmBody(a.width) * n.dtype.bytes(), bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				return (&lstmRun[float64]{lstmRoutines: lstm64, l: a.length, w: a.width, u: at(reads[0]),
					kept: at(reads[1]), cot: at(reads[2]), d: at(n)}).backward
			}
			return (&lstmRun[float32]{lstmRoutines: lstm32, l: a.length, w: a.width, u: at(reads[0]),
				kept: at(reads[1]), cot: at(reads[2]), d: at(n)}).backward
		}})
}

// lstmCost is an estimate of nanoseconds a row: the product and some activations.
func lstmCost(a lstmPart) float64 { return float64(a.length*a.width) * (float64(8*a.width)/60 + 3) }

// operations counts the arithmetic of a row, forward.
func (a lstmPart) operations() float64 { return float64(a.length*a.width) * float64(8*a.width+12) }

func (x *lstmRun[T]) forward(f *frame) {
	in, u := vec[T](f, x.in), vec[T](f, x.u)
	rows, l, w := f.rowsOf(x.in), x.l, x.w
	tile := rows * w
	space := room[T](f, roomPadded, 5*tile+2*lstmTiles*tile)
	gates, h, spare := space[:4*tile], space[4*tile:5*tile], space[5*tile:]
	var kept, to []T
	if x.kept.base >= 0 {
		kept = vec[T](f, x.kept)
	}
	if x.to.base >= 0 {
		to = vec[T](f, x.to)
	}
	var before []T // the tiles of the position before
	for t := range l {
		for r := range rows {
			copy(gates[r*4*w:(r+1)*4*w], in[(r*l+t)*4*w:])
		}
		if t > 0 {
			x.gemm(gates, 4*w, h, w, u, rows, 4*w, w, true)
		}
		now := spare[t%2*lstmTiles*tile:][:lstmTiles*tile]
		if kept != nil {
			now = kept[t*lstmTiles*tile:][:lstmTiles*tile]
		}
		for g, k := range gateTile {
			for r := range rows {
				copy(now[k*tile+r*w:][:w], gates[(r*4+g)*w:])
			}
		}
		x.sigmoid(now[:3*tile], now[:3*tile])
		g, c := now[tileG*tile:][:tile], now[tileC*tile:][:tile]
		x.tanh(g, g)
		x.mul(c, now[tileI*tile:][:tile], g)
		if t > 0 {
			x.mul(h, now[tileF*tile:][:tile], before[tileC*tile:][:tile])
			x.add(c, h, c)
		}
		x.tanh(h, c)
		x.mul(h, now[tileO*tile:][:tile], h)
		if to != nil {
			for r := range rows {
				copy(to[(r*l+t)*w:][:w], h[r*w:])
			}
		}
		before = now
	}
}

func (x *lstmRun[T]) backward(f *frame) {
	u, kept, cot, d := vec[T](f, x.u), vec[T](f, x.kept), vec[T](f, x.cot), vec[T](f, x.d)
	rows, l, w := f.rowsOf(x.d), x.l, x.w
	n := rows * w
	space := room[T](f, roomPadded, 10*n)
	take := func() []T {
		v := space[:n]
		space = space[n:]
		return v
	}
	gates := space[:4*n] // cotangents of the gates, row by row
	space = space[4*n:]
	back, dh, dc, tc, s, tmp := take(), take(), take(), take(), take(), take()
	clear(dc)
	for t := l - 1; t >= 0; t-- {
		now := kept[t*lstmTiles*n:][:lstmTiles*n]
		i, o := now[tileI*n:][:n], now[tileO*n:][:n]
		forget, g := now[tileF*n:][:n], now[tileG*n:][:n]
		for r := range rows {
			copy(dh[r*w:(r+1)*w], rowOf(cot, r, l*w)[t*w:])
		}
		if t < l-1 {
			x.add(dh, dh, back)
		}
		put := func(gate int, v []T) {
			for r := range rows {
				copy(gates[(r*4+gate)*w:][:w], v[r*w:])
			}
		}
		// o: dh·tanh(c)·o(1−o).
		x.tanh(tc, now[tileC*n:][:n])
		x.slope(s, o)
		x.mul(s, s, tc)
		x.mul(s, s, dh)
		put(3, s)
		// c: dh·o·(1−tanh(c)²) more than what came from the position after.
		x.mul(dh, dh, o)
		x.square(tc, tc)
		x.from(tc, tc, 1)
		x.mul(dh, dh, tc)
		x.add(dc, dc, dh)
		// i: dc·g·i(1−i), g: dc·i·(1−g²), f: dc·c₋·f(1−f).
		x.slope(s, i)
		x.mul(s, s, g)
		x.mul(s, s, dc)
		put(0, s)
		x.square(tmp, g)
		x.from(tmp, tmp, 1)
		x.mul(tmp, tmp, i)
		x.mul(tmp, tmp, dc)
		put(2, tmp)
		clear(s)
		if t > 0 {
			x.slope(s, forget)
			x.mul(s, s, kept[((t-1)*lstmTiles+tileC)*n:][:n])
			x.mul(s, s, dc)
		}
		put(1, s)
		x.mul(dc, dc, forget)
		for r := range rows {
			copy(d[(r*l+t)*4*w:][:4*w], gates[r*4*w:])
		}
		if t > 0 {
			x.gemm(back, w, gates, 4*w, u, rows, w, 4*w, false)
		}
	}
}

// slope is s(1−s).
func (x *lstmRun[T]) slope(dst, s []T) {
	x.from(dst, s, 1)
	x.mul(dst, dst, s)
}
