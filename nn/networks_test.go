package nn

import (
	"context"
	"slices"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// networkCases are the families of networks, small; each has a case of PyTorch of its name.
func networkCases() []layerCase {
	return slices.Concat(csdiCases(), transformerCases(), ditCases(), rnnCases(), s4Cases(), gnnCases(), egnnCases(),
		placesCases(), besideCases(), rnnMLPCases())
}

func TestNetworks(t *testing.T) {
	for _, c := range networkCases() {
		t.Run(c.name, func(t *testing.T) { checkLayer(t, c) })
	}
}

func TestNetworksPyTorch(t *testing.T) {
	cases := readTorch(t, "networks.json.gz")
	for _, c := range networkCases() {
		want, ok := cases[c.name]
		if !ok {
			continue
		}
		t.Run(c.name, func(t *testing.T) { checkTorch(t, c, want) })
		delete(cases, c.name)
	}
	for name := range cases {
		t.Errorf("PyTorch's case %s has no network", name)
	}
}

// A resolved network resolves to itself, has a word that names it, and comes back from a file.
func TestNetworksHaveWords(t *testing.T) {
	for _, c := range networkCases() {
		n, err := c.net.Resolve()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if again, err := n.Resolve(); err != nil || again != n {
			t.Errorf("%s resolves to %+v, %v", c.name, again, err)
		}
		word, err := Word(n)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if back, err := Parse(word); err != nil || back != n {
			t.Errorf("%s: %+v, %v", word, back, err)
		}
		stored, err := Named(n)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := FromNamed(stored); err != nil || back != n {
			t.Errorf("%s becomes %+v, %v", stored.Config, back, err)
		}
	}
}

func shapePorts(shape ...int) Ports {
	return Ports{X: []Port{{Name: "x", Shape: shape}}, Out: []Port{{Name: "out", Shape: shape}}}
}

// A step of training of any network allocates nothing once it has run.
func TestNetworksAllocateNothing(t *testing.T) {
	for _, c := range networkCases() {
		w, x, time, cond := c.drawn(t, 3)
		p := c.program(t, w, ad.F32, func(g *ad.Graph, _, _, _ ad.Value, ps []ad.Value, out ad.Value) []ad.Value {
			return ad.Grad(ad.BatchSum(weightedSum(g, out)), ps...)
		})
		grad := make([]float32, len(w.Params))
		call := ad.Call{N: 3, In: []ad.Array{ad.F32s(narrow(x)), ad.F32s(narrow(time))}, Out: w.Arrays(grad)}
		if len(cond) > 0 {
			call.In = append(call.In, ad.F32s(narrow(cond)))
		}
		call.In = append(call.In, w.Arrays(w.Params)...)
		run := func() {
			if err := p.Run(context.Background(), call); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		run()
		if n := testing.AllocsPerRun(2, run); n > 0 {
			t.Errorf("%s: a step allocates %g times", c.name, n)
		}
	}
}
