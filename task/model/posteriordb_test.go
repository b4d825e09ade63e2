package model

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/target/model"
)

// Every model of benchmarks/posteriordb reads its data, has a finite density where chains begin, and reports columns of
// the reference.
func TestPosteriordbModels(t *testing.T) {
	dir := filepath.Join("..", "..", "benchmarks", "posteriordb")
	b, err := os.ReadFile(filepath.Join(dir, "reference.json"))
	if err != nil {
		t.Fatal(err)
	}
	var reference map[string]struct {
		Model, Data, Missing string
		Columns              map[string][3]float64
	}
	if err := json.Unmarshal(b, &reference); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, about := range reference {
		if about.Missing != "" {
			continue
		}
		n++
		src, err := os.ReadFile(filepath.Join(dir, "models", about.Model+".star"))
		if err != nil {
			t.Error(err)
			continue
		}
		file := filepath.Join(dir, "data", about.Data+".json.gz")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		data, err := modeldata.Read(file, text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := model.Compile(about.Model+".star", string(src), data, model.CompileOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lp := make([]float64, 20)
		if err := m.LogDensity(t.Context(), lp, near(m.Dim(), 20, 1)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.ContainsFunc(lp, func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }) {
			t.Errorf("%s: no state of 20 has a finite density", name)
		}
		found := false
		for c := range about.Columns {
			c = strings.NewReplacer("[", ".", ",", ".", "]", "").Replace(c)
			found = found || slices.Contains(m.Columns(), c)
		}
		if !found {
			t.Errorf("%s: the model has none of the reference's columns", name)
		}
	}
	if n < 45 {
		t.Errorf("only %d posteriors", n)
	}
}
