package simd

import "unsafe"

// intsPortable is the product of words of two 16-bit numbers, or of four bytes, unsigned those of A and signed those
// of B.
func (s *strip[T]) intsPortable() {
	c, a, b := int32s(s.c), uint32s(s.a), uint32s(s.b)
	quads := HasInt8()
	for i := range s.m {
		row := c[i*s.ldc:][:s.n]
		if !s.acc {
			clear(row)
		}
		for p, x := range a[min(i*s.lda, len(a)):][:s.k] {
			if x == 0 {
				continue
			}
			y := b[p*s.ldb:][:len(row)]
			if quads {
				for j, w := range y {
					row[j] += int32(x&255)*int32(int8(w)) + int32(x>>8&255)*int32(int8(w>>8)) +
						int32(x>>16&255)*int32(int8(w>>16)) + int32(x>>24)*int32(int8(w>>24))
				}
				continue
			}
			x0, x1 := int32(int16(x)), int32(int16(x>>16))
			for j, w := range y {
				row[j] += x0*int32(int16(w)) + x1*int32(int16(w>>16))
			}
		}
	}
}

func int32s[T real](x []T) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func uint32s[T real](x []T) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// most8Portable is the largest |x|, NaN where one is.
func most8Portable(x []float32) float32 {
	most := float32(0)
	for _, v := range x {
		most = max(most, v, -v)
	}
	return most
}
