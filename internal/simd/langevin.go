package simd

import "math"

// Langevin64 moves rows of two, x [n,2], by a Langevin step of a size of their own, from scores s and normals z:
//
//	x += e·s + √(2e)·z,  e = min(factor·‖z‖²/‖s‖², most), or most where the quotient is not a number.
//
// All levels give the same bits, but the assembly takes denormal numbers for zeros.
func Langevin64(x, s, z []float64, factor, most float64) {
	checkLen(len(x)%2 == 0 && len(s) == len(x) && len(z) == len(x))
	c := [3]float64{factor, most, 2}
	whole := len(x) &^ (langevinWidth - 1)
	for from := 0; from < whole; from += chunk {
		end := min(from+chunk, whole)
		langevin(x[from:end], s[from:end], z[from:end], &c)
	}
	if rest := x[whole:]; len(rest) > 0 {
		var padded [3][langevinWidth]float64
		copy(padded[0][:], rest)
		copy(padded[1][:], s[whole:])
		copy(padded[2][:], z[whole:])
		langevin(padded[0][:], padded[1][:], padded[2][:], &c)
		copy(rest, padded[0][:])
	}
}

// langevinWidth divides the length of what the vector routines are given.
const langevinWidth = 16

func langevinPortable(x, s, z []float64, c *[3]float64) {
	for i := 0; i+1 < len(x); i += 2 {
		s0, s1, z0, z1 := s[i], s[i+1], z[i], z[i+1]
		e := c[0] * fma64(z1, z1, z0*z0) / fma64(s1, s1, s0*s0)
		if !(e < c[1]) {
			e = c[1]
		}
		r := math.Sqrt(2 * e)
		x[i] = fma64(r, z0, fma64(e, s0, x[i]))
		x[i+1] = fma64(r, z1, fma64(e, s1, x[i+1]))
	}
}
