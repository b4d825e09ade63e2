package ad

import (
	"slices"
	"unsafe"
)

// loopRun runs a placed loop.
type loopRun struct {
	slot    int // of a frame's loopWork
	trips   int
	reverse bool
	start   ref
	index   ref
	steps   []tiny
	carry   []loopCarry
	staged  []ref
	xs, ys  []loopStack
	sums    []loopStack
	totals  []tiny // that add a term to each sum
	lanes   []loopLane
}

type loopCarry struct {
	init, in, out, last ref
	bytes               int
}

// loopStack is a stack of entries [trips, …] and the place of one entry; of a sum, the total and the place of a term.
type loopStack struct {
	stack, entry ref
	bytes        int
}

type loopLane struct {
	r     ref
	bytes int
}

// prepare finds the places of everything that an iteration touches, for the block of the frame. What is not of eight
// bytes is copied by iterate.
func (x *loopRun) prepare(f *frame) *loopWork {
	for len(f.loops) <= x.slot {
		f.loops = append(f.loops, &loopWork{})
	}
	w := f.loops[x.slot]
	if len(w.code) < len(x.steps) {
		w.code = make([]tinyAt, len(x.steps))
	}
	for k := range x.steps {
		x.steps[k].at(f, &w.code[k])
	}
	w.sums = slices.Grow(w.sums[:0], len(x.totals))[:len(x.totals)]
	for k := range x.totals {
		x.totals[k].at(f, &w.sums[k])
	}
	w.reads, w.writes, w.stage, w.carry = w.reads[:0], w.writes[:0], w.stage[:0], w.carry[:0]
	for _, s := range x.xs {
		if s.bytes == 8 {
			w.reads = append(w.reads, s.read(f, x.trips))
		}
	}
	for _, s := range x.ys {
		if s.bytes == 8 {
			w.writes = append(w.writes, s.write(f, x.trips))
		}
	}
	for k, c := range x.carry {
		if c.bytes != 8 {
			continue
		}
		from := c.out
		if x.staged[k].base >= 0 {
			from = x.staged[k]
			w.stage = append(w.stage, onto(f, from, c.out))
		}
		w.carry = append(w.carry, onto(f, c.in, from))
	}
	return w
}

func (x *loopRun) run(f *frame) {
	for _, c := range x.carry {
		copyValue(f, c.in, c.init, c.bytes)
	}
	if x.trips == 0 {
		for _, s := range x.sums {
			clear(raw(f, s.stack, s.bytes))
		}
		if f.first {
			for _, l := range x.lanes {
				clear(raw(f, l.r, l.bytes))
			}
		}
	}
	first := f.first
	w := x.prepare(f)
	start := vec[int32](f, x.start)[0]
	for t := range x.trips {
		i := t
		if x.reverse {
			i = x.trips - 1 - t
		}
		f.first = first && t == 0
		vec[int32](f, x.index)[0] = start + int32(i)
		x.iterate(f, w, t, i)
		if f.err != nil {
			return
		}
	}
	f.first = first
	for _, c := range x.carry {
		if c.last.base >= 0 {
			copyValue(f, c.last, c.in, c.bytes)
		}
	}
}

// iterate is run t of the body, iteration i of the loop.
func (x *loopRun) iterate(f *frame, w *loopWork, t, i int) {
	for k := range w.reads {
		w.reads[k].run(i)
	}
	if len(w.reads) < len(x.xs) {
		for _, s := range x.xs {
			if s.bytes != 8 {
				readEntry(f, s, i, x.trips)
			}
		}
	}
	runTiny(f, w.code[:len(x.steps)])
	if f.err != nil {
		return
	}
	for k := range w.writes {
		w.writes[k].run(i)
	}
	if len(w.writes) < len(x.ys) {
		for _, s := range x.ys {
			if s.bytes != 8 {
				writeEntry(f, s, i, x.trips)
			}
		}
	}
	if t == 0 {
		for _, s := range x.sums {
			copyValue(f, s.stack, s.entry, s.bytes)
		}
	} else {
		runTiny(f, w.sums)
	}
	for k := range w.stage {
		w.stage[k].run(0)
	}
	if len(w.carry) == len(x.carry) {
		for k := range w.carry {
			w.carry[k].run(0)
		}
		return
	}
	for k, c := range x.carry {
		if x.staged[k].base >= 0 && c.bytes != 8 {
			copyValue(f, x.staged[k], c.out, c.bytes)
		}
	}
	for k, c := range x.carry {
		from := c.out
		if x.staged[k].base >= 0 {
			from = x.staged[k]
		}
		copyValue(f, c.in, from, c.bytes)
	}
}

// raw is a value's memory as 32-bit words.
func raw(f *frame, r ref, bytes int) []uint32 {
	if bytes == 8 {
		v := vec[uint64](f, r)
		if len(v) == 0 {
			return nil
		}
		return unsafe.Slice((*uint32)(unsafe.Pointer(&v[0])), 2*len(v))
	}
	return vec[uint32](f, r)
}

// copyValue copies a value; a shared one goes to every row of a per-sample place.
func copyValue(f *frame, dst, src ref, bytes int) {
	d, s := raw(f, dst, bytes), raw(f, src, bytes)
	if len(s) == 0 {
		return
	}
	for i := 0; i < len(d); i += len(s) {
		copy(d[i:], s)
	}
}

func readEntry(f *frame, s loopStack, i, trips int) {
	entry, stack := raw(f, s.entry, s.bytes), raw(f, s.stack, s.bytes)
	size := s.entry.size * s.bytes / 4
	for r := range f.rowsOf(s.entry) {
		from := i
		if s.stack.per {
			from += r * trips
		}
		copy(entry[r*size:(r+1)*size], stack[from*size:])
	}
}

func writeEntry(f *frame, s loopStack, i, trips int) {
	entry, stack := raw(f, s.entry, s.bytes), raw(f, s.stack, s.bytes)
	size := s.entry.size * s.bytes / 4
	if len(entry) == 0 {
		return
	}
	for r := range f.rowsOf(s.stack) {
		e := entry
		if s.entry.per {
			e = entry[r*size:]
		}
		copy(stack[(r*trips+i)*size:(r*trips+i+1)*size], e)
	}
}
