// Package float16 widens the half-precision numbers that tensors and arrays of other programs hold.
package float16

import "math"

// Widen is the value of an IEEE 754 binary16, exactly.
func Widen(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, int(h>>10&31), uint32(h&1023)
	switch exponent {
	case 31: // infinity and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	case 0: // zero and subnormal: fraction·2⁻²⁴
		v := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(sign | math.Float32bits(v))
	}
	return math.Float32frombits(sign | uint32(exponent-15+127)<<23 | fraction<<13)
}
