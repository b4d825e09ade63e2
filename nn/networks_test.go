package nn

import (
	"slices"
	"testing"
)

// networkCases are the families of networks, small; each has a case of PyTorch of its name.
func networkCases() []layerCase {
	return slices.Concat(csdiCases(), transformerCases(), ditCases(), rnnCases(), s4Cases(), gnnCases(), egnnCases(),
		placesCases(), besideCases())
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
