package ad

import (
	"math"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// rowRoutines are vector routines over rows of channels.
type rowRoutines[T any] struct {
	mulRow, addRow, subRow func(dst, a, p []T, rows, cols int)
	mul, add               func(dst, a, b []T)
	square                 func(dst, x []T)
	colSum                 func(acc, x []T, rows, cols, ld int)
}

var (
	rows32 = rowRoutines[float32]{simd.MulPeriodic32, simd.AddPeriodic32, simd.SubPeriodic32, simd.Mul32, simd.Add32,
		simd.Square32, simd.ColSumAcc32}
	rows64 = rowRoutines[float64]{simd.MulPeriodic64, simd.AddPeriodic64, simd.SubPeriodic64, simd.Mul64, simd.Add64,
		simd.Square64, simd.ColSumAcc64}
)

// normChunk is how many numbers pass through all routines of an operation at a time, in the first-level cache.
const normChunk = 2048

// normRun is one operation of a group normalisation, bound.
type normRun[T float32 | float64] struct {
	rowRoutines[T]
	op      *opDef
	p, c, g int // pixels, channels, groups
	entries int // of a row of the batch
	epsilon float64
	o       ref
	in      []ref
	size    []int // of an entry of each operand
	sizeO   int
	rowsAt  int // pixels of a chunk
}

func emitNorm(c *planner, n *node) {
	var reads []*node
	for _, m := range n.in {
		reads = append(reads, c.use(m))
	}
	c.push(instr{name: n.op.name, cost: .5 * float64(n.in[0].size()), reads: reads, writes: []*node{n},
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				return bindNorm(rows64, n, at, reads).run
			}
			return bindNorm(rows32, n, at, reads).run
		}})
}

func bindNorm[T float32 | float64](r rowRoutines[T], n *node, at func(*node) ref, reads []*node) *normRun[T] {
	a := n.attr.(normAttr)
	shape := n.in[0].shape
	x := &normRun[T]{rowRoutines: r, op: n.op, p: shape[a.batch], c: shape[a.batch+1], g: a.groups,
		entries: sizeOf(shape[:a.batch]), epsilon: a.epsilon, o: at(n)}
	for i, m := range reads {
		x.in = append(x.in, at(m))
		x.size = append(x.size, n.in[i].size()/max(x.entries, 1))
	}
	x.sizeO = n.size() / max(x.entries, 1)
	x.rowsAt = min(max(1, normChunk/x.c), x.p)
	return x
}

func (x *normRun[T]) run(f *frame) {
	o := vec[T](f, x.o)
	var v, in [5][]T
	for i, r := range x.in {
		v[i] = vec[T](f, r)
	}
	space := room[T](f, roomPadded, 2*x.rowsAt*x.c+3*x.c)
	for r := range f.rowsOf(x.o) {
		for e := range x.entries {
			for i := range x.in {
				in[i] = rowOf(v[i], r, x.entries*x.size[i])[e*x.size[i] : (e+1)*x.size[i]]
			}
			x.entry(o[(r*x.entries+e)*x.sizeO:][:x.sizeO], &in, space)
		}
	}
}

// entry runs the operation for one entry.
func (x *normRun[T]) entry(dst []T, in *[5][]T, space []T) {
	n := x.rowsAt * x.c
	tmp, tmp2, vectors := space[:n], space[n:2*n], space[2*n:]
	u, v, w := vectors[:x.c], vectors[x.c:2*x.c], vectors[2*x.c:3*x.c]
	switch x.op {
	case opNormStats:
		x.stats(dst, in[0], tmp, u, v)
	case opNorm:
		x.affine(dst, in[0], in[1], in[2], in[3], u, v)
	case opNormSums:
		x.sums(dst, in[0], in[1], in[2], tmp, u)
	default:
		x.input(dst, in, tmp, tmp2, u, v, w)
	}
}

// chunks calls f for every chunk of pixels, in order: where it begins and ends in the entry, and its pixels.
func (x *normRun[T]) chunks(f func(from, to, rows int)) {
	for p := 0; p < x.p; p += x.rowsAt {
		rows := min(x.rowsAt, x.p-p)
		f(p*x.c, (p+rows)*x.c, rows)
	}
}

// spread writes the number of each group to its channels.
func (x *normRun[T]) spread(dst, groups []T) {
	per := x.c / x.g
	for i := range dst {
		dst[i] = groups[i/per]
	}
}

// grouped is the sum of the channels of each group.
func (x *normRun[T]) grouped(channels []T, g int) float64 {
	per, s := x.c/x.g, 0.
	for _, v := range channels[g*per : (g+1)*per] {
		s += float64(v)
	}
	return s
}

func (x *normRun[T]) stats(dst, src, tmp, u, v []T) {
	mean, scale := dst[:x.g], dst[x.g:]
	count := float64(x.p * x.c / x.g)
	clear(u)
	x.colSum(u, src, x.p, x.c, x.c)
	for g := range mean {
		mean[g] = T(x.grouped(u, g) / count)
	}
	x.spread(v, mean)
	clear(u)
	x.chunks(func(from, to, rows int) {
		d := tmp[:to-from]
		x.subRow(d, src[from:to], v, rows, x.c)
		x.square(d, d)
		x.colSum(u, d, rows, x.c, x.c)
	})
	for g := range scale {
		scale[g] = T(1 / math.Sqrt(x.grouped(u, g)/count+x.epsilon))
	}
}

// affine is x·(a/σ) + (b − mean·a/σ).
func (x *normRun[T]) affine(dst, src, a, b, stats, u, v []T) {
	per := x.c / x.g
	for i := range u {
		u[i] = T(a[i] * stats[x.g+i/per])
		v[i] = b[i] - T(stats[i/per]*u[i])
	}
	x.chunks(func(from, to, rows int) {
		x.mulRow(dst[from:to], src[from:to], u, rows, x.c)
		x.addRow(dst[from:to], dst[from:to], v, rows, x.c)
	})
}

func (x *normRun[T]) sums(dst, src, cot, stats, tmp, u []T) {
	s1, s2 := dst[:x.c], dst[x.c:]
	clear(dst)
	x.spread(u, stats[:x.g])
	x.chunks(func(from, to, rows int) {
		d := tmp[:to-from]
		x.subRow(d, src[from:to], u, rows, x.c)
		x.mul(d, d, cot[from:to])
		x.colSum(s2, d, rows, x.c, x.c)
		x.colSum(s1, cot[from:to], rows, x.c, x.c)
	})
	x.spread(u, stats[x.g:])
	x.mul(s2, s2, u)
}

// input is a·c/σ − m₁/σ − (x − mean)·m₂/σ², with m₁ and m₂ the means of a·c and of a·c·x̂ over the group.
func (x *normRun[T]) input(dst []T, in *[5][]T, tmp, tmp2, u, v, w []T) {
	src, cot, a, stats, sums := in[0], in[1], in[2], in[3], in[4]
	per, count := x.c/x.g, float64(x.p*x.c/x.g)
	for g := range x.g {
		m1, m2 := 0., 0.
		for i := g * per; i < (g+1)*per; i++ {
			m1 += float64(float64(a[i]) * float64(sums[i]))
			m2 += float64(float64(a[i]) * float64(sums[x.c+i]))
		}
		mean, scale := float64(stats[g]), float64(stats[x.g+g])
		slope := float64(scale * scale * m2 / count)
		for i := g * per; i < (g+1)*per; i++ {
			u[i] = T(scale * float64(a[i]))
			v[i] = T(-slope)
			w[i] = T(float64(mean*slope) - float64(scale*m1/count))
		}
	}
	x.chunks(func(from, to, rows int) {
		d, e := tmp[:to-from], tmp2[:to-from]
		x.mulRow(d, src[from:to], v, rows, x.c)
		x.addRow(d, d, w, rows, x.c)
		x.mulRow(e, cot[from:to], u, rows, x.c)
		x.add(dst[from:to], d, e)
	})
}
