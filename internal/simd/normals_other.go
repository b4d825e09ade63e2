//go:build !amd64

package simd

func normals32(dst []float32, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	normals32Portable(dst, ids, blocks, keys, tag)
}

func normals64(dst []float64, ids, blocks []uint64, keys *[20]uint64, tag uint32) {
	normals64Portable(dst, ids, blocks, keys, tag)
}
