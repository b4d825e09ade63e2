package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte("a,b\n1,2\n"))
	w.Close()
	plain := file("plain.csv", "a,b\n1,2\n")
	zipped := file("zipped.csv.gz", z.String())
	array := file("array.npy", string(npy(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }",
		[]float64{1, 2})))
	for _, name := range []string{plain, zipped, array, "-"} {
		got, err := Open(name, OpenOptions{Stdin: strings.NewReader("1,2\n")})
		if err != nil {
			t.Fatal(err)
		}
		if got.Rows != 1 || got.Cols != 2 || got.X[1] != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, err := Open("moons", OpenOptions{}); err != nil || got.Rows != DefaultRows {
		t.Errorf("moons: %v", err)
	}

	cut := file("cut.csv.gz", z.String()[:z.Len()-9])
	for name, c := range map[string]struct {
		open string
		o    OpenOptions
		want string
	}{
		"no file": {"spirla", OpenOptions{}, "spirla: there is no such file, and no built-in set of that " +
			"name; did you mean \"spiral\"? There are spiral, checkerboard"},
		"no file, far": {"qqqq", OpenOptions{}, "qqqq: there is no such file, and no built-in set of that name; " +
			"choose one of spiral, checkerboard"},
		"a directory":   {dir, OpenOptions{}, dir + ": it cannot be read: is a directory"},
		"cut gzip":      {cut, OpenOptions{}, cut + ": it cannot be read: unexpected EOF"},
		"a spreadsheet": {file("t.csv", "PK\x03\x04"), OpenOptions{}, "it is a zip archive"},
		"UTF-16": {file("u.csv", "\xff\xfex\x00"), OpenOptions{},
			"it is text in UTF-16; give a CSV file in UTF-8"},
		"named npy": {file("f.npy", "1,2\n"), OpenOptions{},
			"f.npy: it is named .npy and does not begin like one"},
		"no standard input": {"-", OpenOptions{}, "there is no standard input"},
		"empty input":       {"-", OpenOptions{Stdin: strings.NewReader("")}, "standard input: there is nothing in it"},
		"column of an array": {array, OpenOptions{Text: []string{"label"}},
			`no column is named "label"; choose one of x, y`},
		"column of a toy": {"moons", OpenOptions{Text: []string{"z"}}, `moons: no column is named "z"`},
		"rows of a toy":   {"moons", OpenOptions{Rows: -3}, "moons: -3 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(c.open, c.o)
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// The digits of the examples: the file is whole, conditions on its label, and real digits are told
// apart by their nearest neighbours 98.8 % of the time.
func TestDigits(t *testing.T) {
	all, err := Open("../examples/digits.csv", OpenOptions{Text: []string{"label"}})
	if err != nil {
		t.Fatal(err)
	}
	if all.Rows != 1797 || all.Cols != 65 || all.Columns[0] != "p0" || all.Columns[63] != "p63" {
		t.Fatalf("%d×%d, columns %v", all.Rows, all.Cols, all.Columns)
	}
	rest, taken, err := all.Take([]string{"label"})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range rest.X {
		if v < 0 || v > 16 {
			t.Fatalf("a pixel of %v", v)
		}
	}
	conditions, err := FitConditions(taken)
	if err != nil {
		t.Fatal(err)
	}
	if len(conditions[0].Levels) != 10 {
		t.Errorf("levels %v", conditions[0].Levels)
	}
	labels := make([]int, all.Rows)
	for i, v := range taken[0].Numbers {
		labels[i] = int(v)
	}
	accuracy, err := metric.LeaveOneOut(t.Context(), rest.States(), labels)
	if err != nil {
		t.Fatal(err)
	}
	if accuracy < .98 {
		t.Errorf("leave-one-out accuracy %v", accuracy)
	}
	tr, err := FitTransform("standardise", rest)
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.Keep) != 61 { // p0, p32 and p39 are always white
		t.Errorf("%d of the 64 pixels vary", len(tr.Keep))
	}
}
