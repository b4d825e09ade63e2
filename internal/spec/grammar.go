package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito"
)

// grammar is what a field of words needs of a registry.
type grammar interface {
	check(word string, also []string, from Origin) error
	Kinds() []string
	named(n Named) (word string, err error)
	table(t map[string]any) (word string, err error)
	spread(word string, c any, flags Flags, given []string) (rest string, err error)
	gather(word string, c any, flags Flags, given []string) (whole string, err error)
	refuse(word string, flags Flags, given []string) error
	each(f func(kind string, config any))
}

var (
	grammarsLock sync.RWMutex
	grammars     = map[string]grammar{}
)

func grammarOf(what string) grammar {
	grammarsLock.RLock()
	defer grammarsLock.RUnlock()
	return grammars[what]
}

// check implements grammar.
func (r *Registry[T]) check(word string, also []string, from Origin) error {
	if r.Other != nil {
		if ok, err := r.Other(word); ok {
			return err
		}
	}
	if r.End != nil {
		rest, err := r.End(word)
		if err != nil {
			return err
		}
		word = rest
	}
	_, _, err := r.config(word, from, also)
	return err
}

// named implements grammar: the word of what a request or a file has.
func (r *Registry[T]) named(n Named) (string, error) {
	k, err := r.kind(n.Kind, n.Package)
	if err != nil {
		return "", err
	}
	c, seen := k.New(), map[string]bool{}
	if len(n.Config) > 0 {
		if seen, err = decodeObject(r.what+" "+n.Kind, false, n.Config, c, Local); err != nil {
			return "", err
		}
	}
	return wordWith(n.Kind, c, func(f *field) bool { return seen[f.key] }), nil
}

// wordWith is the word of a kind with some of the fields of its configuration, those that were given.
func wordWith(kind string, c any, given func(f *field) bool) string {
	var parts []string
	for _, f := range fields(structOf(c), "", false) {
		if given(&f) {
			parts = append(parts, f.name+"="+f.word())
		}
	}
	if parts == nil {
		return kind
	}
	return kind + ":" + strings.Join(parts, ",")
}

// table implements grammar: the word of a table of TOML, whose key kind is the kind.
func (r *Registry[T]) table(t map[string]any) (string, error) {
	name, ok := t["kind"].(string)
	if !ok {
		return "", &ito.InputError{What: "a table without the key kind",
			Do: fmt.Sprintf("write kind = %q or another %s", r.Kinds()[0], r.what)}
	}
	k, err := r.kind(name, "")
	if err != nil {
		return "", err
	}
	c := k.New()
	all, defs := fields(settable(c), "", false), fields(settable(k.New()), "", false)
	for _, key := range slices.Sorted(maps.Keys(t)) {
		if key == "kind" {
			continue
		}
		i := slices.IndexFunc(all, func(f field) bool { return f.name == key })
		if i < 0 {
			return "", noSetting(r.what, name, setting{key: part{key, 0}}, all)
		}
		f := &all[i]
		if err := setTOML(f, t[key]); err != nil {
			return "", &ito.InputError{What: key + " " + err.Error(),
				Do: "write, for example, " + key + " = " + example(f)}
		}
		if !allowed(f, &defs[i]) {
			return "", &ito.InputError{What: fmt.Sprintf("%s %s takes no %s of %s", r.what, name, key, text(f)),
				Do: "give " + key + "=" + f.takes()}
		}
	}
	return wordWith(name, c, func(f *field) bool { _, ok := t[f.name]; return ok }), nil
}

// EachKind calls f for every kind of every registry, with a pointer to a configuration of it.
func EachKind(f func(what, kind string, config any)) {
	grammarsLock.RLock()
	all := maps.Clone(grammars)
	grammarsLock.RUnlock()
	for _, what := range slices.Sorted(maps.Keys(all)) {
		all[what].each(func(kind string, config any) { f(what, kind, config) })
	}
}

func (r *Registry[T]) each(f func(kind string, config any)) {
	r.mu.RLock()
	kinds := slices.Clone(r.kinds)
	r.mu.RUnlock()
	for _, k := range kinds {
		f(k.Name, k.New())
	}
}
