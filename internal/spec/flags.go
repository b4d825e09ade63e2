package spec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// Flags are settings of named things that are fields of a larger configuration too, such as --beta-max beside
// --path vp:beta-max=10: the field for each key of a word.
type Flags map[string]string

// Spread moves the settings of a word of what that have a field in c, a pointer to a configuration, to these
// fields; rest is the word without them. A field that is given, or that is not at its default, and says something
// else is an *ito.InputError.
func Spread(what, word string, c any, flags Flags, given []string) (rest string, err error) {
	return grammarOf(what).spread(word, c, flags, given)
}

// Gather moves the fields of c that are given to the settings of the word that they are for, and puts back their
// defaults. A field that the word sets otherwise is an *ito.InputError.
func Gather(what, word string, c any, flags Flags, given []string) (whole string, err error) {
	return grammarOf(what).gather(word, c, flags, given)
}

// Refuse is the *ito.InputError for the first given field of flags that the kind of a word has no setting for, or nil.
func Refuse(what, word string, flags Flags, given []string) error {
	return grammarOf(what).refuse(word, flags, given)
}

func (r *Registry[T]) spread(word string, c any, flags Flags, given []string) (string, error) {
	name, settings, k, err := r.open(word)
	if err != nil {
		return word, err
	}
	rest, defs := k.New(), defaultsOf(c)
	all := fields(settable(c), "", false)
	for _, s := range settings {
		to := find(all, flags[s.key.text])
		if to == nil {
			if err := apply(r.what, name, word, rest, k.New(), []setting{s}, Local); err != nil {
				return word, err
			}
			continue
		}
		was := *to
		was.v = copyOf(to.v)
		if err := to.set(s.values); err != nil {
			return word, &ito.InputError{Where: to.setting(), What: err.Error()}
		}
		said := slices.Contains(given, to.name) || text(&was) != text(find(defs, to.name))
		if said && text(&was) != text(to) {
			return word, contradiction(to, &was, word)
		}
	}
	return r.WordOf(name, rest)
}

func (r *Registry[T]) gather(word string, c any, flags Flags, given []string) (string, error) {
	name, settings, k, err := r.open(word)
	if err != nil {
		return word, err
	}
	config := k.New()
	if err := apply(r.what, name, word, config, k.New(), settings, Local); err != nil {
		return word, err
	}
	all, defs := fields(settable(c), "", false), defaultsOf(c)
	into := fields(settable(config), "", false)
	for i := range into {
		to := &into[i]
		from := find(all, flags[to.name])
		if from == nil || !slices.Contains(given, from.name) {
			continue
		}
		says := slices.ContainsFunc(settings, func(s setting) bool { return s.key.text == to.name })
		if says && to.word() != from.word() {
			return word, contradiction(to, from, word)
		}
		value := setting{part{to.name, 0}, []part{{from.word(), 0}}}
		if err := apply(r.what, name, word, config, k.New(), []setting{value}, Local); err != nil {
			return word, err
		}
		from.v.Set(find(defs, from.name).v)
	}
	return r.WordOf(name, config)
}

func contradiction(word, field *field, of string) error {
	return &ito.InputError{Where: field.setting(), Do: "say it once",
		What: fmt.Sprintf("it is %s, and %s in %s", field.word(), word.word(), of)}
}

func (r *Registry[T]) refuse(word string, flags Flags, given []string) error {
	name, _, k, err := r.open(word)
	if err != nil {
		return err
	}
	has := fields(settable(k.New()), "", false)
	for _, key := range slices.Sorted(maps.Keys(flags)) {
		if flag := flags[key]; slices.Contains(given, flag) && find(has, key) == nil {
			return &ito.InputError{Where: "`" + flag + "`", What: fmt.Sprintf("%s %s has no such setting", r.what,
				name), Do: "leave it out"}
		}
	}
	return nil
}

// open takes a word apart and finds its kind.
func (r *Registry[T]) open(word string) (string, []setting, Kind[T], error) {
	name, settings, err := split(word, r.Colons)
	if err != nil {
		return name, nil, Kind[T]{}, &ito.InputError{What: r.what + " " + err.Error()}
	}
	k, err := r.kind(name, "")
	if err == nil { // all of the word, so that what is wrong is told with its place
		err = apply(r.what, name, word, k.New(), k.New(), settings, Local)
	}
	return name, settings, k, err
}
