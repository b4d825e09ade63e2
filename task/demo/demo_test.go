package demo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
)

// The demo writes its report, which reads back, and two pictures.
func TestDemoFiles(t *testing.T) {
	x := ito.NewStates(40, 2, 0)
	for i := range x.X {
		x.X[i] = float64(i%7) - float64(i%5)
	}
	tr := recipe.Trajectory{Times: []float64{1, .5, 0}, N: 40, D: 2, X: append(append(append([]float64(nil), x.X...),
		x.X...), x.X...)}
	r := &systems.DemoResult{
		Report: systems.DemoReport{Version: "v", Columns: []string{"E6", "H50"},
			Rows: []systems.DemoRow{{Name: "VP-10", W2: []float64{2, 1}}}, Verdict: "Nobody won."},
		Columns: []string{"x", "y"}, Data: x, Samples: []ito.States{x}, VP: tr, VSDM: tr,
	}
	dir := t.TempDir()
	if err := (&Config{Out: dir}).save(r); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var back systems.DemoReport
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r.Report, back); d != "" {
		t.Error(d)
	}
	for _, name := range []string{"samples.png", "paths.png"} {
		if kind, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(kind[1:4]) != "PNG" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
