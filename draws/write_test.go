package draws

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed9a7962a8/ito"
)

// inMemory is all rows of a journal.
func inMemory(t *testing.T, j *Journal, m *Meta) *Set {
	t.Helper()
	table, err := j.Table(m)
	if err != nil {
		t.Fatal(err)
	}
	s, err := table.Set(table.every(), 0)
	if err := errors.Join(err, table.Close()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	dense := example(1)
	dense.Adaptation[0] = Adaptation{StepSize: 1e-3, Dense: true, InvMetric: []float64{2, .5, .5, 3}}
	unit := example(1)
	unit.Adaptation[0] = Adaptation{StepSize: 4}
	static := example(2) // no trees: the adaptation stands above the header
	static.Columns, static.Stats, static.Method, static.MaxDepth = append([]string{LogDensity, Accept, StepSize,
		Energy}, static.Columns[7:]...), 4, "hmc", 0
	particles := Meta{Columns: []string{LogDensity, LogWeight, "x.1", "x.2"}, Stats: 2, Chains: 2, Model: "zoo:gmm40",
		Method: "smc"}
	thinned := example(4)
	thinned.Thin = 3
	for name, m := range map[string]Meta{"chains": example(4), "one": example(1), "dense": dense, "unit": unit,
		"static": static, "particles": particles, "thinned": thinned} {
		m.Config = append(m.Config, SettingsOf("a = 1\nb-c = \"x = y\"\n")...)
		rows := exampleRows(&m, 200)
		rows[0], rows[1] = math.Inf(-1), math.NaN()
		rows[2] = 0.1 + 0.2 // not a short number
		j := journal(t, &m, rows)
		want := inMemory(t, j, &m)
		want.Thin = max(want.Thin, 1)
		for _, ext := range []string{".csv", ".parquet", ".npy", ".json"} {
			t.Run(name+ext, func(t *testing.T) {
				dir := t.TempDir()
				files, err := Write(filepath.Join(dir, "d"+ext), &m, j)
				if err != nil {
					t.Fatal(err)
				}
				if again, err := Write(filepath.Join(dir, "e"+ext), &m, j); err != nil {
					t.Fatal(err)
				} else {
					equalFiles(t, files, again)
				}
				said, err := Describe(files[0])
				if err != nil || TOML(said.Config) != "a = 1\nb-c = \"x = y\"\n" || said.Method != m.Method ||
					said.Seed != m.Seed {
					t.Errorf("described as %+v, %v", said, err)
				}
				if ext == ".npy" || ext == ".json" {
					files = files[:1]
				}
				got, err := Read(files...)
				if err != nil {
					t.Fatal(err)
				}
				for _, held := range []int{0, 700} { // values in memory, the others in a temporary file
					table, err := open(held, files...)
					if err != nil {
						t.Fatal(err)
					}
					again, err := table.Set(table.every(), 0)
					if err := errors.Join(err, table.Close()); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(got, again, cmpopts.EquateNaNs()); diff != "" {
						t.Errorf("with %d values in memory: %s", held, diff)
					}
				}
				want.Files, got.Elapsed = got.Files, nil
				if ext == ".csv" && m.Method != "nuts" && m.Method != "hmc" {
					got.MaxDepth = want.MaxDepth
				}
				if diff := cmp.Diff(want, got, cmp.Comparer(sameBits)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

func equalFiles(t *testing.T, a, b []string) {
	t.Helper()
	for i := range a {
		x, err1 := os.ReadFile(a[i])
		y, err2 := os.ReadFile(b[i])
		if err1 != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("%s and %s differ (%v, %v)", a[i], b[i], err1, err2)
		}
	}
}

// The journal of a run that is not finished can be read; half a row at its end is left out.
func TestReadUnfinished(t *testing.T) {
	m := example(2)
	j := journal(t, &m, exampleRows(&m, 30))
	j.w.WriteString("half a row")
	if _, err := j.Sync(); err != nil {
		t.Fatal(err)
	}
	s, err := Read(j.path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Draws != 30 || s.Chains != 2 || s.Chain(7, 1)[29] != exampleRows(&m, 30)[29*28+14+7] {
		t.Errorf("read %d draws of %d chains", s.Draws, s.Chains)
	}
}

func TestJSONHasTheShapesOfTheParameters(t *testing.T) {
	m := Meta{Columns: []string{Divergent, "mu", "L.1.1", "L.2.1", "L.1.2", "L.2.2", "odd.1", "odd.3"}, Stats: 1,
		Chains: 2}
	j := journal(t, &m, []float64{
		0, 1, 11, 21, 12, 22, 7, 8, 1, 2, 11, 21, 12, 22, 7, 8,
		0, 3, 11, 21, 12, 22, 7, math.NaN(), 0, 4, 11, 21, 12, 22, 7, math.Inf(-1)})
	path := filepath.Join(t.TempDir(), "d.json")
	if _, err := Write(path, &m, j); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	want := `{
 "posterior": {
  "mu": [[1,3],
   [2,4]],
  "L": [[[[11,12],[21,22]],[[11,12],[21,22]]],
   [[[11,12],[21,22]],[[11,12],[21,22]]]],
  "odd.1": [[7,7],
   [7,7]],
  "odd.3": [[8,NaN],
   [8,-Infinity]]
 },
 "sample_stats": {
  "diverging": [[0,0],
   [1,0]]
 }
}
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestOutputs(t *testing.T) {
	for _, c := range []struct {
		path   string
		chains int
		want   string
	}{
		{"a/d.csv", 1, "a/d.csv"}, {"a/d.csv", 3, "a/d_1.csv a/d_2.csv a/d_3.csv"}, {"d.CSV", 2, "d_1.CSV d_2.CSV"},
		{"d.parquet", 4, "d.parquet"}, {"d.npy", 4, "d.npy d.npy.json"}, {"d.json", 2, "d.json d.json.json"},
	} {
		if got, err := Outputs(c.path, c.chains); err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s, %d chains: %v, %v", c.path, c.chains, got, err)
		}
	}
	if _, err := Outputs("d.nc", 1); !errors.Is(err, ito.ErrInput) {
		t.Errorf("netCDF: %v", err)
	}
}

// A row group ends where it should, and what is read does not depend on it.
func TestParquetOfManyRowGroups(t *testing.T) {
	m := Meta{Columns: Names("x", 2000), Chains: 1}
	rows := exampleRowsPlain(&m, 600)
	j := journal(t, &m, rows)
	files, err := Write(filepath.Join(t.TempDir(), "d.parquet"), &m, j)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Read(files...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		if s.Chain(1999, 0)[i] != rows[i*2000+1999] {
			t.Fatalf("draw %d differs", i)
		}
	}
}

func exampleRowsPlain(m *Meta, n int) []float64 {
	rows := make([]float64, n*m.Chains*len(m.Columns))
	for i := range rows {
		rows[i] = float64(i)
	}
	return rows
}
