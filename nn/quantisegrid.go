package nn

import (
	"math"

	"github.com/seed9a7962a8/ito/ad"
)

// gridParts is in how many parts of the range of values a grid may end.
const gridParts = 50

// FitGrid is the grid of 256 numbers, 0 among them, that values lie closest to: of those that end at k/50 of the
// range from min(0, least) to max(0, largest), k = 10, …, 50, the one of the smallest mean square of what rounding
// changes, which is returned too; of equal ones the widest. Values inside lie half a step away at most. Values are
// finite, and at least one is not 0, or the grid has steps of 1.
func FitGrid(values []float32) (ad.Grid, float64) {
	low, high := 0., 0.
	for _, v := range values {
		low, high = min(low, float64(v)), max(high, float64(v))
	}
	if high-low < 1e-30 {
		return ad.Grid{Scale: 1}, 0
	}
	best, least := ad.Grid{}, math.Inf(1)
	for k := gridParts; k >= gridParts/5; k-- {
		part := float64(k) / gridParts
		g := ad.Grid{Scale: float32(part * (high - low) / 255)}
		g.Zero = uint8(min(max(math.RoundToEven(-part*low/float64(g.Scale)), 0), 255))
		if mse := gridError(values, g); mse < least {
			best, least = g, mse
		}
	}
	return best, least
}

// gridError is the mean square of what rounding to g changes.
func gridError(values []float32, g ad.Grid) float64 {
	sum, by := 0., float64(1/g.Scale)
	low, high := -float64(g.Zero), 255-float64(g.Zero)
	for _, v := range values {
		q := math.RoundToEven(min(max(float64(v)*by, low), high))
		d := float64(v) - q*float64(g.Scale)
		sum += d * d
	}
	return sum / float64(len(values))
}
