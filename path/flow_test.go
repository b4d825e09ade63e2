package path

import (
	"math"
	"testing"
)

// At t = 1 the velocity's coefficients and the diffusion are finite; below .95 g² is the SDE's own.
func TestFlowAtItsSingularEnd(t *testing.T) {
	var a, s, da, ds, g2 [1]float64
	Flow{}.Schedule(1, a[:], s[:], da[:], ds[:])
	if a[0] != 0 || s[0] != 1 || da[0] != -1 || ds[0] != 1 {
		t.Errorf("α=%g σ=%g α̇=%g σ̇=%g", a[0], s[0], da[0], ds[0])
	}
	Flow{}.Diffusion(1, g2[:])
	if g2[0] != 40 {
		t.Errorf("g² = %g", g2[0])
	}
	Flow{}.Diffusion(.5, g2[:])
	if math.Abs(g2[0]-2) > 1e-15 {
		t.Errorf("g² = %g, want 2t/(1−t) = 2", g2[0])
	}
}
