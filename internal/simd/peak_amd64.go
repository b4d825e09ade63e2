package simd

import "time"

// peakRun times n turns of the loop of the present level and says how many numbers its registers hold.
func peakRun(n int) (d time.Duration, lanes int) {
	switch level {
	case avx512:
		return best(func() { peakZ(n) }), 16
	case avx2:
		return best(func() { peakY(n) }), 8
	}
	return time.Nanosecond, 0
}
