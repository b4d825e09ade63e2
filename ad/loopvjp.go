package ad

import "slices"

// straight is the length up to which a reverse pass keeps every carry; longer loops keep √T checkpoints.
const straight = 16

// loopReverse holds what the reverse pass of one loop works on.
type loopReverse struct {
	r       *reverse
	a       *loopAttr
	last    []Value // the carries at the end
	floatC  []int   // carries with a cotangent
	floatX  []int   // per-iteration inputs with a cotangent
	sums    []Value
	needCap []bool
}

// reversed is what the reverse pass of a range of iterations returns.
type reversed struct {
	carry []Value   // of floatC
	xs    []Value   // of floatX, stacked
	caps  [][]Value // contributions to each captured value
}

// loopVJP returns the contributions to the cotangent of each input of a loop.
func loopVJP(r *reverse, n *node, cots []Value) [][]Value {
	a := n.attr.(*loopAttr)
	in := n.inputs()
	carry, xs, caps := in[1:1+a.carry], in[1+a.carry:1+a.carry+a.xs], in[1+a.carry+a.xs:]
	outs := picks(n)
	l := &loopReverse{r: r, a: a, last: outs[:a.carry]}
	// What was kept is met as further per-iteration inputs: the marks behind the xs, then the carries.
	kept := outs[a.carry+a.ys-a.hidden() : a.carry+a.ys]
	if a.how.keep {
		kept = slices.Concat(kept[a.carry:], kept[:a.carry])
	}
	for i, c := range carry {
		if c.n.dtype.Float() {
			l.floatC = append(l.floatC, i)
		}
	}
	for i, x := range xs {
		if x.n.dtype.Float() && r.dep[x.n] {
			l.floatX = append(l.floatX, i)
		}
	}
	for _, c := range caps {
		l.needCap = append(l.needCap, c.n.dtype.Float() && r.dep[c.n])
	}
	cbar := make([]Value, len(l.floatC))
	for k, i := range l.floatC {
		cbar[k] = orZeros(cots[i], outs[i])
	}
	ybar := cots[a.carry : a.carry+a.ys]
	l.sums = cots[a.carry+a.ys:]
	var res reversed
	xs = slices.Concat(xs, kept)
	switch {
	case a.inverse != nil:
		res = l.pass(in[0], a.trips, !a.how.reverse, nil, xs, caps, cbar, ybar)
	case a.how.reverse && a.how.keep:
		xs, carries := l.kept(xs)
		res = l.pass(in[0], a.trips, false, carries, xs, caps, cbar, ybar)
	case a.how.reverse:
		// A loop that runs backward is one that runs forward over flipped inputs and indices.
		res = l.backward(in[0], carry, xs, caps, cbar, ybar)
	default:
		res = l.segments(in[0], 0, a.trips, carry, xs, caps, cbar, ybar)
	}
	grads := make([][]Value, len(in))
	for k, i := range l.floatC {
		grads[1+i] = []Value{res.carry[k]}
	}
	for k, i := range l.floatX {
		grads[1+a.carry+i] = []Value{res.xs[k]}
	}
	for i, c := range res.caps {
		grads[1+a.carry+a.xs+i] = c
	}
	return grads
}

// kept divides per-iteration inputs and marks from the carries that were kept.
func (l *loopReverse) kept(xs []Value) (_, carries []Value) {
	n := l.a.xs + len(l.a.marks)
	return xs[:n:n], xs[n:]
}

// again repeats the body for one iteration; x has the marks behind the per-iteration inputs.
func (l *loopReverse) again(i Value, c, x, caps []Value) []Value {
	return replayKept(l.a.body, slices.Concat([]Value{i}, c, x[:l.a.xs], caps), l.a.marks, x[l.a.xs:])
}

// onward is the body of a loop that repeats the carries, and keeps them.
func (l *loopReverse) onward(caps []Value, keep bool) func(i Value, c, x []Value) results {
	return func(i Value, c, x []Value) results {
		r := results{carry: l.again(i, c, x, hereAll(caps))[:l.a.carry]}
		if keep {
			r.ys = c
		}
		return r
	}
}

func orZeros(c, like Value) Value {
	if c.IsZero() {
		return rowsLike(Zeros(like), like)
	}
	return c
}

// straight reverses iterations from ≤ i < to with every carry kept.
func (l *loopReverse) straight(start Value, from, to int, carry, xs, caps, cbar, ybar []Value) reversed {
	a, t := l.a, to-from
	begin := Add(start, scalarLike(start, float64(from)))
	cut := func(vs []Value) []Value {
		out := make([]Value, len(vs))
		for i, v := range vs {
			if !v.IsZero() {
				out[i] = Slice(v, 0, from, to)
			}
		}
		return out
	}
	xs, ybar = cut(xs), cut(ybar)
	xs, kept := l.kept(xs)
	if a.carry > 0 && !a.how.keep {
		fwd := makeLoop(begin, t, loopHow{}, carry, xs, l.onward(caps, true))
		kept = fwd[a.carry:]
	}
	return l.pass(begin, t, true, kept, xs, caps, cbar, ybar)
}

// backward reverses a loop that itself ran from its last iteration to its first.
func (l *loopReverse) backward(start Value, carry, xs, caps, cbar, ybar []Value) reversed {
	a := l.a
	var kept []Value
	if a.carry > 0 {
		fwd := makeLoop(start, a.trips, loopHow{reverse: true}, carry, xs, l.onward(caps, true))
		kept = fwd[a.carry:]
	}
	return l.pass(start, a.trips, false, kept, xs, caps, cbar, ybar)
}

// pass runs the vector-Jacobian product of the body against the direction of the loop. The carries were kept, or the
// inverse finds each from the one after it.
func (l *loopReverse) pass(start Value, trips int, reverse bool, kept, xs, caps, cbar, ybar []Value) reversed {
	a := l.a
	var live []Value
	for _, y := range ybar {
		if !y.IsZero() {
			live = append(live, y)
		}
	}
	var sumOf []int
	lead := cbar
	if a.inverse != nil {
		lead = slices.Concat(l.last, cbar)
	}
	how := loopHow{reverse: reverse, keep: a.how.keep}
	back := makeLoop(start, trips, how, lead, slices.Concat(kept, xs, live), func(i Value, cb, in []Value) results {
		g := i.n.g
		ks := hereAll(caps)
		var c []Value
		if a.inverse != nil {
			c = replay(a.inverse, slices.Concat([]Value{i}, cb[:a.carry], in[:a.xs], ks))
			cb = cb[a.carry:]
		} else {
			c, in = in[:a.carry], in[a.carry:]
		}
		x, yl := in[:len(xs)], in[len(xs):]
		outs := l.again(i, c, x, ks)
		var wrt []Value
		for _, j := range l.floatC {
			wrt = append(wrt, c[j])
		}
		for _, j := range l.floatX {
			wrt = append(wrt, x[j])
		}
		for j, k := range ks {
			if l.needCap[j] {
				wrt = append(wrt, k)
			}
		}
		r := newReverse(g, wrt, l.r.loss)
		r.body, r.ends = true, a.inverse != nil
		for k, j := range l.floatC {
			r.push(outs[j].n, cb[k])
		}
		for j, y := range ybar {
			if !y.IsZero() {
				r.push(outs[a.carry+j].n, yl[0])
				yl = yl[1:]
			}
		}
		for j, s := range l.sums {
			if !s.IsZero() {
				r.push(outs[a.carry+a.ys+j].n, Value{g.here(s.n, "loop")})
			}
		}
		grads := r.run()
		// A shared value has its contributions in pieces.
		whole := func(v Value, of Value) Value {
			for _, p := range r.pieces[of.n] {
				v = addOrZero(v, p)
			}
			return orZeros(v, of)
		}
		var res results
		if a.inverse != nil {
			res.carry = c
		}
		for k, j := range l.floatC {
			res.carry = append(slices.Clip(res.carry), whole(grads[k], c[j]))
		}
		for k, j := range l.floatX {
			res.ys = append(res.ys, whole(grads[len(l.floatC)+k], x[j]))
		}
		k := len(l.floatC) + len(l.floatX)
		sumOf = sumOf[:0]
		for j, c := range ks {
			if !l.needCap[j] {
				continue
			}
			terms := r.pieces[c.n]
			if v := grads[k]; !v.IsZero() {
				terms = append(terms, v)
			}
			k++
			for _, v := range terms {
				res.sums = append(res.sums, v)
				res.batch = append(res.batch, l.batch(caps[j], v))
				sumOf = append(sumOf, j)
			}
		}
		return res
	})
	back = back[len(lead)-len(cbar):]
	n := len(cbar)
	out := reversed{carry: back[:n], xs: back[n : n+len(l.floatX)], caps: make([][]Value, len(caps))}
	for j, v := range back[len(back)-len(sumOf):] {
		out.caps[sumOf[j]] = append(out.caps[sumOf[j]], v)
	}
	return out
}

// batch reports whether a contribution to a captured value is summed over the batch inside the loop, which is
// where a gradient with respect to a shared value must not be made for every row.
func (l *loopReverse) batch(captured, v Value) bool {
	if isLane(v.n) {
		return true
	}
	if !l.r.loss || !captured.n.shared || v.n.shared {
		return false
	}
	return !l.r.body || slices.Contains(l.r.wrt, captured.n)
}
