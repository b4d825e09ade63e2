package nn

import (
	"math"
	"testing"
)

func s4Cases() []layerCase {
	return []layerCase{
		{"s4", S4{Width: 5, Layers: 2, States: 3, TimeDim: 4}, shapePorts(6, 2), nil},
		{"s4_both", S4{Width: 5, Layers: 2, States: 3, Both: true, TimeDim: 4}, shapePorts(6, 2), nil},
	}
}

// The frequencies of a state space begin at 0, π, 2π, … (S4D-Lin) and its steps between .001 and .1.
func TestStateSpaceBegins(t *testing.T) {
	w, err := New(S4{Width: 3, Layers: 1, States: 4}, shapePorts(5), 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, l := range w.Layout() {
		for j, v := range w.Params[l.Offset : l.Offset+l.Size()] {
			switch l.Name {
			case "layer0.s4d.A_imag":
				if math.Abs(float64(v)-math.Pi*float64(j%4)) > 1e-6 {
					t.Errorf("frequency %d is %g", j%4, v)
				}
				seen++
			case "layer0.s4d.log_dt":
				if v < float32(math.Log(.001))-1e-5 || v > float32(math.Log(.1))+1e-5 {
					t.Errorf("step %g", v)
				}
				seen++
			}
		}
	}
	if seen != 12+3 {
		t.Errorf("%d numbers seen", seen)
	}
}
