package score

import "math"

// GeometricMean is that of the ratios that are above 0 and finite, and how many these are; NaN of none.
func GeometricMean(ratios []float64) (mean float64, n int) {
	sum := 0.
	for _, r := range ratios {
		if r > 0 && !math.IsInf(r, 0) {
			sum, n = sum+math.Log(r), n+1
		}
	}
	return math.Exp(sum / float64(n)), n
}
