package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Encode writes a configuration as a JSON object with all its fields in the order of their declaration. Numbers
// keep every bit; one that is not finite is an *ito.InputError, but for the infinities, which are written as text.
func Encode(c any) ([]byte, error) {
	return encode(fields(structOf(c), "", false), func(f *field) bool {
		return f.v.IsZero() && slices.Contains(strings.Split(f.tag.Get("json"), ","), "omitempty")
	})
}

// encode writes fields as a JSON object, without those that skip reports.
func encode(all []field, skip func(f *field) bool) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, f := range all {
		if skip(&f) {
			continue
		}
		v, err := f.effective().json()
		if err != nil {
			return nil, &ito.InputError{Where: f.name, What: err.Error()}
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		key, _ := json.Marshal(f.key)
		b.Write(key)
		b.WriteByte(':')
		b.Write(v)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// json is the value of f in JSON.
func (f *field) json() ([]byte, error) {
	switch f.class() {
	case classTime, classChoice:
		return json.Marshal(f.bare())
	case classJSON:
		if f.v.Len() == 0 {
			return []byte("null"), nil
		}
	case classFloat:
		if math.IsInf(f.v.Float(), 0) {
			return json.Marshal(f.bare())
		}
	}
	return json.Marshal(f.v.Interface())
}

// Decode reads a JSON object into the struct that p points to. Fields that it does not name keep their values: put
// the defaults there first. Whatever is wrong is an *ito.InputError with line and column, name standing for the
// text: an unknown or repeated key, a value of another type or out of bounds, something behind the object.
func Decode(name string, body []byte, p any) error {
	_, err := decodeObject(name, true, body, p, Local)
	return err
}

// DecodeRemote is Decode for a request: fields that are local are refused by name, in the words that it holds too.
func DecodeRemote(name string, body []byte, p any) error {
	_, err := decodeObject(name, true, body, p, Remote)
	return err
}

func localError(where, field string) *ito.InputError {
	what := field + " is not taken from a request: it is for the one who runs the program"
	return &ito.InputError{Where: where, What: what, Do: "leave it out"}
}

// decodeObject is Decode; seen are the keys that the object has.
func decodeObject(name string, positions bool, body []byte, p any, from Origin) (seen map[string]bool, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	where := func() string {
		if !positions {
			return name
		}
		before := body[:min(int(d.InputOffset()), len(body))]
		return at(name, bytes.Count(before, []byte("\n"))+1, len(before)-bytes.LastIndexByte(before, '\n'))
	}
	bad := func(err error) (map[string]bool, error) {
		what := err.Error()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			what = "the text ends within the configuration"
		}
		return nil, &ito.InputError{Where: where(), What: what, Do: `give one JSON object, as {"key": value}`}
	}
	if t, err := d.Token(); err != nil {
		return bad(err)
	} else if t != json.Delim('{') {
		return bad(errors.New("not an object"))
	}
	all := fields(settable(p), "", from == Remote)
	seen = map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return bad(err)
		}
		key, place := t.(string), where()
		i := slices.IndexFunc(all, func(f field) bool { return f.key == key })
		switch {
		case i < 0:
			var keys []string
			for _, f := range all {
				if from != Remote || !f.local() {
					keys = append(keys, f.key)
				}
			}
			do := suggest.Among(key, keys)
			if len(keys) == 0 {
				do = "it has no settings"
			}
			return nil, &ito.InputError{Where: place, What: fmt.Sprintf("unknown key %q", key), Do: do}
		case seen[key]:
			return nil, &ito.InputError{Where: place, What: fmt.Sprintf("the key %q twice", key), Do: "set it once"}
		case from == Remote && all[i].local():
			return nil, localError(place, key)
		}
		seen[key] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return bad(err)
		}
		if err := all[i].decode(raw, from); err != nil {
			var in *ito.InputError
			if !errors.As(err, &in) {
				in = &ito.InputError{What: fmt.Sprintf("%s is %s", key, err),
					Do: fmt.Sprintf("write, for example, %q: %s", key, exampleJSON(&all[i]))}
			}
			return nil, &ito.InputError{Where: place, What: in.What, Do: in.Do}
		}
	}
	if _, err := d.Token(); err != nil {
		return bad(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return bad(errors.New("something follows the configuration"))
	}
	return seen, nil
}

// decode sets f to a JSON value, null leaving it as it is.
func (f *field) decode(raw json.RawMessage, from Origin) error {
	if string(raw) == "null" {
		return nil
	}
	def := &field{f.name, f.key, f.tag, reflect.New(f.v.Type()).Elem()}
	def.v.Set(f.v)
	if err := f.setJSON(raw); err != nil {
		return err
	}
	if f.class() != classOwn && f.class() != classTime && f.class() != classChoice && !(f.class() == classFloat &&
		raw[0] == '"') {
		if err := f.settle(); err != nil { // the others are set by their text
			return err
		}
	}
	if f.tag.Get("word") != "" && (from == Remote || f.tag.Get("check") != "remote") {
		if err := checkOf(f, from); err != nil {
			return err
		}
	}
	if err := check(f); err != nil {
		return &ito.InputError{What: f.key + " " + err.What, Do: err.Do}
	}
	if !allowed(f, def) {
		return errors.New("not finite")
	}
	return nil
}

// setJSON sets f to a JSON value of its type.
func (f *field) setJSON(raw json.RawMessage) error {
	refuse := func() error { return fmt.Errorf("%s, not %s", kindOf(f), jsonKind(raw)) }
	quoted := len(raw) > 0 && raw[0] == '"'
	switch c := f.class(); c {
	case classJSON:
		f.v.SetBytes(slices.Clone(raw))
		return nil
	case classTime, classChoice, classFloat:
		var word string
		if quoted && json.Unmarshal(raw, &word) == nil && (c != classFloat || word == "inf" || word == "-inf") {
			return f.setBare(word)
		}
		if c != classFloat {
			return refuse()
		}
	case classList:
		var parts []json.RawMessage
		if json.Unmarshal(raw, &parts) != nil {
			return refuse()
		}
		out := reflect.MakeSlice(f.v.Type(), len(parts), len(parts))
		for i, p := range parts {
			e := f.element(out.Index(i))
			if string(p) == "null" {
				return fmt.Errorf("%s, not null at %d", kindOf(e), i)
			}
			if err := e.setJSON(p); err != nil {
				return err
			}
		}
		f.v.Set(out)
		return nil
	case classText, classOwn:
		if len(raw) > 0 && raw[0] == '{' && f.tag.Get("word") != "" {
			return f.setNamed(raw)
		}
		if !quoted {
			return refuse()
		}
	}
	if json.Unmarshal(raw, f.v.Addr().Interface()) != nil {
		return refuse()
	}
	if f.class() == classFloat && vanished(string(raw), f.v.Float()) {
		return fmt.Errorf("a number that is not nearer to zero than any here, and %s would be 0", raw)
	}
	return nil
}

// setNamed sets a field of words to the word of {"kind": …, "config": {…}}.
func (f *field) setNamed(raw json.RawMessage) error {
	what := f.tag.Get("word")
	g := grammarOf(what)
	if g == nil {
		return fmt.Errorf("a word, not %s", jsonKind(raw))
	}
	var n Named
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return &ito.InputError{What: f.key + ": " + err.Error(), Do: `give the word, or {"kind": …, "config": {…}}`}
	}
	word, err := g.named(n)
	if err != nil {
		return err
	}
	f.v.SetString(word)
	return nil
}

func exampleJSON(f *field) string {
	e := &field{f.name, f.key, f.tag, reflect.New(f.v.Type()).Elem()}
	if def, ok := f.tag.Lookup("default"); ok && setText(e, def) != nil || e.class() == classJSON {
		return "null"
	}
	if e.class() == classList && e.v.Len() == 0 {
		item := e.element(reflect.New(e.v.Type().Elem()).Elem())
		word, _, _ := strings.Cut(f.tag.Get("placeholder"), ",")
		if item.class() == classText && word != "" {
			return fmt.Sprintf("[%q]", word)
		}
		return "[" + exampleJSON(item) + "]"
	}
	b, err := e.json()
	if err != nil {
		return "null"
	}
	return string(b)
}

func jsonKind(raw json.RawMessage) string {
	var x any
	if json.Unmarshal(raw, &x) != nil {
		return string(raw[:min(len(raw), 40)])
	}
	switch x.(type) {
	case string:
		return "text"
	case bool:
		return "a truth value"
	case float64:
		return string(raw)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "null"
}
