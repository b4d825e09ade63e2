package simd

import "unsafe"

// packRows copies a panel's width from each of k rows of B, one behind the other.
//
//go:noinline
func packRows[T real](out, b []T, k, ldb int) {
	if level == portable {
		packRowsPortable(out, b, k, ldb)
		return
	}
	var x T
	packRowsY((*byte)(unsafe.Pointer(unsafe.SliceData(out))), (*byte)(unsafe.Pointer(unsafe.SliceData(b))), ldb*int(unsafe.Sizeof(x)), k)
}
