package simd

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// vnniUnit reports whether the processor has AVX512-VNNI.
var vnniUnit = cpu.X86.HasAVX512VNNI

func (s *strip[T]) intsNN() {
	if level == portable {
		s.intsPortable()
		return
	}
	acc := s.flag()
	c := f32(unsafe.SliceData(s.c))
	a, b := bits32(f32(unsafe.SliceData(s.a))), bits32(f32(unsafe.SliceData(s.b)))
	switch {
	case HasInt8():
		gemmNNI8Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
	case level == avx512 && s.n > 8:
		gemmNNI16Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
	default:
		gemmNNI16Y(c, s.ldc, a, s.lda, b, s.ldb, s.m, min(s.n, 16), s.k, acc)
		if s.n > 16 {
			gemmNNI16Y(skip(c, 16), s.ldc, a, s.lda, skip(b, 16), s.ldb, s.m, s.n-16, s.k, acc)
		}
	}
}

// words8Along quantises a long piece of x: how many numbers it has taken, their sum, and what is not 0 where one is not
// finite.
//
//go:noinline
func words8Along(dst []uint32, x []float32, per int, r *row8) (n int, sum int32, bad float32) {
	vectors := min(len(x), packElements) / (8 * per)
	if vectors == 0 || level == portable {
		return 0, 0, 0
	}
	var stats [16]float32
	to, from, grid := unsafe.SliceData(dst), unsafe.SliceData(x), &r.by
	if per == 4 {
		int8Quads(to, from, vectors, grid, &stats[0])
	} else {
		int8Pairs(to, from, vectors, grid, &stats[0])
	}
	for i := range 8 {
		sum += int32s(stats[:])[i]
		bad += stats[8+i]
	}
	return vectors * 8 * per, sum, bad
}

// most8 is the largest |x|; what it is of NaNs does not matter.
//
//go:noinline
func most8(x []float32) float32 {
	if level == portable {
		return most8Portable(x)
	}
	var lanes [8]float32
	most := float32(0)
	for len(x) >= 8 {
		n := min(len(x), packElements) / 8
		int8Most(&lanes[0], unsafe.SliceData(x), n)
		x, most = x[8*n:], max(most, most8Portable(lanes[:]))
	}
	return max(most, most8Portable(x))
}

// finish8Rows finishes columns in whole vectors, and returns how many.
//
//go:noinline
func finish8Rows(c []float32, ldc, rows int, offset []int32, scale []float32) int {
	vectors := len(scale) / 8
	if level == portable || vectors == 0 || rows == 0 {
		return 0
	}
	for part := newCut(rows, packElements/(8*vectors)+1); part.next(); {
		int8Finish(&c[part.from*ldc], 4*ldc, part.len(), vectors, unsafe.SliceData(offset), unsafe.SliceData(scale))
	}
	return 8 * vectors
}
