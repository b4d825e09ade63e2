package infer

import (
	"reflect"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/target"
)

// The tag "of" of a field of [Settings] lists the methods that have it, parted by commas: a name, "chains" or
// "particles" for all methods of that kind, or "all". A name and, after a colon, a word of [conditions] is a method
// that has it in some circumstances only.

// LedTarget is a target without a density of its own: what a trained model knows leads the sampler.
type LedTarget interface {
	ito.Target
	Led()
}

// conditions are the circumstances of which the tags speak.
var conditions = map[string]struct {
	holds func(t ito.Target, s Settings) bool
	say   string
}{
	"warm": {func(_ ito.Target, s Settings) bool { return s.WarmupSteps() > 0 },
		"in a warm-up of one step or more"},
	"learned":  {func(_ ito.Target, s Settings) bool { return s.Potential == "learned" }, "with the learned potential"},
	"whitened": {func(_ ito.Target, s Settings) bool { return s.Whiten == "meanfield" }, "with the mean-field fit"},
	"field": {func(t ito.Target, _ Settings) bool { _, ok := t.(LedTarget); return ok },
		"led by a trained model"},
	"parameters": {func(t ito.Target, _ Settings) bool { _, ok := t.(target.Constrained); return ok },
		"on a model file, whose parameters have supports"},
}

// has is the entry of a method in a field's tag: whether there is one, and its condition, "" for none.
func (m Method) has(field string) (has bool, condition string) {
	f, ok := reflect.TypeFor[Settings]().FieldByName(field)
	if ok && slices.Contains(m.Takes, field) {
		return true, ""
	}
	if !ok {
		return false, ""
	}
	for entry := range strings.SplitSeq(f.Tag.Get("of"), ",") {
		name, condition, _ := strings.Cut(entry, ":")
		if name == m.Name || name == "all" || name == m.Kind.String() && m.Kind != Point {
			return true, condition
		}
	}
	return false, ""
}

// Has reports whether a setting, by the name of its field in [Settings], can change anything of the method on the
// target beside the other settings. Where the method has it in other circumstances, when says in which.
func (m Method) Has(field string, t ito.Target, s Settings) (has bool, when string) {
	has, word := m.has(field)
	c, conditional := conditions[word]
	if !has || !conditional || c.holds(t, s) {
		return has, ""
	}
	return false, c.say
}

// Settings lists the settings that the method has, in some circumstances at least, by the names of their fields.
func (m Method) Settings() []string {
	return slices.DeleteFunc(settingNames(), func(field string) bool { has, _ := m.has(field); return !has })
}

// MethodsWith lists the methods that have a setting, in some circumstances at least.
func MethodsWith(field string) []string {
	var names []string
	for _, m := range methods {
		if has, _ := m.has(field); has {
			names = append(names, m.Name)
		}
	}
	return names
}

// settingNames are the fields of Settings that a person can set.
func settingNames() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		if f.Tag.Get("kong") != "-" {
			names = append(names, f.Name)
		}
	}
	return names
}
