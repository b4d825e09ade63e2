package wrap

import (
	"cmp"
	"strings"

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
	Register("A potential, whose gradient makes the predictions.", func() Maker { return PotentialMaker{} })
	Register("Between two ends, by the moments of their pairs.", func() Maker { return PairsMaker{} })
	Register("None: a network that reads x_t and the time, from elsewhere.", func() Maker { return PlainMaker{} })
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
	m, ok := p.(path.Hybrid)
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

// PotentialMaker makes [Potential].
type PotentialMaker struct{}

// Kind implements Maker.
func (PotentialMaker) Kind() string { return "potential" }

// Wrap implements Maker.
func (PotentialMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	d, err := diagonal(p, "potential")
	if err != nil {
		return nil, err
	}
	return typed(NewPotential(d, on.Moments))
}

// PairsMaker makes [Pairs]; the moments are those of pairs, of twice the dimension.
type PairsMaker struct {
	Targets string    `json:"targets" default:"b+eta" help:"What the network writes: b, v, eta, s, with a plus between."`
	Cross   []float64 `json:"cross" help:"Covariances of the ends, column by column, beside variances."`
}

// Kind implements Maker.
func (PairsMaker) Kind() string { return "pairs" }

// Wrap implements Maker.
func (m PairsMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	two, ok := p.(ito.TwoEnded)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping pairs on path " + p.Name(), Why: "it has one end",
			Nearest: "path interpolant"}
	}
	var heads []path.InterpolantTarget
	for _, name := range strings.Split(cmp.Or(m.Targets, "b+eta"), "+") {
		t, ok := path.TargetByName(name)
		if !ok {
			return nil, &ito.InputError{Where: "wrapping pairs", What: "target \"" + name + "\"",
				Do: "take b, v, eta or s, or two of them with a plus between"}
		}
		heads = append(heads, t)
	}
	return typed(NewCoupledPairs(two, on.Moments, m.Cross, heads...))
}

// PlainMaker makes [Plain].
type PlainMaker struct {
	Predicts  string  `json:"predicts" default:"eps" enum:"eps,x0,score,velocity" help:"What the network writes: ${enum}."`
	TimeScale float64 `json:"time_scale" default:"1" help:"The time feature at t = 1."`
	Label     bool    `json:"label" help:"The time feature is the path's label."`
}

// Kind implements Maker.
func (PlainMaker) Kind() string { return "plain" }

// Wrap implements Maker.
func (m PlainMaker) Wrap(p ito.Path, on Setting) (Wrapping, error) {
	d, err := diagonal(p, "plain")
	if err != nil {
		return nil, err
	}
	for kind := ito.PredX0; kind <= ito.PredVelocity; kind++ {
		switch {
		case kind.String() != cmp.Or(m.Predicts, ito.PredEps.String()):
		case m.Label:
			return typed(NewLabelled(d, on.Dim, kind))
		default:
			return typed(NewPlain(d, on.Dim, kind, m.TimeScale))
		}
	}
	return nil, &ito.InputError{Where: "wrapping plain", What: "a network that predicts \"" + m.Predicts + "\"",
		Do: "take eps, x0, score or velocity"}
}

func diagonal(p ito.Path, kind string) (ito.Diagonal, error) {
	d, ok := p.(ito.Diagonal)
	if !ok {
		return nil, &ito.UnsupportedError{What: "wrapping " + kind + " on path " + p.Name(), Why: "it is not diagonal",
			Nearest: "path vp"}
	}
	return d, nil
}
