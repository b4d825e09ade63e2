package simd

// normalBlocks is the number of Philox blocks that the vector routines take at once, and which therefore
// divides what they are given.
const normalBlocks = 16

// normalChunk bounds the blocks of one call of assembly (some 50 ns each at worst).
const normalChunk = 512

// Normals32 fills dst with standard normals, four for each Philox4x32-10 block: dst[4i:4i+4] belongs to
// key and the counter (ids[i] lo, ids[i] hi, blocks[i], tag). Two words (a, b) of a block give
//
//	√(−2 ln u)·(cos 2πv, sin 2πv),  u = (a + ½)·2⁻³²,  v = b·2⁻³²,
//
// the transform of Box and Muller (Ann. Math. Stat. 29, 1958), in float32. All levels give the same bits.
// Only the low 32 bits of blocks[i] count. At most 6.8 in modulus.
func Normals32(dst []float32, ids, blocks []uint64, key [2]uint32, tag uint32) {
	checkLen(len(blocks) == len(ids) && len(dst) == 4*len(ids))
	keys := philoxKeys(key)
	for len(ids) >= normalBlocks {
		n := min(len(ids)&^(normalBlocks-1), normalChunk)
		normals32(dst[:4*n], ids[:n], blocks[:n], &keys, tag)
		dst, ids, blocks = dst[4*n:], ids[n:], blocks[n:]
	}
	if len(ids) > 0 {
		var padded [4 * normalBlocks]float32
		var i, b [normalBlocks]uint64
		copy(i[:], ids)
		copy(b[:], blocks)
		normals32(padded[:], i[:], b[:], &keys, tag)
		copy(dst, padded[:])
	}
}

// Normals64 is [Normals32] in float64: two normals a block, dst[2i:2i+2], from words of 64 bits,
// a = w0·2³²+w1 and b = w2·2³²+w3. At most 9.5 in modulus.
func Normals64(dst []float64, ids, blocks []uint64, key [2]uint32, tag uint32) {
	checkLen(len(blocks) == len(ids) && len(dst) == 2*len(ids))
	keys := philoxKeys(key)
	for len(ids) >= normalBlocks {
		n := min(len(ids)&^(normalBlocks-1), normalChunk)
		normals64(dst[:2*n], ids[:n], blocks[:n], &keys, tag)
		dst, ids, blocks = dst[2*n:], ids[n:], blocks[n:]
	}
	if len(ids) > 0 {
		var padded [2 * normalBlocks]float64
		var i, b [normalBlocks]uint64
		copy(i[:], ids)
		copy(b[:], blocks)
		normals64(padded[:], i[:], b[:], &keys, tag)
		copy(dst, padded[:])
	}
}

// philoxKeys is the key of every round, the even words first in each pair.
func philoxKeys(key [2]uint32) (keys [20]uint64) {
	for r := range 10 {
		keys[2*r], keys[2*r+1] = uint64(key[0]), uint64(key[1])
		key[0] += philoxW0
		key[1] += philoxW1
	}
	return keys
}

func normals32Portable(dst []float32, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	key := [2]uint32{uint32(keys[0]), uint32(keys[1])}
	for i, id := range ids {
		w := Philox4x32([4]uint32{uint32(id), uint32(id >> 32), uint32(blocks[i]), tag}, key)
		dst[4*i], dst[4*i+1], dst[4*i+2], dst[4*i+3] = boxMuller32Of(w[0], w[1], w[2], w[3])
	}
}

func normals64Portable(dst []float64, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	key := [2]uint32{uint32(keys[0]), uint32(keys[1])}
	for i, id := range ids {
		w := Philox4x32([4]uint32{uint32(id), uint32(id >> 32), uint32(blocks[i]), tag}, key)
		dst[2*i], dst[2*i+1] = boxMuller64Of(uint64(w[0]), uint64(w[1]), uint64(w[2]), uint64(w[3]))
	}
}
