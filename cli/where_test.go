package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
)

// Whatever names a file, an output, a command, or says what the program may use, is for the one who runs the
// program: it is tagged local, or remote where it only looks so, in every configuration and every kind of named
// thing.
func TestWhatIsLocalIsTagged(t *testing.T) {
	untagged := func(where string, c any) {
		for _, name := range spec.Untagged(c) {
			t.Errorf("%s: %s has no tag where:\"local\" or where:\"remote\"", where, name)
		}
	}
	seen := 0
	var walk func(where string, v reflect.Type)
	walk = func(where string, v reflect.Type) {
		for i := range v.NumField() {
			if f := v.Field(i); f.Type.Kind() == reflect.Struct && hasTag(f, "cmd") {
				seen++
				if !nested(f.Type) {
					untagged(strings.TrimSpace(where+" "+spec.FlagName(f.Name)), reflect.New(f.Type).Interface())
				}
				walk(where+" "+spec.FlagName(f.Name), f.Type)
			}
		}
	}
	walk("ito", reflect.TypeFor[commands]())
	if seen < 15 {
		t.Errorf("only %d commands were looked at", seen)
	}
	for _, c := range []any{recipe.TrainConfig{}, recipe.SampleConfig{}, recipe.TuneConfig{}, systems.RunConfig{},
		infer.Settings{}} {
		untagged(reflect.TypeOf(c).String(), c)
	}
	kinds := 0
	spec.EachKind(func(what, kind string, config any) {
		kinds++
		untagged(what+" "+kind, config)
	})
	if kinds < 60 {
		t.Errorf("only %d kinds were looked at", kinds)
	}
}

// nested reports a command that is a group of others.
func nested(t reflect.Type) bool {
	for i := range t.NumField() {
		if hasTag(t.Field(i), "cmd") {
			return true
		}
	}
	return false
}

func hasTag(f reflect.StructField, key string) bool {
	_, ok := f.Tag.Lookup(key)
	return ok
}

// No request sets what is local, in any of the configurations that a request may hold.
func TestRequestsSetNothingLocal(t *testing.T) {
	for _, c := range []any{new(recipe.TrainConfig), new(recipe.SampleConfig), new(recipe.TuneConfig),
		new(systems.RunConfig),
		new(infer.Settings)} {
		for _, name := range spec.LocalNames(c) {
			err := spec.DecodeRemote("body", []byte(`{"`+name+`": null}`), c)
			if err == nil || !strings.Contains(err.Error(), name+" is not taken from a request") {
				t.Errorf("%T takes %s: %v", c, name, err)
			}
		}
	}
	s := recipe.DefaultSample()
	for body, want := range map[string]string{
		`{"from": "rows.csv"}`:          "from is not taken from a request",
		`{"grid": "levels.txt"}`:        `unknown grid "levels.txt"`,
		`{"grid": "times:/etc/passwd"}`: `level 0 of the grid is "/etc/passwd"`,
		`{"solver": "huen"}`:            `unknown solver "huen"; did you mean "heun"?`,
		`{"solver": "ddim:eta=2"}`:      "solver ddim takes no eta",
		`{"solver": "ddim+x"}`:          "unknown final action",
	} {
		if err := spec.DecodeRemote("body", []byte(body), &s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	body := `{"n": 5, "solver": {"kind": "ddim", "config": {"eta": 0.5}}, "grid": "karras:rho=5", "nfe": 8}`
	if err := spec.DecodeRemote("body", []byte(body), &s); err != nil || s.N != 5 || s.Solver != "ddim:eta=0.5" ||
		s.Grid != "karras:rho=5" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, good := range []string{`{"solver": "unipc-3:b=bh1+denoise"}`, `{"solver": "auto", "grid": "auto"}`,
		`{"grid": "times:1,0.5,0.001"}`} {
		if err := spec.DecodeRemote("body", []byte(good), &s); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}
