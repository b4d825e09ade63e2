package recipe

import (
	"fmt"
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
