package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Load reads a TOML file into the struct that p points to. Fields that the file does not name keep their
// values: put the defaults there first. Whatever is wrong with the file is an *ito.InputError with
// line and column: an unknown key with the nearest known one, a value of another type or out of bounds.
func Load(path string, p any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		what := err.Error()
		var pe *fs.PathError
		if errors.As(err, &pe) {
			what = pe.Err.Error()
		}
		return &ito.InputError{Where: path, What: "cannot read the configuration: " + what,
			Do: "give a TOML file whose keys are names of flags"}
	}
	return Parse(path, string(b), p)
}

// Parse is Load for text; name stands for it in messages.
func Parse(name, document string, p any) error {
	var values map[string]any
	md, err := toml.Decode(document, &values)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return &ito.InputError{Where: at(name, pe.Position.Line, column(document, pe.Position)), What: pe.Message,
				Do: "correct the TOML"}
		}
		return &ito.InputError{Where: name, What: err.Error(), Do: "give a TOML file whose keys are names of flags"}
	}
	all := fields(settable(p), "", false)
	for _, key := range md.Keys() {
		if len(key) != 1 {
			continue
		}
		line, col := locate(document, key[0])
		where := at(name, line, col)
		f := find(all, key[0])
		if f == nil {
			return unknownKey(where, key[0], all)
		}
		if table, ok := values[key[0]].(map[string]any); ok && grammarOf(f.tag.Get("word")) != nil {
			word, err := grammarOf(f.tag.Get("word")).table(table)
			if in := (*ito.InputError)(nil); errors.As(err, &in) {
				return &ito.InputError{Where: where, What: in.What, Do: in.Do}
			}
			f.v.SetString(word)
		} else if err := setTOML(f, values[key[0]]); err != nil {
			return &ito.InputError{Where: where, What: f.name + " " + err.Error(),
				Do: "write, for example, " + f.name + " = " + example(f)}
		}
		if err := check(f); err != nil {
			err.Where = where
			return err
		}
	}
	return nil
}

func find(all []field, name string) *field {
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

func unknownKey(where, key string, all []field) error {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.name
	}
	return &ito.InputError{Where: where, What: fmt.Sprintf("unknown key %q", key), Do: suggest.Among(key, names)}
}

// example is a value that f could have.
func example(f *field) string {
	e := &field{f.name, f.key, f.tag, reflect.New(f.v.Type()).Elem()}
	if def, ok := f.tag.Lookup("default"); ok && setText(e, def) == nil {
		return text(e)
	}
	if e.class() == classList {
		e.v.Set(reflect.MakeSlice(e.v.Type(), 1, 1))
	}
	return text(e)
}

// setTOML sets f to a decoded value. An integer will do for a float, and one value for a list of one.
func setTOML(f *field, x any) error {
	if f.class() == classList {
		return setList(f, x)
	}
	ok := false
	switch x := x.(type) {
	case string:
		switch f.class() {
		case classBool, classInt, classFloat:
		case classTime:
			if err := f.setBare(x); err != nil {
				return fmt.Errorf("is a time such as \"2s\", not %q", x)
			}
			return nil
		case classUint: // one that TOML's integers have no room for and that is quoted therefore
			ok = f.setBare(x) == nil
		default:
			return f.setBare(x)
		}
	case bool:
		if ok = f.class() == classBool; ok {
			f.v.SetBool(x)
		}
	case int64:
		ok = setInteger(f, x)
	case float64:
		if ok = f.class() == classFloat; ok {
			f.v.SetFloat(x)
		}
	}
	if !ok {
		return fmt.Errorf("is %s, not %s", kindOf(f), tomlKind(x))
	}
	return nil
}

func setList(f *field, x any) error {
	list, ok := x.([]any)
	if !ok {
		list = []any{x}
	}
	out := reflect.MakeSlice(f.v.Type(), len(list), len(list))
	for i, e := range list {
		if err := setTOML(f.element(out.Index(i)), e); err != nil {
			return err
		}
	}
	f.v.Set(out)
	return nil
}

func setInteger(f *field, x int64) bool {
	switch c := f.class(); {
	case c == classFloat:
		f.v.SetFloat(float64(x))
	case c == classInt:
		f.v.SetInt(x)
	case c == classUint && x >= 0:
		f.v.SetUint(uint64(x))
	default:
		return false
	}
	return true
}

func kindOf(f *field) string {
	switch f.class() {
	case classTime:
		return `a time such as "2s"`
	case classBool:
		return "true or false"
	case classInt:
		return "an integer"
	case classUint:
		return "an integer that is not negative"
	case classFloat:
		return "a number"
	case classList:
		return "a list"
	}
	return "a string"
}

func tomlKind(x any) string {
	switch x := x.(type) {
	case string:
		return "a string"
	case bool:
		return "a truth value"
	case int64:
		return fmt.Sprint(x)
	case float64:
		return float(x)
	case []any:
		return "a list"
	case time.Time:
		return "a date"
	}
	return "a table"
}

func at(name string, line, col int) string {
	if line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, line, col)
}

// column is the column of a position in bytes, from 1.
func column(document string, p toml.Position) int {
	start := min(max(p.Start, 0), len(document))
	return start - strings.LastIndexByte(document[:start], '\n')
}

// locate finds the line and column of a key of the first level, or 0, 0.
func locate(document, key string) (line, col int) {
	re := regexp.MustCompile(`^\s*\[*\s*["']?` + regexp.QuoteMeta(key) + `["']?\s*[.=\]]`)
	for i, l := range strings.Split(document, "\n") {
		if re.MatchString(l) {
			return i + 1, strings.IndexFunc(l, func(r rune) bool { return r != ' ' && r != '\t' }) + 1
		}
	}
	return 0, 0
}
