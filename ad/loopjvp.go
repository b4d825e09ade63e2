package ad

import "slices"

// loopJVP runs the loop again with tangents beside its carries. What an inverse undid is kept at checkpoints then:
// it does not undo tangents.
func loopJVP(n *node, t []Value) []Value {
	a := n.attr.(*loopAttr)
	in := n.inputs()
	carry, xs, caps := in[1:1+a.carry], in[1+a.carry:1+a.carry+a.xs], in[1+a.carry+a.xs:]
	tc, tx, tk := t[1:1+a.carry], t[1+a.carry:1+a.carry+a.xs], t[1+a.carry+a.xs:]

	// Every float carry has a tangent; per-iteration inputs and captured values only where there is one.
	var moving []int
	all := slices.Clone(carry)
	for i, c := range carry {
		if c.n.dtype.Float() {
			moving = append(moving, i)
			d := tc[i]
			if d.IsZero() {
				d = rowsLike(Zeros(c), c)
			}
			all = append(all, d)
		}
	}
	allX := slices.Clone(xs)
	var movingX []int
	for i, d := range tx {
		if !d.IsZero() {
			movingX = append(movingX, i)
			allX = append(allX, d)
		}
	}
	nOuts := len(a.body.outs)
	floats := make([]int, 0, nOuts)
	outs := makeLoop(in[0], a.trips, loopHow{reverse: a.how.reverse, keep: a.how.keep}, all, allX,
		func(i Value, c, x []Value) results {
			g := i.n.g
			floats = floats[:0]
			inputs := slices.Concat([]Value{i}, c[:a.carry], x[:a.xs], hereAll(caps))
			primal := replay(a.body, inputs)
			at := map[*node]Value{}
			for k, j := range moving {
				at[c[j].n] = rowsLike(c[a.carry+k], c[j])
			}
			for k, j := range movingX {
				at[x[j].n] = rowsLike(x[a.xs+k], x[j])
			}
			for k, d := range tk {
				if !d.IsZero() {
					at[g.here(caps[k].n, "loop")] = Value{g.here(d.n, "loop")}
				}
			}
			ends := make([]*node, len(primal))
			for k, p := range primal {
				ends[k] = p.n
			}
			tan := forward(g, ends, at)
			r := a.split(primal)
			r.carry, r.ys, r.sums = slices.Clone(r.carry), slices.Clone(primal[a.carry:a.carry+a.ys]),
				slices.Clone(r.sums)
			for k, p := range primal {
				if !p.n.dtype.Float() {
					continue
				}
				d := tan[k]
				if d.IsZero() {
					d = Zeros(p)
				}
				d = rowsLike(d, p)
				switch {
				case k < a.carry:
					r.carry = append(r.carry, d)
				case k < a.carry+a.ys:
					r.ys = append(r.ys, d)
				default:
					r.sums = append(r.sums, d)
					r.batch = append(r.batch, a.batch[k-a.carry-a.ys])
				}
				floats = append(floats, k)
			}
			return r
		})
	// Sort the tangents back to the outputs of the original.
	attr := outs[0].n.in[0].attr.(*loopAttr)
	res := make([]Value, nOuts)
	c, y, s := a.carry, attr.carry+a.ys, attr.carry+attr.ys+len(a.batch)
	for _, k := range floats {
		switch {
		case k < a.carry:
			res[k] = outs[c]
			c++
		case k < a.carry+a.ys:
			res[k] = outs[y]
			y++
		default:
			res[k] = outs[s]
			s++
		}
	}
	return res
}
