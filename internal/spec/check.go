package spec

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Check reports the first field that its enum, min, max or above tag does not allow, or a number that is NaN or
// infinite, as an *ito.InputError that names the setting in backquotes, `beta-max`, which a command line writes as
// its flag.
func Check(c any) error {
	for _, f := range fields(structOf(c), "", false) {
		if err := check(&f); err != nil {
			return err
		}
		if x, ok := infinite(f.v); ok {
			return &ito.InputError{Where: f.setting(), What: fmt.Sprintf("must be finite, not %g", x),
				Do: bounds(f.tag)}
		}
	}
	return nil
}

// infinite finds an infinity in a number or a list.
func infinite(v reflect.Value) (x float64, found bool) {
	switch {
	case v.CanFloat():
		return v.Float(), math.IsInf(v.Float(), 0)
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			if x, found := infinite(v.Index(i)); found {
				return x, true
			}
		}
	}
	return 0, false
}

func check(f *field) *ito.InputError {
	if f.class() == classList {
		for i := range f.v.Len() {
			if err := check(f.element(f.v.Index(i))); err != nil {
				return err
			}
		}
		return nil
	}
	if f.unset() {
		return nil
	}
	if words := f.words(); words != nil {
		return checkWord(f, words)
	}
	if f.tag.Get("word") != "" && f.tag.Get("check") != "remote" {
		return checkNamed(f)
	}
	var x float64
	switch {
	case f.v.CanInt():
		x = float64(f.v.Int())
	case f.v.CanUint():
		x = float64(f.v.Uint())
	case f.v.CanFloat():
		x = f.v.Float()
	default:
		return nil
	}
	refuse := func(rule string) *ito.InputError {
		return &ito.InputError{Where: f.setting(), What: fmt.Sprintf("must %s, not %s", rule, text(f)),
			Do: bounds(f.tag)}
	}
	if math.IsNaN(x) {
		return refuse("be a number")
	}
	if lo, ok := bound(f.tag, "min"); ok && x < lo {
		return refuse("not be below " + f.tag.Get("min"))
	}
	if lo, ok := bound(f.tag, "above"); ok && x <= lo {
		return refuse("be above " + f.tag.Get("above"))
	}
	if hi, ok := bound(f.tag, "max"); ok && x > hi {
		return refuse("not be above " + f.tag.Get("max"))
	}
	if hi, ok := bound(f.tag, "below"); ok && x >= hi {
		return refuse("be below " + f.tag.Get("below"))
	}
	return nil
}

func checkWord(f *field, words []string) *ito.InputError {
	got := f.bare()
	if slices.Contains(words, got) {
		return nil
	}
	return &ito.InputError{Where: f.setting(), What: fmt.Sprintf("unknown %s %q", f.name, got), Do: suggest.Among(got,
		words)}
}

// checkNamed checks a string that holds the word of a registry.
func checkNamed(f *field) *ito.InputError {
	err := checkOf(f, Local)
	if in := (*ito.InputError)(nil); errors.As(err, &in) {
		return &ito.InputError{Where: f.setting(), What: in.What, Do: in.Do}
	}
	return nil
}

// checkOf checks the word that a string holds, if this program has its registry.
func checkOf(f *field, from Origin) error {
	g, also := grammarOf(f.tag.Get("word")), list(f.tag.Get("also"))
	if g == nil || slices.Contains(also, f.v.String()) {
		return nil
	}
	return g.check(f.v.String(), also, from)
}

func bound(tag tags, key string) (float64, bool) {
	text, ok := tag.Lookup(key)
	if !ok {
		return 0, false
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("spec: tag %s:%q is not a number", key, text))
	}
	return x, true
}

// bounds tells what a number may be.
func bounds(tag tags) string {
	lo, hi, above, below := tag.Get("min"), tag.Get("max"), tag.Get("above"), tag.Get("below")
	switch {
	case lo != "" && hi != "":
		return "give a number from " + lo + " to " + hi
	case lo != "" && below != "":
		return "give a number from " + lo + ", below " + below
	case lo != "":
		return "give " + lo + " or more"
	case above != "" && hi != "":
		return "give a number above " + above + ", at most " + hi
	case above != "" && below != "":
		return "give a number above " + above + " and below " + below
	case above != "":
		return "give a number above " + above
	case hi != "":
		return "give " + hi + " or less"
	case below != "":
		return "give a number below " + below
	}
	return "give a number"
}
