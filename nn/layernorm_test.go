package nn

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

func normCases() []layerCase {
	shape := []int{4, 6}
	return []layerCase{
		{"layer_norm", one(func(s *Scope, x ad.Value) ad.Value { return s.LayerNorm("norm", x) }),
			between(shape, shape), nil},
		{"rms_norm", one(func(s *Scope, x ad.Value) ad.Value { return s.RMSNorm("norm", x) }),
			between(shape, shape), nil},
	}
}

// naiveNorm is the definition of a norm of one row.
func naiveNorm(x []float64, centre bool) []float64 {
	var mean, square float64
	if centre {
		for _, v := range x {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) / math.Sqrt(square+normEpsilon)
	}
	return y
}

func TestNormsAreTheirDefinition(t *testing.T) {
	for i, c := range normCases() {
		w, err := New(c.net, c.ports, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, x, time, _ := c.drawn(t, 3)
		out := make([]float64, len(x))
		p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
			return []ad.Value{out}
		})
		run64(t, p, w, x, time, nil, w.Params64(), out)
		for r := 0; r < len(x); r += 6 {
			near(t, c.name, out[r:r+6], naiveNorm(x[r:r+6], i == 0), 1e-12)
		}
	}
}
