package ad

import (
	"fmt"
	"unsafe"

	"github.com/seed9a7962a8/ito"
)

// frame is what an instruction sees: the memory of one worker and the block of rows it works on.
type frame struct {
	run   *execution
	base  []unsafe.Pointer
	row0  int
	rows  int
	first bool // the first block of the lane
	tile  [128]float64
	// spread holds operands of short blocks kept by columns.
	spread [4][]uint64
	loops  []*loopWork // by slot
	err    error
}

// vec returns the elements of a value: all rows of the block, or the one shared value.
func vec[T any](f *frame, r ref) []T {
	var zero T
	n, off := r.size, r.off
	if r.per {
		n *= f.rows
		if r.whole {
			off += f.row0 * r.size * int(unsafe.Sizeof(zero))
		}
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Add(f.base[r.base], off)), n)
}

// rowsOf is the number of rows that a value has in this block.
func (f *frame) rowsOf(r ref) int {
	if r.per {
		return f.rows
	}
	return 1
}

// RangeError is an index outside its axis at run time.
type RangeError struct {
	Op    string
	Row   int // of the batch
	Index int
	Limit int
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("ad: %s: index %d is outside 0…%d in row %d", e.Op, e.Index, e.Limit-1, e.Row)
}

// Is makes every RangeError bad input.
func (e *RangeError) Is(target error) bool { return target == ito.ErrInput }

func (f *frame) outOfRange(op string, row, index, limit int) {
	if f.err == nil {
		f.err = &RangeError{op, f.row0 + row, index, limit}
	}
}

// scratch is room for n numbers that lasts until the next instruction asks for the same slot.
func (f *frame) scratch(slot, n int) []float64 {
	if len(f.spread[slot]) < n {
		f.spread[slot] = make([]uint64, n)
	}
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&f.spread[slot][0])), n)
}
