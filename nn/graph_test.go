package nn

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// graphPlaces are f features of n nodes, and one of pairs; with a mask.
func graphPlaces(n, f int, masked bool) Ports {
	x := Port{Name: "x", Shape: []int{n, f}, Nodes: 1}
	a := Port{Name: "a", Shape: []int{n, n}, Nodes: 2}
	p := Ports{X: []Port{x, a}, Out: []Port{{Name: "x", Shape: x.Shape}, {Name: "a", Shape: a.Shape}}}
	if f == 0 {
		p = Ports{X: []Port{a}, Out: []Port{{Name: "out", Shape: a.Shape}}}
	}
	if masked {
		p.Cond = []Port{{Name: "mask", Shape: []int{n}}}
	}
	return p
}

func placesCases() []layerCase {
	small := Graph{Width: 5, Pairs: 3, Depth: 2}
	return []layerCase{{"graph", small, graphPlaces(4, 2, false), nil}, {"graph_pairs", small, graphPlaces(3, 0, false), nil}}
}

// evaluate is what a network writes for one sample, in float64.
func evaluate(t *testing.T, w *Weights, x, cond []float64) []float64 {
	t.Helper()
	p, err := ad.Compile(func(g *ad.Graph) {
		in, time := g.Input("x", ad.F64, w.Ports.Reads()), g.Input("time", ad.F64, 1)
		var c ad.Value
		if len(cond) > 0 {
			c = g.Input("cond", ad.F64, len(cond))
		}
		g.Output("y", w.Apply(g, w.Declare(g, ad.F64), in, time, c))
	})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, w.Ports.Writes())
	call := ad.Call{N: 1, In: []ad.Array{ad.F64s(x), ad.F64s([]float64{3})}, Out: []ad.Array{ad.F64s(out)}}
	if len(cond) > 0 {
		call.In = append(call.In, ad.F64s(cond))
	}
	call.In = append(call.In, w.Arrays64(w.Params64())...)
	if err := p.Run(context.Background(), call); err != nil {
		t.Fatal(err)
	}
	return out
}

// Permuted nodes have permuted outputs, symmetric pairs stay so, and nodes that are not there change nothing, whatever
// the number of places for them.
func TestGraphEquivariant(t *testing.T) {
	const n, f = 4, 2
	w, err := New(Graph{Width: 8, Pairs: 4, Depth: 2}, graphPlaces(n, f, true), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.Params { // heads begin at zero
		w.Params[i] += float32(math.Sin(float64(3*i))) / 4
	}
	x := make([]float64, n*f+n*n)
	for i := range n {
		for k := range f {
			x[i*f+k] = math.Sin(float64(7*i + 3*k + 1))
		}
		for j := range i {
			x[n*f+i*n+j] = math.Cos(float64(5*i + j))
			x[n*f+j*n+i] = x[n*f+i*n+j]
		}
	}
	ones := []float64{1, 1, 1, 1}
	y := evaluate(t, w, x, ones)
	π := []int{2, 0, 3, 1}
	permuted := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i := range n {
			copy(out[i*f:(i+1)*f], x[π[i]*f:])
			for j := range n {
				out[n*f+i*n+j] = x[n*f+π[i]*n+π[j]]
			}
		}
		return out
	}
	near(t, "permuted", evaluate(t, w, permuted(x), ones), permuted(y), 1e-12)
	moved := 0.0
	for i := range n {
		for j := range n {
			if a, b := y[n*f+i*n+j], y[n*f+j*n+i]; math.Abs(a-b) > 1e-12 {
				t.Errorf("pair %d,%d has %g and %g", i, j, a, b)
			}
		}
		moved += math.Abs(y[i*f] - y[0])
	}
	if moved < 1e-3 {
		t.Error("all nodes have the same output")
	}
	const places = 6
	wide, err := w.Between(graphPlaces(places, f, true))
	if err != nil {
		t.Fatal(err)
	}
	big, mask := make([]float64, places*f+places*places), []float64{1, 0, 1, 1, 0, 1}
	at := []int{0, 2, 3, 5}
	for i := range n {
		copy(big[at[i]*f:(at[i]+1)*f], x[i*f:])
		for j := range n {
			big[places*f+at[i]*places+at[j]] = x[n*f+i*n+j]
		}
	}
	got := evaluate(t, wide, big, mask)
	back := make([]float64, len(x))
	for i := range n {
		copy(back[i*f:(i+1)*f], got[at[i]*f:])
		for j := range n {
			back[n*f+i*n+j] = got[places*f+at[i]*places+at[j]]
		}
	}
	near(t, "padded", back, y, 1e-12)
	for i, v := range got {
		node := i / f
		if i >= places*f {
			node = (i - places*f) / places
		}
		if mask[node] == 0 && v != 0 {
			t.Errorf("value %d of node %d, which is not there, is %g", i, node, v)
		}
	}
}

func TestGraphRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		net   Graph
		ports Ports
	}{"an image": {Graph{}, shapePorts(4, 4, 1)}, "width": {Graph{Width: -1}, graphPlaces(3, 1, false)},
		"pairs": {Graph{Pairs: 5000}, graphPlaces(3, 1, false)}} {
		var e *ConfigError
		if _, err := New(c.net, c.ports, 1); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
