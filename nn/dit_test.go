package nn

import (
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func ditCases() []layerCase {
	small := DiT{Width: 8, Layers: 2, Heads: 2, Hidden: 6, TimeDim: 4}
	return []layerCase{
		{"dit", small, shapePorts(4, 6, 3), nil},
		{"dit_series", small, shapePorts(6, 2), nil},
	}
}

// Before training DiT says 0, since its gates and its head are.
func TestDiTBeginsAtZero(t *testing.T) {
	for _, c := range ditCases() {
		w, err := New(c.net, c.ports, 3)
		if err != nil {
			t.Fatal(err)
		}
		_, x, time, _ := c.drawn(t, 2)
		out := make([]float64, 2*c.ports.Writes())
		p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
			return []ad.Value{out}
		})
		run64(t, p, w, x, time, nil, w.Params64(), out)
		if slices.ContainsFunc(out, func(v float64) bool { return v != 0 }) {
			t.Errorf("%s begins at %v", c.name, out)
		}
	}
}
