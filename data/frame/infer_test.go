package frame

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/parquet-go/parquet-go"
	"github.com/seed9a7962a8/ito"
)

// readText reads a table from standard input.
func readText(text string, o ReadOptions) (*Frame, error) {
	o.Stdin = strings.NewReader(text)
	return Read("-", o)
}

func mustRead(t *testing.T, text string, o ReadOptions) *Frame {
	t.Helper()
	f, err := readText(text, o)
	if err != nil {
		t.Fatalf("%v\nof %q", err, text)
	}
	return f
}

// column repeats cells until there are n of them.
func column(name string, n int, cells ...string) string {
	var b strings.Builder
	b.WriteString(name + ",other\n")
	for i := range n {
		b.WriteString(cells[i%len(cells)] + ",.5\n")
	}
	return b.String()
}

// Every kind is found, with lattice, format and levels.
func TestKinds(t *testing.T) {
	many := func(n int, f func(i int) string) []string {
		var out []string
		for i := range n {
			out = append(out, f(i))
		}
		return out
	}
	word := func(i int) string { return string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + "-" }
	for _, c := range []struct {
		name  string
		cells []string
		kind  Kind
		check func(c Column) bool
	}{
		{"x", []string{"1.5", "-2.25", "3.125"}, Real, func(c Column) bool {
			return c.Step == .125 &&
				c.MostPlaces == 3
		}},
		{"x", []string{"1.50", "2.00", "3.10"}, Positive, func(c Column) bool { return c.Places == 2 && c.Low == 1.5 }},
		{"x", []string{".15", ".2", "1"}, Proportion, func(c Column) bool { return c.Step == .05 && c.High == 1 }},
		{"x", []string{"1e-3", "2", "7.5"}, Positive, func(c Column) bool { return c.MostPlaces == -1 && c.Step == 0 }},
		{"x", []string{"5", "10", "25"}, Integer, func(c Column) bool { return c.Step == 5 && c.Origin == 0 }},
		{"x", []string{"41.0", "7.0", "8.0"}, Integer, func(c Column) bool { return c.Places == 1 }},
		{"x", []string{"0", "1"}, Boolean, nil},
		{"x", []string{"Yes", "No"}, Boolean, func(c Column) bool { return c.Levels[0] == "No" }},
		{"x", []string{"b", "a", "c", "a"}, Category, func(c Column) bool { return c.Counts[0] == 20 }},
		{"zip", []string{"01067", "99099", "10115"}, Category, func(c Column) bool { return c.Levels[0] == "01067" }},
		{"x", []string{"12345678901234567890", "12345678901234567891"}, Category, nil},
		{"x", []string{"7"}, Constant, func(c Column) bool { return c.Value == "7" }},
		{"x", []string{""}, Constant, func(c Column) bool { return c.Missing == 40 }},
		{"x", []string{"2024-01-31", "2023-12-01"}, Time, func(c Column) bool { return c.Step == 61*86400 }},
		{"x", []string{"31.01.2024", "01.12.2023", "05.01.2024"}, Time, nil},
		{"x", []string{"2024-01-31T10:00:00+02:00", "2024-01-31T11:00:00+02:00"}, Time,
			func(c Column) bool { return c.Zone == "+02:00" && c.Step == 3600 }},
		{"x", []string{"10:15", "23:59"}, Time, nil},
		{"x", many(40, func(i int) string { return string(rune('1'+i/10)) + string(rune('0'+i%10)) }), Identifier,
			func(c Column) bool { return c.Next == 50 }},
		{"customer", many(40, func(i int) string { return "C-00" + string(rune('1'+i/10)) + string(rune('0'+i%10)) }),
			Identifier, func(c Column) bool {
				return c.Prefix == "C-" && c.Width == 4 && c.identifier(0,
					3) == "C-0053"
			}},
		{"x", many(40, func(i int) string { return word(i) + " and more" }), Text, nil},
		{"x", []string{"NA", "a", "b", "a"}, Category, func(c Column) bool { return c.Missing == 10 && c.Gap == "NA" }},
		{"x", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "?"}, Integer,
			func(c Column) bool { return c.Missing == 3 && c.Gap == "?" }},
	} {
		f := mustRead(t, column(c.name, 40, c.cells...), ReadOptions{})
		got := f.Schema.Columns[0]
		if got.Kind != c.kind || c.check != nil && !c.check(got) || got.Reason == "" {
			t.Errorf("%q: %+v, not %s", c.cells[:min(len(c.cells), 4)], got, c.kind)
		}
	}
}

// All problems come at once, with the lines of the first offenders.
func TestProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString("a,b,when\n")
	for i := range 30 {
		switch i {
		case 11:
			b.WriteString("oops,1,2024-02-30\n")
		case 17:
			b.WriteString("1,2\n")
		case 20:
			b.WriteString("2,\"x\"y,2024-01-01\n")
		default:
			b.WriteString("1.5,3,2024-01-02\n")
		}
	}
	_, err := readText(b.String(), ReadOptions{Types: []string{"nope=real", "b=colour"}, Ignore: []string{"c"}})
	var p *Faults
	if !errors.As(err, &p) || !errors.Is(err, ito.ErrInput) {
		t.Fatal(err)
	}
	for _, want := range []string{`no column is named "nope"`, "no type \"colour\"", `no column is named "c"`,
		`column a: 1 cell is no number, and the other 27 are; the first is "oops" (line 13)`, "(line 19)",
		`"2024-02-30" (line 13)`, `quote`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

// What is declared wins, and is checked.
func TestDeclared(t *testing.T) {
	text := "n,size,p\n"
	for range 10 {
		text += "1,S,.5\n2,L,.25\n3,M,0\n"
	}
	f := mustRead(t, text, ReadOptions{Types: []string{"n=category", "size=ordered:S<M<L"}})
	if c := f.Schema.Columns; c[0].Kind != Category || !slices.Equal(c[1].Levels, []string{"S", "M", "L"}) ||
		f.Row(1)[1] != 2 {
		t.Errorf("%+v", f.Schema)
	}
	for types, want := range map[string]string{
		"size=ordered":      "without its order",
		"size=ordered:S<M":  `the first is "L"`,
		"p=positive":        "10 cells are not above 0; the first is \"0\" (lines 4, 7, 10, 13, 16 and 5 more)",
		"size=real":         "30 cells are no number",
		"size=boolean":      "3 levels",
		"p=integer":         "20 cells are no whole number",
		"n=time:2006-01-02": "hardly a cell",
		"n":                 "is not COLUMN=TYPE",
	} {
		if _, err := readText(text, ReadOptions{Types: []string{types}}); err == nil || !strings.Contains(err.Error(),
			want) {
			t.Errorf("%s: %v", types, err)
		}
	}
}

// The same table in any writing gives the same cells.
func TestWritings(t *testing.T) {
	plain := "name,x,n,zip\n"
	german := "name;x;n;zip\n"
	lines := ""
	for i := range 12 {
		v := string(rune('0' + i%10))
		plain += "Zoë," + v + ".25," + v + ",0106" + v + "\n"
		german += "Zoë;" + v + ",25;" + v + ";0106" + v + "\n"
		lines += `{"name":"Zoë","x":` + v + `.25,"n":` + v + `,"zip":"0106` + v + "\"}\n"
	}
	want := mustRead(t, plain, ReadOptions{})
	wide := func(s string, high int) string {
		b := []byte{0xfe, 0xff}
		if high == 1 {
			b = []byte{0xff, 0xfe}
		}
		for _, u := range utf16.Encode([]rune(s)) {
			if high == 1 {
				b = append(b, byte(u), byte(u>>8))
			} else {
				b = append(b, byte(u>>8), byte(u))
			}
		}
		return string(b)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(plain))
	z.Close()
	for name, text := range map[string]string{
		"mark": "\ufeff" + plain, "little": wide(plain, 1), "big": wide(german, 0), "gzip": packed.String(),
		"tabs": strings.ReplaceAll(plain, ",", "\t"), "pipes": strings.ReplaceAll(plain, ",", "|"), "commas": german,
		"json": lines, "returns": strings.ReplaceAll(plain, "\n", "\r"), "windows": strings.ReplaceAll(plain, "\n",
			"\r\n"),
		"tail": strings.ReplaceAll(plain, "\n", ",,\n"), "quoted": strings.ReplaceAll(plain, "Zoë", `"Zoë"`),
	} {
		got := mustRead(t, text, ReadOptions{})
		if got.Digest() != want.Digest() {
			t.Errorf("%s: %+v %v", name, got.Schema, got.X)
		}
	}
	if want.Schema.Columns[3].Kind != Category && want.Schema.Columns[3].Kind != Text {
		t.Errorf("leading zeros: %+v", want.Schema.Columns[3])
	}
}

// Parquet has numbers, words, gaps and times.
func TestParquet(t *testing.T) {
	type row struct {
		N    int64    `parquet:"n"`
		X    *float64 `parquet:"x,optional"`
		Word string   `parquet:"word"`
		At   int64    `parquet:"at,timestamp(millisecond)"`
		OK   bool     `parquet:"ok"`
	}
	file := filepath.Join(t.TempDir(), "t.parquet")
	var rows []row
	for i := range 300 {
		r := row{N: int64(i * i), Word: []string{"a", "b", "c"}[i%3], At: 1700000000000 + int64(i)*3600000,
			OK: i%2 == 0}
		if x := float64(i) / 4; i%5 > 0 {
			r.X = &x
		}
		rows = append(rows, r)
	}
	if err := parquet.WriteFile(file, rows); err != nil {
		t.Fatal(err)
	}
	f, err := Read(file, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []Kind
	for _, c := range f.Schema.Columns {
		kinds = append(kinds, c.Kind)
	}
	if !slices.Equal(kinds, []Kind{Integer, Positive, Category, Time, Boolean}) || f.Rows != 300 ||
		f.Schema.Columns[1].Missing != 60 || f.Row(2)[3] != 1700007200 || f.Schema.Columns[3].Step != 3600 {
		t.Errorf("%+v %v", f.Schema, f.Row(2))
	}
	text, _ := os.ReadFile(file)
	for cut := range 40 {
		broken := bytes.Clone(text)
		for k := cut * len(text) / 40; k < min(len(text)-8, (cut+1)*len(text)/40); k++ {
			broken[k] ^= 0x5a
		}
		if err := os.WriteFile(file, broken, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file, ReadOptions{}); err != nil && !errors.Is(err, ito.ErrInput) {
			t.Errorf("damaged at %d: %v", cut, err)
		}
	}
}

// Tables without a row, a name twice, of another schema.
func TestNoTable(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "nothing in it",
		"a,b\n":              "no row below",
		"a,a\n1,2\n":         `have the one name "a"`,
		"a\x00b\n":           "zero byte",
		"{\"a\":[1]}\n":      "list",
		"{\"a\":1}\nx\n":     "no JSON object (line 2)",
		"a,b\n1,\"2\n3\n4\n": "quote",
	} {
		if _, err := readText(text, ReadOptions{}); err == nil || !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	s := mustRead(t, "a,b\n1.5,x\n2.5,y\n1.5,x\n", ReadOptions{}).Schema
	for text, want := range map[string]string{
		"a\n1.5\n":       "column b: ", // of the schema
		"a,b\n1.5,z\n":   `the first is "z" (line 2)`,
		"a,b\nhi,x\n":    "1 cell is no number",
		"a,b,c\n1,x,2\n": "",
	} {
		in, err := Open("-", ReadOptions{Stdin: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Frame(s)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A schema is written, read and given back.
func TestSchemaTOML(t *testing.T) {
	text := column("when", 40, "2024-01-31", "2023-12-05", "", "2023-11-07")
	f := mustRead(t, text, ReadOptions{})
	var b bytes.Buffer
	if err := f.Schema.WriteTOML(&b, "x"); err != nil {
		t.Fatal(err)
	}
	s, err := ParseSchema("s", b.String())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	again := mustRead(t, text, ReadOptions{Schema: s})
	if again.Digest() != f.Digest() {
		t.Errorf("%+v, not %+v", again.Schema, f.Schema)
	}
	for text, want := range map[string]string{
		"[[column]]\nname=\"a\"\nkind=\"reel\"\n":          "reel",
		"[[column]]\nname=\"a\"\nkind=\"real\"\nlo=1\n":    "no setting column.lo",
		"[[column]]\nname=\"a\"\nkind=\"real\"\nlow=nan\n": "",
	} {
		s, err := ParseSchema("s", text)
		if err == nil {
			err = s.Check("s")
		}
		if err == nil || !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	s.Columns[0].Low, s.Columns[0].High = 1700000000, 1700000001
	if _, err := readText(text, ReadOptions{Schema: s}); err == nil || !strings.Contains(err.Error(), "bounds") {
		t.Error(err)
	}
}

// A constraint that is given twice, in a schema and beside it, is one.
func TestAddRules(t *testing.T) {
	s := Schema{Rules: []string{"a <= b"}}
	s.AddRules([]string{"a  <= b ", "b <= c", "b <= c"})
	if want := []string{"a <= b", "b <= c"}; !slices.Equal(s.Rules, want) {
		t.Errorf("%q, want %q", s.Rules, want)
	}
}
