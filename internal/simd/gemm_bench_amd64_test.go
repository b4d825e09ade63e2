package simd

import "time"

func peakRun(n int) (d time.Duration, lanes int) {
	if level == avx512 {
		return best(func() { peakZ(n) }), 16
	}
	return best(func() { peakY(n) }), 8
}
