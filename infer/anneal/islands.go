package anneal

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/seed9a7962a8/ito/infer"
)

// islandExcess is how many times the variance of independent draws the means of runs may have besides chance:
// particles of one parent are not independent before moves have parted them.
const islandExcess = 3.

// islandWarnings compare the means of runs, of log density, coordinates and squares, with each other: by R runs of
// n independent particles of variance v they would have a variance of v/n, a χ² of R − 1 degrees. More than
// islandExcess times that, where chance passes once in a thousand reports over all functions together, says that a
// run is worth fewer particles than it has. Runs that all miss the same are not seen.
func islandWarnings(s *infer.State) []string {
	runs, n, d := s.Groups, s.Slots, s.D
	if runs < 3 {
		return nil
	}
	logw := s.Var("logw")
	functions := 2*d + 1
	χ2 := distuv.ChiSquared{K: float64(runs - 1)}
	limit := islandExcess * χ2.Quantile(1-1e-3/float64(functions)) / χ2.K
	worst, at := 0., 0
	means := make([]float64, runs)
	for f := range functions {
		within, total := 0., 0.
		for g := range runs {
			value := func(i int) float64 {
				switch j := (f - 1) / 2; {
				case f == 0:
					return s.LogP[g*n+i]
				case f%2 == 1:
					return s.X[(g*n+i)*d+j]
				default:
					return s.X[(g*n+i)*d+j] * s.X[(g*n+i)*d+j]
				}
			}
			m, v, ess := 0., 0., 0.
			for i := range n {
				if w := math.Exp(logw[g*n+i]); w > 0 {
					m += w * value(i)
					ess += w * w
				}
			}
			for i := range n {
				if w := math.Exp(logw[g*n+i]); w > 0 {
					v += w * (value(i) - m) * (value(i) - m)
				}
			}
			means[g] = m
			total += m / float64(runs)
			within += v * ess / float64(runs) // of the mean
		}
		between := 0.
		for _, m := range means {
			between += (m - total) * (m - total) / float64(runs-1)
		}
		if q := between / within; infer.Finite(q) && q > worst {
			worst, at = q, f
		}
	}
	if worst <= limit {
		return nil
	}
	return []string{fmt.Sprintf("the runs disagree: the mean of %s differs between them as if each had %.0f "+
		"particles and not %d; take more moves and more particles until log Z stands still", functionName(at),
		float64(n)/worst, n)}
}

// functionName is the log density, a coordinate or its square, counted as [lag] does.
func functionName(f int) string {
	switch {
	case f == 0:
		return "the log density"
	case f%2 == 1:
		return fmt.Sprintf("coordinate %d", (f+1)/2)
	}
	return fmt.Sprintf("the square of coordinate %d", f/2)
}
