package metric

import (
	"encoding/binary"
	"fmt"

	"github.com/seed9a7962a8/ito"
)

// NgramTV is the total variation ½ Σ |p − q| between the n-grams of two sets of texts, of all places together: 0 for
// equal frequencies, 1 where they have none in common. The sum is of whole numbers, and exact. Texts may have
// different lengths in the two sets, n or more.
func NgramTV(x, y ito.States, n int) (float64, error) {
	for _, s := range []ito.States{x, y} {
		if err := s.Check(); err != nil {
			return 0, err
		}
		if n < 1 || s.D < n || s.N < 1 {
			return 0, fmt.Errorf("metric: %d-grams of %d texts of %d tokens", n, s.N, s.D)
		}
	}
	nx, ny := int64(x.N*(x.D-n+1)), int64(y.N*(y.D-n+1))
	cx, cy := ngrams(x, n), ngrams(y, n)
	sum := int64(0)
	for gram, k := range cx {
		sum += abs64(k*ny - cy[gram]*nx)
	}
	for gram, k := range cy {
		if cx[gram] == 0 {
			sum += k * nx
		}
	}
	return float64(sum) / 2 / float64(nx) / float64(ny), nil
}

func ngrams(x ito.States, n int) map[string]int64 {
	count := map[string]int64{}
	key := make([]byte, 0, 4*n)
	for i := range x.N {
		row := x.Row(i)
		for at := 0; at+n <= len(row); at++ {
			key = key[:0]
			for _, v := range row[at : at+n] {
				key = binary.LittleEndian.AppendUint32(key, uint32(int32(v)))
			}
			count[string(key)]++
		}
	}
	return count
}

func abs64(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
