package importing

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

const published = "../../store/testdata/csdi/csdi_physio.safetensors"

func csdi(out string) Config {
	return Config{Weights: published, As: "csdi:impute=true,steps=50", Out: out, Shape: []int{35, 48}, Predicts: "eps",
		Path: "discrete:schedule=scaled_linear,steps=50,beta-start=1e-4,beta-end=.5"}
}

// The published CSDI, imported, stored and loaded, says on its path what its own program says: the noise of step 25
// to 1e-5.
func TestImportCSDI(t *testing.T) {
	out := filepath.Join(t.TempDir(), "m.safetensors")
	r, err := Run(context.Background(), csdi(out), task.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Parameters != 414065 {
		t.Errorf("%d parameters", r.Parameters)
	}
	m, err := store.LoadModel(out)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Step                int
		X, Mask, Noisy, Out []float64
	}
	f, err := os.Open("../../store/testdata/csdi/fixture.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&c); err != nil {
		t.Fatal(err)
	}
	cond := ito.Cond{C: m.CondWidth()}
	for i, v := range c.X {
		cond.X = append(cond.X, v*c.Mask[i], c.Mask[i])
	}
	x := ito.States{N: 1, D: len(c.Noisy), X: c.Noisy, ID: []uint64{0}}
	got := x.Like(x.D)
	at := m.Path.(interface{ Time(i int) float64 }).Time(c.Step)
	if err := m.Field.Predict(context.Background(), got, x, ito.Times{at}, cond); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, v := range c.Out {
		worst = max(worst, math.Abs(got.X[i]-v))
	}
	t.Logf("largest difference %.2g", worst)
	if m.Field.Kind() != ito.PredEps || !(worst <= 1e-5) {
		t.Errorf("%v, off by %g", m.Field.Kind(), worst)
	}
}

func TestImportRefuses(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "m.safetensors")
	names := filepath.Join(dir, "names.toml")
	if err := os.WriteFile(names, []byte(`"layer{i}.mid" = "diffmodel.layers.{i}.mid"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(c *Config){
		"heads: 7 do not divide 64 channels":                                                     func(c *Config) { c.As = "csdi:heads=7" },
		"tensor embed_layer.weight has shape [35 16], where":                                     func(c *Config) { c.Shape = []int{36, 48} },
		"tensors are none of the network's: diffmodel.residual":                                  func(c *Config) { c.As += ",layers=3" },
		"it has no tensor diffmodel.residual_layers.4":                                           func(c *Config) { c.As += ",layers=5" },
		"it has no tensor in.weight, which is in.weight [64 2] of the network; it has diffmodel": func(c *Config) { c.Map = names },
		"it cannot be read":      func(c *Config) { c.Map = out },
		"prediction":             func(c *Config) { c.Predicts = "noise" },
		"unknown network":        func(c *Config) { c.As = "cdsi" },
		"importing a network of": func(c *Config) { c.Path = "interpolant" },
		"is no condition":        func(c *Config) { c.Condition = []string{"a:x"} },
	} {
		c := csdi(out)
		change(&c)
		_, err := Run(context.Background(), c, task.Env{})
		if !errors.Is(err, ito.ErrInput) && !errors.As(err, new(*ito.UnsupportedError)) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if task.Exists(out) {
			t.Fatal("a model was written")
		}
	}
}
