package spec

import (
	"fmt"
	"reflect"

	"github.com/seed9a7962a8/ito"
)

// Parse makes the thing that a word names. What is wrong with it is an *ito.InputError with the column and the
// nearest that works.
func (r *Registry[T]) Parse(word string) (T, error) { return r.parse(word, Local) }

// ParseRemote is Parse for a word of a request: settings that are local are refused by name.
func (r *Registry[T]) ParseRemote(word string) (T, error) { return r.parse(word, Remote) }

func (r *Registry[T]) parse(word string, from Origin) (T, error) {
	kind, c, err := r.config(word, from, nil)
	if err != nil {
		var none T
		return none, err
	}
	return r.Build(kind, c)
}

// Config returns the kind and a pointer to the configuration that a word names, for who has more to set before Build.
func (r *Registry[T]) Config(word string) (kind string, config any, err error) {
	return r.config(word, Local, nil)
}

func (r *Registry[T]) config(word string, from Origin, also []string) (string, any, error) {
	name, settings, err := split(word, r.Colons)
	if err != nil {
		return name, nil, &ito.InputError{What: r.what + " " + err.Error()}
	}
	k, err := r.kind(name, "", also...)
	if err != nil {
		return name, nil, err
	}
	c := k.New()
	return name, c, apply(r.what, name, word, c, k.New(), settings, from)
}

// Build makes a thing of a kind from its configuration.
func (r *Registry[T]) Build(kind string, config any) (T, error) {
	k, err := r.kind(kind, "")
	if err != nil {
		var none T
		return none, err
	}
	return r.resolved(k.Build(config))
}

// resolved keeps a thing that failed from leaving as a typed nil.
func (r *Registry[T]) resolved(v T, err error) (T, error) {
	if err == nil && r.Resolve != nil {
		v, err = r.Resolve(v)
	}
	if err != nil {
		var none T
		return none, err
	}
	return v, nil
}

// Of returns the kind and a pointer to the configuration of a thing. One that is of no kind, or holds what no
// configuration of its kind does, is an *ito.InputError.
func (r *Registry[T]) Of(v T) (kind string, config any, err error) {
	if any(v) == nil {
		return "", nil, &ito.InputError{What: "there is no " + r.what}
	}
	v, err = r.resolved(v, nil)
	if err != nil {
		return "", nil, err
	}
	k, err := r.kind(r.name(v), "")
	if err != nil {
		return "", nil, err
	}
	if config, err = k.Config(v); err != nil {
		return "", nil, &ito.InputError{What: fmt.Sprintf("%s %s has no word: %v", r.what, k.Name, err)}
	}
	return k.Name, config, nil
}

// Word is the canonical word of a thing: Parse(Word(v)) is v. A setting that is not the default of its field but
// follows from the others is left out too.
func (r *Registry[T]) Word(v T) (string, error) {
	kind, c, err := r.Of(v)
	if err != nil {
		return "", err
	}
	k, err := r.kind(kind, "")
	if err != nil {
		return "", err
	}
	whole := settingsOf(c, k.New())
	short, _ := pointerTo(c)
	defs := fields(settable(k.New()), "", false)
	for i, f := range fields(settable(short), "", false) {
		if f.class() == classList || f.v.IsZero() || !defs[i].v.IsZero() {
			continue
		}
		was := reflect.ValueOf(f.v.Interface())
		f.v.SetZero()
		again, _ := pointerTo(short)
		same := false
		if v, err := r.Build(kind, again); err == nil {
			_, c, err := r.Of(v)
			same = err == nil && settingsOf(c, k.New()) == whole
		}
		if !same {
			f.v.Set(was)
		}
	}
	return r.WordOf(kind, short)
}

// NameOf is the word of a thing of a kind by its settings alone: kind where it is not registered, or of another
// type, and whatever else the thing holds.
func (r *Registry[T]) NameOf(kind string, v T) string {
	if !r.Has(kind) { // which costs nothing where a program begins; an error looks for the nearest
		return kind
	}
	k, err := r.kind(kind, "")
	if err != nil {
		return kind
	}
	c, _ := pointerTo(v)
	def := k.New()
	if reflect.TypeOf(c) != reflect.TypeOf(def) {
		return kind
	}
	if settings := settingsOf(c, def); settings != "" {
		return kind + ":" + settings
	}
	return kind
}

// SettingsOf describes the settings of a thing, with the values that stand.
func (r *Registry[T]) SettingsOf(v T) []Setting {
	k, err := r.kind(r.name(v), "")
	if err != nil {
		return nil
	}
	c, _ := pointerTo(v)
	out := Describe(k.New())
	if reflect.TypeOf(c) == reflect.TypeOf(k.New()) {
		for i, f := range fields(structOf(c), "", false) {
			out[i].Value = f.word()
		}
	}
	return out
}

// WordOf is the canonical word of a kind with a configuration.
func (r *Registry[T]) WordOf(kind string, config any) (string, error) {
	k, err := r.kind(kind, "")
	if err != nil {
		return "", err
	}
	if settings := settingsOf(config, k.New()); settings != "" {
		return kind + ":" + settings, nil
	}
	return kind, nil
}

// Marshal writes a thing for a file. Every field is written, so that a default may change and the file stays.
func (r *Registry[T]) Marshal(v T) (Named, error) {
	kind, c, err := r.Of(v)
	if err != nil {
		return Named{}, err
	}
	b, err := Encode(c)
	return Named{kind, foreign(packageOf(c)), b}, err
}

// Unmarshal reads what Marshal wrote. Fields that are not there have their defaults. A kind that this program does
// not have is an *ito.InputError that names the package.
func (r *Registry[T]) Unmarshal(n Named) (T, error) { return r.unmarshal(n, Local) }

// UnmarshalRemote is Unmarshal of a request: settings that are local are refused by name.
func (r *Registry[T]) UnmarshalRemote(n Named) (T, error) { return r.unmarshal(n, Remote) }

func (r *Registry[T]) unmarshal(n Named, from Origin) (T, error) {
	var none T
	k, err := r.kind(n.Kind, n.Package)
	if err != nil {
		return none, err
	}
	c := k.New()
	if _, err := decodeObject(r.what+" "+n.Kind, false, n.Config, c, from); err != nil {
		return none, err
	}
	return r.resolved(k.Build(c))
}
