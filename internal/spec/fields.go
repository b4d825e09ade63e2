// Package spec makes one struct with tags serve as the word of a named thing, flags, TOML, JSON, HTTP body,
// defaults and hashed text.
//
// A configuration is a struct of exported fields of type string, bool, int, int64, uint64, float64, time.Duration,
// json.RawMessage, a type with encoding.TextMarshaler and TextUnmarshaler, any integer with an enum tag, or a list
// of string, int, uint64, float64 or []float64. The tags are those that kong and encoding/json read:
//
//	name:"beta-max"    the name of the flag and of the key in TOML and words; by default FlagName of the field's name
//	json:"beta_max"    the key in JSON; by default the name
//	default:"10"       the default; without it the default is the zero value
//	enum:"vp,ve"       the words that are allowed; the default must be among them. Of an integer the words are its
//	                   values from 0, of a bool false and true
//	help:"…"           what it is, a sentence
//	embed:"" prefix:"net-"   a struct whose fields stand in this one, each name after the prefix
//	kong:"-"           not part of the configuration
//
// and of its own:
//
//	config:"-"         a flag that is not part of the configuration: an output, a number of workers
//	min:"0" max:"1"    inclusive bounds of a number, of each number of a list
//	above:"0" below:"1"   exclusive bounds
//	word:"path"          a string that holds the word of a registry, "path" being what it names
//	check:"remote"     its word is checked where it comes from a request, and otherwise by who uses it
//	also:"auto,none"   words that such a field may be besides
//	zero:"default"     the zero value stands for the default, which is written and read instead of it
//	alias:"ald=langevin"   another word for one of the enum
//	omit:"default"     left out of canonical text at its default: texts of before the field was there are equal then
//	where:"local"      never taken from a request or a broker: a file, an output, a command, a number of workers
//	where:"remote"     looks local and is not; see [Untagged]
//
// Zero means zero wherever it is legal: what was not given is the default because Default put it there.
//
// A [Registry] holds kinds of things by name, each with its configuration. The word of one is
//
//	kind   kind:key=value,key=value
//
// with the keys in any order, none twice. A list has its values between commas, key=1,2,3, and lists of lists have
// brackets, key=[1,2],[3,4]; text with anything but letters, digits and ._-+/@%~^ is quoted as in Go. The canonical
// word, which [Registry.Word] writes, has the settings that are not the default in the order of their declaration,
// and numbers in their shortest form. Parse of it gives the same thing again.
package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed9a7962a8/ito"
)

// field is one leaf of a configuration.
type field struct {
	name string
	key  string // in JSON
	tag  tags
	v    reflect.Value
}

// setting names f in a message.
func (f *field) setting() string { return "`" + f.name + "`" }

// local reports a field that no request may set.
func (f *field) local() bool { return f.tag.Get("where") == "local" }

// fields lists the leaves of the struct v in the order of their declaration, those that are flags only
// (config:"-") if all is true. A type that a configuration cannot hold is a broken program and panics.
func fields(v reflect.Value, prefix string, all bool) []field {
	list := leaves(v.Type(), all)
	out := make([]field, len(list))
	for i, l := range list {
		out[i] = field{prefix + l.name, l.key, l.tag, v.FieldByIndex(l.index)}
	}
	return out
}

func holds(t reflect.Type, tag tags) bool {
	switch classOf(t, tag) {
	case classNone:
		return false
	case classList:
		switch t.Elem().Kind() {
		case reflect.String, reflect.Int, reflect.Uint64, reflect.Float64:
			return true
		case reflect.Slice:
			return t.Elem().Elem().Kind() == reflect.Float64
		}
		return false
	}
	return true
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
		if err := setText(&f, text); err != nil {
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

// Merge sets the fields of dst to those of src that have the same name and are not zero, pointers to structs of any
// type. A field that is no longer at its default and differs is an *ito.InputError; what names the thing that dst
// configures.
func Merge(dst, src any, what string) error {
	to, defs := fields(settable(dst), "", false), defaultsOf(dst)
	for _, f := range fields(settable(src), "", false) {
		i := slices.IndexFunc(to, func(t field) bool { return t.name == f.name })
		switch {
		case i < 0 || f.v.IsZero():
		case f.v.Type() != to[i].v.Type():
			return &ito.InputError{Where: what, What: fmt.Sprintf("%s is a %s, not a %s", f.name, to[i].v.Type(),
				f.v.Type())}
		case text(&to[i]) != text(&defs[i]) && text(&to[i]) != text(&f):
			return &ito.InputError{Where: what, What: fmt.Sprintf("%s is %s in its word and %s beside it", f.name,
				to[i].word(), f.word()), Do: "say it once"}
		default:
			to[i].v.Set(f.v)
		}
	}
	return nil
}

// defaultsOf are the fields of a new configuration of the type that p points to.
func defaultsOf(p any) []field {
	def := reflect.New(structOf(p).Type()).Interface()
	Default(def)
	return fields(settable(def), "", false)
}

// copyOf is a value of its own.
func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// IsDefault reports whether a field of the configuration that p points to is at the default of its tag, or is not
// there.
func IsDefault(p any, name string) bool {
	f := find(fields(settable(p), "", false), name)
	return f == nil || text(f) == text(find(defaultsOf(p), name))
}

// Diff returns the name of the first field in which two configurations of one type differ, or "".
func Diff(a, b any) string {
	other := fields(structOf(b), "", false)
	for i, f := range fields(structOf(a), "", false) {
		if text(&f) != text(&other[i]) {
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

// setText sets f to the value that a flag with this text has.
func setText(f *field, text string) error {
	var err error
	switch f.class() {
	case classTime:
		var d time.Duration
		d, err = time.ParseDuration(text)
		f.v.SetInt(int64(d))
	case classBool:
		var b bool
		b, err = strconv.ParseBool(text)
		f.v.SetBool(b)
	case classList:
		list := reflect.MakeSlice(f.v.Type(), 0, 4)
		if text != "" {
			for _, part := range strings.Split(text, ",") {
				e := f.element(reflect.New(f.v.Type().Elem()).Elem())
				if err := setText(e, strings.TrimSpace(part)); err != nil {
					return err
				}
				list = reflect.Append(list, e.v)
			}
		}
		f.v.Set(list)
	default:
		err = f.setBare(text)
	}
	return err
}
