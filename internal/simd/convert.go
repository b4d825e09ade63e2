package simd

// CvtF32F64 sets dst[i] = float64(x[i]); a denormal may become 0.
func CvtF32F64(dst []float64, x []float32) {
	checkLen(len(dst) == len(x))
	for len(dst) > chunk {
		cvtF32F64(dst[:chunk], x[:chunk])
		dst, x = dst[chunk:], x[chunk:]
	}
	cvtF32F64(dst, x)
}

// CvtF64F32 sets dst[i] = float32(x[i]), rounded to nearest even; a denormal may become 0.
func CvtF64F32(dst []float32, x []float64) {
	checkLen(len(dst) == len(x))
	for len(dst) > chunk {
		cvtF64F32(dst[:chunk], x[:chunk])
		dst, x = dst[chunk:], x[chunk:]
	}
	cvtF64F32(dst, x)
}

func cvtPortable[T, U real](dst []T, x []U) {
	for i, v := range x {
		dst[i] = T(v)
	}
}
