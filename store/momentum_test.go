package store

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// A model on a momentum path comes back with its path, prior of both halves, and network of twice as many inputs.
func TestMomentumModel(t *testing.T) {
	p, err := path.NewVSMD(path.VSMDConfig{Av: []float64{.1, -.3}, Ax: []float64{-.2, .05}, Mean: []float64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	data := ito.Gaussian{Mean: []float64{1, 2}, Cov: []float64{2, .5, .5, 3}}
	net, err := nn.New(nn.MLP{Width: 8, Depth: 1}, nn.Flat(4, 2, 0), 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := field.NewScaled(p, net, data, ito.PredScore)
	if err != nil {
		t.Fatal(err)
	}
	prior, err := path.MomentPrior(p, data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "m.safetensors")
	if err := SaveModel(file, &ito.Model{Path: p, Field: f, Prior: &prior, Columns: []string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	m, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	got := m.Field.(*field.Net)
	if !reflect.DeepEqual(m.Path, ito.Path(p)) || !reflect.DeepEqual(*m.Prior, prior) ||
		!reflect.DeepEqual(got.Moments(), data) || got.Predicts != ito.PredScore ||
		!reflect.DeepEqual(got.Weights.Params, net.Params) {
		t.Errorf("%+v", m)
	}
}
