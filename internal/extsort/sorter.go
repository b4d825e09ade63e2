package extsort

import "math"

// Scratch keeps words outside of memory, such as a temporary file. What is read was written before.
type Scratch interface {
	ReadWords(dst []uint64, at int64) error // words at, at+1, …
	WriteWords(src []uint64, at int64) error
}

// Sorter sorts the numbers of a column with the place where each was: Reset, Add for each of them, Finish. It keeps no
// more than Held records in memory: longer columns are sorted in runs, which are merged in the scratch.
type Sorter struct {
	Held    int      // records in memory; 1 or more
	Scratch Scratch  // nil does where columns are no longer than Held
	N       int      // of the column, by Reset
	run     []uint64 // records of a key and a place: the run that is being filled, all of them when they are few
	spare   []uint64 // as long, for the sorting
	runs    int      // in the scratch
}

// key orders as < does, NaN before everything as slices.Sort has it, and −0 is 0.
func key(v float64) uint64 {
	if v != v {
		return 0
	}
	b := math.Float64bits(v + 0)
	if b>>63 == 0 {
		return b | 1<<63
	}
	return ^b
}

func unkey(k uint64) float64 {
	switch {
	case k == 0:
		return math.NaN()
	case k>>63 == 1:
		return math.Float64frombits(k &^ (1 << 63))
	}
	return math.Float64frombits(^k)
}

// Reset begins a column of n numbers.
func (s *Sorter) Reset(n int) {
	s.N, s.runs = n, 0
	if most := 2 * min(n, s.Held); cap(s.run) < most {
		s.run, s.spare = make([]uint64, 0, most), make([]uint64, most)
	}
	s.run = s.run[:0]
}

// Add appends a number.
func (s *Sorter) Add(v float64, place int) error {
	if len(s.run) == 2*s.Held {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.run = append(s.run, key(v), uint64(place))
	return nil
}

// spill writes a sorted run. Runs are as long as held, but the last.
func (s *Sorter) spill() error {
	s.sortRun()
	err := s.Scratch.WriteWords(s.run, 2*int64(s.runs)*int64(s.Held))
	s.runs++
	s.run = s.run[:0]
	return err
}

// sortRun sorts the records in memory by their keys, eleven bits at a time.
func (s *Sorter) sortRun() {
	const bits, passes = 11, 6
	var counts [passes][1 << bits]uint32
	a, b := s.run, s.spare[:len(s.run)]
	for i := 0; i < len(a); i += 2 {
		for p := range counts {
			counts[p][a[i]>>(bits*p)&(1<<bits-1)]++
		}
	}
	for p := range counts {
		c, sum, same := &counts[p], uint32(0), false
		for d, n := range c {
			same = same || int(n) == len(a)/2
			c[d] = sum
			sum += n
		}
		if same {
			continue
		}
		for i := 0; i < len(a); i += 2 {
			d := a[i] >> (bits * p) & (1<<bits - 1)
			to := 2 * c[d]
			c[d]++
			b[to], b[to+1] = a[i], a[i+1]
		}
		a, b = b, a
	}
	if len(a) > 0 && &a[0] != &s.run[0] {
		s.run, s.spare = a, s.run[:cap(s.run)]
	}
}

// merged is the word of the scratch at which the sorted records of a long column begin.
func (s *Sorter) merged() int64 { return 2 * int64(s.N) }

// Finish sorts what was added.
func (s *Sorter) Finish() error {
	if s.runs == 0 {
		s.sortRun()
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	return s.merge()
}

// merge writes the records of all runs in order behind the runs. The parts of the runs that are in memory share
// spare, what is written run.
func (s *Sorter) merge() error {
	part := 2 * max(1, len(s.spare)/2/s.runs)
	buffers := s.spare
	if need := part * s.runs; need > len(buffers) { // more runs than held records
		buffers = make([]uint64, need)
	}
	heads := make([]Cursor, s.runs)
	for r := range heads {
		n := min(s.Held, s.N-r*s.Held)
		heads[r] = Cursor{scratch: s.Scratch, from: 2 * int64(r) * int64(s.Held), n: n,
			buffer: buffers[r*part : (r+1)*part]}
		if err := heads[r].fill(); err != nil {
			return err
		}
	}
	heap := make([]int, s.runs)
	for r := range heap {
		heap[r] = r
	}
	less := func(a, b int) bool {
		ka, kb := heads[a].Key(), heads[b].Key()
		return ka < kb || ka == kb && a < b
	}
	down := func(i int) {
		for {
			c := 2*i + 1
			if c >= len(heap) {
				return
			}
			if c+1 < len(heap) && less(heap[c+1], heap[c]) {
				c++
			}
			if !less(heap[c], heap[i]) {
				return
			}
			heap[i], heap[c] = heap[c], heap[i]
			i = c
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		down(i)
	}
	out, to := s.run[:0], s.merged()
	for len(heap) > 0 {
		h := &heads[heap[0]]
		if len(out) == cap(out) {
			if err := s.Scratch.WriteWords(out, to); err != nil {
				return err
			}
			to += int64(len(out))
			out = out[:0]
		}
		out = append(out, h.Key(), h.Place())
		if err := h.Next(); err != nil {
			return err
		}
		if !h.More() {
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
		}
		down(0)
	}
	return s.Scratch.WriteWords(out, to)
}

// From is a cursor at sorted record i that goes up, or down, to the end.
func (s *Sorter) From(i int, down bool) (Cursor, error) {
	c := Cursor{n: s.N - i, down: down}
	if down {
		c.n = i + 1
	}
	if s.runs == 0 {
		c.all, c.buffer, c.last = true, s.run, len(s.run)
		if c.at = 2 * i; down {
			c.last = 2 * (i + 1)
		}
		return c, nil
	}
	c.scratch, c.from, c.buffer = s.Scratch, s.merged()+2*int64(i), make([]uint64, 2*min(cursorRecords, max(c.n, 1)))
	return c, c.fill()
}

// At is the i-th smallest number, from 0.
func (s *Sorter) At(i int) (float64, error) {
	if s.runs == 0 {
		return unkey(s.run[2*i]), nil
	}
	var b [2]uint64
	err := s.Scratch.ReadWords(b[:], s.merged()+2*int64(i))
	return unkey(b[0]), err
}
