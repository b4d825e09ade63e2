package metric

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// HistogramRMSE is the root mean square difference of two-dimensional histograms,
// √(mean over bins² cells of (p−q)²), where p and q are the fractions of the rows of truth and x in each
// cell. The cells divide the box of the truth, widened by 1.025 about its centre; rows of x outside it
// count in no cell. 100 bins an axis by custom (bins ≤ 0).
func HistogramRMSE(truth, x ito.States, bins int) (float64, error) {
	if err := compatible(truth, x); err != nil {
		return 0, err
	}
	if x.D != 2 {
		return 0, fmt.Errorf("metric: the histogram is of two dimensions, got %d", x.D)
	}
	if bins <= 0 {
		bins = 100
	}
	var lo, width [2]float64
	for a := range 2 {
		c := column(truth, a)
		least, most := c[0], c[0]
		for _, v := range c {
			least, most = min(least, v), max(most, v)
		}
		half := 1.025 * (most - least) / 2
		if half == 0 {
			half = .5
		}
		lo[a] = (least+most)/2 - half
		width[a] = 2 * half / float64(bins)
	}
	count := make([]float64, bins*bins)
	add := func(s ito.States) {
		for i := range s.N {
			r := s.Row(i)
			a, b := math.Floor((r[0]-lo[0])/width[0]), math.Floor((r[1]-lo[1])/width[1])
			if a >= 0 && b >= 0 && a < float64(bins) && b < float64(bins) {
				count[int(a)*bins+int(b)]++
			}
		}
	}
	add(truth)
	p := make([]float64, len(count))
	for k, c := range count {
		p[k] = c / float64(truth.N)
	}
	clear(count)
	add(x)
	var ss float64
	for k, c := range count {
		d := p[k] - c/float64(x.N)
		ss += float64(d * d)
	}
	return math.Sqrt(ss / float64(len(count))), nil
}
