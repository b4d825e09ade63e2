package data_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"testing"

	"github.com/sbinet/npyio"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
)

// Two rows are statistics, one is not, and neither are rows that do not come out even.
func TestEMSRows(t *testing.T) {
	array := func(shape []int, n int) data.Array {
		return data.Array{Shape: shape, X: make([]float64, n)}
	}
	if e, err := data.EMS(array([]int{2, 3}, 6), array(nil, 6), array(nil, 6), -5, 4); err != nil || e.D != 3 {
		t.Errorf("%+v, %v", e, err)
	}
	for name, l := range map[string]data.Array{"one row": array([]int{1, 3}, 3), "none": array(nil, 0),
		"uneven": array([]int{2}, 5)} {
		if _, err := data.EMS(l, l, l, -5, 4); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzNPZ: an archive is read or refused as input, and every array has as many numbers as its shape says.
func FuzzNPZ(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("l.npy")
	if err == nil {
		err = npyio.Write(w, []float64{1, 2, 3})
	}
	if err := errors.Join(err, z.Close()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()/2])
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := data.ReadNPZ(bytes.NewReader(b), int64(len(b)), "f.npz")
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Fatal(err)
			}
			return
		}
		for name, a := range got {
			n := 1
			for _, k := range a.Shape {
				n *= k
			}
			if n != len(a.X) {
				t.Fatalf("%s has the shape %v and %d numbers", name, a.Shape, len(a.X))
			}
		}
	})
}
