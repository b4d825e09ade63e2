package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

var writeModelV1 = flag.Bool("write-model-v1", false,
	"write testdata/model-v1.safetensors anew: only while no release has written such files")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// sampleModel is a small model with every part that a file can hold.
func sampleModel(p ito.Diagonal, kind ito.Prediction, net0 nn.Network, ports nn.Ports) *ito.Model {
	net := must(nn.New(net0, ports, 5))
	key := rng.NewKey(5, rng.PurposeInit, 1, 0)
	key.Normals32(net.Params, len(net.Params), []uint64{0})
	data := ito.Gaussian{Mean: []float64{.1, -2}, Cov: []float64{1.5, .25, .25, 1. / 3}}
	m := &ito.Model{
		Path:  p,
		Field: must(field.NewScaled(p, net, data, kind)),
		Prior: &ito.Gaussian{Mean: []float64{.01, .1 + .2}, Cov: []float64{1, 0, 0, math.Pi}},
		Transform: ito.Transform{Kind: "standardise", Width: 3, Keep: []int{0, 2}, Const: []float64{0, 42, 0},
			Shift: []float64{1, 2}, Scale: []float64{.5, 4}},
		Columns: []string{"x", "constant", "y ζ"},
		Provenance: ito.Provenance{Version: "0.1.0", Arch: "linux/amd64", SIMD: "avx2", Created: "2026-01-02T03:04:05Z",
			Data: "spiral", Digest: "abc", Seed: 1<<64 - 1, Config: "seed = 1\n"},
	}
	if ports.CondWidth() > 0 {
		m.Conditions = []ito.Condition{{Column: "label", Levels: []string{"a", "b"}}, {Column: "age", Mean: 30,
			SD: 12.5}}
	}
	return m
}

func modelPath() ito.Diagonal {
	return must(path.NewVSDM(path.VSDMConfig{A: []float64{-.3, .1, .1, .05}, Mean: []float64{.1, -2}}))
}

var (
	modelNet = nn.MLP{Residual: true, Width: 8, Depth: 2, Activation: "gelu", Time: nn.TimeFourier, TimeDim: 6,
		TimeScale: 1.5}
	modelPorts = nn.Flat(2, 2, 4)
)

// predictions are what the model's field says at a few points.
func predictions(t *testing.T, m *ito.Model) []float64 {
	t.Helper()
	x := ito.NewStates(6, 2, 0)
	for i := range x.X {
		x.X[i] = math.Sin(float64(3*i + 1))
	}
	lo, hi := m.Path.Span()
	var at ito.Times
	for i := range 6 {
		at = append(at, lo+(hi-lo)*float64(i+1)/7)
	}
	var c ito.Cond
	if w := m.CondWidth(); w > 0 {
		c = ito.Cond{C: w, X: make([]float64, 6*w)}
		for i := range c.X {
			c.X[i] = math.Cos(float64(i))
		}
	}
	out := x.Like(2)
	if err := m.Field.Predict(context.Background(), out, x, at, c); err != nil {
		t.Fatal(err)
	}
	return out.X
}

func TestModelRoundTrip(t *testing.T) {
	dir := t.TempDir()
	a := []float64{-.3, .1, .1, .05}
	for i, p := range []ito.Diagonal{path.VP{}, path.VP{BetaMax: 10, Power: 1.7}, path.VE{}, path.SubVP{}, path.EDM{},
		path.Flow{}, modelPath(),
		must(path.NewVSDM(path.VSDMConfig{Variant: path.Logistic, A: a})),
		must(path.NewVSDM(path.VSDMConfig{Variant: path.DiagonalOnly, A: []float64{.1, -.2},
			Mean: []float64{0, 1}}))} {
		for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
			net, ports := modelNet, modelPorts
			if i%2 == 1 {
				net, ports = nn.MLP{Width: 4}, nn.Flat(2, 2, 0)
			}
			m := sampleModel(p, kind, net, ports)
			if i%3 == 2 {
				m.Prior = nil
			}
			file := filepath.Join(dir, fmt.Sprintf("%s-%d-%v.safetensors", p.Name(), i, kind))
			if err := SaveModel(file, m); err != nil {
				t.Fatal(err)
			}
			got, err := LoadModel(file)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Prior, m.Prior) || !reflect.DeepEqual(got.Transform, m.Transform) ||
				!reflect.DeepEqual(got.Columns, m.Columns) ||
				!reflect.DeepEqual(got.Conditions, m.Conditions) || got.Provenance != m.Provenance {
				t.Fatalf("%s: %+v came back as %+v", p.Name(), m, got)
			}
			if got.Field.Kind() != kind || !reflect.DeepEqual(predictions(t, got), predictions(t, m)) {
				t.Fatalf("%s: the field came back different", p.Name())
			}
			again := filepath.Join(dir, "again")
			if err := SaveModel(again, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(must(os.ReadFile(file)), must(os.ReadFile(again))) {
				t.Fatalf("%s: a model that is read and written has other bytes", p.Name())
			}
		}
	}
}

// TestModelV1 reads the file that the first version wrote. Its predictions are beside it as JSON; they agree to the
// rounding of float32.
func TestModelV1(t *testing.T) {
	const file, said = "testdata/model-v1.safetensors", "testdata/model-v1.json"
	want := sampleModel(modelPath(), ito.PredEps, modelNet, modelPorts)
	if *writeModelV1 {
		text := must(json.Marshal(predictions(t, want)))
		if err := errors.Join(SaveModel(file, want), os.WriteFile(said, append(text, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if m.Provenance != want.Provenance || !reflect.DeepEqual(m.Transform, want.Transform) || !reflect.DeepEqual(m.Prior,
		want.Prior) {
		t.Errorf("read %+v, want %+v", m, want)
	}
	var expect []float64
	if err := json.Unmarshal(must(os.ReadFile(said)), &expect); err != nil {
		t.Fatal(err)
	}
	for i, v := range predictions(t, m) {
		if math.Abs(v-expect[i]) > 2e-5*(1+math.Abs(expect[i])) {
			t.Errorf("prediction %d is %g, it was %g", i, v, expect[i])
		}
	}
}

// TestUnregisteredNetwork: a model of a network that this program does not have says so, and what to do.
func TestUnregisteredNetwork(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m")
	if err := SaveModel(file, sampleModel(modelPath(), ito.PredEps, modelNet, modelPorts)); err != nil {
		t.Fatal(err)
	}
	whole := must(ReadFile(file)).Metadata[keyModel]
	for _, c := range []struct{ was, now, want string }{
		{`"kind":"mlp"`, `"kind":"wavelets"`, `unknown network "wavelets"; choose one of `},
		{`"kind":"mlp"`, `"kind":"wavelets","package":"example.com/waves"`,
			"network wavelets is not in this program; package example.com/waves registers it"},
		{`"kind":"mlp"`, `"kind":"mlp","package":"example.com/mlp"`,
			"network mlp is of package example.com/mlp, and in this program of github.com/seed9a7962a8/ito/nn"},
		{`"kind":"vsdm"`, `"kind":"schroedinger","package":"example.com/paths"`,
			"path schroedinger is not in this program; package example.com/paths registers it"},
	} {
		f := must(ReadFile(file))
		if f.Metadata[keyModel] = strings.Replace(whole, c.was, c.now, 1); f.Metadata[keyModel] == whole {
			t.Fatalf("%s is not in %s", c.was, whole)
		}
		if err := Save(file, f); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadModel(file); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.now, err)
		}
	}
}

// TestModelRefusals edits parts of a file and seals it again, as a hand-made file could be.
func TestModelRefusals(t *testing.T) {
	edit := func(from, to string) func(*File) {
		return func(f *File) {
			s := f.Metadata[keyModel]
			if !strings.Contains(s, from) {
				t.Fatalf("the header has no %s: %s", from, s)
			}
			f.Metadata[keyModel] = strings.Replace(s, from, to, 1)
		}
	}
	drop := func(name string) func(*File) {
		return func(f *File) {
			for i := range f.Tensors {
				if f.Tensors[i].Name == name {
					f.Tensors = append(f.Tensors[:i:i], f.Tensors[i+1:]...)
					return
				}
			}
			t.Fatalf("no tensor %s", name)
		}
	}
	swap := func(with Tensor) func(*File) {
		return func(f *File) {
			drop(with.Name)(f)
			f.Tensors = append(f.Tensors, with)
		}
	}
	for what, change := range map[string]func(*File){
		"kind":             func(f *File) { f.Metadata[keyKind] = "checkpoint" },
		"no header":        func(f *File) { delete(f.Metadata, keyModel) },
		"header":           edit(`{"path"`, `[{"path"`),
		"two headers":      func(f *File) { f.Metadata[keyModel] += "{}" },
		"unknown field":    edit(`"predicts"`, `"foretells"`),
		"unknown path":     edit(`"kind":"vsdm"`, `"kind":"vsdn"`),
		"path of momentum": edit(`"kind":"vsdm"`, `"kind":"cld"`),
		"prediction":       edit(`"eps"`, `"noise"`),
		"wider":            edit(`"width":8`, `"width":9`),
		"enormous":         edit(`"width":8`, `"width":16777216`),
		"overflow":         edit(`"width":8`, `"width":9223372036854775807`),
		"deeper":           edit(`"depth":2`, `"depth":3`),
		"in":               edit(`"name":"x","shape":[2]`, `"name":"x","shape":[3]`),
		"out":              edit(`"name":"out","shape":[2]`, `"name":"out","shape":[1]`),
		"no ports":         edit(`"name":"out","shape":[2]`, `"name":"out","shape":[0]`),
		"kind of network":  edit(`"kind":"mlp"`, `"kind":"mpl"`),
		"unknown setting":  edit(`"residual":true`, `"resolute":true`),
		"conditions":       edit(`"levels":["a","b"]`, `"levels":["a"]`),
		"deviation":        edit(`"sd":12.5`, `"sd":-1`),
		"columns":          edit(`"columns":["x",`, `"columns":[`),
		"keep":             edit(`"keep":[0,2]`, `"keep":[0,3]`),
		"keep order":       edit(`"keep":[0,2]`, `"keep":[2,0]`),
		"keep all":         edit(`"keep":[0,2]`, `"keep":[0,1,2]`),
		"constants":        edit(`"const":[0,42,0]`, `"const":[0,42]`),
		"shift":            edit(`"shift":[1,2]`, `"shift":[1]`),
		"scale":            edit(`"scale":[0.5,4]`, `"scale":[0.5,0]`),
		"half a transform": edit(`"scale":[0.5,4]`, `"v":[1,0,0,1]`),
		"width": edit(`"transform":{"kind":"standardise","width":3`,
			`"transform":{"kind":"standardise","width":-3`),
		"no bias":        drop("net.out.bias"),
		"no moments":     drop("data.cov"),
		"no prior":       drop("prior.mean"),
		"more tensors":   func(f *File) { f.Tensors = append(f.Tensors, NewF32("net.more", nil, 0)) },
		"transposed":     swap(NewF32("net.in.weight", make([]float32, 12*8), 12, 8)),
		"wide weights":   swap(NewF64("net.out.bias", make([]float64, 2), 2)),
		"moments":        swap(NewF64("data.cov", []float64{1, 0, 0, math.NaN()}, 2, 2)),
		"variance":       swap(NewF64("data.cov", []float64{1, 0, 0, -1}, 2, 2)),
		"prior":          swap(NewF64("prior.mean", []float64{1, math.Inf(1)}, 2)),
		"prior variance": swap(NewF64("prior.cov", []float64{-1, 0, 0, 1}, 2, 2)),
	} {
		f := must(modelFile(sampleModel(modelPath(), ito.PredEps, modelNet, modelPorts)))
		change(f)
		file := filepath.Join(t.TempDir(), "m")
		if err := Save(file, f); err != nil {
			t.Fatal(what, err)
		}
		_, err := LoadModel(file)
		var e *FormatError
		if !errors.As(err, &e) || e.Path != file {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := LoadModel(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestSaveModelRefusals(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m")
	for what, change := range map[string]func(*ito.Model){
		"exact field": func(m *ito.Model) {
			m.Field = must(field.NewGaussian(m.Path, ito.Gaussian{Mean: []float64{0, 0}, Cov: []float64{1, 0, 0, 1}}))
		},
		"other path": func(m *ito.Model) { m.Path = path.VP{} },
		"NaN":        func(m *ito.Model) { m.Transform.Shift = []float64{math.NaN(), 0} },
		"conditions": func(m *ito.Model) { m.Conditions = nil },
	} {
		m := sampleModel(modelPath(), ito.PredEps, modelNet, modelPorts)
		change(m)
		if err := SaveModel(file, m); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Error("a refused model left a file")
	}
}

// FuzzModel: no header makes LoadModel panic, and what it accepts predicts.
func FuzzModel(f *testing.F) {
	scheduled := sampleModel(modelPath(), ito.PredEps, modelNet, modelPorts)
	scheduled.Schedules = scheduledModel().Schedules[:1]
	base := must(modelFile(scheduled))
	f.Add(base.Metadata[keyModel])
	f.Add(strings.Replace(base.Metadata[keyModel], `"in":2`, `"in":-2`, 1))
	f.Add(`{"path":{"kind":"vp","config":{}},"network":{"in":2,"out":2}}`)
	f.Fuzz(func(t *testing.T, header string) {
		m, err := parseModel(&File{Metadata: map[string]string{keyKind: kindModel, keyModel: header},
			Tensors: base.Tensors})
		if err != nil {
			var e *FormatError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		x := ito.NewStates(1, 2, 0)
		if err := m.Field.Predict(context.Background(), x.Like(2), x, ito.Times{.5}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		row := make([]float64, 3)
		if width, _ := m.Transform.Dims(2); width <= 1000 {
			row = make([]float64, width)
		}
		if err := m.Transform.Inverse(row, []float64{0, 0}); err != nil {
			t.Fatal(err)
		}
	})
}
