package learn

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// CheckBound reports a network that is used on a path other than the one it is bound to: its output would
// be read with the wrong schedule. Fields without a path of their own pass.
func CheckBound(f ito.Field, p ito.Path) error {
	if g, ok := f.(field.Guided); ok {
		return CheckBound(g.Field, p)
	}
	bound, ok := field.Bound(f)
	if !ok || reflect.TypeOf(p).Comparable() && bound == p {
		return nil
	}
	ka, a, err := path.Marshal(bound)
	if err != nil {
		return err
	}
	kb, b, err := path.Marshal(p)
	if err != nil {
		return err
	}
	if ka != kb || !bytes.Equal(a, b) {
		return &ito.UnsupportedError{What: fmt.Sprintf("a network on path %s", p.Name()),
			Why:     fmt.Sprintf("it was trained on another path (%s with other settings, or another A)", bound.Name()),
			Nearest: "the model's own path"}
	}
	return nil
}
