package simd

//go:noinline
func normals32(dst []float32, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	switch level {
	case avx512:
		normals32AVX512(&dst[0], &ids[0], &blocks[0], &keys[0], uint64(tag), len(ids))
	case avx2:
		normals32AVX2(&dst[0], &ids[0], &blocks[0], &keys[0], uint64(tag), len(ids))
	default:
		normals32Portable(dst, ids, blocks, keys, tag)
	}
}

//go:noinline
func normals64(dst []float64, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	switch level {
	case avx512:
		normals64AVX512(&dst[0], &ids[0], &blocks[0], &keys[0], uint64(tag), len(ids))
	case avx2:
		normals64AVX2(&dst[0], &ids[0], &blocks[0], &keys[0], uint64(tag), len(ids))
	default:
		normals64Portable(dst, ids, blocks, keys, tag)
	}
}
