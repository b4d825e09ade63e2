package ad

import "unsafe"

// loopRun runs a placed loop.
type loopRun struct {
	trips   int
	reverse bool
	start   ref
	index   ref
	steps   []func(*frame)
	carry   []loopCarry
	staged  []ref
	xs, ys  []loopStack
	sums    []loopStack
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
	start := vec[int32](f, x.start)[0]
	for t := range x.trips {
		i := t
		if x.reverse {
			i = x.trips - 1 - t
		}
		f.first = first && t == 0
		vec[int32](f, x.index)[0] = start + int32(i)
		for _, s := range x.xs {
			readEntry(f, s, i, x.trips)
		}
		for _, step := range x.steps {
			step(f)
		}
		if f.err != nil {
			return
		}
		for _, s := range x.ys {
			writeEntry(f, s, i, x.trips)
		}
		for _, s := range x.sums {
			if t == 0 {
				copyValue(f, s.stack, s.entry, s.bytes)
			} else if s.bytes == 8 {
				addTo(vec[float64](f, s.stack), vec[float64](f, s.entry))
			} else {
				addTo(vec[float32](f, s.stack), vec[float32](f, s.entry))
			}
		}
		for k, c := range x.carry {
			if x.staged[k].base >= 0 {
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
	f.first = first
	for _, c := range x.carry {
		if c.last.base >= 0 {
			copyValue(f, c.last, c.in, c.bytes)
		}
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
