// Package spec makes one struct with tags serve as flags, TOML file, defaults and hashed text.
//
// A configuration is a struct of exported fields of type string, bool, int, int64, uint64, float64,
// time.Duration, []string, []float64, []int or []uint64. The tags are those that kong reads:
//
//	name:"beta-max"    the name of the flag and of the TOML key; by default FlagName of the field's name
//	default:"10"       the default; without it the default is the zero value
//	enum:"vp,ve"       the words that are allowed; the default must be among them
//	embed:"" prefix:"net-"   a struct whose fields stand in this one, each name after the prefix
//	kong:"-"           not part of the configuration
//
// and three of its own:
//
//	config:"-"         a flag that is not part of the configuration: an output, a number of workers
//	min:"0" max:"1"    inclusive bounds of a number, of each number of a list
//	above:"0"          an exclusive lower bound
//
// Zero means zero wherever it is legal: what was not given is the default because Default put it there.
package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// field is one leaf of a configuration.
type field struct {
	name string
	tag  reflect.StructTag
	v    reflect.Value
}

var durationType = reflect.TypeFor[time.Duration]()

// fields lists the leaves of the struct v in the order of their declaration, those that are flags only
// (config:"-") if all is true. A type that a configuration cannot hold is a broken program and panics.
func fields(v reflect.Value, prefix string, all bool) []field {
	var out []field
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Tag.Get("kong") == "-" {
			continue
		}
		flagOnly := f.Tag.Get("config") == "-"
		if flagOnly && !(all && holds(f.Type)) {
			continue
		}
		if _, embed := f.Tag.Lookup("embed"); embed || f.Anonymous {
			out = append(out, fields(v.Field(i), prefix+f.Tag.Get("prefix"), all)...)
			continue
		}
		if !holds(f.Type) {
			panic(fmt.Sprintf("spec: field %s.%s has type %s", t, f.Name, f.Type))
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = FlagName(f.Name)
		}
		out = append(out, field{prefix + name, f.Tag, v.Field(i)})
	}
	return out
}

func holds(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return true
	case reflect.Slice:
		k := t.Elem().Kind()
		return k == reflect.String || k == reflect.Int || k == reflect.Uint64 || k == reflect.Float64
	}
	return false
}

// structOf returns the struct that p points to, or that p is.
func structOf(p any) reflect.Value {
	v := reflect.ValueOf(p)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		panic(fmt.Sprintf("spec: %T is not a struct", p))
	}
	return v
}

// settable returns the struct that p points to.
func settable(p any) reflect.Value {
	if reflect.TypeOf(p).Kind() != reflect.Pointer {
		panic(fmt.Sprintf("spec: %T is not a pointer", p))
	}
	return structOf(p)
}

// Default puts the default of every field that has one into the struct that p points to. A tag that
// does not parse is a broken program and panics.
func Default(p any) {
	for _, f := range fields(settable(p), "", true) {
		text, ok := f.tag.Lookup("default")
		if !ok {
			continue
		}
		if err := setText(f.v, text); err != nil {
			panic(fmt.Sprintf("spec: default of %s: %v", f.name, err))
		}
	}
}

// New returns a configuration of type T with its defaults.
func New[T any]() T {
	var c T
	Default(&c)
	return c
}

// Names lists the fields of a configuration by their names, in the order of their declaration.
func Names(p any) []string {
	var names []string
	for _, f := range fields(structOf(p), "", false) {
		names = append(names, f.name)
	}
	return names
}

// Overlay copies the named fields of src to dst, two pointers to configurations of one type. A name
// that is not a field is skipped: a command has flags besides.
func Overlay(dst, src any, names []string) {
	from := fields(settable(src), "", false)
	for i, f := range fields(settable(dst), "", false) {
		if slices.Contains(names, f.name) {
			f.v.Set(from[i].v)
		}
	}
}

// Diff returns the name of the first field in which two configurations of one type differ, or "".
func Diff(a, b any) string {
	other := fields(structOf(b), "", false)
	for i, f := range fields(structOf(a), "", false) {
		if text(f.v) != text(other[i].v) {
			return f.name
		}
	}
	return ""
}

// FlagName is the name of a flag for a field: the words of the field's name in lower case with hyphens
// between them. A word begins at a capital that follows a small letter or a digit, and at the last of
// several capitals before a small letter: BetaMax is beta-max, WithID with-id, EMADecay ema-decay, H50 h50.
func FlagName(name string) string {
	r := []rune(name)
	var b strings.Builder
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) {
			afterSmall := unicode.IsLower(r[i-1]) || unicode.IsDigit(r[i-1])
			beforeSmall := i+1 < len(r) && unicode.IsLower(r[i+1])
			if afterSmall || unicode.IsUpper(r[i-1]) && beforeSmall {
				b.WriteByte('-')
			}
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// setText sets v to the value that a flag with this text has.
func setText(v reflect.Value, text string) error {
	switch {
	case v.Type() == durationType:
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	case v.Kind() == reflect.String:
		v.SetString(text)
		return nil
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
		return err
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, 64)
		v.SetUint(n)
		return err
	case v.CanFloat():
		x, err := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
		return err
	}
	list := reflect.MakeSlice(v.Type(), 0, 4)
	if text != "" {
		for _, part := range strings.Split(text, ",") {
			e := reflect.New(v.Type().Elem()).Elem()
			if err := setText(e, strings.TrimSpace(part)); err != nil {
				return err
			}
			list = reflect.Append(list, e)
		}
	}
	v.Set(list)
	return nil
}
