package modeldata

import (
	"errors"
	"math"
	"os"
	"reflect"
	"testing"

	"github.com/seed9a7962a8/ito/target/model"
)

func TestCSV(t *testing.T) {
	for name, text := range map[string]string{
		"commas":     "\ufeff\"\",x,y\r\n1,2,3\r\n4,NA,6\r\n",
		"quoted":     "c1,\"x\",y\n\"1\",\" 2 \",3\n4,,6",
		"semicolons": "c1;x;y\n1;2;3\n\n4;;6",
		"tabs":       "c1\tx\ty\n1\t2\t3\n4\tNaN\t6\n",
	} {
		d, err := Read(name+".csv", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows := d["rows"].(model.Array)
		if !reflect.DeepEqual(rows.Shape, []int{2, 3}) || rows.X[5] != 6 || !math.IsNaN(rows.X[4]) ||
			d["y"].(model.Array).X[1] != 6 || d["c1"].(model.Array).X[1] != 4 {
			t.Errorf("%s gave %v", name, d)
		}
	}
	d, err := CSV("blanks", []byte("  1  2.5 \n 3 4e2\n"))
	if err != nil || d["c2"].(model.Array).X[1] != 400 {
		t.Errorf("blanks without a header: %v, %v", d, err)
	}
}

// What a model cannot read has its place in the file: the word, the row or the number.
func TestLocate(t *testing.T) {
	for text, want := range map[string]string{
		"{\"x\": 1,\n \"y\": [28, \"eight\"]}": "f.json:2:12: data \"y\": string is neither a " +
			"number nor a list of numbers",
		"{\"y\": [[1, 2],\n  [3, 4],\n  [5]], \"x\": \"a\"}": "f.json:3:3: data \"y\": rows of 2 and of 1 elements",
		"{\"y\": [1, 2,\n\t[3]]}": "f.json:2:2: data \"y\": a list stands where the " +
			"first row has a number",
		"{\"y\": [[[1]], [[2]], [3]]}": "f.json:1:23: data \"y\": a number stands where " +
			"the first row has a list",
		"{\"y\": 7, \"x\": [1], \"z\": [null, true, {\"a\": 1}]}": "f.json:1:38: data \"z\": map is neither a number " +
			"nor a list of numbers",
	} {
		d, err := JSON("f.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = model.Compile("m.star", "x = param(\"x\", prior = normal(0, 1))", d, model.CompileOptions{})
		var bad *model.DataError
		if !errors.As(err, &bad) {
			t.Fatalf("%s: %v", text, err)
		}
		if got := Locate("f.json", []byte(text), bad).Error(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for name, p := range map[string]struct {
		text string
		line int
		col  int
	}{
		"ragged.csv":    {"a,b\n1,2\n3\n", 3, 1},
		"twice.csv":     {"a,a\n1,2\n", 1, 2},
		"empty.csv":     {"a,b\n", 0, 0},
		"quote.csv":     {"a,b\n\"1,2\n", 2, 1},
		"word.json":     {"{\"a\": [1, NaN,\n nope]}", 2, 3},
		"after.json":    {"{\"a\": [NaN, -Infinity], \"b\": }", 1, 30},
		"inner.csv":     {"a,b\n1,\"2\"3\n", 2, 1},
		"huge.json":     {"{\"a\": 1e999}", 1, 7},
		"comma.json":    {"{\"a\": 1,\n \"b\": }", 2, 7},
		"list.json":     {"[1, 2]", 1, 1},
		"null.json":     {"null", 0, 0},
		"trailing.json": {"{} {}", 1, 4},
		"cut.json":      {"{\"a\": [1, 2", 0, 0},
	} {
		_, err := Read(name, []byte(p.text))
		var e *Error
		if !errors.As(err, &e) || e.Name != name || e.Line != p.line || p.line > 0 && e.Col != p.col {
			t.Errorf("%s gave %v, want line %d, column %d", name, err, p.line, p.col)
		}
	}
}

func TestJSON(t *testing.T) {
	d, err := Read("d.JSON", []byte(`{"n": 3, "y": [1, null], "m": [[1, 2], [3, 4]], "s": "text"}`))
	if err != nil || d["n"] != 3. || d["s"] != "text" || len(d["y"].([]any)) != 2 {
		t.Errorf("%v, %v", d, err)
	}
}

// The small files on which the readers were wrong: a name that stands twice, infinities as CmdStan writes them,
// commas in quotes (RFC 4180).
func TestFaults(t *testing.T) {
	read := func(name string) (model.Data, error) {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return Read(name, b)
	}
	if _, err := read("duplicate_key.json"); err == nil ||
		err.Error() != `duplicate_key.json:1:10: the name "y" stands twice` {
		t.Errorf("a name that stands twice: %v", err)
	}
	d, err := read("stan_inf_nan.json")
	if err != nil {
		t.Fatal(err)
	}
	y := d["y"].([]any)
	if lo := d["lo"].(float64); !math.IsInf(lo, -1) || y[0] != 1. || !math.IsNaN(y[1].(float64)) || y[2] != 3. {
		t.Errorf("infinities: %v", d)
	}
	d, err = read("model_quoted_comma.csv")
	if err != nil || !reflect.DeepEqual(d["t,u"], model.Array{Shape: []int{2}, X: []float64{5, 6}}) {
		t.Errorf("a comma in quotes: %v, %v", d, err)
	}
}

// Quotes may hold separators, quotes and ends of lines; words for numbers are those of CmdStan, and texts stay texts.
func TestQuotesAndWords(t *testing.T) {
	d, err := CSV("q.csv", []byte("\"a;b\";\"say \"\"c\"\"\";\"two\nlines\"\r\n1;2;3\r\n \r\n4;5;6"))
	if err != nil || d[`say "c"`] == nil || d["two\nlines"] == nil || d["a;b"].(model.Array).X[1] != 4 {
		t.Errorf("%v, %v", d, err)
	}
	_, err = CSV("q.csv", []byte("a,\"b\nc\"\n1,x\n"))
	var e *Error
	if !errors.As(err, &e) || e.Line != 3 {
		t.Errorf("a mistake after a name of two lines: %v", err)
	}
	d, err = JSON("w.json", []byte(
		`{"a": [Inf, "-Inf", NaN, "+Infinity"], "s": ["Inf", "text"], "t": "NaN of \"NaN, ", "n": {"NaN": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	a := d["a"].([]any)
	if a[0] != math.Inf(1) || a[1] != math.Inf(-1) || !math.IsNaN(a[2].(float64)) || a[3] != math.Inf(1) ||
		d["s"].([]any)[0] != "Inf" || d["t"] != `NaN of "NaN, ` {
		t.Errorf("%v", d)
	}
	where := Locate("w.json", []byte("{\"a\": [NaN, -Infinity,\n [1]]}"), &model.DataError{Name: "a"})
	if where.Line != 2 || where.Col != 2 {
		t.Errorf("a list after words stands at %d:%d", where.Line, where.Col)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"y":[1,NaN,3],"lo":-Infinity,"s":"a\\\"NaN"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := JSON("f.json", b); err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%q gave %v", b, err)
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("1 2\n3 4"))
	f.Add([]byte("\"\",\"x\"\n\"1\",NA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := CSV("f.csv", b)
		if err != nil {
			return
		}
		rows := d["rows"].(model.Array)
		if len(rows.X) != rows.Shape[0]*rows.Shape[1] || len(rows.X) == 0 {
			t.Errorf("%q gave shape %v for %d numbers", b, rows.Shape, len(rows.X))
		}
	})
}
