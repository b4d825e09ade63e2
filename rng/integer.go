package rng

import (
	"fmt"
	"math/bits"
)

// Uint64 returns 64 random bits for the element of id. Two values a Philox block.
func (k Key) Uint64(id uint64, element uint32) uint64 { return k.word64(id, element, tagUint64) }

// word64 returns 64 bits of the stream tag.
func (k Key) word64(id uint64, element, tag uint32) uint64 {
	w := k.block(id, element/2, tag)
	l := 2 * (element % 2)
	return uint64(w[l])<<32 | uint64(w[l+1])
}

// Intn returns an integer of [0, n) for the element of id: the upper half of a 64-bit word times n,
// so that no value's probability is off by more than 2⁻⁶⁴. It panics unless n > 0.
func (k Key) Intn(id uint64, element uint32, n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("rng: Intn of %d values", n))
	}
	hi, _ := bits.Mul64(k.word64(id, element, tagIntn), uint64(n))
	return int(hi)
}

// Perm returns a permutation of 0 … n−1 that belongs to id, by the shuffle of Durstenfeld (CACM
// 1964, algorithm 235). It panics when n is negative. Cost: n/2 Philox blocks.
func (k Key) Perm(id uint64, n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		hi, _ := bits.Mul64(k.word64(id, uint32(i), tagPerm), uint64(i)+1)
		p[i], p[hi] = p[hi], p[i]
	}
	return p
}
