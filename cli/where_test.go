package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
)

// Whatever names a file, an output, a command, or says what the program may use, is for the one who runs the
// program: it is tagged local, or remote where it only looks so, in every configuration and every kind of named
// thing.
func TestWhatIsLocalIsTagged(t *testing.T) {
	kinds, seen := 0, eachConfig(t, func(where string, c any) {
		for _, name := range spec.Untagged(c) {
			t.Errorf("%s: %s has no tag where:\"local\" or where:\"remote\"", where, name)
		}
	})
	spec.EachKind(func(what, kind string, config any) {
		kinds++
		for _, name := range spec.Untagged(config) {
			t.Errorf("%s %s: %s has no tag where:\"local\" or where:\"remote\"", what, kind, name)
		}
	})
	if seen < 60 || kinds < 60 {
		t.Errorf("only %d configurations and %d kinds were looked at", seen, kinds)
	}
}

// eachConfig calls f with every configuration: of commands, which hold those of tasks, of kinds of jobs, and of what
// requests hold beside them. It returns how many there are.
func eachConfig(t *testing.T, f func(where string, c any)) (n int) {
	t.Helper()
	call := func(where string, c any) { n++; f(where, c) }
	var walk func(where string, v reflect.Type)
	walk = func(where string, v reflect.Type) {
		for i := range v.NumField() {
			if f := v.Field(i); f.Type.Kind() == reflect.Struct && hasTag(f, "cmd") {
				name := strings.TrimSpace(where + " " + spec.FlagName(f.Name))
				if !nested(f.Type) {
					call(name, reflect.New(f.Type).Interface())
				}
				walk(name, f.Type)
			}
		}
	}
	walk("ito", reflect.TypeFor[commands]())
	job.EachKind(func(name string, c any) { call("job "+name, c) })
	for _, c := range []any{new(recipe.TrainConfig), new(recipe.SampleConfig), new(recipe.TuneConfig),
		new(systems.RunConfig), new(infer.Settings)} {
		call(reflect.TypeOf(c).String(), c)
	}
	return n
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
	eachConfig(t, func(where string, c any) {
		for _, name := range spec.LocalNames(c) {
			err := spec.DecodeRemote("body", []byte(`{"`+name+`": null}`), c)
			if err == nil || !strings.Contains(err.Error(), name+" is not taken from a request") {
				t.Errorf("%s takes %s: %v", where, name, err)
			}
		}
	})
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
