package simd

import "math"

func Sum32(x []float32) float32 {
	var s float32
	for _, v := range x {
		s += v
	}
	return s
}

func Dot32(a, b []float32) float32 {
	checkLen(len(a) == len(b))
	var s float32
	for i, v := range a {
		s += float32(v * b[i])
	}
	return s
}

func SumSq32(x []float32) float32 { return Dot32(x, x) }

func MaxReduce32(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func ColSumAcc32(acc, x []float32, rows, cols, ld int) {
	for r := range rows {
		for j := range cols {
			acc[j] += x[r*ld+j]
		}
	}
}

func RowSums32(dst, x []float32, rows, cols int) {
	for r := range rows {
		dst[r] = Sum32(x[r*cols : (r+1)*cols])
	}
}

func Sum64(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}

func Dot64(a, b []float64) float64 {
	checkLen(len(a) == len(b))
	var s float64
	for i, v := range a {
		s += float64(v * b[i])
	}
	return s
}

func SumSq64(x []float64) float64 { return Dot64(x, x) }

func MaxReduce64(x []float64) float64 {
	m := float64(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

func ColSumAcc64(acc, x []float64, rows, cols, ld int) {
	for r := range rows {
		for j := range cols {
			acc[j] += x[r*ld+j]
		}
	}
}

func RowSums64(dst, x []float64, rows, cols int) {
	for r := range rows {
		dst[r] = Sum64(x[r*cols : (r+1)*cols])
	}
}

func CvtF32F64(dst []float64, x []float32) {
	checkLen(len(dst) == len(x))
	for i, v := range x {
		dst[i] = float64(v)
	}
}

func CvtF64F32(dst []float32, x []float64) {
	checkLen(len(dst) == len(x))
	for i, v := range x {
		dst[i] = float32(v)
	}
}
