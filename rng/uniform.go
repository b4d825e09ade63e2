package rng

// Uniforms64 fills dst, row-major [len(ids), d], with uniforms of the open interval (0, 1): row i
// belongs to ids[i]. A value is (m + ½)·2⁻⁵² with m the leading 52 bits of two words, hence never
// 0 or 1, of mean exactly ½, and the same bits on every machine. Two values a Philox block.
func (k Key) Uniforms64(dst []float64, d int, ids []uint64) { k.Uniforms64At(dst, d, ids, 0) }

// Uniforms64At is [Key.Uniforms64] for the elements first … first+d−1 of every row.
func (k Key) Uniforms64At(dst []float64, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	for i, id := range ids {
		row := dst[i*d : (i+1)*d]
		for j := 0; j < len(row); {
			e := first + uint32(j)
			w := k.block(id, e/2, tagUniform64)
			for l := e % 2; l < 2 && j < len(row); l++ {
				m := (uint64(w[2*l])<<32 | uint64(w[2*l+1])) >> 12
				row[j] = (float64(m) + 0.5) * 0x1p-52
				j++
			}
		}
	}
}

// Uniforms32 fills dst, row-major [len(ids), d], with uniforms of the open interval (0, 1): row i
// belongs to ids[i]. A value is (m + ½)·2⁻²³ with m the leading 23 bits of a word. Four values a
// Philox block.
func (k Key) Uniforms32(dst []float32, d int, ids []uint64) { k.Uniforms32At(dst, d, ids, 0) }

// Uniforms32At is [Key.Uniforms32] for the elements first … first+d−1 of every row.
func (k Key) Uniforms32At(dst []float32, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	for i, id := range ids {
		row := dst[i*d : (i+1)*d]
		for j := 0; j < len(row); {
			e := first + uint32(j)
			w := k.block(id, e/4, tagUniform32)
			for l := e % 4; l < 4 && j < len(row); l++ {
				row[j] = (float32(w[l]>>9) + 0.5) * 0x1p-23
				j++
			}
		}
	}
}

// Bits fills dst, row-major [len(ids), d], with independent words of 32 random bits: row i belongs to
// ids[i]. Four words a Philox block, in its order.
func (k Key) Bits(dst []uint32, d int, ids []uint64) { k.BitsAt(dst, d, ids, 0) }

// BitsAt is [Key.Bits] for the elements first … first+d−1 of every row.
func (k Key) BitsAt(dst []uint32, d int, ids []uint64, first uint32) {
	checkShape(len(dst), d, len(ids))
	for i, id := range ids {
		row := dst[i*d : (i+1)*d]
		for j := 0; j < len(row); {
			e := first + uint32(j)
			w := k.block(id, e/4, tagBits)
			for l := e % 4; l < 4 && j < len(row); l++ {
				row[j] = w[l]
				j++
			}
		}
	}
}
