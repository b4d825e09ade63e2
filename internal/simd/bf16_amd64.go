package simd

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// bf16Unit reports whether the processor has AVX512-BF16.
var bf16Unit = cpu.X86.HasAVX512BF16

// roundAlong rounds the pairs of a long piece of src, and returns how many numbers it has taken.
//
//go:noinline
func roundAlong(dst []uint32, src []float32) int {
	n := min(len(src), packElements) / 32
	if n == 0 || !HasBF16() {
		return 0
	}
	bf16Along(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return 32 * n
}

// roundVectors rounds the beginning of src in dst, and returns how many numbers it has taken.
//
//go:noinline
func roundVectors(dst, src []float32) int {
	n := min(len(src), packElements) / 8
	if n == 0 || level < avx2 {
		return 0
	}
	bf16Round(unsafe.SliceData(dst), unsafe.SliceData(src), n)
	return 8 * n
}

// roundRows does what coupleRows does for whole pairs of rows, and reports whether it can.
//
//go:noinline
func roundRows(dst []uint32, next int, b []float32, ldb, pairs, n, step int) bool {
	if !HasBF16() {
		return false
	}
	if step == 8 {
		bf16Panels8(unsafe.SliceData(dst), next*4, unsafe.SliceData(b), ldb*4, pairs, n)
		return true
	}
	bf16Panels32(unsafe.SliceData(dst), next*4, unsafe.SliceData(b), ldb*4, pairs, n)
	return true
}
