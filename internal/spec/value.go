package spec

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// class is how a value is written.
type class uint8

const (
	classNone   class = iota // not at all
	classText                // a string
	classBool                // true or false
	classInt                 //
	classUint                //
	classFloat               //
	classTime                // a time.Duration
	classChoice              // an integer or a bool that stands for a word of the enum tag
	classOwn                 // by its own MarshalText
	classJSON                // a json.RawMessage
	classList                //
)

var (
	durationType  = reflect.TypeFor[time.Duration]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	marshaler     = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshaler   = reflect.TypeFor[encoding.TextUnmarshaler]()
	falseOrTrue   = []string{"false", "true"}
	otherBooleans = map[string]bool{"no": false, "yes": true}
)

func classOf(t reflect.Type, tag tags) class {
	_, words := tag.Lookup("enum")
	switch {
	case t == durationType:
		return classTime
	case t == rawType:
		return classJSON
	case t.Implements(marshaler) && reflect.PointerTo(t).Implements(unmarshaler):
		return classOwn
	}
	switch t.Kind() {
	case reflect.String:
		return classText
	case reflect.Bool:
		if words {
			return classChoice
		}
		return classBool
	case reflect.Float64:
		return classFloat
	case reflect.Slice:
		return classList
	case reflect.Int, reflect.Int64:
		if words {
			return classChoice
		}
		return classInt
	case reflect.Uint64:
		if words {
			return classChoice
		}
		return classUint
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		if words {
			return classChoice
		}
	}
	return classNone
}

func (f *field) class() class { return classOf(f.v.Type(), f.tag) }

// element is a value of the list f.
func (f *field) element(v reflect.Value) *field { return &field{f.name, f.key, f.tag, v} }

// words are those that f may be, nil where it has no enum.
func (f *field) words() []string {
	if enum, ok := f.tag.Lookup("enum"); ok {
		return list(enum)
	}
	return nil
}

// list is the list that a tag holds.
func list(tag string) []string {
	if tag == "" {
		return nil
	}
	words := strings.Split(tag, ",")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	return words
}

// unset reports a zero that stands for the default.
func (f *field) unset() bool { return f.tag.Get("zero") == "default" && f.v.IsZero() }

// bare is the text of a value that is no list.
func (f *field) bare() string {
	if f.unset() {
		return f.tag.Get("default")
	}
	switch f.class() {
	case classTime:
		return time.Duration(f.v.Int()).String()
	case classJSON:
		return string(f.v.Bytes())
	case classOwn:
		b, err := f.v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return "?"
		}
		return string(b)
	case classBool:
		return strconv.FormatBool(f.v.Bool())
	case classChoice:
		i, words := f.choice(), f.words()
		if i < 0 || i >= len(words) {
			return strconv.Itoa(i)
		}
		return words[i]
	case classFloat:
		return numeral(f.v.Float())
	case classInt:
		return strconv.FormatInt(f.v.Int(), 10)
	case classUint:
		return strconv.FormatUint(f.v.Uint(), 10)
	}
	return f.v.String()
}

// choice is the number of the word that f stands for.
func (f *field) choice() int {
	switch {
	case f.v.CanInt():
		return int(f.v.Int())
	case f.v.CanUint():
		return int(f.v.Uint())
	case f.v.Bool():
		return 1
	}
	return 0
}

// numeral is a number in its shortest form.
func numeral(x float64) string {
	if math.IsInf(x, 1) {
		return "inf"
	}
	if math.IsInf(x, -1) {
		return "-inf"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// setBare sets a value that is no list to its text. What bounds and enum say is for check.
func (f *field) setBare(text string) error {
	if err := f.setRaw(text); err != nil {
		return err
	}
	return f.settle()
}

// settle makes the default the zero that stands for it, and refuses a zero that does not.
func (f *field) settle() error {
	if f.tag.Get("zero") != "default" {
		return nil
	}
	if f.v.IsZero() {
		return fmt.Errorf("%q is no value", fmt.Sprint(f.v.Interface()))
	}
	if f.bare() == f.tag.Get("default") {
		f.v.SetZero()
	}
	return nil
}

// effective is f with the default where it is unset.
func (f *field) effective() *field {
	if !f.unset() {
		return f
	}
	e := f.element(copyOf(f.v))
	if err := e.setRaw(f.tag.Get("default")); err != nil {
		panic(fmt.Sprintf("spec: default of %s: %v", f.name, err))
	}
	return e
}

func (f *field) setRaw(text string) error {
	switch f.class() {
	case classText:
		f.v.SetString(text)
		return nil
	case classTime:
		d, err := time.ParseDuration(text)
		f.v.SetInt(int64(d))
		return err
	case classJSON:
		if !json.Valid([]byte(text)) {
			return fmt.Errorf("%q is not JSON", text)
		}
		f.v.SetBytes([]byte(text))
		return nil
	case classOwn:
		return f.v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	case classBool:
		for i, w := range falseOrTrue {
			if w == text {
				f.v.SetBool(i == 1)
				return nil
			}
		}
		b, ok := otherBooleans[text]
		if !ok {
			return fmt.Errorf("%q is not true or false", text)
		}
		f.v.SetBool(b)
		return nil
	case classChoice:
		return f.choose(text)
	case classFloat:
		x, err := strconv.ParseFloat(text, 64)
		if err == nil && vanished(text, x) {
			err = fmt.Errorf("%s is nearer to zero than any number here, and would be 0", text)
		}
		f.v.SetFloat(x)
		return err
	case classInt:
		n, err := strconv.ParseInt(text, 10, 64)
		f.v.SetInt(n)
		return err
	case classUint:
		n, err := strconv.ParseUint(text, 10, 64)
		f.v.SetUint(n)
		return err
	}
	return fmt.Errorf("%q is no list", text)
}

// vanished reports a number that is read as zero and is none.
func vanished(text string, x float64) bool {
	digits, _, _ := strings.Cut(strings.ToLower(text), "e")
	return x == 0 && strings.ContainsAny(digits, "123456789")
}

// meant is the word that an alias stands for.
func (f *field) meant(word string) string {
	if alias, meant, ok := strings.Cut(f.tag.Get("alias"), "="); ok && word == alias {
		return meant
	}
	return word
}

// choose sets f to the value that a word of its enum stands for.
func (f *field) choose(word string) error {
	word = f.meant(word)
	for i, w := range f.words() {
		if w != word {
			continue
		}
		switch {
		case f.v.CanInt():
			f.v.SetInt(int64(i))
		case f.v.CanUint():
			f.v.SetUint(uint64(i))
		default:
			f.v.SetBool(i == 1)
		}
		return nil
	}
	return fmt.Errorf("%q is not one of %s", word, strings.Join(f.words(), ", "))
}
