package store

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
)

// Potentials and the fields of interpolants say the same after a file as before, and write the same bytes again.
func TestOtherNetworksRoundTrip(t *testing.T) {
	data := ito.Gaussian{Mean: []float64{.1, -2}, Cov: []float64{1.5, .25, .25, 1. / 3}}
	pairs := ito.Gaussian{Mean: []float64{.1, -2, 1, 3}, Cov: []float64{1.5, .25, 0, 0, .25, 1. / 3, 0, 0, 0, 0, 2, 0,
		0, 0, 0, 1}}
	random := func(out int) *nn.Weights {
		net := must(nn.New(nn.MLP{Width: 8, Depth: 2}, nn.Flat(2, out, 0), 5))
		for i := range net.Params {
			net.Params[i] += float32(i%7) / 10
		}
		return net
	}
	p := path.Interpolant{Family: path.TrigFamily}
	for name, f := range map[string]*field.Net{
		"potential": must(field.NewPotential(path.VP{}, random(1), data, ito.PredEps)),
		"interpolant": must(field.NewBetween(p, random(4), pairs, []path.InterpolantTarget{path.TargetV,
			path.TargetEta}, ito.PredVelocity)),
		"one-sided": must(field.NewBetween(path.OneSided{}, random(2), pairs, []path.InterpolantTarget{path.TargetB},
			ito.PredVelocity)),
	} {
		m := &ito.Model{Path: f.Bound(), Field: f, Prior: &data}
		file := filepath.Join(t.TempDir(), "m.safetensors")
		if err := SaveModel(file, m); err != nil {
			t.Fatal(name, err)
		}
		back := must(LoadModel(file))
		if reflect.TypeOf(back.Field) != reflect.TypeOf(f) || !reflect.DeepEqual(predictions(t, back),
			predictions(t, m)) {
			t.Errorf("%s: another field came back", name)
		}
		if !reflect.DeepEqual(must(modelFile(back)), must(modelFile(m))) {
			t.Errorf("%s: its file is another", name)
		}
		// Headers that do not fit the tensors or the path.
		for what, spoil := range map[string]func(h *modelHeader){
			"an unknown target": func(h *modelHeader) { h.Targets = []string{"w"} },
			"both":              func(h *modelHeader) { h.Potential, h.Targets = true, []string{"b"} },
			"a plain one":       func(h *modelHeader) { h.TimeScale, h.Potential, h.Targets = 1, true, []string{"b"} },
			"nothing said":      func(h *modelHeader) { h.Potential, h.Targets = false, nil },
		} {
			f := must(modelFile(m))
			var h modelHeader
			if err := json.Unmarshal([]byte(f.Metadata[keyModel]), &h); err != nil {
				t.Fatal(err)
			}
			spoil(&h)
			var format *FormatError
			if _, err := modelOf(h, f); !errors.As(err, &format) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
}
