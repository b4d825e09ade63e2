package ad

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// attentionPart is one of the cotangents that a reverse pass makes: of the queries, keys, values or the bias. Those of
// one attention are made by one instruction.
type attentionPart struct {
	attention
	part int
}

const (
	partQuery = iota
	partKey
	partValue
	partBias
)

var (
	opAttention     = &opDef{name: "attention", rowwise: true}
	opAttentionGrad = &opDef{name: "attention_grad", rowwise: true}
)

func init() {
	opAttention.vjp = func(n *node, c Value, need []bool) []Value {
		a := n.attr.(attention)
		out := make([]Value, len(n.in))
		for i := range n.in {
			part := i
			if i > partValue {
				part = partBias
			}
			if isMask := a.masked && i == partValue+1; need[i] && !isMask {
				out[i] = add(opAttentionGrad, attentionPart{a, part}, n.in[i].shape, n.dtype,
					append(n.inputs(), c)...)
			}
		}
		return out
	}
	opAttention.jvp = func(n *node, t []Value) Value {
		a := n.attr.(attention)
		return defined(n.inputs(), t, func(in, t []Value) Value {
			var wrt, along []Value
			for i, v := range t {
				if !v.IsZero() {
					wrt, along = append(wrt, in[i]), append(along, v)
				}
			}
			return JVP([]Value{a.define(in)}, wrt, along)[0]
		})
	}
	opAttention.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		a := n.attr.(attention)
		return add(opAttention, a.lift(m), append([]int{m}, n.shape...), n.dtype, allMapped(in, mapped, m)...)
	}
	opAttention.emit = emitAttention

	opAttentionGrad.vjp = func(n *node, c Value, need []bool) []Value {
		p := n.attr.(attentionPart)
		out := make([]Value, len(n.in))
		for i := range n.in {
			if !need[i] || p.masked && i == partValue+1 {
				continue
			}
			out[i] = defined(n.inputs(), []Value{c}, func(in, t []Value) Value {
				return VJP([]Value{p.define(in)}, t, in[i:i+1])[0]
			})
		}
		return out
	}
	opAttentionGrad.jvp = func(n *node, t []Value) Value {
		p := n.attr.(attentionPart)
		return defined(n.inputs(), t, func(in, t []Value) Value {
			var wrt, along []Value
			for i, v := range t {
				if !v.IsZero() {
					wrt, along = append(wrt, in[i]), append(along, v)
				}
			}
			return JVP([]Value{p.define(in)}, wrt, along)[0]
		})
	}
	opAttentionGrad.lift = func(n *node, in []Value, mapped []bool, m int) Value {
		p := n.attr.(attentionPart)
		p.attention = p.lift(m)
		return add(opAttentionGrad, p, append([]int{m}, n.shape...), n.dtype, allMapped(in, mapped, m)...)
	}
	opAttentionGrad.emit = emitAttentionGrad
}

func (a attention) lift(m int) attention {
	a.lead = append([]int{m}, a.lead...)
	return a
}

func allMapped(in []Value, mapped []bool, m int) []Value {
	for i, v := range in {
		in[i] = repeatIf(v, !mapped[i], m)
	}
	return in
}

// define is the composition that the operation computes.
func (a attention) define(in []Value) Value {
	var keys, bias Value
	rest := in[3:]
	if a.masked {
		keys, rest = rest[0], rest[1:]
	}
	if a.biased {
		bias = rest[0]
	}
	return a.blocks(in[0], in[1], in[2], keys, bias)
}

// define is the composition of a cotangent; the last operand is that of the result.
func (p attentionPart) define(in []Value) Value {
	last := len(in) - 1
	of := in[p.part%len(in)]
	if p.part == partBias {
		of = in[last-1]
	}
	return VJP([]Value{p.attention.define(in[:last])}, in[last:], []Value{of})[0]
}

// defined traces f over stand-ins of the operands and of t, of which zero Values stay zero, and replays it on them: an
// operand that is there twice, as the queries that are also keys, is then differentiated as two.
func defined(operands, t []Value, f func(in, t []Value) Value) Value {
	root := operands[0].n.g.root
	body, end := root.open()
	body.lifted = true
	var given []Value
	stand := func(vs []Value) []Value {
		out := make([]Value, len(vs))
		for i, v := range vs {
			if !v.IsZero() {
				out[i] = Value{body.addInput(v.n.shape, v.n.dtype, v.n.shared)}
				given = append(given, v)
			}
		}
		return out
	}
	in := stand(operands)
	out := f(in, stand(t))
	body.outs = []output{{n: body.here(out.n, "attention")}}
	end()
	return replay(body, given)[0]
}

// MaskError is a mask that hides everything that a row could read.
type MaskError struct {
	Op   string
	Row  int // of the batch
	Keys int // that the mask hides
}

func (e *MaskError) Error() string {
	return fmt.Sprintf("ad: %s: the mask hides all of %d keys in row %d; leave one at least", e.Op, e.Keys, e.Row)
}

// Is makes every MaskError bad input.
func (e *MaskError) Is(target error) bool { return target == ito.ErrInput }

func emitAttention(c *planner, n *node) {
	a := n.attr.(attention)
	reads := usesOf(c, n)
	c.push(instr{name: n.op.name, reads: reads, writes: []*node{n}, cost: a.cost(1),
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				return bindAttention(a, attention64, at, reads, n)
			}
			return bindAttention(a, attention32, at, reads, n)
		}})
}

func usesOf(c *planner, n *node) []*node {
	reads := make([]*node, len(n.in))
	for i, m := range n.in {
		reads[i] = c.use(m)
	}
	return reads
}

func bindAttention[T real](a attention, k attentionRoutines[T], at func(*node) ref, reads []*node,
	n *node) func(*frame) {
	o := at(n)
	refs := refsOf(at, reads)
	return func(f *frame) {
		for r := range f.rowsOf(o) {
			x := attentionRow(f, a, k, refs, r)
			x.out = rowOf(vec[T](f, o), r, o.size)
			if !x.forward() {
				f.hidden(cmp.Or(a.Name, n.op.name), r, a.n)
				return
			}
		}
	}
}

func refsOf(at func(*node) ref, reads []*node) []ref {
	refs := make([]ref, len(reads))
	for i, m := range reads {
		refs[i] = at(m)
	}
	return refs
}

func (f *frame) hidden(op string, row, keys int) {
	if f.err == nil {
		f.err = &MaskError{op, f.row0 + row, keys}
	}
}

// emitAttentionGrad makes every cotangent of one attention that is needed.
func emitAttentionGrad(c *planner, n *node) {
	a := n.attr.(attentionPart).attention
	var parts [4]*node
	var writes []*node
	for _, u := range c.users[n.in[0]] {
		if u.op == opAttentionGrad && !c.skip[u] && slices.Equal(u.in, n.in) && (u == n || !c.done[u]) {
			if i := u.attr.(attentionPart).part; parts[i] == nil {
				parts[i], c.done[u] = u, true
				writes = append(writes, u)
			}
		}
	}
	reads := usesOf(c, n)
	c.push(instr{name: n.op.name, reads: reads, writes: writes, cost: a.cost(2.5),
		bind: func(at func(*node) ref) func(*frame) {
			if n.dtype == F64 {
				return bindAttentionGrad(a, attention64, at, reads, parts)
			}
			return bindAttentionGrad(a, attention32, at, reads, parts)
		}})
}

func bindAttentionGrad[T real](a attention, k attentionRoutines[T], at func(*node) ref, reads []*node,
	parts [4]*node) func(*frame) {
	refs := refsOf(at, reads)
	last := len(refs) - 1
	var outs [4]ref
	var any ref
	for i, p := range parts {
		if p != nil {
			outs[i] = at(p)
			any = outs[i]
		}
	}
	return func(f *frame) {
		for r := range f.rowsOf(any) {
			x := attentionRow(f, a, k, refs[:last], r)
			x.cot = rowOf(vec[T](f, refs[last]), r, refs[last].size)
			for i, p := range parts {
				if p != nil {
					x.grad[i] = rowOf(vec[T](f, outs[i]), r, outs[i].size)
				}
			}
			x.backward()
		}
	}
}

// cost is an estimate of nanoseconds a row, times as much as forward.
func (a attention) cost(times float64) float64 {
	scores := float64(sizeOf(a.lead) * a.Heads * a.m * a.n)
	return times * scores * (1 + float64(a.d+a.e)/60)
}

// operations counts the arithmetic of a row, forward.
func (a attention) operations() float64 {
	return float64(sizeOf(a.lead)*a.Heads*a.m*a.n) * float64(2*(a.d+a.e)+4)
}
