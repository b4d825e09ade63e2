package rng

import "github.com/seed9a7962a8/ito/internal/simd"

// Normals64 fills dst, row-major [len(ids), d], with standard normals: row i belongs to ids[i] and
// depends on nothing else. Two normals a Philox block, by the transform of Box and Muller
// (Ann. Math. Stat. 29, 1958) of a 64-bit uniform, rounded to float64, and a 64-bit angle; 9.5 in
// modulus at most. The bits are the same on every machine whose fused multiply-add is one.
func (k Key) Normals64(dst []float64, d int, ids []uint64) { k.Normals64At(dst, d, ids, 0) }

// Normals64At is [Key.Normals64] for the elements first … first+d−1 of every row.
func (k Key) Normals64At(dst []float64, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	w := walk{d: d, per: 2, ids: ids, first: first}
	if w.wholeRows() {
		for n := w.next(); n > 0; n = w.next() {
			simd.Normals64(dst[:2*n], w.id[:n], w.block[:n], k.k, tagNormal64)
			dst = dst[2*n:]
		}
		return
	}
	var z [2 * walkBlocks]float64
	for n := w.next(); n > 0; n = w.next() {
		simd.Normals64(z[:2*n], w.id[:n], w.block[:n], k.k, tagNormal64)
		dst = take(&w, dst, z[:2*n])
	}
}

// Normals32 fills dst, row-major [len(ids), d], with standard normals: row i belongs to ids[i] and
// depends on nothing else. It is a stream of its own, not a rounding of [Key.Normals64]: four normals
// a Philox block, from 32-bit uniforms and angles; 6.8 in modulus at most.
func (k Key) Normals32(dst []float32, d int, ids []uint64) { k.Normals32At(dst, d, ids, 0) }

// Normals32At is [Key.Normals32] for the elements first … first+d−1 of every row.
func (k Key) Normals32At(dst []float32, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	w := walk{d: d, per: 4, ids: ids, first: first}
	if w.wholeRows() {
		for n := w.next(); n > 0; n = w.next() {
			simd.Normals32(dst[:4*n], w.id[:n], w.block[:n], k.k, tagNormal32)
			dst = dst[4*n:]
		}
		return
	}
	var z [4 * walkBlocks]float32
	for n := w.next(); n > 0; n = w.next() {
		simd.Normals32(z[:4*n], w.id[:n], w.block[:n], k.k, tagNormal32)
		dst = take(&w, dst, z[:4*n])
	}
}
