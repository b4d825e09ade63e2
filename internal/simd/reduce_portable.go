package simd

import (
	"math"
	"unsafe"
)

// lanesOf is the number of lanes of T.
func lanesOf[T real]() int { return reduceBytes / int(unsafe.Sizeof(T(0))) }

func rowSumsPortable[T real](dst, x []T, cols int) {
	for r := range dst {
		var lane [reduceBytes / 4]T
		for i, v := range x[r*cols : (r+1)*cols] {
			lane[i%lanesOf[T]()] += v
		}
		dst[r] = joinLanes(lane[:lanesOf[T]()], func(a, b T) T { return a + b })
	}
}

func rowMaxesPortable[T real](dst, x []T, cols int) {
	// As the instruction does: the second of two zeros.
	larger := func(a, b T) T { return pick(a > b, a, b) }
	for r := range dst {
		var lane [reduceBytes / 4]T
		for i := range lane {
			lane[i] = T(math.Inf(-1))
		}
		nan := false
		for i, v := range x[r*cols : (r+1)*cols] {
			nan = nan || v != v
			lane[i%lanesOf[T]()] = larger(lane[i%lanesOf[T]()], v)
		}
		dst[r] = joinLanes(lane[:lanesOf[T]()], larger)
		if nan {
			dst[r] = T(math.NaN())
		}
	}
}

// joinLanes joins the four groups of lanes and then halves what is left.
func joinLanes[T real](lane []T, op func(a, b T) T) T {
	group := len(lane) / 4
	for i := range group {
		lane[i] = op(op(lane[i], lane[group+i]), op(lane[2*group+i], lane[3*group+i]))
	}
	for n := group / 2; n > 0; n /= 2 {
		for i := range n {
			lane[i] = op(lane[i], lane[n+i])
		}
	}
	return lane[0]
}

func dot32Portable(a, b []float32) float32 {
	var lane [reduceBytes / 4]float32
	for i, v := range a {
		l := i % len(lane)
		lane[l] = fma32(v, b[i], lane[l])
	}
	return joinLanes(lane[:], func(a, b float32) float32 { return a + b })
}

func dot64Portable(a, b []float64) float64 {
	var lane [reduceBytes / 8]float64
	for i, v := range a {
		l := i % len(lane)
		lane[l] = fma64(v, b[i], lane[l])
	}
	return joinLanes(lane[:], func(a, b float64) float64 { return a + b })
}

func colSumAccPortable[T real](acc, x []T, rows, ld int) {
	for r := range rows {
		for j, v := range x[r*ld : r*ld+len(acc)] {
			acc[j] += v
		}
	}
}
