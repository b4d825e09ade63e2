package nn

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/seed9a7962a8/ito/ad"
)

// torchCase is a case of PyTorch in float64: rows, parameters by name, outputs, and the gradient of the mean square
// error to y.
type torchCase struct {
	N             int
	X, T, Cond, Y []float64
	Params, Grads map[string][]float64
	Out, GX       []float64
}

func readTorch(t *testing.T, file string) map[string]torchCase {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]torchCase
	if err := json.NewDecoder(z).Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// checkTorch compares outputs and gradients with PyTorch's, in float64 and in float32.
func checkTorch(t *testing.T, c layerCase, want torchCase) {
	t.Helper()
	w, err := New(c.net, c.ports, 1)
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	params, grads := w.Params64(), make([]float64, len(w.Params))
	seen := 0
	for _, tensor := range w.layout {
		p, ok := want.Params[tensor.Name]
		if !ok || len(p) != tensor.Size() {
			t.Fatalf("%s: tensor %s %v has %d numbers in PyTorch", c.name, tensor.Name, tensor.Shape, len(p))
		}
		copy(params[tensor.Offset:], p)
		copy(grads[tensor.Offset:], want.Grads[tensor.Name])
		seen++
	}
	if seen != len(want.Params) {
		t.Fatalf("%s: PyTorch has %d tensors, the network %d", c.name, len(want.Params), seen)
	}
	time := want.T
	if len(time) == 0 {
		time = make([]float64, want.N)
	}
	g := golden{N: want.N, X: want.X, C: time, Cond: want.Cond, Y: want.Y, Out: want.Out}
	r := g.run64(t, lossProgram(t, w, ad.F64), w, params)
	near(t, c.name+" out", r.out, want.Out, 1e-10)
	near(t, c.name+" gradient", r.grad, grads, 1e-9)
	if len(want.GX) > 0 {
		near(t, c.name+" gradient of x", r.dx, want.GX, 1e-9)
	}
	out, _, grad := g.run32(t, lossProgram(t, w, ad.F32), w, narrow(params), nil)
	near(t, c.name+" float32 out", out, want.Out, 1e-5)
	near(t, c.name+" float32 gradient", grad, grads, 1e-4)
}
