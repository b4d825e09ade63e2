package simd

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// fma32 rounds once, also where the float64 sum lies half-way between two float32.
func TestFMA32(t *testing.T) {
	exact := func(x, y, z float32) float32 {
		p := new(big.Float).SetPrec(1000).Mul(big.NewFloat(float64(x)), big.NewFloat(float64(y)))
		s, _ := p.SetPrec(1000).Add(p, big.NewFloat(float64(z))).Float32()
		return s
	}
	check := func(x, y, z float32) {
		t.Helper()
		if got, want := fma32(x, y, z), exact(x, y, z); got != want {
			t.Errorf("fma32(%x, %x, %x) = %x, want %x", x, y, z, got, want)
		}
	}
	// A tie of float32 plus or minus a product too small for float64 to see.
	for _, tiny := range []float32{0x1p-40, -0x1p-40} {
		check(0x1p-30, tiny, 1)
		x, y := float32(1+0x1p-12), float32(1-0x1p-12) // x·y = 1 − 2⁻²⁴, a tie
		check(x, y, tiny)
		check(x, y, tiny*0x1p-20)
		check(-x, y, tiny*0x1p-20)
	}
	r := rand.New(rand.NewPCG(17, 18))
	for range 20000 {
		x, y := float32(2*r.Float64()-1), float32(2*r.Float64()-1)
		check(x, y, float32(math.Ldexp(2*r.Float64()-1, r.IntN(80)-40)))
		// Few digits, so that ties are common.
		a, b := float32(r.IntN(1<<13)), float32(r.IntN(1<<13))
		check(a, b, float32(math.Ldexp(float64(1-2*r.IntN(2)), r.IntN(90)-60)))
	}
	if v := fma32(float32(math.Inf(1)), 0, 1); v == v {
		t.Errorf("∞·0 + 1 = %v", v)
	}
}
