package spec

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Check reports the first field that its enum, min, max or above tag does not allow, or a number that is
// NaN, as an *ito.InputError that names the flag.
func Check(c any) error {
	for _, f := range fields(structOf(c), "", false) {
		if err := check(&f); err != nil {
			return err
		}
	}
	return nil
}

func check(f *field) *ito.InputError {
	if f.v.Kind() == reflect.Slice {
		for i := range f.v.Len() {
			if err := check(&field{f.name, f.tag, f.v.Index(i)}); err != nil {
				return err
			}
		}
		return nil
	}
	if words, ok := f.tag.Lookup("enum"); ok {
		return checkWord(f, strings.Split(words, ","))
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
		return &ito.InputError{Where: "--" + f.name, What: fmt.Sprintf("must %s, not %s", rule, text(f.v)), Do: bounds(f.tag)}
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
	return nil
}

func checkWord(f *field, words []string) *ito.InputError {
	got := f.v.String()
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
		if words[i] == got {
			return nil
		}
	}
	return &ito.InputError{Where: "--" + f.name, What: fmt.Sprintf("unknown %s %q", f.name, got), Do: suggest.Among(got, words)}
}

func bound(tag reflect.StructTag, key string) (float64, bool) {
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
func bounds(tag reflect.StructTag) string {
	lo, hi := tag.Get("min"), tag.Get("max")
	switch {
	case lo != "" && hi != "":
		return "give a number from " + lo + " to " + hi
	case lo != "":
		return "give " + lo + " or more"
	case tag.Get("above") != "" && hi != "":
		return "give a number above " + tag.Get("above") + ", at most " + hi
	case tag.Get("above") != "":
		return "give a number above " + tag.Get("above")
	case hi != "":
		return "give " + hi + " or less"
	}
	return "give a number"
}
