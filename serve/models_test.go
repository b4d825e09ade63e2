package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/task/sample"
)

// replace puts the bytes of a file in the place of another in one step.
func replace(t *testing.T, to string, b []byte) {
	t.Helper()
	if err := os.WriteFile(to+".new", b, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(to+".new", to); err != nil {
		t.Fatal(err)
	}
}

// A model whose file changes is replaced; what is not whole replaces nothing, and serves nothing where nothing was.
func TestSwap(t *testing.T) {
	moons, err := os.ReadFile(trained.moons)
	if err != nil {
		t.Fatal(err)
	}
	digits, err := os.ReadFile(trained.digits)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := filepath.Join(dir, "m.safetensors")
	replace(t, m, moons)
	if err := os.WriteFile(filepath.Join(dir, "half.safetensors"), digits[:len(digits)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	s, base := start(t, config(dir))
	ask := func(name string) (int, []byte) {
		code, _, b := get(t, "GET", base+"/v1/models/"+name+"/sample?n=3&nfe=2&format=csv", "")
		return code, b
	}
	few := func(c *sample.Config) { c.N, c.NFE = 3, 2 }
	ofMoons, ofDigits := file(t, trained.moons, ".csv", few), file(t, trained.digits, ".csv", few)
	if code, b := ask("m"); code != 200 || !bytes.Equal(b, ofMoons) {
		t.Fatalf("%d %s", code, b)
	}
	if code, b := ask("half"); code != 503 || !strings.Contains(string(b), "model half") || strings.Contains(string(b),
		dir) {
		t.Errorf("half a model: %d %s", code, b)
	}
	replace(t, m, digits)
	if code, b := ask("m"); code != 200 || !bytes.Equal(b, ofDigits) {
		t.Errorf("after it changed: %d %s", code, b)
	}
	replace(t, m, moons[:len(moons)-10])
	if code, b := ask("m"); code != 200 || !bytes.Equal(b, ofDigits) {
		t.Errorf("half a model replaced a whole one: %d %s", code, b)
	}
	var list struct{ Models []listed }
	_, _, b := get(t, "GET", base+"/v1/models", "")
	if err := json.Unmarshal(b, &list); err != nil || len(list.Models) != 2 || list.Models[0].Card != nil ||
		list.Models[0].Fault == "" || list.Models[1].Card == nil || list.Models[1].Fault == "" || bytes.Contains(b,
		[]byte(dir)) {
		t.Errorf("%v %s", err, b)
	}
	var card Card
	_, h, b := get(t, "GET", base+"/v1/models/m", "")
	if err := json.Unmarshal(b, &card); err != nil || card.Fault != list.Models[1].Fault || card.Digest == "" || h.Get("ETag") != "" {
		t.Errorf("%v %v %s", err, h, b)
	}
	replace(t, m, moons)
	if _, h, b := get(t, "GET", base+"/v1/models/m", ""); bytes.Contains(b, []byte(`"fault"`)) || h.Get("ETag") == "" {
		t.Errorf("%v %s", h, b)
	}
	replace(t, filepath.Join(dir, "half.safetensors"), digits)
	replace(t, filepath.Join(dir, "new.safetensors"), moons)
	for name, want := range map[string][]byte{"m": ofMoons, "half": ofDigits, "new": ofMoons} {
		if code, b := ask(name); code != 200 || !bytes.Equal(b, want) {
			t.Errorf("%s: %d %s", name, code, b)
		}
	}
	if err := os.Remove(m); err != nil {
		t.Fatal(err)
	}
	if code, b := ask("m"); code != 404 {
		t.Errorf("after it is gone: %d %s", code, b)
	}
	s.models.look(true)
	if got := s.models.names(); !slices.Equal(got, []string{"half", "new"}) {
		t.Errorf("%q", got)
	}
}

// No more models than may be are in memory, the ones that were used last, and all can be asked for.
func TestMemory(t *testing.T) {
	b, err := os.ReadFile(trained.moons)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	names := []string{"a", "b", "c", "d"}
	for _, n := range names {
		replace(t, filepath.Join(dir, n+".safetensors"), b)
	}
	c := config(dir)
	c.Loaded = 2
	s, base := start(t, c)
	in := func() (loaded []string) {
		for _, n := range names {
			if s.models.look(false)[n].current.Load() != nil {
				loaded = append(loaded, n)
			}
		}
		return loaded
	}
	if code, _, b := get(t, "GET", base+"/v1/models", ""); code != 200 || bytes.Count(b, []byte(`"card"`)) != 4 || len(
		in()) != 2 {
		t.Errorf("%d, in memory %q", code, in())
	}
	for _, n := range []string{"a", "b", "a", "d"} {
		if code, _, _ := get(t, "GET", base+"/v1/models/"+n+"/sample?n=1&nfe=2", ""); code != 200 {
			t.Error(code)
		}
	}
	if !slices.Equal(in(), []string{"a", "d"}) {
		t.Errorf("in memory %q", in())
	}
	if _, _, b := get(t, "GET", base+"/v1/models", ""); bytes.Count(b, []byte(`"card"`)) != 4 || !slices.Equal(in(),
		[]string{"a", "d"}) {
		t.Errorf("the list loaded models: %q", in())
	}
}

// A card has what a form and a person need, and means and deviations of the data.
func TestCard(t *testing.T) {
	_, base := start(t, config(trained.moons, trained.digits))
	var c Card
	code, h, b := get(t, "GET", base+"/v1/models/moons", "")
	if err := json.Unmarshal(b, &c); err != nil || code != 200 || h.Get("ETag") == "" {
		t.Fatalf("%d %v", code, err)
	}
	rows, err := data.Open("moons", data.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for i := range rows.Rows {
		mean += rows.X[i*rows.Cols] / float64(rows.Rows)
	}
	if len(c.Columns) != 2 || c.Path != "vp" || c.Provenance.Data != "moons" || *c.Columns[0].SD < .5 ||
		*c.Columns[0].SD > 1.5 || *c.Columns[0].Mean-mean > .05 || mean-*c.Columns[0].Mean > .05 ||
		c.Network.Parameters == 0 {
		t.Errorf("%s; mean %g", b, mean)
	}
	var d Card
	_, _, b = get(t, "GET", base+"/v1/models/digits", "")
	if err := json.Unmarshal(b, &d); err != nil || len(d.Conditions) != 1 || len(d.Conditions[0].Levels) != 10 ||
		d.Example != "label=0" || d.Columns[0].Constant == nil || d.Provenance.Data != "digits.csv" ||
		bytes.Contains(b, []byte("examples")) {
		t.Errorf("%v %.2000s", err, b)
	}
}

// What is no place for models is refused when the server starts.
func TestNoModels(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.csv")
	if err := os.WriteFile(text, []byte("x\n1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	same := filepath.Join(t.TempDir(), "moons.safetensors")
	b, _ := os.ReadFile(trained.moons)
	replace(t, same, b)
	for want, places := range map[string][]string{
		"nothing is to be served":   nil,
		"there is no model in it":   {dir},
		"no such file or directory": {filepath.Join(dir, "none")},
		"it holds no model":         {text},
		"has the same name":         {trained.moons, same},
	} {
		if _, err := New(config(places...), Env{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
			want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
