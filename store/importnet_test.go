package store

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/nn"
)

// csdiCase is a record of PhysioNet 2012 as CSDI reads it, and what the released network says of it in float64.
type csdiCase struct {
	Step                int
	X, Mask, Noisy, Out []float64
}

func readCSDI(t *testing.T) (csdiCase, []Tensor) {
	t.Helper()
	f, err := os.Open("testdata/csdi/fixture.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var c csdiCase
	if err := json.NewDecoder(z).Decode(&c); err != nil {
		t.Fatal(err)
	}
	weights, err := ReadFile("testdata/csdi/csdi_physio.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	return c, weights.Tensors
}

// csdiPorts are those of 35 attributes in 48 hours, of which some are observed.
func csdiPorts() nn.Ports {
	const k, l = 35, 48
	return nn.Ports{X: []nn.Port{{Name: "x", Shape: []int{k, l}}}, Out: []nn.Port{{Name: "out", Shape: []int{k, l}}},
		Cond: []nn.Port{{Name: "cond", Shape: []int{2 * k * l}}}}
}

// The released network of CSDI says to a record of PhysioNet what its own program says, to 1e-5 in float32.
func TestCSDIPublished(t *testing.T) {
	c, tensors := readCSDI(t)
	net, err := nn.Parse("csdi:impute=true,steps=50")
	if err != nil {
		t.Fatal(err)
	}
	w, err := ImportNetwork(tensors, net, csdiPorts(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []ad.DType{ad.F64, ad.F32} {
		p, err := ad.Compile(func(g *ad.Graph) {
			x, time, cond := g.Input("x", d, len(c.X)), g.Input("t", d, 1), g.Input("c", d, 2*len(c.X))
			g.Output("y", w.Apply(g, w.Declare(g, d), x, time, cond))
		})
		if err != nil {
			t.Fatal(err)
		}
		in := [][]float64{c.Noisy, {float64(c.Step)}, c.condition()}
		out := make([]float64, len(c.Out))
		call := ad.Call{N: 1}
		if d == ad.F64 {
			for _, v := range in {
				call.In = append(call.In, ad.F64s(v))
			}
			call.In, call.Out = append(call.In, w.Arrays64(w.Params64())...), []ad.Array{ad.F64s(out)}
			err = p.Run(context.Background(), call)
		} else {
			for _, v := range in {
				call.In = append(call.In, ad.F32s(float32s(v)))
			}
			y := make([]float32, len(out))
			call.In, call.Out = append(call.In, w.Arrays(w.Params)...), []ad.Array{ad.F32s(y)}
			err = p.Run(context.Background(), call)
			for i, v := range y {
				out[i] = float64(v)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i, v := range out {
			worst = max(worst, math.Abs(v-c.Out[i]))
		}
		t.Logf("%v: largest difference %.2g", d, worst)
		if !(worst <= 1e-5) {
			t.Errorf("%v: off by %g", d, worst)
		}
	}
}

// condition are the value and the flag of every cell.
func (c csdiCase) condition() []float64 {
	var pairs []float64
	for i, v := range c.X {
		pairs = append(pairs, v*c.Mask[i], c.Mask[i])
	}
	return pairs
}

func float32s(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

// renamed are tensors under other names.
func renamed(tensors []Tensor, name func(string) string) []Tensor {
	out := slices.Clone(tensors)
	for i := range out {
		out[i].Name = name(out[i].Name)
	}
	return out
}

func TestImportNames(t *testing.T) {
	w, err := nn.New(nn.CSDI{Channels: 4, Heads: 2, Layers: 2, Hidden: 3, TimeDim: 4, PositionDim: 4, FeatureDim: 2},
		nn.Ports{X: []nn.Port{{Name: "x", Shape: []int{3, 2}}}, Out: []nn.Port{{Name: "out", Shape: []int{3, 2}}}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var own []Tensor
	for _, l := range w.Layout() {
		v := w.Params[l.Offset : l.Offset+l.Size()]
		own = append(own, NewF32(l.Name, v, l.Shape...))
	}
	get := func(tensors []Tensor, names *Names) ([]float32, error) {
		got, err := ImportNetwork(tensors, w.Net, w.Ports, names)
		if err != nil {
			return nil, err
		}
		return got.Params, nil
	}
	same := func(what string, tensors []Tensor, names *Names) {
		t.Helper()
		if p, err := get(tensors, names); err != nil || !slices.Equal(p, w.Params) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must := func(text string) *Names {
		t.Helper()
		n, err := ParseNames(text, "names.toml")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	plain := must("")
	same("the network's own names", own, plain)
	same("a prefix", renamed(own, func(s string) string { return "module." + s }), plain)
	same("another order", slices.Concat(own[3:], own[:3]), plain)
	blocks := renamed(own, func(s string) string {
		s = strings.NewReplacer("layer0.", "net.blocks.0.", "layer1.", "net.blocks.1.", "over_time.", "t.").Replace(s)
		return strings.Replace(s, "t.attn.in.weight", "t.qkv_w", 1)
	})
	m := must(`"layer{i}" = "net.blocks.{i}"
"layer{i}.over_time" = "net.blocks.{i}.t"
"layer{i}.over_time.attn.in.weight" = "net.blocks.{i}.t.qkv_w"`)
	same("patterns", blocks, m)
	// Three matrices stand for one, and a buffer is left out.
	var cut []Tensor
	for _, o := range own {
		if o.Name != "layer1.over_time.attn.in.weight" {
			cut = append(cut, o)
			continue
		}
		for i, part := range []string{"q", "k", "v"} {
			n := len(o.Data) / 3
			cut = append(cut, Tensor{"layer1.over_time." + part, F32, []int{4, 4, 1}, o.Data[i*n : (i+1)*n]})
		}
	}
	cut = append(cut, NewF32("buffers.table", []float32{1}, 1))
	same("three matrices for one", cut, must(`"layer1.over_time.attn.in.weight" = ["layer1.over_time.q", `+
		`"layer1.over_time.k", "layer1.over_time.v"]
ignore = ["buffers"]`))

	for what, c := range map[string]struct {
		tensors []Tensor
		names   string
		want    string
	}{
		"missing": {renamed(own, func(s string) string { return strings.Replace(s, "layer0.mid.bias", "layer0.mid.biaz", 1) }), "",
			`it has no tensor layer0.mid.bias, which is layer0.mid.bias [8] of the network; the nearest is layer0.mid.biaz; map it with "layer0.mid.bias" = "layer0.mid.biaz"`},
		"left over": {append(slices.Clone(own), NewF32("extra", []float32{1}, 1)), "",
			`1 of its tensors are none of the network's: extra; give the settings of the network that has them`},
		"shape": {append(slices.Clone(own[1:]), NewF32(own[0].Name, make([]float32, 3), 3)), "",
			"tensor in.weight has shape [3], where the network's in.weight is [4 1]"},
		"type": {append(slices.Clone(own[1:]), NewI32(own[0].Name, make([]int32, 4), 4, 1)), "", "float32"},
	} {
		_, err := get(c.tensors, must(c.names))
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"a = 1": "is no name", "[layer]\nx = \"y\"": "put keys with dots in quotes", "x": "not TOML",
		`"a{i}" = "b{j}"`: "has {j}, which its key", `"a{i}{i}" = "b"`: "twice", `a = []`: "has no names",
	} {
		if _, err := ParseNames(text, "names.toml"); err == nil || !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
