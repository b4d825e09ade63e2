package ad

import (
	"math"
	"unsafe"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// reduce adds the lanes of one stretch of a value in the order of the lanes.
func (x *execution) reduce(worker, unit int) {
	r := &x.p.levels[x.level].lanes[unit]
	f := &x.frames[worker]
	f.rows = 1
	lanes := x.plan.lanes
	base := alignedPointer(x.lanes)
	if x.n == 0 {
		lanes = 0
	} else {
		base = unsafe.Add(base, r.off+r.from*r.dtype.bytes())
	}
	if r.dtype == F64 {
		reduceLanes(vec[float64](f, r.dst)[r.from:r.from+r.n], (*float64)(base), x.laneLn/8, lanes, r.kind,
			simd.SumLanes64)
		return
	}
	reduceLanes(vec[float32](f, r.dst)[r.from:r.from+r.n], (*float32)(base), x.laneLn/4, lanes, r.kind, simd.SumLanes32)
}

func reduceLanes[T float32 | float64](dst []T, lane *T, stride, lanes int, kind laneKind, sum func(dst, lanes []T,
	stride, g int)) {
	if len(dst) == 0 {
		return
	}
	if lanes == 0 {
		clear(dst)
		if kind == laneMax {
			for i := range dst {
				dst[i] = T(math.Inf(-1))
			}
		}
		return
	}
	all := unsafe.Slice(lane, stride*(lanes-1)+len(dst))
	if kind == laneSum {
		sum(dst, all, stride, lanes)
		return
	}
	copy(dst, all)
	for l := 1; l < lanes; l++ {
		for i, v := range all[l*stride : l*stride+len(dst)] {
			if v > dst[i] || v != v {
				dst[i] = v
			}
		}
	}
}
