package wrap

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/path"
)

// Maker is a wrapping by its settings, without the path, the data and the network that it is for: what a word and a
// file name.
type Maker interface {
	// Kind is the word of the wrapping.
	Kind() string
	// Wrap makes the wrapping. What it cannot serve is an *ito.InputError or an *ito.UnsupportedError.
	Wrap(p ito.Path, on Setting) (Wrapping, error)
}

// Setting is what a wrapping stands on, beside a path.
type Setting struct {
	Moments ito.Gaussian // of the data; empty: they are not known
	Dim     int          // of a state of the data, without velocities
}

// Made is a Wrapping that gives its maker back, so that a file can hold it: with the moments of [Wrapping.Moments], if
// there are any, the maker makes the same wrapping again.
type Made interface {
	Wrapping
	Maker() Maker
}

// Trainable is a Wrapping in which a network is trained by regression: what it makes of rows, noise and times.
type Trainable interface {
	Wrapping
	// Prepare writes what a training program reads; see [Moments.Prepare].
	Prepare(b *Batch, x0, eps ito.States, t ito.Times, kind ito.Prediction) error
	// Basis is Q of the targets, nil for the identity.
	Basis() []float64
}

var registry = spec.NewRegistry("wrapping", Maker.Kind)

// Every wrapping that a word can name and whose settings are all that it needs. A new one adds a line here.
func init() {
	Register("By the moments of the data.", func() Maker { return MomentsMaker{} })
	Register("EDM's, by one standard deviation.", func() Maker { return EDMMaker{} })
	Register("Of velocities beside positions.", func() Maker { return MomentumMaker{} })
	Register("Of numbers and levels.", func() Maker { return MixedMaker{} })
	Register("Around a mean of each row, by the moments of what is left.", func() Maker { return CentredMaker{} })
	Register("Of logits.", func() Maker { return TokensMaker{} })
}

// Register makes a wrapping known by its kind: it is stored then, and named in words, as kind or kind:key=value. empty
// returns a maker with its defaults, a struct or a pointer to one, whose exported fields are the settings, with the
// tags that [path.Register] lists. doc is a line of help. A kind that is taken panics.
func Register(doc string, empty func() Maker) { registry.Register(doc, empty) }

// Kinds are the registered wrappings, the house's first.
func Kinds() []string { return registry.Kinds() }

// Parse returns the maker that a word names, as moments or edm:sigma-data=0.5. What is wrong with the word is an
// [ito.InputError] with the nearest that works.
func Parse(word string) (Maker, error) { return registry.Parse(word) }

// Word is the word of a maker: Parse of it is the same.
func Word(m Maker) (string, error) { return registry.Word(m) }

// Named is a maker for a file: its kind, the package that registered it where that is not ito's own, and its settings.
func Named(m Maker) (spec.Named, error) { return registry.Marshal(m) }

// FromNamed returns the maker that Named wrote. A kind that this program does not have is an [ito.InputError] that
// names the package.
func FromNamed(n spec.Named) (Maker, error) { return registry.Unmarshal(n) }

// MomentsMaker makes [Moments].
type MomentsMaker struct{}

// Kind implements Maker.
func (MomentsMaker) Kind() string { return "moments" }

// Wrap implements Maker.
func (MomentsMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	d, err := diagonal(p, "moments")
	if err != nil {
		return nil, err
	}
	return typed(NewMoments(d, on.Moments))
}

// EDMMaker makes [Moments] by [NewEDM].
type EDMMaker struct {
	SigmaData float64 `json:"sigma_data" default:"0.5" above:"0" max:"1e6" help:"Standard deviation of the data."`
}

// Kind implements Maker.
func (EDMMaker) Kind() string { return "edm" }

// Wrap implements Maker.
func (m EDMMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	d, err := diagonal(p, "edm")
	if err != nil {
		return nil, err
	}
	return typed(NewEDM(d, on.Dim, m.SigmaData))
}

// MomentumMaker makes [Momentum].
type MomentumMaker struct{}

// Kind implements Maker.
func (MomentumMaker) Kind() string { return "momentum" }

// Wrap implements Maker.
func (MomentumMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	m, ok := p.(*path.Momentum)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping momentum on path " + p.Name(),
			Why: "its states have no velocities", Nearest: "path cld"}
	}
	return typed(NewMomentum(m, on.Moments))
}

// TokensMaker makes [Tokens].
type TokensMaker struct{}

// Kind implements Maker.
func (TokensMaker) Kind() string { return "tokens" }

// Wrap implements Maker.
func (TokensMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	j, ok := p.(ito.Jump)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping tokens on path " + p.Name(), Why: "its states are numbers",
			Nearest: "path absorbing"}
	}
	return typed(NewTokens(j, on.Dim))
}

func diagonal(p ito.Path, kind string) (ito.Diagonal, error) {
	d, ok := p.(ito.Diagonal)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping " + kind + " on path " + p.Name(), Why: "it is not diagonal",
			Nearest: "path vp"}
	}
	return d, nil
}
