package solve

import (
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Setting is a choice that the word for a solver may make after its name: ddim:eta=0.5.
type Setting struct {
	Name    string
	Values  string // what it takes, in words: "0…1", "no|yes"
	Default string // of the name without it
	Value   string // as it stands
	Help    string
}

// Settings are what the word for s may choose, in the order in which its name has them; nil for a solver without any.
func Settings(s ito.Solver) []Setting {
	var out []Setting
	for _, c := range registry.SettingsOf(s) {
		out = append(out, Setting{c.Name, c.Takes, c.Default, c.Value, c.Help})
	}
	return out
}

var registry = newRegistry()

func newRegistry() *spec.Registry[ito.Solver] {
	r := spec.NewRegistry("solver", kindOf)
	r.Colons = true // ddim:eta=1:x=2 was the only way once
	r.End = func(word string) (string, error) {
		rest, _, err := cutAction(word)
		return rest, err
	}
	return r
}

// kindOf is the name of a solver without its settings and without an action.
func kindOf(s ito.Solver) string {
	kind, _, _ := strings.Cut(s.Info().Name, ":")
	return kind
}

// Register makes a solver known by its name, the one of its Info: [ByName] and the command line name it, and
// [Every] lists it. empty returns one with its defaults, a struct or a pointer to one. Its exported fields are
// settings of its word, kind:key=value,key=value, with the tags default, min, max, above, below, enum and help; the
// key is the field's name in lower case with hyphens or the tag name, and a field that is no setting has the tag
// config:"-". Its Info names it by [Word], so that the name tells the settings. A name that is taken panics.
func Register(empty func() ito.Solver) { registry.Register("", empty) }

// Kinds are the names of the solvers of [Every].
func Kinds() []string { return registry.Kinds() }

// Word is the name of a solver of a kind: the kind, and the settings that are not the default.
func Word(kind string, s ito.Solver) string { return registry.NameOf(kind, s) }

func init() {
	for _, s := range house() {
		Register(func() ito.Solver { return s })
	}
}
