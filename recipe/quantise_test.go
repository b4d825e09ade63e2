package recipe

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
)

func smallModel(t *testing.T, path string) *ito.Model {
	t.Helper()
	rows, err := data.Builtin("moons", 300, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := DefaultTrain()
	c.Path, c.Steps, c.Width = path, 150, 32
	m, _, err := Fit(t.Context(), rows, c, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A quantised model has the same bytes whatever made it and drew it: workers, chunks, the file between. Its states are
// where the calibration says, and the two calibrations differ.
func TestQuantise(t *testing.T) {
	m := smallModel(t, "vp")
	cfg := DefaultQuantise()
	cfg.Runs, cfg.NFE = 64, 20
	pool := ad.NewPool(2)
	defer pool.Close()
	q, r, err := Quantise(t.Context(), m, cfg, RunOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := Quantise(t.Context(), m, cfg, RunOptions{Workers: 2, Pool: pool})
	if err != nil {
		t.Fatal(err)
	}
	if r.States < cfg.Runs || r.Layers < 3 || r.Error > .05 || r.Error == 0 || r.Bytes*10 < r.Params*8 {
		t.Errorf("%+v", r)
	}
	digest := func(m *ito.Model) string {
		t.Helper()
		d, err := store.ModelDigest(m)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if digest(q) != digest(two) {
		t.Error("two workers find another model")
	}
	file := filepath.Join(t.TempDir(), "q.safetensors")
	if err := store.SaveModel(file, q); err != nil {
		t.Fatal(err)
	}
	read, err := store.LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(read.Field.(*field.Net).Weights.Params, q.Field.(*field.Net).Weights.Params) {
		t.Error("the file holds other weights")
	}
	for _, solver := range []string{"heun", "ddim", "dpmpp-2m", "em"} {
		sample := DefaultSample()
		sample.N, sample.NFE, sample.Solver = 40, 10, solver
		a, err := Collect(t.Context(), q, sample, RunOptions{Workers: 1})
		if err != nil {
			t.Fatal(solver, err)
		}
		sample.Chunk = 7
		b, err := Collect(t.Context(), read, sample, RunOptions{Workers: 2})
		if err != nil {
			t.Fatal(solver, err)
		}
		if !slices.Equal(a.X, b.X) {
			t.Errorf("%s: other bytes in chunks of seven, from the file", solver)
		}
		sample.Precision = "f32"
		c, err := Collect(t.Context(), q, sample, RunOptions{})
		if err != nil || slices.Equal(a.X, c.X) {
			t.Errorf("%s: f32 gives the same samples, %v", solver, err)
		}
	}
	cfg.Calibration = "uniform"
	if u, _, err := Quantise(t.Context(), m, cfg, RunOptions{}); err != nil || digest(u) == digest(q) {
		t.Errorf("the calibrations do not differ: %v", err)
	}
}

// What cannot be is refused by name: quantising twice, int8 of what is not quantised, training.
func TestQuantiseRefuses(t *testing.T) {
	m := smallModel(t, "flow")
	cfg := DefaultQuantise()
	cfg.Runs, cfg.NFE = 16, 4
	q, _, err := Quantise(t.Context(), m, cfg, RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	says := func(err error, words string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v does not say %q", err, words)
		}
	}
	_, _, err = Quantise(t.Context(), q, cfg, RunOptions{})
	says(err, "quantised already")
	sample := DefaultSample()
	sample.Precision = "int8"
	says(CheckSample(m, sample), "not quantised")
	distil := spec.New[DistilConfig]()
	_, _, err = Distil(t.Context(), q, Set{}, distil, RunOptions{})
	says(err, "quantise")
	cfg.Bits = 4
	_, _, err = Quantise(t.Context(), m, cfg, RunOptions{})
	says(err, "bits")
}

// u is normal about its mean and stays in its range, or uniform.
func TestQuantiseDraws(t *testing.T) {
	ids := make([]uint64, 4000)
	for i := range ids {
		ids[i] = uint64(i)
	}
	for _, calibration := range []string{"normal", "uniform"} {
		c := DefaultQuantise()
		c.Calibration, c.SD = calibration, .1
		mean, near := 0., 0
		for _, u := range c.draw(ids) {
			if u < 0 || u > 1 {
				t.Fatalf("%s: %v", calibration, u)
			}
			mean += u / 4000
			if u > .3 && u < .5 {
				near++
			}
		}
		want, part := .4, .683
		if calibration == "uniform" {
			want, part = .5, .2
		}
		// five standard errors: one false alarm in a million
		if d := mean - want; d > .025 || d < -.025 {
			t.Errorf("%s: mean %v", calibration, mean)
		}
		if d := float64(near)/4000 - part; d > .037 || d < -.037 {
			t.Errorf("%s: %d of 4000 within a deviation", calibration, near)
		}
	}
}
