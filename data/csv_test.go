package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
)

func TestReadCSV(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		text []string
		want Table
	}{
		"header": {in: "a,b\n1,2\n3,-4e-3\n",
			want: Table{Columns: []string{"a", "b"}, Rows: 2, Cols: 2, X: []float64{1, 2, 3, -.004}}},
		"no header": {in: "1,2\n3,4", want: Table{Columns: []string{"x", "y"}, Rows: 2, Cols: 2,
			X: []float64{1, 2, 3, 4}}},
		"one column, blank lines, CRLF, byte-order mark": {in: "\ufeff\"1\"\r\n\r\n2\r\n",
			want: Table{Columns: []string{"x"}, Rows: 2, Cols: 1, X: []float64{1, 2}}},
		"spaces and quotes": {in: "\"a, first\", b \n 1 ,\" 2\"\n",
			want: Table{Columns: []string{"a, first", "b"}, Rows: 1, Cols: 2, X: []float64{1, 2}}},
		"an index column without a name": {in: ",a\n0,7\n",
			want: Table{Columns: []string{"x0", "a"}, Rows: 1, Cols: 2, X: []float64{0, 7}}},
		"carriage returns": {in: "a,b\r1,2\r3,4\r", want: Table{Columns: []string{"a", "b"}, Rows: 2, Cols: 2,
			X: []float64{1, 2, 3, 4}}},
		"carriage returns, none at the end, blank lines, quotes": {in: "\ufeffa,\"b\"\r\r1,\"2\"\r\r3,4",
			want: Table{Columns: []string{"a", "b"}, Rows: 2, Cols: 2, X: []float64{1, 2, 3, 4}}},
		"carriage returns in quotes": {in: "a,k\r1,\"x\ry\"\r2,\"\"\"\r\"\"z\"\r", text: []string{"k"},
			want: Table{Columns: []string{"a"}, Rows: 2, Cols: 1, X: []float64{1, 2},
				Text: []Column{{Name: "k", Text: []string{"x\ry", "\"\r\"z"}}}}},
		"a carriage return among line feeds": {in: "a,k\n1,\"x\ry\"\n2,z\n", text: []string{"k"},
			want: Table{Columns: []string{"a"}, Rows: 2, Cols: 1, X: []float64{1, 2},
				Text: []Column{{Name: "k", Text: []string{"x\ry", "z"}}}}},
		"commas behind": {in: "a,b,\n1,2,\n3,4,\n", want: Table{Columns: []string{"a", "b"}, Rows: 2,
			Cols: 2, X: []float64{1, 2, 3, 4}}},
		"commas behind all but one": {in: "a,b\n1,2,,,\n3,4\n", want: Table{Columns: []string{"a", "b"}, Rows: 2,
			Cols: 2, X: []float64{1, 2, 3, 4}}},
		"commas behind, no header": {in: "1,2,,\n3,4,\n", want: Table{Columns: []string{"x", "y"}, Rows: 2, Cols: 2,
			X: []float64{1, 2, 3, 4}}},
		"a last column without a name": {in: "a,b,\n1,2,3\n", want: Table{Columns: []string{"a", "b", "x2"}, Rows: 1,
			Cols: 3, X: []float64{1, 2, 3}}},
		"quotes of all kinds": {in: "\"a \"\"b\"\"\",k\n1,\"x,\ny\"\n", text: []string{"k"},
			want: Table{Columns: []string{`a "b"`}, Rows: 1, Cols: 1, X: []float64{1},
				Text: []Column{{Name: "k", Text: []string{"x,\ny"}}}}},
		"words where they may be": {in: "a,kind,b,n\n1,cat,2,10\n3,dog,4,20\n", text: []string{"kind", "n"},
			want: Table{Columns: []string{"a", "b", "n"}, Rows: 2, Cols: 3, X: []float64{1, 2, 10, 3, 4, 20},
				Text: []Column{{Name: "kind", Text: []string{"cat", "dog"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadCSV(strings.NewReader(c.in), "f.csv", c.text...)
			if err != nil {
				t.Fatal(err)
			}
			c.want.Name = "f.csv"
			if d := cmp.Diff(&c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestReadCSVSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":         {"", "f.csv: there is nothing in it; give one row a line, numbers separated by commas"},
		"only a header": {"a,b\n", "f.csv: there is a header and no row below it; add rows of numbers"},
		"ragged": {"a,b\n1,2\n3\n", "f.csv: line 3: this row has 1 cell, the first line has 2; give every " +
			"row the same number of cells"},
		"ragged, blank": {"1,2\n\n3,4,5\n", "f.csv: line 3: this row has 3 cells, the first line has 2; give every " +
			"row the same number of cells"},
		"a word": {"a,b\n1,2\n3,four\n", "f.csv: line 3, column 2 (b): \"four\" is not a number; remove the " +
			"column, or condition on it with `condition` b"},
		"no comma": {"1 2\n3 4\n",
			`f.csv: line 2, column 1 (1 2): "3 4" is not a number; separate cells by commas`},
		"semicolons": {"a;b\n3;4\n",
			`f.csv: line 2, column 1 (a;b): "3;4" is not a number; separate cells by commas, and write decimals with a point: tr ',;' '.,' does both at once`},
		"decimal commas": {"a;b\n1,5;2\n",
			`f.csv: line 2: cells are separated by ";" and decimals written with a comma; separate cells by commas, and write decimals with a point: tr ',;' '.,' does both at once`},
		"Go's numbers": {"a,b\n1,1_000\n",
			`f.csv: line 2, column 2 (b): "1_000" is not a number; write it without separators of thousands`},
		"hexadecimal": {"a,b\n0x1p3,1\n", "f.csv: line 2, column 1 (a): \"0x1p3\" is not a number; remove the " +
			"column, or condition on it with `condition` a"},
		"the same, late": {"a;b\n1;2\n1,5;2\n",
			`f.csv: line 2, column 1 (a;b): "1;2" is not a number; separate cells by commas, and write decimals with a point: tr ',;' '.,' does both at once`},
		"with tabs": {"0,5\t-1,5\n0,1\t2\n",
			`f.csv: line 1: cells are separated by "\t" and decimals written with a comma; separate cells by commas, and write decimals with a point: tr ',\t' '.,' does both at once`},
		"no value": {"a,b,\n1,,\n",
			`f.csv: line 2, column 2 (b): the cell is empty; fill it in or remove the row`},
		"in two lines": {"\"a\nb\",c\n\"1\",d\n", "f.csv: line 3, column 2 (c): \"d\" is not a number; remove the " +
			"column, or condition on it with `condition` c"},
		"a long header": {strings.Repeat("a,", 300000) + "a\n1\n",
			`f.csv: it has 300001 columns, more than 65536; give fewer columns`},
		"thousands": {"a,b\n\"1,000\",2\n",
			`f.csv: line 2, column 1 (a): "1,000" is not a number; write it without separators of thousands`},
		"an empty cell": {"1,2\n3,\n", `f.csv: line 2, column 2 (y): the cell is empty; fill it in or remove the row`},
		"NaN": {"1,2\n3,nan\n",
			`f.csv: line 2, column 2 (y): "nan" is not a finite number; fill it in or remove the row`},
		"NaN on line 1": {"NaN,2\n3,4\n",
			`f.csv: line 1, column 1 (x): "NaN" is not a finite number; fill it in or remove the row`},
		"infinity": {"1,2\n-Inf,4\n",
			`f.csv: line 2, column 1 (x): "-Inf" is not a finite number; fill it in or remove the row`},
		"too large": {"1,2\n1e999,4\n",
			`f.csv: line 2, column 1 (x): "1e999" is too large for a number; use another unit`},
		"names repeated": {"a,b,a\n1,2,3\n",
			`f.csv: line 1, column 3: columns 1 and 3 have the one name "a"; give each column its own name`},
		"a stray quote": {"1,2\n3,\"4\n",
			`f.csv: line 2: extraneous or missing " in quoted-field; write plain cells separated by commas, a quote inside a quoted cell twice`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCSV(strings.NewReader(c.in), "f.csv")
			if !errors.Is(err, ito.ErrInput) || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	_, err := ReadCSV(strings.NewReader("size,label\n1,2\n"), "f.csv", "lable")
	if want := `f.csv: no column is named "lable"; did you mean "label"? There are size, label`; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = ReadCSV(strings.NewReader("size,label\n1,\n"), "f.csv", "label")
	if want := `f.csv: line 2, column 2 (label): the cell is empty; fill it in or remove the row`; err == nil ||
		err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// What CSV writes, ReadCSV reads back to the same bits: shortest decimals are exact.
func TestCSVRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := ito.NewStates(2000, 2, 5)
	for i := range s.X {
		for {
			if v := math.Float64frombits(r.Uint64()); !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.X[i] = v
				break
			}
		}
	}
	copy(s.X, []float64{math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.MaxFloat64, .1})
	var b bytes.Buffer
	w := NewSampleWriter(&b, CSV{Columns: []string{"a", "b, quoted"}})
	for lo := 0; lo < s.N; lo += 300 {
		if err := w.WriteRows(s.Slice(lo, min(lo+300, s.N))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCSV(&b, "f.csv")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b, quoted"}, got.Columns); d != "" {
		t.Error(d)
	}
	for i, v := range s.X {
		if math.Float64bits(v) != math.Float64bits(got.X[i]) {
			t.Fatalf("value %d: wrote %v, read %v", i, v, got.X[i])
		}
	}
}

func TestCSVWithID(t *testing.T) {
	var b bytes.Buffer
	w := NewSampleWriter(&b, CSV{Columns: []string{"x"}, WithID: true})
	s := ito.NewStates(2, 1, 7)
	s.X[1] = .5
	if err := errors.Join(w.WriteRows(s), w.Close()); err != nil {
		t.Fatal(err)
	}
	if want := "id,x\n7,0\n8,0.5\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	if err := (CSV{Columns: []string{"x"}}).Rows(&b, ito.NewStates(1, 2, 0)); err == nil {
		t.Error("rows of two numbers for one column: no error")
	}
}

// A built-in set and a file of its rows are the same data.
func TestBuiltinEqualsItsFile(t *testing.T) {
	want, err := Builtin("spiral", 500, 3)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := NewSampleWriter(z, CSV{Columns: want.Columns})
	if err := errors.Join(w.WriteRows(want.States()), w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&b, "spiral")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if want.Digest() != got.Digest() {
		t.Error("the digests differ")
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "1,2\n3,4", "", "\ufeff1\n", "\"a\"\"\",b\n1,2", "a,b\n1,\"2\n3\"",
		"a,a\n", ",\n,", "k,v\ncat,1\n"} {
		f.Add(s, "k")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, in, text string) {
		var names []string
		if text != "" {
			names = []string{text}
		}
		got, err := Read(strings.NewReader(in), "fuzz", names...)
		if err != nil {
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("an error of another type: %v", err)
			}
			return
		}
		if got.Rows < 1 || len(got.X) != got.Rows*got.Cols || len(got.Columns) != got.Cols {
			t.Errorf("%d×%d with %d numbers and %d names", got.Rows, got.Cols, len(got.X), len(got.Columns))
		}
		for _, c := range got.Text {
			if len(c.Text) != got.Rows {
				t.Errorf("%d texts in %d rows", len(c.Text), got.Rows)
			}
		}
		if err := got.finite(); err != nil {
			t.Error(err)
		}
	})
}
