package nn

import (
	"errors"

	"github.com/seed9a7962a8/ito/internal/spec"
)

var registry = newRegistry()

func newRegistry() *spec.Registry[Network] {
	r := spec.NewRegistry("network", Network.Kind)
	r.Resolve = resolve
	return r
}

// resolve is Resolve, whose errors name the kind too.
func resolve(n Network) (Network, error) {
	out, err := n.Resolve()
	if e := (*ConfigError)(nil); errors.As(err, &e) {
		err = &kindError{n.Kind(), e}
	}
	return out, err
}

// Register makes a family known by its kind: it is stored then, and named on the command line as kind or
// kind:key=value,key=value. empty returns a config with its defaults, a struct or a pointer to one, whose exported
// fields are the settings. Their tags are json (the key in files), default, min, max, above, below, enum and help;
// the key in words is the field's name in lower case with hyphens, TimeDim being time-dim, or the tag name; a field
// that is no setting has the tag config:"-". doc is a line of help. A kind that is taken panics: two packages of
// one program want it.
func Register(doc string, empty func() Network) { registry.Register(doc, empty) }

// Kinds are the registered kinds, the house's first.
func Kinds() []string { return registry.Kinds() }

// Parse returns the network that a word names, as mlp or mlp:width=256,depth=3, resolved. What is wrong with the
// word is an [ito.InputError] with the nearest that works.
func Parse(word string) (Network, error) { return registry.Parse(word) }

// Word is the word of a network: Parse of it is the same network.
func Word(n Network) (string, error) { return registry.Word(n) }

// Named is a network for a file: its kind, the package that registered it where that is not ito's own, and its config.
func Named(n Network) (spec.Named, error) { return registry.Marshal(n) }

// FromNamed returns the network that Named wrote, resolved. A kind that this program does not have is an
// [ito.InputError] that names the package.
func FromNamed(n spec.Named) (Network, error) { return registry.Unmarshal(n) }
