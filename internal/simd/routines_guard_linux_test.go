package simd

import "testing"

// No routine reads or writes beyond its slices, at either end.
func TestElementwiseStaysInside(t *testing.T) {
	atLevels(t, func(t *testing.T) {
		for _, front := range []bool{false, true} {
			for n := range 71 {
				staysInside(t, flat32(), n, front)
				staysInside(t, flat64(), n, front)
				ids, blocks := make([]uint64, n), make([]uint64, n)
				Normals32(guarded[float32](t, 4*n, front), ids, blocks, [2]uint32{1, 2}, 3)
				Normals64(guarded[float64](t, 2*n, front), ids, blocks, [2]uint32{1, 2}, 3)
			}
		}
	})
}

func staysInside[T real](t *testing.T, list []routine[T], n int, front bool) {
	var v [5][]T
	for i := range v {
		v[i] = guarded[T](t, n, front)
	}
	for _, f := range list {
		f.run(v[0], v[1], v[2], v[3], v[4])
	}
}
