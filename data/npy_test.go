package data

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sbinet/npyio"
	"github.com/seed9a7962a8/ito"
	"gonum.org/v1/gonum/mat"
)

// npy writes a header as given and the payload after it.
func npy(version byte, dictionary string, payload ...any) []byte {
	var b bytes.Buffer
	b.WriteString(npyMagic)
	b.Write([]byte{version, 0})
	if version == 1 {
		binary.Write(&b, binary.LittleEndian, uint16(len(dictionary)))
	} else {
		binary.Write(&b, binary.LittleEndian, uint32(len(dictionary)))
	}
	b.WriteString(dictionary)
	for _, p := range payload {
		binary.Write(&b, binary.LittleEndian, p)
	}
	return b.Bytes()
}

func TestReadNPY(t *testing.T) {
	for name, c := range map[string]struct {
		in    []byte
		shape []int
		x     []float64
	}{
		"float64": {npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }\n",
			[]float64{1.5, -2}), []int{2, 1}, []float64{1.5, -2}},
		"float16": {npy(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }",
			[]uint16{0x3e00, 0xc000}), []int{2}, []float64{1.5, -2}},
		"float32": {npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", []float32{1.5, -2}),
			[]int{2}, []float64{1.5, -2}},
		"int64, version 2": {npy(2, `{"descr": "<i8", "fortran_order": False, "shape": (1, 2)}`, []int64{-3, 4}),
			[]int{1, 2}, []float64{-3, 4}},
		"int8, version 3": {npy(3, "{'shape': (2,), 'fortran_order': False, 'descr': '|i1'}", []int8{-3, 4}),
			[]int{2}, []float64{-3, 4}},
		"uint16 big-endian": {npy(1, "{'descr': '>u2', 'fortran_order': False, 'shape': (1,)}", []byte{1, 2}), []int{1},
			[]float64{258}},
		"int32": {npy(1, "{'descr': '<i4', 'fortran_order': False, 'shape': (1,)}", int32(-5)), []int{1},
			[]float64{-5}},
		"bool": {npy(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", []byte{1, 0}), []int{2},
			[]float64{1, 0}},
		"Fortran": {npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}",
			[]float64{1, 4, 2, 5, 3, 6}), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6}},
		"Fortran, 3-d": {npy(1, "{'descr': '<i1', 'fortran_order': True, 'shape': (2, 1, 2)}", []int8{1, 3, 2, 4}),
			[]int{2, 1, 2}, []float64{1, 2, 3, 4}},
		"a scalar": {npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 7.), []int{},
			[]float64{7}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadNPY(bytes.NewReader(c.in), "f.npy")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(Array{c.shape, c.x}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadNPYSaysWhatIsWrong(t *testing.T) {
	good := "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"truncated": {npy(1, good, []float64{1, 2, 3}), "it ends too early"},
		"promises too much": {npy(1, strings.Replace(good, "(2, 2)", "(100000000, 1000)", 1), []float64{1}),
			"it ends too early"},
		"overflow": {npy(1, strings.Replace(good, "(2, 2)", "(9223372036854775807, 9223372036854775807)", 1)),
			"too large"},
		"negative": {npy(1, strings.Replace(good, "(2, 2)", "(-2, 2)", 1)), `the length "-2"`},
		"version":  {npy(9, good), "version 9"},
		"complex":  {npy(1, strings.Replace(good, "<f8", "<c16", 1)), `type "c16"`},
		"records":  {npy(1, strings.Replace(good, "'<f8'", "[('a', '<f8')]", 1)), "records"},
		"no shape": {npy(1, "{'descr': '<f8', 'fortran_order': False}"), "does not say shape"},
		"no tuple": {npy(1, strings.Replace(good, "(2, 2)", "2", 1)), "not a tuple"},
		"order":    {npy(1, strings.Replace(good, "False", "Maybe", 1)), "neither True nor False"},
		"NaN": {npy(1, good, []float64{1, 2, 3, math.NaN()}),
			"f.npy: row 2, column 2 (y): NaN is not a finite number"},
		"three dimensions": {npy(1, strings.Replace(good, "(2, 2)", "(1, 1, 1)", 1), 1.),
			"the array has 3 dimensions, shape [1 1 1]"},
		"no rows":        {npy(1, strings.Replace(good, "(2, 2)", "(0, 2)", 1)), "has no numbers"},
		"only the magic": {[]byte(npyMagic), "it ends too early"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(c.in), "f.npy")
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Another reader and writer of the format agree with this one.
func TestNPYAgainstNpyio(t *testing.T) {
	s := ito.NewStates(7, 3, 0)
	for i := range s.X {
		s.X[i] = 1 / float64(i+1)
	}
	var b bytes.Buffer
	w := NewSampleWriter(&b, NPY{Shape: []int{7, 3}})
	if err := errors.Join(w.WriteRows(s.Slice(0, 4)), w.WriteRows(s.Slice(4, 7)), w.Close()); err != nil {
		t.Fatal(err)
	}
	if at := b.Len() - 8*len(s.X); at%64 != 0 || b.Bytes()[at-1] != '\n' {
		t.Errorf("the numbers begin at byte %d", at)
	}
	var theirs mat.Dense
	if err := npyio.Read(bytes.NewReader(b.Bytes()), &theirs); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s.X, theirs.RawMatrix().Data); d != "" {
		t.Error(d)
	}
	ours, err := ReadNPY(&b, "f.npy")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Array{[]int{7, 3}, s.X}, ours); d != "" {
		t.Error(d)
	}

	b.Reset()
	if err := npyio.Write(&b, []float32{1, 2.5, 3}); err != nil {
		t.Fatal(err)
	}
	table, err := Read(&b, "f.npy")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&Table{Name: "f.npy", Columns: []string{"x"}, Rows: 3, Cols: 1, X: []float64{1, 2.5, 3}},
		table); d != "" {
		t.Error(d)
	}
}

func TestNPYWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewSampleWriter(&b, NPY{Shape: []int{2, 2}, WithID: true})
	s := ito.NewStates(2, 1, 41)
	s.X[0] = .5
	if err := errors.Join(w.WriteRows(s), w.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := ReadNPY(&b, "f.npy")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]float64{41, .5, 42, 0}, got.X); d != "" {
		t.Error(d)
	}
	for _, shape := range [][]int{{3}, {2, 3, 4}, {}, {0, 2}} { // tuples are spelled as NumPy does
		b.Reset()
		if err := (NPY{Shape: shape}).Begin(&b); err != nil {
			t.Fatal(err)
		}
		h, err := readNPYHeader(&b)
		if err != nil || cmp.Diff(shape, h.shape) != "" {
			t.Errorf("shape %v read as %v, %v", shape, h.shape, err)
		}
	}
	short := NewSampleWriter(&b, NPY{Shape: []int{3, 1}})
	if err := short.WriteRows(s); err != nil {
		t.Fatal(err)
	}
	if err := short.Close(); err == nil {
		t.Error("two rows of three: no error")
	}
	if err := (NPY{Shape: []int{-1}}).Begin(&b); err == nil {
		t.Error("a negative length: no error")
	}
}

func FuzzReadNPY(f *testing.F) {
	for _, d := range []string{
		"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }\n",
		"{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2)}",
		"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "{'descr': '", "'shape': (1",
		"{'descr': '<f8', 'fortran_order': True, 'shape': (0, 99999999999)}",
	} {
		f.Add(npy(1, d, []float64{1, 2, 3, 4}))
		f.Add(npy(2, d, []float64{1}))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := ReadNPY(bytes.NewReader(in), "fuzz")
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("an error of another type: %v", err)
			}
			return
		}
		n := 1
		for _, k := range a.Shape {
			n *= k
		}
		if n != len(a.X) {
			t.Errorf("%d numbers in shape %v", len(a.X), a.Shape)
		}
		a.Table("fuzz")
	})
}
