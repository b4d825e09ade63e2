package advise

import (
	"math"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/infer/infertest"
)

// At the mode of a normal the approximation is the normal, correlations included; above 64 dimensions too where
// coordinates are independent.
func TestCurvature(t *testing.T) {
	half, sd, along, err := curvature(t.Context(), infertest.Correlated(.95), []float64{0, 0}, 1)
	way := make([]float64, 2)
	along(0, way)
	if err != nil || math.Abs(half-math.Log(1-.95*.95)/2) > 1e-6 || math.Abs(sd[0]-1) > 1e-6 ||
		math.Abs(sd[1]-1) > 1e-6 || math.Abs(way[1]-.95) > 1e-6 {
		t.Errorf("%v, %v, %v, %v", half, sd, way, err)
	}
	mean := slices.Repeat([]float64{3}, 80)
	half, sd, _, err = curvature(t.Context(), infertest.Normal(0, mean, slices.Repeat([]float64{.5}, 80)), mean, 1)
	if err != nil || math.Abs(half-80*math.Log(.5)) > 1e-5 || math.Abs(sd[79]-.5) > 1e-6 {
		t.Errorf("%v, %v, %v", half, sd[79], err)
	}
}
