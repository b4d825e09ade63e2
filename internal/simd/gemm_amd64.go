package simd

import "unsafe"

// A strip of at most half a vector of AVX-512 goes to the routine of AVX2, which has the same bits: a processor that
// makes a vector of AVX-512 in two halves, or in both of two units, does two of AVX2 in the same time.

// These are ordinary functions that are not inlined: their prologue is where the scheduler interrupts a loop of
// products, since it cannot do so inside assembly.

//go:noinline
func (s *strip[T]) nn() {
	if s.ints {
		s.intsNN()
		return
	}
	if level == portable {
		s.portableNN()
		return
	}
	acc := s.flag()
	c, a, b := unsafe.SliceData(s.c), unsafe.SliceData(s.a), unsafe.SliceData(s.b)
	if unsafe.Sizeof(*c) == 4 {
		c, a, b := f32(c), f32(a), f32(b)
		if s.pairs {
			gemmNNBF16(c, s.ldc, bits32(a), s.lda, bits32(b), s.ldb, s.m, s.n, s.k, acc)
			return
		}
		if level == avx512 && s.n > 8 {
			gemmNN32Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
			return
		}
		// A strip is two AVX2 strips wide.
		gemmNN32Y(c, s.ldc, a, s.lda, b, s.ldb, s.m, min(s.n, 16), s.k, acc)
		if s.n > 16 {
			gemmNN32Y(skip(c, 16), s.ldc, a, s.lda, skip(b, 16), s.ldb, s.m, s.n-16, s.k, acc)
		}
		return
	}
	{
		c, a, b := f64(c), f64(a), f64(b)
		if level == avx512 {
			gemmNN64Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
			return
		}
		gemmNN64Y(c, s.ldc, a, s.lda, b, s.ldb, s.m, min(s.n, 8), s.k, acc)
		if s.n > 8 {
			gemmNN64Y(skip(c, 8), s.ldc, a, s.lda, skip(b, 8), s.ldb, s.m, s.n-8, s.k, acc)
		}
	}
}

//go:noinline
func (s *strip[T]) tn() {
	if level == portable {
		s.portableTN()
		return
	}
	acc := s.flag()
	c, a, b := unsafe.SliceData(s.c), unsafe.SliceData(s.a), unsafe.SliceData(s.b)
	if unsafe.Sizeof(*c) == 4 {
		c, a, b := f32(c), f32(a), f32(b)
		if level == avx512 && s.n > 8 {
			gemmTN32Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
			return
		}
		gemmTN32Y(c, s.ldc, a, s.lda, b, s.ldb, s.m, min(s.n, 16), s.k, acc)
		if s.n > 16 {
			gemmTN32Y(skip(c, 16), s.ldc, a, s.lda, skip(b, 16), s.ldb, s.m, s.n-16, s.k, acc)
		}
		return
	}
	{
		c, a, b := f64(c), f64(a), f64(b)
		if level == avx512 {
			gemmTN64Z(c, s.ldc, a, s.lda, b, s.ldb, s.m, s.n, s.k, acc)
			return
		}
		gemmTN64Y(c, s.ldc, a, s.lda, b, s.ldb, s.m, min(s.n, 8), s.k, acc)
		if s.n > 8 {
			gemmTN64Y(skip(c, 8), s.ldc, a, s.lda, skip(b, 8), s.ldb, s.m, s.n-8, s.k, acc)
		}
	}
}

//go:noinline
func (s *strip[T]) panels() {
	if level == portable {
		s.portablePanels()
		return
	}
	acc := s.flag()
	c, a, b := unsafe.SliceData(s.c), unsafe.SliceData(s.a), unsafe.SliceData(s.b)
	if unsafe.Sizeof(*c) == 4 {
		c, a, b := f32(c), f32(a), f32(b)
		if s.pairs {
			gemmPanelsBF16(c, s.ldc, bits32(a), s.lda, bits32(b), s.m, s.n, s.k, acc)
			return
		}
		if level == avx512 {
			gemmPanels32Z(c, s.ldc, a, s.lda, b, s.m, s.n, s.k, acc)
			return
		}
		gemmPanels32Y(c, s.ldc, a, s.lda, b, s.m, min(s.n, 16), s.k, acc)
		if s.n > 16 {
			gemmPanels32Y(skip(c, 16), s.ldc, a, s.lda, skip(b, 16), s.m, s.n-16, s.k, acc)
		}
		return
	}
	{
		c, a, b := f64(c), f64(a), f64(b)
		if level == avx512 {
			gemmPanels64Z(c, s.ldc, a, s.lda, b, s.m, s.n, s.k, acc)
			return
		}
		gemmPanels64Y(c, s.ldc, a, s.lda, b, s.m, min(s.n, 8), s.k, acc)
		if s.n > 8 {
			gemmPanels64Y(skip(c, 8), s.ldc, a, s.lda, skip(b, 8), s.m, s.n-8, s.k, acc)
		}
	}
}

// flag returns the last argument of the vector routines.
func (s *strip[T]) flag() int {
	if s.acc {
		return 1
	}
	return 0
}

// f32 and f64 name the element type that the size has shown.
func f32[T real](p *T) *float32 { return (*float32)(unsafe.Pointer(p)) }
func f64[T real](p *T) *float64 { return (*float64)(unsafe.Pointer(p)) }

func bits32(p *float32) *uint32 { return (*uint32)(unsafe.Pointer(p)) }

// skip returns the address n elements further; nil, of an operand without terms, stays nil.
func skip[T any](p *T, n int) *T {
	if p == nil {
		return nil
	}
	return (*T)(unsafe.Add(unsafe.Pointer(p), uintptr(n)*unsafe.Sizeof(*p)))
}
