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
		placesCases())
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

// benchmarkStep is a training step: forward, backward and Adam over rows of noise; it prints milliseconds a step.
func benchmarkStep(b *testing.B, net Network, ports Ports, rows int) {
	b.Helper()
	w, err := New(net, ports, 1)
	if err != nil {
		b.Fatal(err)
	}
	p := lossProgram(b, w, ad.F32)
	x := make([]float32, rows*ports.Reads())
	for i := range x {
		x[i] = float32((i*7919)%1000)/500 - 1
	}
	for i, port := range ports.X {
		if port.Levels > 0 && i == 0 {
			for j := range x {
				x[j] = float32(j % port.Levels)
			}
		}
	}
	call := ad.Call{N: rows, In: []ad.Array{ad.F32s(x), ad.F32s(make([]float32, rows)),
		ad.F32s(make([]float32, rows*ports.Writes()))}}
	if n := ports.CondWidth(); n > 0 {
		call.In = append(call.In, ad.F32s(make([]float32, rows*n)))
	}
	call.In = append(call.In, w.Arrays(w.Params)...)
	grad := make([]float32, len(w.Params))
	call.Out = append([]ad.Array{ad.F32s(make([]float32, rows*ports.Writes())), ad.F32s(make([]float32, 1)),
		ad.F32s(make([]float32, len(x)))}, w.Arrays(grad)...)
	adam, moments := DefaultAdam(), NewMoments(len(w.Params))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(context.Background(), call); err != nil {
			b.Fatal(err)
		}
		adam.Step(moments, w.Params, grad, 1e-4, 1)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms/step")
	b.ReportMetric(float64(len(w.Params)), "parameters")
}

func shapePorts(shape ...int) Ports {
	return Ports{X: []Port{{Name: "x", Shape: shape}}, Out: []Port{{Name: "out", Shape: shape}}}
}
