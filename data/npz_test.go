package data_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/sbinet/npyio"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
)

func npz(t *testing.T, method uint16, arrays map[string][]float64) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, key := range []string{"l", "s", "b"} {
		if arrays[key] == nil {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: key + ".npy", Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if err := npyio.Write(w, arrays[key]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// Arrays written by another library, stored and compressed, come back; statistics are made of them.
func TestReadNPZ(t *testing.T) {
	for _, method := range []uint16{zip.Store, zip.Deflate} {
		r := npz(t, method, map[string][]float64{"s": {1, 2, 3}, "b": {4, 5, 6}})
		got, err := data.ReadNPZ(r, r.Size(), "sb.npz", "s", "b")
		if err != nil || !slices.Equal(got["s"].X, []float64{1, 2, 3}) || !slices.Equal(got["b"].X,
			[]float64{4, 5, 6}) {
			t.Fatal(got, err)
		}
		all, err := data.ReadNPZ(r, r.Size(), "sb.npz")
		if err != nil || len(all) != 2 {
			t.Error(all, err)
		}
		l := data.Array{Shape: []int{3, 1}, X: []float64{1, .5, 0}}
		e, err := data.EMS(l, got["s"], got["b"], -5, 4)
		if err != nil || e.D != 1 || e.S[2] != 3 {
			t.Error(e, err)
		}
	}
}

func TestReadNPZRefuses(t *testing.T) {
	r := npz(t, zip.Store, map[string][]float64{"s": {1, 2, 3}})
	if _, err := data.ReadNPZ(r, r.Size(), "sb.npz", "b"); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	junk := bytes.NewReader([]byte("PK nothing of the kind"))
	if _, err := data.ReadNPZ(junk, junk.Size(), "junk"); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
	a := data.Array{Shape: []int{3}, X: []float64{1, 2, 3}}
	for _, l := range []data.Array{{}, {Shape: []int{1}, X: []float64{1}},
		{Shape: []int{2, 2}, X: []float64{1, 2, 3, 4}}} {
		if _, err := data.EMS(l, a, a, -5, 4); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%v: %v", l, err)
		}
	}
	if _, err := data.EMS(a, a, a, 4, -5); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}
