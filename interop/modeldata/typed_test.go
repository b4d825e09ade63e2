package modeldata

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/target/model"
)

// However a table is written, and whatever stands beside its numbers, its vectors are the same; a column of words stops
// only a model that asks for it.
func TestTablesWithWords(t *testing.T) {
	const star = "mu = param('mu', prior = normal(0, 1))\nobserve(normal(mu, 1), data[\"x\"])\n"
	wide := "\xff\xfe"
	for _, r := range "x,city\n1.5,Jena\n2.5,Weimar\n3,Jena\n" {
		wide += string([]byte{byte(r), 0})
	}
	for name, text := range map[string]string{
		"words":   "x,city\n1.5,Jena\n2.5,Weimar\n3,Jena\n",
		"comma":   "x;city\n1,5;Jena\n2,5;Weimar\n3;Jena\n",
		"quoted":  "\"x\",\"city\"\n\"1.5\",\"Jena, Ost\"\n\"2.5\",\"a \"\"b\"\"\"\n3,c\n",
		"returns": "x,city\r1.5,Jena\r2.5,Weimar\r3,Jena\r",
		"marked":  "\ufeffx,city\n1.5,Jena\n2.5,Weimar\n3,Jena\n",
		"json":    "{\"x\": 1.5, \"city\": \"Jena\"}\n{\"x\": 2.5, \"city\": \"Weimar\"}\n{\"x\": 3, \"city\": \"Jena\"}\n",
		"utf16":   wide,
	} {
		d, err := Read(name+".csv", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x, ok := d["x"].(model.Array)
		if !ok || len(x.X) != 3 || x.X[0] != 1.5 || x.X[2] != 3 || d["rows"] != nil {
			t.Errorf("%s: %v", name, d)
		}
		if _, err := model.Compile("m", star, d, model.CompileOptions{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err = model.Compile("m", strings.Replace(star, `data["x"]`, `data["city"]`, 1), d,
			model.CompileOptions{}); err == nil || !strings.Contains(err.Error(), "string is not a number") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// a word in a column that a model asks for is found
	b := []byte("a,b\n1,2\n3,x\n")
	d, err := Read("text.csv", b)
	if err != nil {
		t.Fatal(err)
	}
	if w := Words("text.csv", b, d); w != `words are read as text: "x" in column b (text.csv:3:2)` {
		t.Error(w)
	}
	// whole numbers that count up are numbers
	if d, err := Read("n.csv", []byte("i;y\n1;1,5\n2;2,5\n3;4\n")); err != nil || d["i"].(model.Array).X[2] != 3 ||
		d["rows"] == nil {
		t.Errorf("%v, %v", d, err)
	}
}
