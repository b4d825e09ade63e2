package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/target/model"
)

// observedOf are the places of the log densities of what was observed: not of cells that impute made parameters, nor of
// an observe of parameters, which is a prior.
func observedOf(terms []model.Term) (at []int, warnings []string) {
	from, cells := 0, 0
	for i, t := range terms {
		n := elements(t.Shape)
		if t.Y == nil {
			warnings = append(warnings, fmt.Sprintf("observation %d, %s, is of values that depend on parameters: it "+
				"is left out", i+1, t.Distribution))
		}
		for k := range n {
			each := len(t.Y) / max(n, 1)
			switch {
			case t.Y == nil:
			case slices.ContainsFunc(t.Y[k*each:(k+1)*each], math.IsNaN):
				cells++
			default:
				at = append(at, from+k)
			}
		}
		from += n
	}
	if cells > 0 {
		warnings = append(warnings, fmt.Sprintf("%d missing cells are no observations: they are left out", cells))
	}
	return at, warnings
}

// without is x where y is not missing.
func without(x, y []float64) []float64 {
	if !slices.ContainsFunc(y, math.IsNaN) {
		return x
	}
	var out []float64
	for i, v := range y {
		if !math.IsNaN(v) {
			out = append(out, x[i])
		}
	}
	return out
}
