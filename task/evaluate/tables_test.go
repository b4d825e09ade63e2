package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/tabular"
	"github.com/seed9a7962a8/ito/task"
)

// write makes a file in a directory of the test.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// people is a table with an id, words, gaps, a date, a flag and a constant.
func people(n int, seed uint64) string {
	var b strings.Builder
	b.WriteString("id,age,sex,since,paid,country\n")
	key := rng.NewKey(seed, rng.PurposeUser, 0, 0)
	u := make([]float64, 4)
	for i := range n {
		key.Uniforms64(u, 4, []uint64{uint64(i)})
		sex, paid, age := "f", "no", fmt.Sprintf("%.0f", 18+60*u[0]*u[0])
		if u[1] > .6 {
			sex = "m"
		}
		if u[0]+u[2] > 1 {
			paid = "yes"
		}
		if u[3] < .1 {
			age = ""
		}
		fmt.Fprintf(&b, "%d,%s,%s,2020-%02d-%02d,%s,CH\n", i+int(seed)*100000, age, sex, 1+int(11*u[0]), 1+int(27*u[3]), paid)
	}
	return b.String()
}

func evaluated(t *testing.T, samples, against string, set func(*Config)) (*Report, error) {
	t.Helper()
	c := spec.New[Config]()
	c.Samples, c.Against = samples, against
	if set != nil {
		set(&c)
	}
	return Run(t.Context(), c, Env{Env: task.Env{Note: func(string) {}}})
}

func TestTables(t *testing.T) {
	dir := t.TempDir()
	data := write(t, dir, "data.csv", people(300, 1))
	same := write(t, dir, "same.csv", people(300, 2))
	r, err := evaluated(t, same, data, func(c *Config) { c.Typed.Report, c.Typed.Target = filepath.Join(dir, "out"), "paid" })
	if err != nil {
		t.Fatal(err)
	}
	if r.Table == nil || r.Table.Verdict.Grade != tabular.Alike || r.Table.Verdict.Leaks || r.Verdict == "" {
		t.Fatalf("%+v", r.Table)
	}
	if len(r.Table.Columns) != 5 || len(r.Table.LeftOut) != 1 || r.Table.LeftOut[0].Column != "id" {
		t.Errorf("%d columns, left out %v", len(r.Table.Columns), r.Table.LeftOut)
	}
	page, err := os.ReadFile(filepath.Join(dir, "out", "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "width=device-width", "prefers-color-scheme: dark", r.Table.Caution, "SMOTE"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, no := range []string{"http:", "https:", "<script", "NaN", "Inf"} {
		if strings.Contains(string(page), no) {
			t.Errorf("the page has %s", no)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "out", "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Verdict tabular.Verdict `json:"verdict"`
		Columns []struct {
			Column string `json:"column"`
		} `json:"columns"`
	}
	if err := json.Unmarshal(text, &back); err != nil || back.Verdict != r.Table.Verdict || len(back.Columns) != 5 {
		t.Errorf("%v: %+v", err, back)
	}

	// Another order of columns, 30.0 for 30, a column more: the same report.
	var b strings.Builder
	for line := range strings.Lines(people(300, 2)) {
		w := strings.Split(strings.TrimSpace(line), ",")
		if w[1] != "" && w[1] != "age" {
			w[1] += ".0"
		}
		fmt.Fprintln(&b, strings.Join([]string{w[4], w[1], w[5], w[3], "x" + w[0], w[2]}, ","))
	}
	mixed := write(t, dir, "mixed.csv", strings.Replace(b.String(), "xid", "note", 1))
	m, err := evaluated(t, mixed, data, func(c *Config) { c.Typed.Target = "paid" })
	if err != nil {
		t.Fatal(err)
	}
	if m.Table.Samples.Trees != r.Table.Samples.Trees || m.Table.Samples.Pairs != r.Table.Samples.Pairs {
		t.Errorf("another order of columns: %+v, not %+v", m.Table.Samples, r.Table.Samples)
	}
	if len(m.Table.Extra) != 1 || m.Table.Extra[0] != "note" {
		t.Errorf("extra columns %v", m.Table.Extra)
	}

	// A constant that is another, ages below the youngest, dates: the column is named.
	bad := write(t, dir, "bad.csv", strings.ReplaceAll(strings.ReplaceAll(people(300, 2), ",18,", ",-3,"), ",CH", ",DE"))
	if r, err = evaluated(t, bad, data, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"country: none of its levels is one of the data's", "age: ", "below the least of the data"} {
		if !strings.Contains(r.Verdict, want) {
			t.Errorf("%q is not in: %s", want, r.Verdict)
		}
	}
	late := write(t, dir, "late.csv", strings.ReplaceAll(people(300, 2), ",2020-", ",2031-"))
	if r, err = evaluated(t, late, data, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Verdict, "since: 300 rows are above the largest of the data: up to 2031-") {
		t.Error(r.Verdict)
	}
}

// What cannot be compared is an error that names file, column and what to do.
func TestTableErrors(t *testing.T) {
	dir := t.TempDir()
	data := write(t, dir, "data.csv", people(60, 1))
	without := write(t, dir, "without.csv", "id,age,since,paid,country\n1,20,2020-01-02,no,CH\n")
	words := write(t, dir, "words.csv", strings.ReplaceAll(people(60, 2), "2,", "old,"))
	few := write(t, dir, "few.csv", people(3, 2))
	same := write(t, dir, "same.csv", people(60, 3))
	for _, c := range []struct {
		name, samples string
		set           func(*Config)
		want          []string
	}{
		{"a column is missing", without, nil, []string{"without.csv", "no column sex", "`ignore`"}},
		{"words for numbers", words, nil, []string{"words.csv", "age"}},
		{"too few", few, nil, []string{"too few"}},
		{"no such target", same, func(c *Config) { c.Typed.Target = "agee" }, []string{"`target`", "agee"}},
		{"no such column to ignore", same, func(c *Config) { c.Ignore = []string{"agee"} }, []string{"`ignore`", "agee"}},
		{"scale", same, func(c *Config) { c.Scale = []float64{1} }, []string{"`scale`"}},
		{"numbers with a holdout", same, func(c *Config) { c.Typed.As, c.Typed.Holdout = "numbers", data },
			[]string{"`as=table`"}},
		{"no such file", filepath.Join(dir, "nothing.csv"), func(c *Config) { c.Typed.As = "table" }, []string{"no such file"}},
	} {
		_, err := evaluated(t, c.samples, data, c.set)
		if !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in: %v", c.name, w, err)
			}
		}
	}
}

// Where every cell is a number the distances are printed, unless tables are asked for.
func TestWhatIsATable(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("x,n\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%g,%d\n", math.Sin(float64(i)), i%7)
	}
	numbers := write(t, dir, "n.csv", b.String())
	gaps := write(t, dir, "gaps.csv", strings.Replace(b.String(), ",3\n", ",\n", 3))
	for _, c := range []struct {
		samples, data, as string
		table             bool
	}{{numbers, numbers, "auto", false}, {numbers, numbers, "table", true}, {gaps, numbers, "auto", true},
		{numbers, gaps, "auto", true}} {
		r, err := evaluated(t, c.samples, c.data, func(k *Config) { k.Typed.As = c.as })
		if err != nil {
			t.Fatal(err)
		}
		if (r.Table != nil) != c.table {
			t.Errorf("%+v is a table: %v", c, r.Table != nil)
		}
	}
}
