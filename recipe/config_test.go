package recipe

import (
	"errors"
	"fmt"
	"github.com/seed9a7962a8/ito"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/internal/spec"
)

func TestTagsAreWhole(t *testing.T) {
	c := DefaultTrain()
	names := spec.Names(&c)
	rt := reflect.TypeOf(c)
	for i := range rt.NumField() {
		f := rt.Field(i)
		if f.Tag.Get("toml") != names[i] || f.Tag.Get("json") != names[i] || f.Tag.Get("help") == "" ||
			!strings.HasSuffix(f.Tag.Get("help"), ".") {
			t.Errorf("field %s: flag %s, toml %s, json %s, help %q", f.Name, names[i], f.Tag.Get("toml"),
				f.Tag.Get("json"), f.Tag.Get("help"))
		}
	}
	if err := spec.Check(&c); err != nil {
		t.Error(err)
	}
	if c.Eta != 2 || c.Steps != 0 || !c.Centre || math.Abs(c.EMA-.999) > 0 {
		t.Errorf("defaults %s", fmt.Sprintf("%+v", c))
	}
	if r, err := c.Resolve(2); err != nil || r.Steps != 20000 {
		t.Errorf("%d steps of rows without types: %v", r.Steps, err)
	}
}

// What the path has no use for is refused, and not taken without a word.
func TestUnusedSettings(t *testing.T) {
	for name, set := range map[string]func(*TrainConfig){
		"stages":      func(c *TrainConfig) { c.Stages = 7 },
		"stage-steps": func(c *TrainConfig) { c.StageSteps = 5 },
		"zeta":        func(c *TrainConfig) { c.Zeta = .5 },
		"warm":        func(c *TrainConfig) { c.Warm = true },
		"d-max":       func(c *TrainConfig) { c.DMax = 3 },
	} {
		for _, path := range []string{"vp", "edm", "flow"} {
			c := DefaultTrain()
			c.Path = path
			if err := c.Unused(nil); err != nil {
				t.Fatal(err)
			}
			set(&c)
			if err := c.Unused(nil); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "`"+name+"`") {
				t.Errorf("%s with %s: %v", path, name, err)
			}
		}
		c := DefaultTrain()
		c.Path = "vsdm"
		set(&c)
		if err := c.Unused(nil); err != nil {
			t.Errorf("vsdm with %s: %v", name, err)
		}
	}
}
