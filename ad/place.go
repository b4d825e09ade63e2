package ad

import "slices"

// The bases of memory that a ref can point into. User arrays and values kept from pass to pass follow.
const (
	baseArena  = iota // of the worker: values of the block
	baseLane          // of the lane
	baseShared        // of the run: shared values
	baseConst         // of the program
	baseUser
)

// ref is the place of a value at run time.
type ref struct {
	base  int
	off   int // bytes
	size  int // elements of one row, or of a shared value
	per   bool
	whole bool // one row for each sample of the run, not of the block
}

const alignment = 64

func align(bytes int) int { return (bytes + alignment - 1) &^ (alignment - 1) }

// allocator hands out places in an arena, first fit.
type allocator struct {
	free []span // sorted by offset, never adjacent
	end  int
	peak int
}

type span struct{ off, size int }

func (a *allocator) take(bytes int) int {
	bytes = align(max(bytes, 1))
	for i, s := range a.free {
		if s.size < bytes {
			continue
		}
		if s.size == bytes {
			a.free = append(a.free[:i], a.free[i+1:]...)
		} else {
			a.free[i] = span{s.off + bytes, s.size - bytes}
		}
		return s.off
	}
	off := a.end
	if k := len(a.free) - 1; k >= 0 && a.free[k].off+a.free[k].size == a.end {
		off = a.free[k].off
		a.free = a.free[:k]
	}
	a.end = off + bytes
	a.peak = max(a.peak, a.end)
	return off
}

func (a *allocator) give(off, bytes int) {
	bytes = align(max(bytes, 1))
	i := 0
	for i < len(a.free) && a.free[i].off < off {
		i++
	}
	a.free = append(a.free, span{})
	copy(a.free[i+1:], a.free[i:])
	a.free[i] = span{off, bytes}
	if i+1 < len(a.free) && a.free[i].off+a.free[i].size == a.free[i+1].off {
		a.free[i].size += a.free[i+1].size
		a.free = append(a.free[:i+1], a.free[i+2:]...)
	}
	if i > 0 && a.free[i-1].off+a.free[i-1].size == a.free[i].off {
		a.free[i-1].size += a.free[i].size
		a.free = append(a.free[:i], a.free[i+1:]...)
	}
}

// placer gives the values of one list their places in the worker's arena, for blocks of the given rows.
type placer struct {
	c      *planner
	rows   int
	alloc  *allocator
	places map[*node]ref
	fixed  func(*node) (ref, bool) // values that live elsewhere
	tiny   []tiny                  // of the instructions that were bound, where body is set
	body   bool
}

func (p *placer) bytes(n *node) int {
	if n.shared {
		return n.rowBytes()
	}
	return n.rowBytes() * p.rows
}

func (p *placer) at(n *node) ref {
	n = baseOf(n)
	if r, ok := p.places[n]; ok {
		return r
	}
	r, ok := p.fixed(n)
	if !ok {
		panic("ad: no place for " + n.op.name + " " + describe(n))
	}
	return r
}

func (p *placer) place(n *node) {
	if _, ok := p.places[n]; ok {
		return
	}
	if _, ok := p.fixed(n); ok {
		return
	}
	p.places[n] = ref{base: baseArena, off: p.alloc.take(p.bytes(n)), size: n.size(), per: !n.shared}
}

// run walks the list once, so that a place is used again as soon as its value is dead, and binds every
// instruction. The values of keep stay to the end.
func (p *placer) run(code []instr, keep map[*node]bool) []func(*frame) {
	last := map[*node]int{}
	for i, in := range code {
		for _, n := range in.writes {
			last[n] = i
		}
		for _, n := range in.reads {
			last[baseOf(n)] = i
		}
	}
	dying := make([][]*node, len(code))
	for n, i := range last {
		if !keep[n] {
			dying[i] = append(dying[i], n)
		}
	}
	for _, d := range dying {
		slices.SortFunc(d, func(a, b *node) int { return a.id - b.id })
	}
	steps := make([]func(*frame), 0, len(code))
	for i, in := range code {
		moved := map[*node]bool{}
		if in.inplace && len(in.writes) == 1 {
			p.reuse(in, dying[i], moved)
		}
		for _, n := range in.writes {
			p.place(n)
		}
		room := -1
		if in.loop != nil {
			room = p.alloc.take(in.loop.measure(p.rows))
			in.loop.begin(room, p.rows)
		}
		steps = append(steps, in.bind(p.at))
		if p.body {
			short := tiny{}
			if in.tiny != nil {
				short = in.tiny(p.at)
			}
			short.step = steps[i]
			p.tiny = append(p.tiny, short)
		}
		if room >= 0 {
			p.alloc.give(room, in.loop.measure(p.rows))
		}
		for _, n := range dying[i] {
			if r, ok := p.places[n]; ok && r.base == baseArena && !moved[n] && !p.outer(n) {
				p.alloc.give(r.off, p.bytes(n))
			}
		}
	}
	return steps
}

// outer reports whether the place of n belongs to an enclosing list.
func (p *placer) outer(n *node) bool { return n.g != p.c.g }

// reuse lets the result take the place of an operand that dies here.
func (p *placer) reuse(in instr, dying []*node, moved map[*node]bool) {
	w := in.writes[0]
	if _, ok := p.fixed(w); ok {
		return
	}
	for _, n := range dying {
		r, ok := p.places[n]
		if !ok || n == w || n.g != w.g || n.shared != w.shared || n.rowBytes() != w.rowBytes() {
			continue
		}
		for _, m := range in.reads {
			if baseOf(m) == n {
				p.places[w] = ref{base: r.base, off: r.off, size: w.size(), per: r.per}
				moved[n] = true
				return
			}
		}
	}
}
