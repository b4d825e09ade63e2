package nn

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
)

// graphPorts read and write nodes [n,f] and, where they are there, pairs [n,n], under a mask of n.
func graphPorts(n, f int, pairs, mask bool) Ports {
	p := Ports{X: []Port{{Name: "x", Shape: []int{n, f}}}, Out: []Port{{Name: "x", Shape: []int{n, f}}}}
	if pairs {
		p.X = append(p.X, Port{Name: "a", Shape: []int{n, n}})
		p.Out = append(p.Out, Port{Name: "a", Shape: []int{n, n}})
	}
	if mask {
		p.Cond = []Port{{Name: "mask", Shape: []int{n}}}
	}
	return p
}

func gnnCases() []layerCase {
	small := GNN{Width: 6, Pairs: 4, Layers: 2, Heads: 2, TimeDim: 4}
	directed := small
	directed.Directed = true
	return []layerCase{
		{"gnn", small, graphPorts(4, 2, true, false), nil},
		{"gnn_masked", directed, graphPorts(4, 2, true, true), nil},
		{"gnn_pairs", small, shapePorts(4, 4), nil},
		{"gnn_tokens", small, Ports{
			X:   []Port{{Name: "atoms", Shape: []int{4}, Levels: 3}, {Name: "bonds", Shape: []int{4, 4}, Levels: 2}},
			Out: []Port{{Name: "atoms", Shape: []int{4, 3}}, {Name: "bonds", Shape: []int{4, 4, 2}}},
		}, func(row []float64) {
			for i := range row {
				row[i] = float64(i * i % 2)
			}
		}},
	}
}

// run is a forward pass in float64.
func (c layerCase) run(t *testing.T, w *Weights, x, time, cond []float64) []float64 {
	t.Helper()
	out := make([]float64, len(time)*w.Ports.Writes())
	p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
		return []ad.Value{out}
	})
	run64(t, p, w, x, time, cond, w.Params64(), out)
	return out
}

// permuteGraph writes nodes [n,f] and pairs [n,n] with node π(i) in place i.
func permuteGraph(x []float64, n, f int, pairs bool, π []int) []float64 {
	out := make([]float64, len(x))
	for i := range n {
		copy(out[i*f:(i+1)*f], x[π[i]*f:(π[i]+1)*f])
		if pairs {
			for j := range n {
				out[n*f+i*n+j] = x[n*f+π[i]*n+π[j]]
			}
		}
	}
	return out
}

// Another order of the nodes is another order of the result, to rounding; what is not there changes nothing and is 0;
// symmetric pairs stay symmetric.
func TestGNNSymmetry(t *testing.T) {
	const n, f = 5, 2
	π := []int{3, 0, 4, 1, 2}
	for _, masked := range []bool{false, true} {
		c := layerCase{"gnn", GNN{Width: 8, Pairs: 4, Layers: 3, Heads: 2}, graphPorts(n, f, true, masked), nil}
		w, x, time, mask := c.drawn(t, 1)
		for i := range n {
			for j := range i {
				x[n*f+i*n+j] = x[n*f+j*n+i]
			}
		}
		for i := range mask {
			mask[i] = float64(min(i, 1)) // node 0 is not there
		}
		out := c.run(t, w, x, time, mask)
		var moved []float64
		if masked {
			moved = permuteGraph(mask, n, 1, false, π)
		}
		got := c.run(t, w, permuteGraph(x, n, f, true, π), time, moved)
		near(t, "permuted", got, permuteGraph(out, n, f, true, π), 1e-12)
		for i := range n {
			for j := range n {
				if a, b := out[n*f+i*n+j], out[n*f+j*n+i]; math.Abs(a-b) > 1e-12 {
					t.Fatalf("pair %d,%d is %g, its reverse %g", i, j, a, b)
				}
			}
		}
		if !masked {
			continue
		}
		for j := range n {
			x[n*f+j], x[n*f+j*n] = 7, 7
		}
		x[0], x[1] = 9, -9
		near(t, "what is not there", c.run(t, w, x, time, mask), out, 1e-13)
		if out[0] != 0 || out[1] != 0 || out[n*f+1] != 0 {
			t.Errorf("a node that is not there is written %v", out[:2])
		}
	}
}

func TestGraphsRefuse(t *testing.T) {
	for _, c := range []struct {
		net   Network
		ports Ports
		want  string
	}{
		{GNN{Heads: 3}, graphPorts(4, 2, true, false), "heads: 3 do not divide 64"},
		{GNN{}, Ports{X: []Port{{Name: "x", Shape: []int{4, 2}}, {Name: "a", Shape: []int{3, 3}}},
			Out: []Port{{Name: "x", Shape: []int{4, 2}}, {Name: "a", Shape: []int{3, 3}}}}, "gnn: parts are nodes [n,f] and then pairs"},
		{EGNN{}, shapePorts(4), "egnn: the first part are positions [n,d]"},
		{EGNN{}, Ports{X: []Port{{Name: "x", Shape: []int{4, 3}}, {Name: "f", Shape: []int{3, 2}}},
			Out: []Port{{Name: "x", Shape: []int{4, 3}}, {Name: "f", Shape: []int{3, 2}}}}, "part f [3 2] has another number of nodes than x [4 3]"},
	} {
		_, err := New(c.net, c.ports, 1)
		var e *ConfigError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v between %+v: %v, want %q", c.net, c.ports, err, c.want)
		}
	}
	for _, net := range []Network{GNN{Width: 4, Pairs: 2, Layers: 1, Heads: 2}, EGNN{Width: 4, Layers: 1}} {
		c := layerCase{"empty", net, graphPorts(3, 3, false, true), nil}
		if _, ok := net.(GNN); ok {
			c.ports = graphPorts(3, 2, false, true)
		}
		w, x, time, mask := c.drawn(t, 1)
		clear(mask)
		p := c.program(t, w, ad.F64, func(_ *ad.Graph, _, _, _ ad.Value, _ []ad.Value, out ad.Value) []ad.Value {
			return []ad.Value{out}
		})
		in := append([]ad.Array{ad.F64s(x), ad.F64s(time), ad.F64s(mask)}, w.Arrays64(w.Params64())...)
		err := p.Run(t.Context(), ad.Call{N: 1, In: in, Out: []ad.Array{ad.F64s(make([]float64, w.Ports.Writes()))}})
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "layer mask: the mask hides all of 3 keys") {
			t.Errorf("%T without nodes: %v", net, err)
		}
	}
}
