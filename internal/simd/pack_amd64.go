package simd

import "unsafe"

// packPanels cuts each of k ≥ 1 rows of b into n ≥ 1 pieces of step elements, and writes a piece behind that of the
// row before; the panels that arise lie next elements apart. It reads as if the last piece had 32, 64 or 128 bytes,
// the least of these that holds it, and writes so much at the end of a panel.
//
//go:noinline
func packPanels[T real](out []T, next int, b []T, ldb, k, n, step int) {
	if level == portable {
		packPanelsPortable(out, next, b, ldb, k, n, step)
		return
	}
	var x T
	size := int(unsafe.Sizeof(x))
	to, from := (*byte)(unsafe.Pointer(unsafe.SliceData(out))), (*byte)(unsafe.Pointer(unsafe.SliceData(b)))
	next, ldb, step = next*size, ldb*size, step*size
	switch {
	case step <= 32:
		packPanels32Y(to, next, from, ldb, k, n, step)
	case step <= 64:
		packPanels64Y(to, next, from, ldb, k, n, step)
	default:
		packPanels128Y(to, next, from, ldb, k, n, step)
	}
}
