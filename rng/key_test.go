package rng

import (
	"testing"

	"github.com/seed9a7962a8/ito/internal/simd"
)

// The known-answer vectors of Random123 (tests/kat_vectors, philox4x32 with 10 rounds).
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, v := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{
			[4]uint32{0, 0, 0, 0},
			[2]uint32{0, 0},
			[4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
		},
		{
			[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
			[2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
		},
		{
			[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		},
	} {
		if got := simd.Philox4x32(v.counter, v.key); got != v.want {
			t.Errorf("Philox4x32(%x, %x) = %x, want %x", v.counter, v.key, got, v.want)
		}
	}
}

// A key is the first two words of one block, and every part of the address reaches it.
func TestNewKey(t *testing.T) {
	w := simd.Philox4x32([4]uint32{5, 6, 7, 0}, [2]uint32{0x89abcdef, 0x01234567})
	if got, want := NewKey(0x0123456789abcdef, 5, 6, 7), (Key{[2]uint32{w[0], w[1]}}); got != want {
		t.Errorf("NewKey = %x, want %x", got, want)
	}
	seen := map[Key]bool{}
	for _, k := range []Key{
		NewKey(0, 0, 0, 0), NewKey(1, 0, 0, 0), NewKey(1<<32, 0, 0, 0),
		NewKey(0, 1, 0, 0), NewKey(0, 0, 1, 0), NewKey(0, 0, 0, 1),
	} {
		if seen[k] {
			t.Errorf("key %x belongs to two addresses", k)
		}
		seen[k] = true
	}
}
