package nn

import (
	"math"
	"testing"
)

func egnnCases() []layerCase {
	small := EGNN{Width: 5, Layers: 2, TimeDim: 4}
	ports := func(f, mask bool) Ports {
		p := graphPorts(4, 3, false, mask)
		if f {
			p.X = append(p.X, Port{Name: "f", Shape: []int{4, 2}})
			p.Out = append(p.Out, Port{Name: "f", Shape: []int{4, 2}})
		}
		return p
	}
	return []layerCase{
		{"egnn", small, ports(true, false), nil},
		{"egnn_masked", small, ports(true, true), nil},
		{"egnn_positions", small, ports(false, false), nil},
	}
}

// turned applies a rotation about two axes with a mirror, and a shift, to points [n,3].
func turned(x []float64, shift float64) []float64 {
	a, b := .7, -1.9
	out := make([]float64, len(x))
	for i := 0; i < len(x); i += 3 {
		u, v, w := x[i], x[i+1], -x[i+2]
		u, v = math.Cos(a)*u-math.Sin(a)*v, math.Sin(a)*u+math.Cos(a)*v
		v, w = math.Cos(b)*v-math.Sin(b)*w, math.Sin(b)*v+math.Cos(b)*w
		out[i], out[i+1], out[i+2] = u+shift, v-2*shift, w+3*shift
	}
	return out
}

// Turned, mirrored and moved positions give a turned and mirrored result and the same features; permuted nodes a
// permuted one; the result has mean zero: all to rounding.
func TestEGNNSymmetry(t *testing.T) {
	const n = 4
	for _, c := range egnnCases()[:2] {
		w, x, time, mask := c.drawn(t, 1)
		there := float64(n)
		if len(mask) > 0 {
			there--
			copy(mask, []float64{1, 0, 1, 1})
		}
		out := c.run(t, w, x, time, mask)
		got := c.run(t, w, append(turned(x[:3*n], 5), x[3*n:]...), time, mask)
		near(t, c.name+" turned", got, append(turned(out[:3*n], 0), out[3*n:]...), 1e-12)
		largest := 0.0
		for k := range 3 {
			mean := 0.0
			for i := range n {
				mean += out[3*i+k] / there
				largest = max(largest, math.Abs(out[3*i+k]))
			}
			if math.Abs(mean) > 1e-14 {
				t.Errorf("%s: mean %g", c.name, mean)
			}
		}
		if largest < 1e-3 {
			t.Errorf("%s moves nothing: %v", c.name, out[:3*n])
		}
		π := []int{2, 3, 0, 1}
		order := func(v []float64) []float64 {
			return append(permuteGraph(v[:3*n], n, 3, false, π), permuteGraph(v[3*n:], n, 2, false, π)...)
		}
		var moved []float64
		if len(mask) > 0 {
			moved = permuteGraph(mask, n, 1, false, π)
		}
		near(t, c.name+" permuted", c.run(t, w, order(x), time, moved), order(out), 1e-12)
	}
}
