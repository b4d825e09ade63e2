package rng

import (
	"fmt"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// Key names one stream: everything of an address except the sample's id and the element. It is two
// words of a Philox4x32-10 block (see [NewKey]) and is a value: copy it freely, share it between
// goroutines. The zero Key is a usable stream, but no seed leads to it on purpose.
type Key struct {
	k [2]uint32
}

// The last counter word separates the kinds of draws under one Key, so that, say, the uniforms of an
// address never reuse the bits of its normals.
const (
	tagNormal32 uint32 = iota
	tagNormal64
	tagUniform32
	tagUniform64
	tagBits
	tagUint64
	tagIntn
	tagPerm
)

// NewKey derives the key of the stream (seed, p, step, sub): the words 0 and 1 of
//
//	Philox4x32-10(key = (seed lo, seed hi), counter = (p, step, sub, 0)).
//
// A draw under it is the block Philox4x32-10(key, (id lo, id hi, block, tag)), where block is the
// element's index divided by the number of draws in a block and tag says what is drawn. The address
// follows Salmon et al. (SC 2011): no state, so nothing depends on the order of the draws.
func NewKey(seed uint64, p Purpose, step, sub uint32) Key {
	w := simd.Philox4x32([4]uint32{uint32(p), step, sub, 0}, [2]uint32{uint32(seed), uint32(seed >> 32)})
	return Key{[2]uint32{w[0], w[1]}}
}

// block returns the four words at (id, block, tag).
func (k Key) block(id uint64, block, tag uint32) [4]uint32 {
	return simd.Philox4x32([4]uint32{uint32(id), uint32(id >> 32), block, tag}, k.k)
}

// checkShape panics when n values are not rows of d, one per id: a caller's broken invariant.
func checkShape(n, d, rows int) {
	if d < 0 || n != d*rows {
		panic(fmt.Sprintf("rng: %d values cannot hold %d rows of %d", n, rows, d))
	}
}
