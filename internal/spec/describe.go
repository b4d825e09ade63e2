package spec

import (
	"reflect"
	"slices"
	"strings"
)

// Description is a kind as a manual has it.
type Description struct {
	Kind     string    `json:"kind"`
	Doc      string    `json:"help"`
	Package  string    `json:"package,omitempty"` // that registered it, "" for ito's own
	Settings []Setting `json:"settings,omitempty"`
}

// Setting is one field as a manual has it.
type Setting struct {
	Name    string `json:"name"`
	Takes   string `json:"values"` // "0…1", "above 0", "a|b"
	Default string `json:"default"`
	Value   string `json:"value,omitempty"` // as it stands, where it is that of a thing
	Help    string `json:"help"`
	Local   bool   `json:"local,omitempty"`
}

// Describe lists the kinds in the order of their registration.
func (r *Registry[T]) Describe() []Description {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var out []Description
	for _, k := range r.kinds {
		c := k.New()
		out = append(out, Description{k.Name, k.Doc, foreign(packageOf(c)), Describe(c)})
	}
	return out
}

// Describe lists the fields of a configuration; their defaults are what they hold.
func Describe(c any) []Setting {
	var out []Setting
	for _, f := range fields(structOf(c), "", false) {
		help := strings.ReplaceAll(f.tag.Get("help"), "${enum}", strings.Join(f.words(), ", "))
		out = append(out, Setting{Name: f.name, Takes: f.takes(), Default: f.word(), Help: help, Local: f.local()})
	}
	return out
}

// What the name of a field has in it that tells of a file, an output or a command, and of what a program may use.
var (
	fileWords = []string{"out", "output", "file", "files", "dir", "folder", "checkpoint", "trajectory", "journal",
		"cache",
		"log", "exec", "command", "config", "from", "data", "model"}
	machineWords = []string{"workers", "threads", "procs", "memory"}
)

// fileHints are what a placeholder has in it where the value names a file or what may be one.
var fileHints = []string{"FILE", "DIR", "DATA", "MODEL"}

// Untagged lists the fields of a configuration, those that are flags only included, that look as if they were for
// the one who runs the program and have no where tag: text with a word such as out or file in its name or that is
// an argument, anything with workers or memory, the placeholder FILE, DIR, DATA or MODEL, or a type tag of kong. A
// where tag that is neither local nor remote is listed too.
func Untagged(c any) []string {
	var out []string
	for _, f := range fields(structOf(c), "", true) {
		where, tagged := f.tag.Lookup("where")
		_, argument := f.tag.Lookup("arg")
		hint := func(h string) bool { return strings.Contains(f.tag.Get("placeholder"), h) }
		switch {
		case tagged && (where == "local" || where == "remote"):
		case tagged, f.named(machineWords), f.tag.Get("type") != "", slices.ContainsFunc(fileHints, hint),
			f.holdsText() && (argument || f.named(fileWords)):
			out = append(out, f.name)
		}
	}
	return out
}

// named reports that one of the words stands in the name of f.
func (f *field) named(words []string) bool {
	return slices.ContainsFunc(strings.Split(f.name, "-"), func(w string) bool { return slices.Contains(words, w) })
}

func (f *field) holdsText() bool {
	t := f.v.Type()
	return t.Kind() == reflect.String || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String
}

// LocalNames lists the fields of a configuration that no request may set.
func LocalNames(c any) []string {
	var out []string
	for _, f := range fields(structOf(c), "", true) {
		if f.local() {
			out = append(out, f.name)
		}
	}
	return out
}
