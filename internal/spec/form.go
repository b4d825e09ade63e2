package spec

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito/internal/suggest"
)

// takes is what f takes, in short: "0…1", "above 0", "a|b", "true|false".
func (f *field) takes() string {
	if words := f.words(); words != nil {
		return strings.Join(words, "|")
	}
	switch f.class() {
	case classBool:
		return "true|false"
	case classTime:
		return "TIME"
	case classJSON:
		return "JSON"
	case classOwn:
		if v, ok := f.v.Interface().(interface{ Takes() string }); ok {
			return v.Takes()
		}
		return "TEXT"
	case classText:
		if what := f.tag.Get("word"); what != "" {
			return strings.ToUpper(what)
		}
		return "TEXT"
	case classList:
		e := f.element(reflect.New(f.v.Type().Elem()).Elem())
		if e.class() == classList {
			return "[X,…],…"
		}
		return e.takes() + ",…"
	}
	lo, hi, above, below := f.tag.Get("min"), f.tag.Get("max"), f.tag.Get("above"), f.tag.Get("below")
	var s string
	switch {
	case lo != "":
		s = lo + "…" + hi
	case above != "" && hi != "":
		s = "above " + above + " to " + hi
	case above != "":
		s = "above " + above
	case hi != "":
		s = "to " + hi
	case below == "" && f.class() == classFloat:
		s = "X"
	case below == "":
		s = "N"
	}
	if below != "" {
		s = strings.TrimSpace(s + " below " + below)
	}
	return s
}

// near is the text nearest to text that f takes, def being its default, and "" where there is none.
func (f *field) near(text string, def *field) string {
	e := &field{f.name, f.key, f.tag, reflect.New(f.v.Type()).Elem()}
	try := func(text string) bool {
		return e.class() != classList && e.setBare(text) == nil && allowed(e, def)
	}
	if words := f.words(); words != nil {
		if near := suggest.Nearest(text, words); near != "" {
			return near
		}
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(x) {
		if f.class() == classInt || f.class() == classUint {
			x = math.Round(x)
		}
		for _, tag := range []string{"min", "max"} {
			if b, ok := bound(f.tag, tag); ok {
				if tag == "min" {
					x = math.Max(x, b)
				} else {
					x = math.Min(x, b)
				}
			}
		}
		if s := numeral(x); try(s) {
			return s
		}
	}
	if s := def.bare(); f.class() != classList && try(s) {
		return s
	}
	if words := f.words(); len(words) > 0 {
		return words[0]
	}
	for _, tag := range []string{"min", "max"} {
		if s := f.tag.Get(tag); s != "" && try(s) {
			return s
		}
	}
	return ""
}

// allowed reports whether a value of a named thing is within its bounds. An infinite number is allowed only where
// the default is.
func allowed(f, def *field) bool {
	if f.class() == classFloat && math.IsInf(f.v.Float(), 0) && !math.IsInf(def.effective().v.Float(), 0) {
		return false
	}
	if f.class() == classList {
		for i := range f.v.Len() {
			e := f.element(f.v.Index(i))
			if !allowed(e, e.element(reflect.New(e.v.Type()).Elem())) {
				return false
			}
		}
		return true
	}
	return check(f) == nil
}
