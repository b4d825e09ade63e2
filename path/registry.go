package path

import (
	"encoding/json"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

var registry = spec.NewRegistry("path", ito.Path.Name)

// Every path that a word or a model file can name. A new path adds one line here.
func init() {
	Register("vp", "Variance-preserving: DDPM in continuous time.", VP.Resolve)
	Register("ve", "Variance-exploding, noise levels in geometric order.", VE.Resolve)
	Register("subvp", "The mean of vp with less noise.", SubVP.Resolve)
	Register("edm", "The noise level is the time.", EDM.Resolve)
	Register("flow", "Straight lines from the data to N(0,I).", Flow.Resolve)
	Register("cosine", "Variance-preserving, α a cosine.", Cosine.Resolve)
	Register("discrete", "The table of a network that was trained on steps.", NewDiscrete)
	Register("vsdm", "The Schrödinger path with a linear variational score.", NewVSDM)
	Register("cld", "Critically damped Langevin: positions and velocities.", NewCLD)
	Register("vsmd", "Momentum with a linear variational score.", NewVSMD)
	Register("piecewise", "The Schrödinger path with a matrix for every cell of time.", NewPiecewise)
	Register("pfgm", "Poisson flow: EDM with heavy tails.", PFGM.Resolve)
	Register("reverting", "Mean-reverting, for restoration.", NewReverting)
	Register("kinetic", "The scalar path of least kinetic energy for data.", NewKinetic)
	Register("interpolant", "Between two sets of data.", Interpolant.Resolve)
	Register("onesided", "The interpolant from data to N(0,I).", OneSided.Resolve)
	Register("absorbing", "Tokens become masks.", NewAbsorbing)
	Register("uniform", "Tokens are drawn anew.", NewUniform)
	Register("mixed", "Numbers by edm, levels absorbed: tables with types.", NewMixed)
	Register("centred", "A path whose centre comes with the condition.", planRowMean)
}

// Register makes a kind of path known by its name, which the Name of its paths is: model files hold it then, and
// the command line names it, as kind or kind:key=value,key=value. doc is a line of help.
//
// C is the configuration, a struct of exported fields of type string, bool, int, float64, []float64 and others. A
// field's tags are json (its key in files), default, min, max, above, below, enum (the words that are allowed,
// between commas) and help; its key in words is its name in lower case with hyphens, BetaMax being beta-max, or the
// tag name. where:"local" is for what no request may set, such as the name of a file. plan makes the path, fills
// what the configuration leaves open and says what is wrong with it, as an [ito.InputError]. The path gives its
// configuration back: it is a C itself, or has a method Config that returns one, or a C and an error, with all defaults
// filled in; planned again it is the same path.
//
// Fields whose json keys are d, mean, a, levels, at, corners or scale are filled from the data where they are left
// open, as [Settings] has them. A name that is taken panics.
func Register[C any, P ito.Path](kind, doc string, plan func(C) (P, error)) {
	registry.Add(spec.Kind[ito.Path]{Name: kind, Doc: doc,
		New: func() any {
			c := new(C)
			spec.Default(c)
			return c
		},
		Build:  func(c any) (ito.Path, error) { return checked(plan(*c.(*C))) },
		Config: func(p ito.Path) (any, error) { return configOf(p, plan) },
	})
}

// configOf is the configuration of a path, its defaults filled in.
func configOf[C any, P ito.Path](p ito.Path, plan func(C) (P, error)) (any, error) {
	switch q := p.(type) {
	case interface{ Config() C }:
		c := q.Config()
		return &c, nil
	case interface{ Config() any }:
		if c, ok := q.Config().(C); ok {
			return &c, nil
		}
	case interface{ Config() (C, error) }:
		c, err := q.Config()
		return &c, err
	}
	if c, ok := p.(C); ok {
		whole, err := plan(c)
		if err != nil {
			return nil, err
		}
		if c, ok = ito.Path(whole).(C); ok {
			return &c, nil
		}
	}
	return nil, fmt.Errorf("%T does not give its configuration back", p)
}

// Kinds are the registered kinds of paths, the house's first.
func Kinds() []string { return registry.Kinds() }

// Parse makes the path that a word names, as vp or vp:beta-max=10,power=1.7. What is wrong with the word is an
// [ito.InputError] with the nearest that works.
func Parse(word string) (ito.Path, error) { return registry.Parse(word) }

// Word is the word of a path: Parse of it is the same path, to the last bit.
func Word(p ito.Path) (string, error) { return registry.Word(p) }

// Named is a path for a file: its kind, the package that registered it where that is not ito's own, and its
// configuration as JSON with the defaults filled in. Numbers keep every bit. A path of no registered kind is an
// [ito.InputError].
func Named(p ito.Path) (spec.Named, error) { return registry.Marshal(p) }

// FromNamed returns the path that Named wrote. A kind that this program does not have is an [ito.InputError] that
// names the package.
func FromNamed(n spec.Named) (ito.Path, error) { return registry.Unmarshal(n) }

// Marshal returns the kind of a path and its configuration as JSON, defaults filled in. Numbers keep
// every bit. A path that Unmarshal could not read back is an [ito.InputError].
func Marshal(p ito.Path) (kind string, config json.RawMessage, err error) {
	n, err := registry.Marshal(p)
	return n.Kind, n.Config, err
}

// Unmarshal makes the path that Marshal wrote. An unknown kind, with the nearest known name, an unknown
// field and a value out of range are an [ito.InputError].
func Unmarshal(kind string, config []byte) (ito.Path, error) {
	return registry.Unmarshal(spec.Named{Kind: kind, Config: config})
}

// unknown is the error for a word that is not one of the known, naming the nearest.
func unknown(where, what, word string, known []string) error {
	return &ito.InputError{Where: where, What: fmt.Sprintf("unknown %s %q", what, word), Do: suggest.Among(word, known)}
}
