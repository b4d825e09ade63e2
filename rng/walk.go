package rng

// walkBlocks is how many blocks are made at once.
const walkBlocks = 128

// walk lists the Philox blocks that rows of d elements need, row after row, so that vector code sees
// many blocks at once also when rows are short.
type walk struct {
	d, per int // elements of a row, and of a block
	ids    []uint64
	first  uint32 // the first element of every row

	row  int // the next block is number done of this row
	done int

	id, block [walkBlocks]uint64 // the blocks of the last call of next

	// Where take stands: the element of a row that the next block begins with, negative when the row
	// begins inside the block.
	at int
	on bool
}

// wholeRows reports whether rows begin and end with blocks.
func (w *walk) wholeRows() bool { return w.d%w.per == 0 && w.inside() == 0 }

// inside is how many elements of a row's first block come before the row.
func (w *walk) inside() int { return int(w.first % uint32(w.per)) }

// rowBlocks is how many blocks a row touches.
func (w *walk) rowBlocks() int {
	if w.d == 0 {
		return 0
	}
	return (w.inside() + w.d + w.per - 1) / w.per
}

// next lists the next blocks and returns their number, 0 at the end.
func (w *walk) next() int {
	blocks, n := w.rowBlocks(), 0
	if blocks == 0 {
		return 0
	}
	base := uint64(w.first) / uint64(w.per)
	if blocks == 1 {
		n = copy(w.id[:], w.ids[w.row:])
		for i := range n {
			w.block[i] = base
		}
		w.row += n
		return n
	}
	for n < walkBlocks && w.row < len(w.ids) {
		m := min(walkBlocks-n, blocks-w.done)
		id, b := w.ids[w.row], base+uint64(w.done)
		ids, list := w.id[n:n+m], w.block[n:n+m]
		// Four a turn: a long row is lists of these for the most part.
		for len(ids) >= 4 && len(list) >= 4 {
			ids[0], ids[1], ids[2], ids[3] = id, id, id, id
			list[0], list[1], list[2], list[3] = b, b+1, b+2, b+3
			ids, list, b = ids[4:], list[4:], b+4
		}
		for i := range ids {
			ids[i], list[i] = id, b+uint64(i)
		}
		n, w.done = n+m, w.done+m
		if w.done == blocks {
			w.row, w.done = w.row+1, 0
		}
	}
	return n
}

// take copies to dst what the rows want of z, the draws of the blocks of the last call of next, and
// returns the rest of dst.
func take[T float32 | float64](w *walk, dst, z []T) []T {
	at := w.at
	if !w.on {
		at, w.on = -w.inside(), true
	}
	n, per, d := 0, w.per, w.d
	for len(z) >= per {
		// Element by element: blocks are too short for copy.
		for _, v := range z[max(0, -at):min(per, d-at)] {
			dst[n] = v
			n++
		}
		z = z[per:]
		if at += per; at >= d {
			at = -w.inside()
		}
	}
	w.at = at
	return dst[n:]
}
