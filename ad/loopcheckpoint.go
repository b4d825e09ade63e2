package ad

import (
	"math"
	"slices"
)

// segmentOf is the length of the segments of t iterations: about √t, and a divisor of t if there is one not far from
// it, so that nothing is cut and left over.
func segmentOf(t int) int {
	s := int(math.Ceil(math.Sqrt(float64(t))))
	for d := s; d <= 2*s; d++ {
		if t%d == 0 {
			return d
		}
	}
	return s
}

// segments reverses iterations from ≤ i < to, keeping √T checkpoints. Where all carries are kept, nothing is run
// forward again; the segments remain, since sums over them are part of the bits.
func (l *loopReverse) segments(start Value, from, to int, carry, xs, caps, cbar, ybar []Value) reversed {
	t := to - from
	if t <= straight {
		return l.straight(start, from, to, carry, xs, caps, cbar, ybar)
	}
	a := l.a
	s := segmentOf(t)
	k := t / s
	main := from + k*s
	fold := func(v Value) Value {
		return Reshape(Slice(v, 0, from, main), append([]int{k, s}, v.n.shape[1:]...)...)
	}
	// Forward over k segments of s iterations, keeping the carry at the start of each.
	foldAll := func(vs []Value) []Value {
		out := make([]Value, len(vs))
		for i, v := range vs {
			if !v.IsZero() {
				out[i] = fold(v)
			}
		}
		return out
	}
	fx := foldAll(xs)
	zero := scalarLike(start, 0)
	at := func(seg Value) Value {
		return Add(Add(Value{seg.n.g.root.current.here(start.n, "loop")}, scalarLike(seg, float64(from))),
			Mul(seg, scalarLike(seg, float64(s))))
	}
	var starts, end []Value
	if !a.how.keep {
		fwd := makeLoop(zero, k, loopHow{}, carry, fx, func(seg Value, c, x []Value) results {
			end := makeLoop(at(seg), s, loopHow{}, c, x, l.onward(caps, false))
			return results{carry: end, ys: c}
		})
		end, starts = fwd[:a.carry], fwd[a.carry:]
	}

	var tail reversed
	if main < to {
		tail = l.segments(start, main, to, end, xs, caps, cbar, ybar)
		cbar = tail.carry
	}
	// Backward over the segments; each runs forward once more and then backward.
	fy := foldAll(ybar)
	var live []Value
	for _, y := range fy {
		if !y.IsZero() {
			live = append(live, y)
		}
	}
	var sumOf []int
	back := makeLoop(zero, k, loopHow{reverse: true}, cbar, slices.Concat(starts, fx, live),
		func(seg Value, cb, in []Value) results {
			c, in := in[:len(starts)], in[len(starts):]
			x, yl := in[:len(xs)], in[len(xs):]
			y := make([]Value, len(fy))
			for i := range fy {
				if !fy[i].IsZero() {
					y[i], yl = yl[0], yl[1:]
				}
			}
			inner := l.segments(at(seg), 0, s, c, x, caps, cb, y)
			res := results{carry: inner.carry, ys: inner.xs}
			sumOf = sumOf[:0]
			for i, terms := range inner.caps {
				for _, v := range terms {
					res.sums = append(res.sums, v)
					res.batch = append(res.batch, l.batch(caps[i], v))
					sumOf = append(sumOf, i)
				}
			}
			return res
		})
	out := reversed{carry: back[:len(cbar)], caps: make([][]Value, len(caps))}
	for j := range l.floatX {
		x := back[len(cbar)+j]
		x = Reshape(x, append([]int{k * s}, x.n.shape[2:]...)...)
		if main < to {
			x = Concat(0, x, tail.xs[j])
		}
		out.xs = append(out.xs, x)
	}
	for j, i := range sumOf {
		out.caps[i] = append(out.caps[i], back[len(cbar)+len(l.floatX)+j])
	}
	for i := range tail.caps {
		out.caps[i] = append(out.caps[i], tail.caps[i]...)
	}
	return out
}
