package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/seed9a7962a8/ito"
)

// A header of numbers is kept, and told of.
func TestHeaderOfNumbers(t *testing.T) {
	got, err := Open("testdata/tables/numeric_header.csv", OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"2019", "2020"}, got.Columns); d != "" || got.Rows != 119 || got.X[0] != .12573 ||
		len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "`header=no`") {
		t.Errorf("%d rows from %v, %q%s", got.Rows, got.X[0], got.Notes, d)
	}
	for name, c := range map[string]struct {
		in, header string
		text       []string
		columns    string
		rows       int
		note       string
	}{
		"years over rates":            {"2019,2020\n.5,.25\n.5,.75\n", "", nil, "2019 2020", 2, "`header=no`"},
		"a row, as is said":           {"2019,2020\n.5,.25\n.5,.75\n", "no", nil, "x y", 3, "`header=yes`"},
		"years over counts":           {"2019,2020\n7,.25\n5,7\n", "", nil, "x y", 3, "`header=yes`"},
		"a header, as is said":        {"2019,2020\n7,.25\n5,7\n", "yes", nil, "2019 2020", 2, ""},
		"a column that is asked for":  {"2019,2020\n7,.25\n5,7\n", "", []string{"2020"}, "2019 2020", 2, ""},
		"whole numbers":               {"1,2\n7,.25\n5,7\n", "", nil, "x y", 3, ""},
		"one number":                  {"5\n.25\n.5\n", "", nil, "5", 2, "`header=no`"},
		"twice the same":              {"0,0\n.5,.25\n.5,.75\n", "", nil, "x y", 3, ""},
		"a sign":                      {"-1,2\n.5,.25\n.5,.75\n", "", nil, "x y", 3, ""},
		"two rows say too little":     {"1,2\n.5,.25\n", "", nil, "x y", 2, ""},
		"words are names anyhow":      {"a,b\n.5,.25\n", "auto", nil, "a b", 1, ""},
		"columns of numbers, by text": {"0,1,2\n.5,a,.25\n.5,b,.75\n", "", []string{"1"}, "0 1 2", 2, ""},
	} {
		got, err := readCSV(strings.NewReader(c.in), "f.csv", OpenOptions{Header: c.header, Text: c.text})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := got.AllColumns()
		slices.Sort(all)
		if strings.Join(all, " ") != c.columns || got.Rows != c.rows || len(got.X) != got.Rows*got.Cols {
			t.Errorf("%s: columns %q, %d rows, %v", name, got.AllColumns(), got.Rows, got.X)
		}
		if text := strings.Join(got.Notes, "; "); (text == "") != (c.note == "") || !strings.Contains(text, c.note) {
			t.Errorf("%s: notes %q, want %q", name, text, c.note)
		}
	}
	if _, err := readCSV(strings.NewReader("a,b\n1,2\n"), "f.csv", OpenOptions{Header: "no"}); !errors.Is(err,
		ito.ErrInput) {
		t.Errorf("words that are no header: %v", err)
	}
}

// Levels are what the file says: ids that a float64 does not hold, zeros in front, commas.
func TestLevelsAreExact(t *testing.T) {
	for file, want := range map[string][]string{
		"big_ids":      {"740245381351497730", "740245381351497731", "740245381351497732"},
		"leading_zero": {"01", "1"},
		"comma_level":  {"a=b", "x,y"},
	} {
		got, err := Open("testdata/tables/"+file+".csv", OpenOptions{Text: []string{"label"}})
		if err != nil {
			t.Fatal(err)
		}
		_, taken, err := got.Take([]string{"label"})
		if err != nil {
			t.Fatal(err)
		}
		conditions, err := FitConditions(taken)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range conditions {
			sum := 0.
			for _, s := range k.Shares {
				sum += s
			}
			if len(k.Shares) != len(k.Levels) || math.Abs(sum-1) > 1e-12 {
				t.Errorf("%s: shares %v of %v", file, k.Shares, k.Levels)
			}
		}
		for i := range conditions {
			conditions[i].Shares = nil
		}
		if d := cmp.Diff([]ito.Condition{{Column: "label", Levels: want}}, conditions); d != "" {
			t.Errorf("%s: %s", file, d)
		}
		if got.Notes != nil {
			t.Errorf("%s: %q", file, got.Notes)
		}
		encoded, err := EncodeConditions(conditions, taken)
		if err != nil {
			t.Fatal(err)
		}
		counts := make([]float64, len(want))
		for i := range got.Rows {
			for k, v := range encoded.Row(i) {
				counts[k] += v
			}
		}
		for k, l := range want {
			row, err := ParseWhere(conditions, ExampleWhere([]ito.Condition{{Column: "label", Levels: want[k:]}}))
			if n := float64(strings.Count(strings.Join(taken[0].Text, "\n")+"\n", l+"\n")); err != nil || row[k] != 1 ||
				counts[k] == 0 || file != "leading_zero" && n != counts[k] {
				t.Errorf("%s: level %s is %v, %v; %g rows of it", file, l, row, err, counts[k])
			}
		}
	}
}

// Numbers that are learnt and cannot be what is written are told of, once a column.
func TestNotesOfInexactNumbers(t *testing.T) {
	for file, want := range map[string]string{
		"big_ids":      "line 2, column 3 (label): 740245381351497730 is read as the number 740245381351497700",
		"leading_zero": "line 3, column 3 (label): 01 is read as the number 1",
	} {
		got, err := Open("testdata/tables/"+file+".csv", OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Notes) != 1 || !strings.HasPrefix(got.Notes[0], want) {
			t.Errorf("%s: %q, want %s", file, got.Notes, want)
		}
	}
	for s, want := range map[string]bool{
		"0": false, "-0": false, "0.5": false, "00": true, "-01": true, "007.5": true, "1e300": false,
		"9007199254740992": false, "9007199254740993": true,
		"99999999999999999999": true, "12345678901234567.5": false, "1": false,
	} {
		if inexact(s) != want {
			t.Errorf("inexact(%s) = %v", s, !want)
		}
	}
}

// The advice for decimal commas does not change a number.
func TestDecimalCommas(t *testing.T) {
	_, err := Open("testdata/tables/decimal_comma_no_header.csv", OpenOptions{})
	want := `testdata/tables/decimal_comma_no_header.csv: line 1: cells are separated by ";" and decimals written with a comma; separate cells by commas, and write decimals with a point: tr ',;' '.,' does both at once`
	if !errors.Is(err, ito.ErrInput) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Columns that may be words need not be there, and may have empty cells.
func TestOptionalWords(t *testing.T) {
	got, err := readCSV(strings.NewReader("a,k,n\n1,x,01\n2,,1\n"), "f.csv", OpenOptions{Words: []string{"k", "n",
		"none"}})
	if err != nil {
		t.Fatal(err)
	}
	want := &Table{Name: "f.csv", Columns: []string{"a"}, Rows: 2, Cols: 1, X: []float64{1, 2},
		Text: []Column{{Name: "k", Text: []string{"x", ""}}, {Name: "n", Text: []string{"01", "1"}}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// zeros has no end.
type zeros struct{ c byte }

func (z zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = z.c
	}
	return len(p), nil
}

// Files made to fill the memory are refused while there is little of it in use.
func TestBombs(t *testing.T) {
	packed := func(r io.Reader, n int64) *bytes.Buffer {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
		if _, err := io.CopyN(z, r, n); err != nil {
			t.Fatal(err)
		}
		z.Close()
		return &b
	}
	head := "\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (40000000000, 1), }"
	head += strings.Repeat(" ", 127-len(head)) + "\n"
	for name, c := range map[string]struct {
		r    io.Reader
		want string
	}{
		"one line": {io.MultiReader(strings.NewReader("1,2\n"), zeros{'1'}), "a row of more than 8 MB"},
		"a quote": {io.MultiReader(strings.NewReader("a,b\n1,\"2\n"), zeros{'\n'}),
			"a row of more than 8 MB"},
		"a packed line": {packed(zeros{'1'}, 12<<20), "a row of more than 8 MB"},
		"packed rows": {packed(&rowsOf{text: strings.Repeat("1"+strings.Repeat("0", 200)+",1\n", 50)}, 80<<20),
			"it unpacks to more than 64 MB, 200 times its size"},
		"a packed npy file": {packed(io.MultiReader(strings.NewReader(head), zeros{0}), 80<<20),
			"it unpacks to more than 64 MB"},
		"commas": {zeros{','}, "a row of more than 8 MB"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(c.r, "bomb")
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if grown := (after.Sys - min(before.Sys, after.Sys)) >> 20; grown > 2<<10 {
			t.Errorf("%s: %d MB of memory", name, grown)
		}
	}
}

// rowsOf repeats a text.
type rowsOf struct {
	text string
	at   int
}

func (r *rowsOf) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// Whatever ends the lines, the table is the same.
func FuzzLineEnds(f *testing.F) {
	f.Add("a,b\n1,2\n", uint8(3))
	f.Add("k\n\"x\"\"y\"\n", uint8(1))
	f.Fuzz(func(t *testing.T, in string, cut uint8) {
		if strings.ContainsAny(in, "\r\"") {
			return
		}
		want, wantErr := Read(strings.NewReader(in), "f")
		for _, end := range []string{"\r\n", "\r"} {
			r := io.Reader(strings.NewReader(strings.ReplaceAll(in, "\n", end)))
			got, err := Read(&pieces{r, 1 + int(cut)}, "f")
			if (err == nil) != (wantErr == nil) || cmp.Diff(want, got) != "" {
				t.Errorf("%s: %v, %v\n%s", strconv.Quote(end), err, wantErr, cmp.Diff(want, got))
			}
		}
	})
}

// pieces reads a few bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p *pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }
