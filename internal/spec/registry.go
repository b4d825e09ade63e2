package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// Origin is where a text comes from.
type Origin uint8

// The origins.
const (
	Local  Origin = iota // the command line or a file of the one who runs the program
	Remote               // a request or a broker: local fields are refused by name
)

// Registry holds the kinds of a T, such as the paths, by their names. It is safe for concurrent use.
type Registry[T any] struct {
	// Colons also lets colons stand between settings, as in ddim:eta=1:x=2.
	Colons bool
	// Other, where there is one, reports words of another grammar, which are no kinds, and what is wrong with them;
	// Also are the beginnings of such words, which an error lists beside the kinds.
	Other func(word string) (ok bool, err error)
	Also  []string
	// End, where there is one, cuts what may follow a word.
	End func(word string) (rest string, err error)
	// Resolve, where there is one, fills what a thing leaves open and says what is wrong with it.
	Resolve func(T) (T, error)

	what  string
	name  func(T) string
	mu    sync.RWMutex
	kinds []Kind[T]
}

// Kind is one kind of a T and how it is configured.
type Kind[T any] struct {
	Name string
	Doc  string // a line of help
	// New returns a pointer to a new configuration, which holds the defaults.
	New func() any
	// Build makes a T of a configuration that New returned and that has been set since.
	Build func(config any) (T, error)
	// Config returns a pointer to the configuration of a T of this kind, or an error where it holds what none has.
	Config func(T) (any, error)
}

// Named is a thing as files and requests have it.
type Named struct {
	Kind string `json:"kind"`
	// Package is the import path of the package that registered the kind, "" for ito's own.
	Package string          `json:"package,omitempty"`
	Config  json.RawMessage `json:"config"`
}

// NewRegistry makes an empty registry of what, a noun in the singular; name is the kind of a T. Fields with the tag
// word:"what" hold its words. Two registries of the same what are a broken program and panic.
func NewRegistry[T any](what string, name func(T) string) *Registry[T] {
	r := &Registry[T]{what: what, name: name}
	grammarsLock.Lock()
	defer grammarsLock.Unlock()
	if grammars[what] != nil {
		panic("spec: two registries of " + what)
	}
	grammars[what] = r
	return r
}

// Register adds a kind whose things are their own configuration: new returns one with its defaults, a struct or a
// pointer to one, and its name is the kind. Its tags fill the fields that new leaves zero; fields with config:"-"
// stay as new has them.
func (r *Registry[T]) Register(doc string, new func() T) {
	name := r.name(new())
	config := func() any {
		c, _ := pointerTo(new())
		fillZero(c)
		return c
	}
	if v := reflect.TypeOf(new()); v.Kind() != reflect.Struct && (v.Kind() != reflect.Pointer ||
		v.Elem().Kind() != reflect.Struct) {
		panic(fmt.Sprintf("spec: %s %s is a %s, and has no fields", r.what, name, v))
	}
	r.Add(Kind[T]{Name: name, Doc: doc, New: config,
		Build: func(c any) (T, error) {
			v := reflect.ValueOf(c)
			if reflect.TypeOf(new()).Kind() == reflect.Struct {
				v = v.Elem()
			}
			return v.Interface().(T), nil
		},
		Config: func(v T) (any, error) {
			c, _ := pointerTo(v)
			if reflect.TypeOf(c) != reflect.TypeOf(config()) {
				return nil, fmt.Errorf("it is a %T", v)
			}
			if hidden := hiddenFrom(c, config()); hidden != "" {
				return nil, fmt.Errorf("its %s is no setting", hidden)
			}
			return c, nil
		}})
}

// Add adds a kind. A name that is taken or that cannot be the beginning of a word is a broken program and panics; so
// are tags that make no sense, when the kind is first used: programs begin faster for it.
func (r *Registry[T]) Add(k Kind[T]) {
	if k.Name == "" || strings.ContainsAny(k.Name, ":,=[]\" \t\n") {
		panic(fmt.Sprintf("spec: %q cannot be the name of a %s", k.Name, r.what))
	}
	empty := k.New
	check := sync.OnceFunc(func() { r.sense(k.Name, empty()) })
	k.New = func() any { check(); return empty() }
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.kinds, func(o Kind[T]) bool { return o.Name == k.Name }); i >= 0 {
		first, second := packageOf(r.kinds[i].New()), packageOf(k.New())
		panic(fmt.Sprintf("spec: %s %s is registered twice, by %s and by %s", r.what, k.Name, first, second))
	}
	r.kinds = append(r.kinds, k)
}

// sense panics where the settings of a kind make no sense.
func (r *Registry[T]) sense(kind string, config any) {
	names := map[string]bool{}
	for _, f := range fields(settable(config), "", false) {
		if names[f.name] {
			panic(fmt.Sprintf("spec: %s %s has two settings %s", r.what, kind, f.name))
		}
		names[f.name] = true
		f.takes()
	}
}

// Kinds are the names of the kinds in the order of their registration.
func (r *Registry[T]) Kinds() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	names := make([]string, len(r.kinds))
	for i, k := range r.kinds {
		names[i] = k.Name
	}
	return names
}

// Has reports whether there is a kind of this name.
func (r *Registry[T]) Has(kind string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.kinds, func(k Kind[T]) bool { return k.Name == kind })
}

// kind finds a kind; pkg is the package that is said to have registered it, "" for any.
func (r *Registry[T]) kind(name, pkg string, also ...string) (Kind[T], error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i := slices.IndexFunc(r.kinds, func(k Kind[T]) bool { return k.Name == name })
	switch {
	case i < 0 && pkg != "":
		return Kind[T]{}, &ito.InputError{What: fmt.Sprintf("%s %s is not in this program; package %s registers it",
			r.what, name, pkg),
			Do: "run the program that is built with that package"}
	case i < 0:
		names := slices.Clone(also)
		for _, k := range r.kinds {
			names = append(names, k.Name)
		}
		names = append(names, r.Also...)
		return Kind[T]{}, &ito.InputError{What: fmt.Sprintf("unknown %s %q", r.what, name), Do: suggest.Among(name,
			names)}
	}
	if own := foreign(packageOf(r.kinds[i].New())); pkg != "" && own != pkg && own != "main" && pkg != "main" {
		here := packageOf(r.kinds[i].New())
		return Kind[T]{}, &ito.InputError{
			What: fmt.Sprintf("%s %s is of package %s, and in this program of %s", r.what, name, pkg, here),
			Do:   "run the program that is built with that package"}
	}
	return r.kinds[i], nil
}

// house is the module whose packages need not be named.
const house = "github.com/seed9a7962a8/ito"

// packageOf is the import path of the type that c points to.
func packageOf(c any) string { return structOf(c).Type().PkgPath() }

// foreign is a package that is not ito's own, and "" for one that is.
func foreign(pkg string) string {
	if pkg == house || strings.HasPrefix(pkg, house+"/") {
		return ""
	}
	return pkg
}

// pointerTo is a pointer to a copy of the struct that v is, or points to.
func pointerTo(v any) (any, bool) {
	s := reflect.ValueOf(v)
	if s.Kind() == reflect.Pointer {
		if s.IsNil() {
			return v, false
		}
		s = s.Elem()
	}
	p := reflect.New(s.Type())
	p.Elem().Set(s)
	return p.Interface(), true
}

// fillZero puts the default of the tags into the fields that are zero.
func fillZero(c any) {
	def := reflect.New(structOf(c).Type()).Interface()
	Default(def)
	defs := fields(settable(def), "", false)
	for i, f := range fields(settable(c), "", false) {
		if f.v.IsZero() && !f.unset() {
			f.v.Set(defs[i].v)
		}
	}
}

// hiddenFrom is the name of a field in which c differs from def and that no setting sets, or "".
func hiddenFrom(c, def any) string {
	a, _ := pointerTo(c)
	b, _ := pointerTo(def)
	for _, p := range []any{a, b} {
		for _, f := range fields(settable(p), "", false) {
			f.v.SetZero()
		}
	}
	x, y := structOf(a), structOf(b)
	for i := range x.NumField() {
		if x.Type().Field(i).IsExported() && !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			return x.Type().Field(i).Name
		}
	}
	if !reflect.DeepEqual(a, b) {
		return "state"
	}
	return ""
}
