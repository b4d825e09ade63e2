package store

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

// TestImportMLP compares a network of testdata/mlp.py with what PyTorch said, to 1e-5.
func TestImportMLP(t *testing.T) {
	f, err := ReadFile("testdata/torch_mlp.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ X, T, Y []float64 }
	if err := json.Unmarshal(must(os.ReadFile("testdata/torch_mlp.json")), &said); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"torch-mlp", "torch-mlp-score", "torch-mlp-velocity", "torch-mlp-x0"} {
		preset := must(MLPPreset(name))
		net, err := ImportMLP(f.Tensors, path.VP{}, preset)
		if err != nil {
			t.Fatal(err)
		}
		if net.Kind() != preset.Predicts {
			t.Errorf("%s predicts %v", name, net.Kind())
		}
		x := ito.NewStates(len(said.T), 2, 0)
		copy(x.X, said.X)
		out := x.Like(2)
		if err := net.Predict(context.Background(), out, x, said.T, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		for i, w := range said.Y {
			if math.Abs(out.X[i]-w) > 1e-5 {
				t.Errorf("%s: output %d is %g, PyTorch's %g", name, i, out.X[i], w)
			}
		}
		// An imported network is a model like any other.
		file := filepath.Join(t.TempDir(), "m")
		if err := SaveModel(file, &ito.Model{Path: path.VP{}, Field: must(net.As(ito.PredVelocity))}); err != nil {
			t.Fatal(err)
		}
		m, err := LoadModel(file)
		if err != nil {
			t.Fatal(err)
		}
		again := x.Like(2)
		if err := m.Field.Predict(context.Background(), again, x, said.T, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		read, was := m.Field.(*field.Net).Wrap.(*wrap.Plain), net.Wrap.(*wrap.Plain)
		if m.Field.Kind() != preset.Predicts || !reflect.DeepEqual(again, out) || read.Predicts() != was.Predicts() ||
			read.TimeScale() != was.TimeScale() {
			t.Errorf("%s: saved and read it predicts %v", name, m.Field.Kind())
		}
	}
}

func TestImportMLPRefusals(t *testing.T) {
	w := func(name string, shape ...int) Tensor {
		n := 1
		for _, s := range shape {
			n *= s
		}
		return NewF32(name, make([]float32, n), shape...)
	}
	silu := must(MLPPreset("torch-mlp"))
	good := []Tensor{w("net.0.weight", 4, 3), w("net.0.bias", 4), w("net.2.weight", 2, 4), w("net.2.bias", 2)}
	if _, err := ImportMLP(good, path.VP{}, silu); err != nil {
		t.Fatal(err)
	}
	with := func(i int, x Tensor) []Tensor {
		ts := append([]Tensor(nil), good...)
		ts[i] = x
		return ts
	}
	for what, c := range map[string]struct {
		tensors []Tensor
		mlp     MLP
		says    string
	}{
		"nothing":      {nil, silu, "0 layers"},
		"one layer":    {good[:2], silu, "1 layers"},
		"no bias":      {good[:3], silu, "layer 2"},
		"no number":    {with(0, w("net.a.weight", 4, 3)), silu, "number"},
		"no dot":       {with(0, w("weight", 4, 3)), silu, "no layer"},
		"two prefixes": {with(3, w("2.bias", 2)), silu, "under"},
		"convolution":  {with(0, w("net.0.weight", 4, 3, 1)), silu, "neither"},
		"running mean": {with(1, w("net.0.running_mean", 4)), silu, "neither"},
		"two widths":   {with(2, w("net.2.weight", 2, 5)), silu, "net.2.weight"},
		"no time":      {good, MLP{Activation: "silu"}, "reads 3 numbers and writes 2"},
		"activation":   {good, MLP{Activation: "elu", TimeScale: 1}, "elu"},
		"integers":     {with(1, NewI32("net.0.bias", make([]int32, 4), 4)), silu, "I32"},
		"time alone": {[]Tensor{w("0.weight", 4, 1), w("0.bias", 4), w("2.weight", 1, 4), w("2.bias", 1)}, silu,
			"in:"},
		"scale of time": {good, MLP{Activation: "silu", TimeScale: math.Inf(1)}, "scale"},
	} {
		_, err := ImportMLP(c.tensors, path.VP{}, c.mlp)
		var e *FormatError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, should say %q", what, err, c.says)
		}
	}
	_, err := MLPPreset("torch-mpl")
	if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), `"torch-mlp"`) {
		t.Errorf("a misspelt preset: %v", err)
	}
}
