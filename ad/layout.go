package ad

import "unsafe"

// foldLimit is the size up to which a value that depends on constants alone is computed when compiling.
const foldLimit = 64 << 10

// layout gives every value of the root graph its place and fills the program.
type layout struct {
	p    *Program
	c    *planner
	g    *Graph
	home map[*node]ref // everything that does not live in a worker's arena
	copy []copyOut     // outputs that are written somewhere else first
	fold map[*node]bool
}

type copyOut struct {
	from *node
	to   ref
	d    DType
	lvl  int
}

func (l *layout) placeUser() {
	for i, n := range l.g.ins {
		if l.c.columns && !n.shared && n.size() > 1 {
			continue // brought into columns
		}
		l.home[n] = ref{base: baseUser + i, size: n.size(), per: !n.shared, whole: true}
	}
	for i, o := range l.g.outs {
		b := baseOf(o.n)
		r := ref{base: baseUser + len(l.g.ins) + i, size: o.n.size(), per: !o.n.shared, whole: true}
		_, taken := l.home[b]
		moved := l.c.columns && !o.n.shared && o.n.size() > 1 // brought out of columns
		if taken || moved || b.op == opConst || b.shared != o.n.shared || l.folds(b) {
			l.copy = append(l.copy, copyOut{b, r, o.n.dtype, o.n.level})
			continue
		}
		l.home[b] = r
	}
}

// folds reports whether a value depends on constants alone and is small.
func (l *layout) folds(n *node) bool {
	if l.fold == nil {
		l.fold = map[*node]bool{}
	}
	if f, ok := l.fold[n]; ok {
		return f
	}
	f := n.shared && n.rowBytes() <= foldLimit && n.level == 0 && n.op != opInput && n.op != opBatchSize &&
		n.op != opLoop && n.op != opPick
	for _, m := range n.in {
		f = f && l.folds(m)
	}
	l.fold[n] = f
	return f
}

// placeShared places shared values, and per-sample values that a later pass reads.
func (l *layout) placeShared() {
	p := l.p
	place := func(n *node) {
		if _, ok := l.home[n]; ok || n.op == opConst {
			return
		}
		if l.folds(n) {
			l.home[n] = ref{base: baseConst, off: p.constTop, size: n.size()}
			p.constTop += align(max(n.rowBytes(), 1))
			return
		}
		l.home[n] = ref{base: baseShared, off: p.shared, size: n.size()}
		p.shared += align(max(n.rowBytes(), 1))
	}
	for _, v := range p.lanes {
		if v.n.g == l.g {
			place(v.n)
		}
	}
	pass := map[*node]int{}
	for lvl, li := range l.c.shared {
		for _, in := range li.code {
			for _, n := range in.writes {
				place(n)
			}
			for _, n := range in.reads {
				l.keepIfOther(baseOf(n), lvl, pass)
			}
		}
		for _, in := range l.c.block[lvl].code {
			for _, n := range in.writes {
				if !n.shared {
					pass[n] = lvl
				}
			}
		}
	}
	for lvl, li := range l.c.block {
		for _, in := range li.code {
			for _, n := range in.reads {
				l.keepIfOther(baseOf(n), lvl, pass)
			}
		}
	}
	for i := range l.copy {
		// An output that another output or pass holds is copied where it is made.
		if lvl, ok := pass[l.copy[i].from]; ok {
			l.copy[i].lvl = lvl
		}
	}
}

// keepIfOther gives a per-sample value of another pass a place for all rows of the run.
func (l *layout) keepIfOther(n *node, lvl int, pass map[*node]int) {
	made, ok := pass[n]
	if !ok || made == lvl || n.shared {
		return
	}
	if _, ok := l.home[n]; ok {
		return
	}
	l.home[n] = ref{base: baseUser + len(l.g.ins) + len(l.g.outs) + len(l.p.keeps), size: n.size(), per: true,
		whole: true}
	l.p.keeps = append(l.p.keeps, n)
}

func (l *layout) fixed(n *node) (ref, bool) {
	if r, ok := l.home[n]; ok {
		return r, true
	}
	return l.p.constRef(n)
}

// copyInstructions turns the outputs that need it into instructions.
func (l *layout) copyInstructions() {
	for _, o := range l.copy {
		i := instr{name: "output", reads: []*node{o.from}, bind: func(at func(*node) ref) func(*frame) {
			src, bytes := at(o.from), o.d.bytes()
			if l.c.columns && src.per && src.size > 1 {
				return func(f *frame) { storeColumns(f, o.to, src, bytes) }
			}
			return func(f *frame) { copyValue(f, o.to, src, bytes) }
		}}
		if o.to.per {
			l.c.block[o.lvl].code = append(l.c.block[o.lvl].code, i)
		} else {
			l.c.shared[o.lvl].code = append(l.c.shared[o.lvl].code, i)
		}
	}
}

// passes places and binds every list for blocks of the given rows and returns the size of the arena.
func (l *layout) passes(rows int, folded *[]func(*frame)) int {
	peak := 0
	for lvl := range l.c.block {
		var once, packs, code []instr
		for _, in := range l.c.shared[lvl].code {
			switch {
			case len(in.writes) > 0 && l.folds(in.writes[0]):
				once = append(once, in)
			case in.name == opPack.name && in.reads[0].op == opInput:
				packs = append(packs, in)
			default:
				code = append(code, in)
			}
		}
		bind := func(code []instr) []func(*frame) {
			a := &allocator{}
			pl := &placer{c: l.c, rows: rows, alloc: a, places: map[*node]ref{}, fixed: l.fixed}
			steps := pl.run(code, nil)
			peak = max(peak, a.peak)
			return steps
		}
		f := bind(once)
		if folded != nil {
			*folded = append(*folded, f...)
		}
		l.p.levels = append(l.p.levels, pass{packs: bind(packs), before: bind(code), block: bind(l.c.block[lvl].code)})
	}
	return align(peak)
}

// constants writes the constants and computes what depends on them alone.
func (l *layout) constants(folded []func(*frame)) {
	p := l.p
	p.consts = make([]uint64, align(p.constTop)/8+alignment/8)
	base := alignedPointer(p.consts)
	for _, n := range p.constants {
		at := unsafe.Add(base, p.constAt[n])
		data := n.attr.(constAttr).data
		switch n.dtype {
		case F64:
			copy(unsafe.Slice((*float64)(at), len(data)), data)
		case F32:
			for i, x := range data {
				unsafe.Slice((*float32)(at), len(data))[i] = float32(x)
			}
		default:
			for i, x := range data {
				unsafe.Slice((*int32)(at), len(data))[i] = int32(x)
			}
		}
	}
	arena := make([]uint64, p.arena/8+alignment/8)
	f := &frame{rows: 1, base: make([]unsafe.Pointer, baseUser)}
	f.base[baseConst], f.base[baseArena] = base, alignedPointer(arena)
	for _, step := range folded {
		step(f)
	}
}

// alignedPointer is the first cache line boundary in a slice that is one line too long.
func alignedPointer(s []uint64) unsafe.Pointer {
	if len(s) == 0 {
		return nil
	}
	p := unsafe.Pointer(&s[0])
	return unsafe.Add(p, -uintptr(p)&(alignment-1))
}
