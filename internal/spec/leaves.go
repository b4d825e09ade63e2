package spec

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// tags are those of a field, taken apart once for each type.
type tags map[string]string

// Get is the value of a key, "" where it is not there.
func (t tags) Get(key string) string { return t[key] }

// Lookup is the value of a key and whether it is there.
func (t tags) Lookup(key string) (string, bool) {
	v, ok := t[key]
	return v, ok
}

// parseTags takes a tag apart, as reflect.StructTag does for one key.
func parseTags(tag reflect.StructTag) tags {
	out := tags{}
	for rest := strings.TrimLeft(string(tag), " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, after, ok := strings.Cut(rest, ":")
		if !ok || key == "" || strings.ContainsAny(key, " \"") {
			break
		}
		quoted, err := strconv.QuotedPrefix(after)
		if err != nil {
			break
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			break
		}
		if _, twice := out[key]; !twice { // the first counts
			out[key] = value
		}
		rest = after[len(quoted):]
	}
	return out
}

// leaf is a field of a type of configurations.
type leaf struct {
	name, key string
	tag       tags
	index     []int // of the field in the type
}

// leavesKey names a list of leaves.
type leavesKey struct {
	t   reflect.Type
	all bool
}

var leavesOf sync.Map // of leavesKey, to []leaf

// leaves lists the leaves of a type, see fields.
func leaves(t reflect.Type, all bool) []leaf {
	if l, ok := leavesOf.Load(leavesKey{t, all}); ok {
		return l.([]leaf)
	}
	l := findLeaves(t, nil, "", all)
	leavesOf.Store(leavesKey{t, all}, l)
	return l
}

func findLeaves(t reflect.Type, at []int, prefix string, all bool) []leaf {
	var out []leaf
	for i := range t.NumField() {
		f := t.Field(i)
		tag := parseTags(f.Tag)
		if !f.IsExported() || tag.Get("kong") == "-" {
			continue
		}
		flagOnly := tag.Get("config") == "-"
		if flagOnly && !(all && holds(f.Type, tag)) {
			continue
		}
		index := append(at[:len(at):len(at)], i)
		if _, embed := tag.Lookup("embed"); embed || f.Anonymous {
			out = append(out, findLeaves(f.Type, index, prefix+tag.Get("prefix"), all)...)
			continue
		}
		if !holds(f.Type, tag) {
			panic(fmt.Sprintf("spec: field %s.%s has type %s", t, f.Name, f.Type))
		}
		name := prefix + cmp.Or(tag.Get("name"), FlagName(f.Name))
		key, _, _ := strings.Cut(tag.Get("json"), ",")
		if key == "" || key == "-" {
			key = name
		}
		out = append(out, leaf{name, key, tag, index})
	}
	return out
}
