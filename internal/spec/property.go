package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Property is a field of a configuration as JSON Schema has it.
type Property struct {
	Key     string          // in JSON
	Type    string          // string, boolean, integer, number, array; "" is any
	Items   *Property       // of an array
	Enum    []string        // the words that are allowed; nil: any
	Word    string          // what it names, where it holds a word of a registry
	Words   []string        // some words of that registry, and others that it may be
	Least   *float64        // the least number; nil: there is none
	Most    *float64        // the largest number; nil: there is none
	Above   bool            // Least itself is not allowed
	Below   bool            // Most itself is not allowed
	Default json.RawMessage // in JSON
	Help    string
}

// Properties lists what a request may set of a configuration: its fields without those that are local.
func Properties(c any) []Property {
	var out []Property
	for _, f := range fields(structOf(c), "", false) {
		if !f.local() {
			out = append(out, f.property())
		}
	}
	return out
}

func (f *field) property() Property {
	p := Property{Key: f.key, Enum: f.words(), Word: f.tag.Get("word"),
		Help: strings.ReplaceAll(f.tag.Get("help"), "${enum}", strings.Join(f.words(), ", "))}
	if g := grammarOf(p.Word); g != nil {
		p.Words = append(list(f.tag.Get("also")), g.Kinds()...)
	}
	switch f.class() {
	case classBool:
		p.Type = "boolean"
	case classInt, classUint:
		p.Type = "integer"
		if f.class() == classUint {
			p.Least = new(float64)
		}
	case classFloat:
		p.Type = "number"
	case classList:
		p.Type = "array"
		items := f.element(reflect.New(f.v.Type().Elem()).Elem()).property()
		items.Help, items.Default = "", nil
		p.Items, p.Enum, p.Word = &items, nil, ""
	case classJSON:
	default:
		p.Type = "string"
	}
	if p.Type == "integer" || p.Type == "number" {
		for _, b := range []struct {
			tag  string
			to   **float64
			open *bool
		}{{"min", &p.Least, nil}, {"above", &p.Least, &p.Above}, {"max", &p.Most, nil}, {"below", &p.Most, &p.Below}} {
			if x, ok := bound(f.tag, b.tag); ok {
				*b.to = &x
				if b.open != nil {
					*b.open = true
				}
			}
		}
	}
	e := &field{f.name, f.key, f.tag, reflect.New(f.v.Type()).Elem()}
	if def, ok := f.tag.Lookup("default"); ok && setText(e, def) == nil {
		p.Default, _ = e.json()
	}
	return p
}

// DecodeQuery sets the fields of the struct that p points to from the text of a request's query, as [DecodeRemote]
// does from JSON: a list has its values between commas or its key several times.
func DecodeQuery(values map[string][]string, p any) error {
	all := fields(settable(p), "", true)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		texts := values[key]
		i := slices.IndexFunc(all, func(f field) bool { return f.key == key })
		switch {
		case i < 0:
			var keys []string
			for _, f := range all {
				if !f.local() {
					keys = append(keys, f.key)
				}
			}
			return &ito.InputError{Where: "`" + key + "`", What: "there is no such setting",
				Do: suggest.Among(key, keys)}
		case all[i].local():
			return localError("`"+key+"`", key)
		case len(texts) != 1 && all[i].class() != classList:
			return &ito.InputError{Where: "`" + key + "`", What: fmt.Sprintf("it is given %d times", len(texts)),
				Do: "give it once"}
		}
		if err := all[i].decode(all[i].raw(texts), Remote); err != nil {
			var in *ito.InputError
			if !errors.As(err, &in) {
				in = &ito.InputError{What: "it is " + err.Error(), Do: "write, for example, " + key + "=" +
					strings.Trim(exampleJSON(&all[i]), `"`)}
			}
			return &ito.InputError{Where: "`" + key + "`", What: strings.TrimPrefix(in.What, key+" "), Do: in.Do}
		}
	}
	return nil
}

// raw is the JSON of text.
func (f *field) raw(texts []string) json.RawMessage {
	if f.class() == classList {
		var parts []string
		for _, t := range texts {
			for part := range strings.SplitSeq(t, ",") {
				e := f.element(reflect.New(f.v.Type().Elem()).Elem())
				parts = append(parts, string(e.raw([]string{part})))
			}
		}
		return json.RawMessage("[" + strings.Join(parts, ",") + "]")
	}
	switch f.class() {
	case classBool, classInt, classUint, classFloat, classJSON:
		if json.Valid([]byte(texts[0])) && texts[0] != "null" {
			return json.RawMessage(texts[0])
		}
		// as a flag has it: .5 and +5 are numbers there
		if v, err := strconv.ParseFloat(texts[0], 64); err == nil && f.class() == classFloat && !math.IsInf(v, 0) &&
			!math.IsNaN(v) {
			return json.RawMessage(strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	text, _ := json.Marshal(texts[0])
	return text
}
