package rng

import "math"

// Normals64 fills dst, row-major [len(ids), d], with standard normals: row i belongs to ids[i] and
// depends on nothing else. Two normals a Philox block, by the transform of Box and Muller (1958).
func (k Key) Normals64(dst []float64, d int, ids []uint64) { k.Normals64At(dst, d, ids, 0) }

// Normals64At is [Key.Normals64] for the elements first … first+d−1 of every row.
func (k Key) Normals64At(dst []float64, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	for i, id := range ids {
		row := dst[i*d : (i+1)*d]
		for j := 0; j < len(row); {
			e := first + uint32(j)
			w := k.block(id, e/2, tagNormal64)
			var z [2]float64
			z[0], z[1] = boxMuller(uint64(w[0])<<32|uint64(w[1]), uint64(w[2])<<32|uint64(w[3]))
			j += copy(row[j:], z[e%2:])
		}
	}
}

// Normals32 fills dst, row-major [len(ids), d], with standard normals: row i belongs to ids[i] and
// depends on nothing else. It is a stream of its own, not a rounding of [Key.Normals64]. Four
// normals a Philox block.
func (k Key) Normals32(dst []float32, d int, ids []uint64) { k.Normals32At(dst, d, ids, 0) }

// Normals32At is [Key.Normals32] for the elements first … first+d−1 of every row.
func (k Key) Normals32At(dst []float32, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	for i, id := range ids {
		row := dst[i*d : (i+1)*d]
		for j := 0; j < len(row); {
			e := first + uint32(j)
			w := k.block(id, e/4, tagNormal32)
			var z [4]float32
			for l := 0; l < 4; l += 2 {
				a, b := boxMuller(uint64(w[l])<<32|1<<31, uint64(w[l+1])<<32)
				z[l], z[l+1] = float32(a), float32(b)
			}
			j += copy(row[j:], z[e%4:])
		}
	}
}

// boxMuller returns √(−2 ln u)·(cos 2πv, sin 2πv) for u = (m+½)·2⁻⁶⁴ and v = a·2⁻⁶⁴.
func boxMuller(m, a uint64) (z0, z1 float64) {
	u := math.FMA(float64(m>>32), 0x1p-32, math.FMA(float64(m&0xffffffff), 0x1p-64, 0x1p-65))
	r := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * (float64(a) * 0x1p-64))
	return r * cos, r * sin
}
