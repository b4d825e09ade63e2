package modeldata

import (
	"errors"
	"math"
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
		if !reflect.DeepEqual(rows.Shape, []int{2, 3}) || rows.X[5] != 6 || !math.IsNaN(rows.X[4]) || d["y"].(model.Array).X[1] != 6 || d["c1"].(model.Array).X[1] != 4 {
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
		"{\"x\": 1,\n \"y\": [28, \"eight\"]}":                    "f.json:2:12: data \"y\": string is neither a number nor a list of numbers",
		"{\"y\": [[1, 2],\n  [3, 4],\n  [5]], \"x\": \"a\"}":      "f.json:3:3: data \"y\": rows of 2 and of 1 elements",
		"{\"y\": [1, 2,\n\t[3]]}":                                 "f.json:2:2: data \"y\": a list stands where the first row has a number",
		"{\"y\": [[[1]], [[2]], [3]]}":                            "f.json:1:23: data \"y\": a number stands where the first row has a list",
		"{\"y\": 7, \"x\": [1], \"y\": [null, true, {\"a\": 1}]}": "f.json:1:38: data \"y\": map is neither a number nor a list of numbers",
	} {
		d, err := JSON("f.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = model.Compile("m.star", "x = param(\"x\", prior = normal(0, 1))", d, model.Options{})
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
		"text.csv":      {"a,b\n1,2\n3,x\n", 3, 2},
		"twice.csv":     {"a,a\n1,2\n", 1, 2},
		"empty.csv":     {"a,b\n", 0, 0},
		"quote.csv":     {"a,b\n\"1,2\n", 2, 1},
		"nan.json":      {"{\"a\": [1, NaN]}", 1, 11},
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
