package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/data/frame"
)

// Every table as people have it trains and samples in two commands without a setting that describes it, and the samples
// are of its types. The environment variable ITO_TABLES names a folder with more CSV files.
func TestTwoCommands(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for name, make := range madeUp {
		file := filepath.Join(dir, name+".csv")
		if err := os.WriteFile(file, []byte(make()), 0o666); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	files = append(files, "../examples/customers/customers.csv", "../boost/testdata/titanic.csv")
	if more := os.Getenv("ITO_TABLES"); more != "" {
		found, err := filepath.Glob(filepath.Join(more, "*.csv"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no tables, %v", more, err)
		}
		files = append(files, found...)
	}
	for _, file := range slices.Sorted(slices.Values(files)) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".csv"), func(t *testing.T) {
			model, samples := filepath.Join(dir, "m.safetensors"), filepath.Join(dir, "s.csv")
			for _, args := range [][]string{
				{"train", file, "--out", model, "--steps", "12", "--width", "16", "--depth", "1", "--batch", "32"},
				{"sample", model, "-n", "300", "--nfe", "6", "--out", samples, "--force"},
			} {
				var errs bytes.Buffer
				a := &app{stdout: &output{w: io.Discard}, stderr: &errs}
				if code := a.main(context.Background(), args); code != exitOK {
					t.Fatalf("%q: exit code %d\n%s", args, code, errs.String())
				}
			}
			for _, what := range unlike(t, file, samples) {
				t.Error(what)
			}
			if err := os.Remove(model); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// unlike is what samples have that the types of a table do not allow.
func unlike(t *testing.T, file, samples string) (out []string) {
	t.Helper()
	in, err := frame.Open(file, frame.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s, err := in.Infer()
	if err != nil {
		t.Fatal(err)
	}
	data, err := in.Frame(s)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	tell := func(k int, format string, a ...any) {
		if name := s.Columns[k].Name; told[name] < 3 {
			told[name]++
			out = append(out, "column "+name+": "+fmt.Sprintf(format, a...))
		}
	}
	got, err := frame.Open(samples, frame.ReadOptions{Header: "yes", Delimiter: ",", Decimal: ".", NA: gapsOf(s)})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if !slices.Equal(got.Columns, in.Columns) {
		t.Fatalf("columns %q, of the data %q", got.Columns, in.Columns)
	}
	seen := map[string]bool{} // identifiers, of the data too
	if err := in.ScanCells(s, func(_ int, _ []float64, cells []string) error {
		for k, c := range s.Columns {
			if c.Kind == frame.Identifier {
				seen[fmt.Sprint(k, cells[k])] = true
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := got.ScanCells(s, func(line int, row []float64, cells []string) error {
		n++
		for k := range s.Columns {
			c, v, cell := &s.Columns[k], row[k], cells[k]
			switch {
			case c.Kind == frame.Text:
				if cell != c.Gap {
					tell(k, "line %d: text %q", line, cell)
				}
			case c.Kind == frame.Identifier:
				if id := fmt.Sprint(k, cell); seen[id] || cell == "" {
					tell(k, "line %d: %q is no fresh identifier", line, cell)
				} else {
					seen[id] = true
				}
			case c.Kind == frame.Constant:
				if cell != c.Value {
					tell(k, "line %d: %q is not %q", line, cell, c.Value)
				}
			case math.IsNaN(v):
				if c.Missing == 0 || cell != c.Gap {
					tell(k, "line %d: missing as %q, of the data %d as %q", line, cell, c.Missing, c.Gap)
				}
			case string(c.Append(nil, v, 0)) != cell:
				tell(k, "line %d: %q is not written as the data are: %q", line, cell, c.Append(nil, v, 0))
			case (c.Kind.Numeric() || c.Kind == frame.Time) && (v < c.Low || v > c.High || c.Snap(v) != v):
				tell(k, "line %d: %q is beyond the range or the lattice", line, cell)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n != 300 || data.Rows == 0 {
		t.Errorf("%d samples", n)
	}
	return out
}

// gapsOf are the ways of writing a missing cell.
func gapsOf(s frame.Schema) []string {
	out := []string{}
	for _, c := range s.Columns {
		if c.Missing > 0 {
			out = append(out, c.Gap)
		}
	}
	return out
}

// The check of the walk sees samples of other types.
func TestUnlike(t *testing.T) {
	dir := t.TempDir()
	data, samples := filepath.Join(dir, "d.csv"), filepath.Join(dir, "s.csv")
	head, good := "id,n,x,day,kind,same\n", ""
	for i := range 40 {
		good += fmt.Sprintf("C%03d,%d,%.2f,2024-01-%02d,%s,1\n", i, i%30, float64(i*i%50)/20, 1+i%28, []string{"a", "b"}[i%2])
	}
	if err := os.WriteFile(data, []byte(head+good), 0o666); err != nil {
		t.Fatal(err)
	}
	fine := ""
	for i := range 300 {
		fine += fmt.Sprintf("C%03d,5,0.05,2024-01-09,a,1\n", 40+i)
	}
	for row, want := range map[string]string{
		"":                            "",
		"C900,5,0.05,2024-01-09,a,2":  `column same: line 2: "2" is not "1"`,
		"C003,5,0.05,2024-01-09,a,1":  "column id: line 2: \"C003\" is no fresh identifier",
		"C900,31,0.05,2024-01-09,a,1": "column n: line 2: \"31\" is beyond the range",
		"C900,5,0.07,2024-01-09,a,1":  "column x: line 2: \"0.07\" is beyond the range or the lattice",
		"C900,5,.05,2024-01-09,a,1":   "column x: line 2: \".05\" is not written as the data are",
		"C900,5,0.05,2025-01-09,a,1":  "column day: line 2: \"2025-01-09\" is beyond the range",
		"C900,,0.05,2024-01-09,a,1":   "column n: line 2: missing",
	} {
		text := head + fine
		if row != "" {
			_, rest, _ := strings.Cut(fine, "\n")
			text = head + row + "\n" + rest
		}
		if err := os.WriteFile(samples, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		got := unlike(t, data, samples)
		if (len(got) == 0) != (want == "") || want != "" && !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %q", row, got)
		}
	}
}
