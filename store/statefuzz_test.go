package store

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Whatever stands in the place of a journal, a stream goes on from what was written, begins anew or is refused; it
// never goes on from other rows.
func FuzzStreamJournal(f *testing.F) {
	path, _ := halfStream(f)
	rows, err := os.ReadFile(path + ".partial")
	if err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(path + ".partial.journal")
	if err != nil {
		f.Fatal(err)
	}
	for _, b := range [][]byte{good, good[:len(good)/2], []byte(`{}`), []byte(`{"version":4,"rows":9,"offset":1e18}`), nil} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, journal []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, "out")
		if err := os.WriteFile(path+".partial", rows, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+".partial.journal", journal, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := OpenStream(path, StreamOptions{Config: "a = 1", Resume: true})
		if err != nil {
			return
		}
		defer s.f.Close()
		var want journalEntry
		if json.Unmarshal(journal, &want) != nil || s.Rows() != want.Rows || s.digest() != want.Digest {
			t.Errorf("went on at row %d from the journal %q", s.Rows(), journal)
		}
	})
}

// A checkpoint is what Save wrote or an error.
func FuzzCheckpoint(f *testing.F) {
	file := filepath.Join(f.TempDir(), "c")
	c := Checkpoint{Config: "a = 1", State: json.RawMessage(`{"step":3}`), Tensors: []Tensor{NewF64("x", []float64{1, 2},
		2)}}
	if err := c.Save(file); err != nil {
		f.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Add(b[:9])
	f.Fuzz(func(t *testing.T, b []byte) {
		file := filepath.Join(t.TempDir(), "c")
		if err := os.WriteFile(file, b, 0o666); err != nil {
			t.Fatal(err)
		}
		if c, err := LoadCheckpoint(file); err == nil && !json.Valid(c.State) {
			t.Errorf("the state is %q", c.State)
		}
	})
}
