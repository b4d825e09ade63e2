package simd

import (
	"fmt"
	"math"
	"testing"
)

// A row moves by its own norms, whatever lies beside it, and to the same bits at every level.
func TestLangevin64(t *testing.T) {
	draw := normal64(1)
	atLevels(t, func(t *testing.T) {
		for _, n := range []int{0, 2, 6, 14, 16, 18, 34, 70, 256, chunk + 20} {
			x, s, z, want := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range x {
				x[i], s[i], z[i] = draw(), draw(), draw()
			}
			if n > 12 {
				s[0], s[1] = 0, 0 // most
				s[2], s[3], z[2], z[3] = 0, 0, 0, 0
				s[4] = math.NaN()
				s[6] = math.Inf(1)
				z[8], z[9] = 0, 0
			}
			const factor, most = .3, .4
			for i := 0; i < n; i += 2 {
				e := factor * math.FMA(z[i+1], z[i+1], z[i]*z[i]) / math.FMA(s[i+1], s[i+1], s[i]*s[i])
				if !(e < most) {
					e = most
				}
				for k := i; k < i+2; k++ {
					want[k] = math.FMA(math.Sqrt(2*e), z[k], math.FMA(e, s[k], x[k]))
				}
			}
			Langevin64(x, s, z, factor, most)
			checkSame(t, fmt.Sprint(n), x, want)
		}
	})
}
