package metric

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
)

func TestHistogramRMSE(t *testing.T) {
	x := normals(1000, 2, 1)
	if got, err := HistogramRMSE(x, x, 0); err != nil || got != 0 {
		t.Errorf("a set to itself: %v, %v", got, err)
	}
	// All mass in one cell of 4 against all outside: √(1/4).
	truth := ito.States{N: 2, D: 2, X: []float64{0, 0, 1, 1}, ID: make([]uint64, 2)}
	corner := ito.States{N: 1, D: 2, X: []float64{-.01, 0}, ID: make([]uint64, 1)} // inside the widened box
	far := ito.States{N: 1, D: 2, X: []float64{-.02, 0}, ID: make([]uint64, 1)}
	for _, c := range []struct {
		x    ito.States
		want float64
	}{{corner, math.Sqrt((.25 + .25) / 4)}, {far, math.Sqrt(.5 / 4)}} {
		got, err := HistogramRMSE(truth, c.x, 2)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "RMSE", got, c.want, 1e-15)
	}
	if got, err := HistogramRMSE(far, far, 10); err != nil || got != 0 {
		t.Errorf("a single point: %v, %v", got, err)
	}
	if _, err := HistogramRMSE(normals(5, 3, 1), normals(5, 3, 1), 0); err == nil {
		t.Error("three dimensions: no error")
	}
}
