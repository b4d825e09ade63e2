//go:build !amd64

package simd

func packRows[T real](out, b []T, k, ldb int) { packRowsPortable(out, b, k, ldb) }
