package draws

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
)

// Very many columns cost memory and time in proportion to them: 10 000 are read.
func TestVeryManyColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("writes and reads 10 000 columns")
	}
	const columns = 10_000
	m := Meta{Columns: Names("x", columns), Chains: 2}
	rows := make([]float64, 2*2*columns)
	for i := range rows {
		rows[i] = float64(i % 7919)
	}
	j := journal(t, &m, rows)
	for _, ext := range []string{".csv", ".parquet"} {
		files, err := Write(filepath.Join(t.TempDir(), "d"+ext), &m, j)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := Read(files...)
		runtime.ReadMemStats(&after)
		if err != nil || s.Chains != 2 || s.Draws != 2 || s.Chain(columns-1, 1)[1] != rows[len(rows)-1] {
			t.Fatalf("%s: %v", ext, err)
		}
		if n := (after.TotalAlloc - before.TotalAlloc) / columns; n > 20_000 {
			t.Errorf("%s: %d bytes are allocated a column", ext, n)
		}
	}
}

func pack(t *testing.T, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

func FuzzNPY(f *testing.F) {
	m := Meta{Columns: []string{LogDensity, "x"}, Stats: 1, Chains: 2}
	files, err := Write(filepath.Join(f.TempDir(), "d.npy"), &m, journal(f, &m, exampleRowsPlain(&m, 3)))
	if err != nil {
		f.Fatal(err)
	}
	var parts [2][]byte
	for i, file := range files {
		if parts[i], err = os.ReadFile(file); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(parts[0], parts[1])
	f.Fuzz(func(t *testing.T, npy, sidecar []byte) {
		path := filepath.Join(t.TempDir(), "d.npy")
		if err := errors.Join(os.WriteFile(path, npy, 0o666), os.WriteFile(path+".json", sidecar, 0o666)); err != nil {
			t.Fatal(err)
		}
		readsOrRefuses(t, path)
	})
}

func FuzzJournal(f *testing.F) {
	m := Meta{Columns: []string{LogDensity, "x"}, Stats: 1, Chains: 2}
	j := journal(f, &m, exampleRowsPlain(&m, 3))
	if _, err := j.Sync(); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(j.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "d.partial")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		readsOrRefuses(t, path)
		if j, err := OpenJournal(path, &m, 1, ""); err == nil {
			if j.Rows() != 1 {
				t.Errorf("%d rows", j.Rows())
			}
			j.Close()
		}
	})
}

// readsOrRefuses reads a file: it is refused with an error of its own kind, or has a number for every draw.
func readsOrRefuses(t *testing.T, path string) {
	t.Helper()
	s, err := Read(path)
	switch {
	case err != nil && !errors.Is(err, ito.ErrInput) && !isFormat(err):
		t.Fatalf("not an input error: %v", err)
	case err == nil && (s.Draws < 1 || len(s.X) != s.Chains*s.Draws*len(s.Columns)):
		t.Fatalf("%d numbers for %d draws of %d columns", len(s.X), s.Draws, len(s.Columns))
	}
}

func isFormat(err error) bool {
	var bad *store.FormatError
	return errors.As(err, &bad)
}
