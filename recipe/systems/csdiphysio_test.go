package systems

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/recipe"
)

// physioFolder is a folder with two records and the published weights.
func physioFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"testdata/physionet2012/set-a-two.tar.gz",
		"testdata/physionet2012/normalisation.json",
		"../../store/testdata/csdi/csdi_physio.safetensors"} {
		b := must(os.ReadFile(name))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A record is read as the authors' program reads it: the fixture of the published network has its values.
func TestPhysioRecordIsTheAuthors(t *testing.T) {
	records := must(openPhysio("testdata/physionet2012"))
	f := must(os.Open("../../store/testdata/csdi/fixture.json.gz"))
	defer f.Close()
	var want struct{ X []float64 }
	if err := json.NewDecoder(must(gzip.NewReader(f))).Decode(&want); err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[0].id != "132539" || len(records[0].x) != len(want.X) {
		t.Fatalf("%d records, the first %q of %d values", len(records), records[0].id, len(records[0].x))
	}
	seen := 0
	for i, v := range records[0].x {
		if math.IsNaN(v) {
			v = 0
		} else {
			seen++
		}
		if math.Abs(v-want.X[i]) > 1e-6 {
			t.Errorf("value %d is %g, the authors' %g", i, v, want.X[i])
		}
	}
	cond, hidden := hidePhysio(records[0], 1)
	given := 0
	for i := range records[0].x {
		given += int(cond[2*i+1])
	}
	if len(hidden) != int(math.Round(.1*float64(seen))) || given+len(hidden) != seen {
		t.Errorf("%d of %d values are hidden and %d given", len(hidden), seen, given)
	}
}

// The recipe runs, and goes on after an interruption to the same figures; a folder without the files is refused.
func TestPhysioRecipeGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("evaluates a published network")
	}
	cfg := RunConfig{Seeds: []uint64{1}, Data: physioFolder(t), Samples: 2, Calls: 3}
	want := must(physioRecipe.Run(t.Context(), cfg, recipe.RunOptions{}))
	cfg.Keep = t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	if _, err := physioRecipe.Run(ctx, cfg, recipe.RunOptions{Progress: func(learn.TrainEvent) { stop() }}); !errors.Is(
		err, context.Canceled) {
		t.Fatal(err)
	}
	got := must(physioRecipe.Run(t.Context(), cfg, recipe.RunOptions{}))
	if !reflect.DeepEqual(got.Rows, want.Rows) {
		t.Errorf("after an interruption %+v, without %+v", got.Rows, want.Rows)
	}
	if mae := want.Rows[0].Mean[0]; !(mae > 0 && mae < 2) {
		t.Errorf("mean absolute error %g", mae)
	}
	cfg.Samples = 3
	if _, err := physioRecipe.Run(t.Context(), cfg, recipe.RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("what is kept is of other settings: %v", err)
	}
	if _, err := physioRecipe.Run(t.Context(), RunConfig{Seeds: []uint64{1}, Data: t.TempDir()},
		recipe.RunOptions{}); !errors.Is(err, ito.ErrInput) {
		t.Errorf("an empty folder: %v", err)
	}
	for name, c := range map[string]RunConfig{"csdi-physio": {Steps: 3}, "vsdm-series": {Calls: 3},
		"digits": {Limit: 3}, "vp-spiral": {Keep: "x"}} {
		c.Seeds = []uint64{1}
		if _, err := must(Find(name)).Run(t.Context(), c, recipe.RunOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s with a setting that it does not have: %v", name, err)
		}
	}
}
