package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// imageModel is an untrained model of images of 4×3 with two channels.
func imageModel(t *testing.T) *ito.Model {
	space := ito.Space{Parts: []ito.Part{{Name: "image", Shape: []int{4, 3, 2}}}}
	p, err := path.New("flow", path.Settings{D: 24})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(nn.MLP{Width: 4, Depth: 1}, learn.PortsOf(space, 0, 1, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	g := ito.Gaussian{Mean: make([]float64, 24), Cov: make([]float64, 24)}
	for i := range g.Cov {
		g.Cov[i] = float64(i % 3) // some pixels never vary
	}
	f, err := field.NewScaled(p, net, g, ito.PredVelocity)
	if err != nil {
		t.Fatal(err)
	}
	return &ito.Model{Path: f.Bound(), Field: f, Space: space,
		Transform: ito.Transform{Kind: "range", Width: 24, Shift: []float64{127.5}, Scale: []float64{127.5}, High: 255,
			Whole: true}}
}

// A space comes back with its model, and one that does not fit the network is refused.
func TestSpace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.safetensors")
	m := imageModel(t)
	if err := SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	got, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Space, m.Space) || !reflect.DeepEqual(got.Transform, m.Transform) {
		t.Errorf("%v and %+v came back", got.Space, got.Transform)
	}
	for name, change := range map[string]func(*ito.Model){
		"another shape": func(m *ito.Model) { m.Space.Parts[0].Shape = []int{3, 4, 2} },
		"another name":  func(m *ito.Model) { m.Space.Parts[0].Name = "x" },
		"tokens":        func(m *ito.Model) { m.Space.Parts[0].Levels = 3 },
		"half":          func(m *ito.Model) { m.Space.Parts[0].Shape = []int{4, 3, 1} },
		"two parts": func(m *ito.Model) {
			m.Space.Parts = append(m.Space.Parts,
				ito.Part{Name: "y", Shape: []int{1}})
		},
		"a mask": func(m *ito.Model) { m.Space.Mask = &ito.NodeMask{N: 3} },
		"no space": func(
			m *ito.Model) {
			m.Space = ito.Space{Parts: []ito.Part{{Name: "image", Shape: []int{0}}}}
		},
		"bounds":             func(m *ito.Model) { m.Transform.Low = 256 },
		"two shifts":         func(m *ito.Model) { m.Transform.Shift = []float64{1, 2} },
		"one scale of a row": func(m *ito.Model) { m.Transform.Kind = "standardise" },
	} {
		m := imageModel(t)
		change(m)
		if err := SaveModel(file, m); !errors.Is(err, ErrEdited) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
