package path

import (
	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// Settings are settings for paths of any kind, beside what their word says: those of flags, and those that follow
// from the data. A path takes those that its configuration has by the same key; zero leaves its own default.
type Settings struct {
	BetaMin, BetaMax, Power float64 // vp, subvp, vsdm, cld, vsmd
	Lo                      float64 // vp, subvp, flow, cosine, onesided, vsdm, cld, vsmd: the sampled end
	SigmaMin, SigmaMax      float64 // ve, edm, pfgm
	Aug                     float64 `name:"extra"` // pfgm: the dimensions added

	Schedule string // discrete: linear, scaled_linear or squaredcos_cap_v2
	Family   string // onesided: linear or trig; interpolant: also encdec, mirror or sb
	Noise    string // interpolant: brownian, quadratic, sine or none
	Steps    int    // discrete, reverting: steps of the table
	ZeroSNR  bool   // discrete: nothing is left of the data at the last step

	Variant string    // vsdm: constant, diagonal, logistic
	D       int       // vsdm, cld, vsmd: the dimension of the data
	A       []float64 // vsdm: [D,D] or [D]; nil for zero
	Mean    []float64 // vsdm, cld, vsmd, reverting, kinetic: [D]; nil for zero
	Levels  int       // absorbing, uniform: the number of different tokens
	Kappa   float64   // vsmd: the damping; interpolant: κ of brownian noise

	At, Corners, Scale []float64 // mixed: the blocks of levels
}

// New makes a path by its word, checked and with its defaults filled in, for the given options. An unknown kind is an
// [ito.InputError] with the nearest known, and so is an option that the word sets otherwise.
func New(word string, o Settings) (ito.Path, error) { return NewFrom(word, o, nil, nil) }

// FromRows is a configuration, as a pointer, of a path that is computed from rows of the data.
type FromRows interface {
	// Rows is how many rows it takes; 0: it leaves nothing open.
	Rows() int
	// Complete fills in what is open. The noise is of the training's seed.
	Complete(x ito.States, n ito.Noise) error
}

// NewFrom is [New] with the data: rows gives so many of them, evenly strided, or as many as there are, to a
// configuration that is [FromRows]. Without it such a path has to be given in full.
func NewFrom(word string, o Settings, rows func(n int) (ito.States, error), n ito.Noise) (ito.Path, error) {
	kind, config, err := registry.Config(word)
	if err != nil {
		return nil, err
	}
	if c, ok := config.(FromRows); ok && rows != nil && c.Rows() > 0 {
		x, err := rows(c.Rows())
		if err != nil {
			return nil, err
		}
		if err := c.Complete(x, n); err != nil {
			return nil, err
		}
	}
	if !spec.IsDefault(config, "mean") { // the data's own are for what the word leaves open
		o.Mean = nil
	}
	if !spec.IsDefault(config, "a") {
		o.A = nil
	}
	if err := spec.Merge(config, &o, "path "+kind); err != nil {
		return nil, err
	}
	// one number of A_v for each dimension, for the path to be learnt
	if c, ok := config.(*VSMDConfig); ok && c.Av == nil {
		c.Av = make([]float64, max(c.D, len(c.Mean)))
	}
	return registry.Build(kind, config)
}

// checked keeps a path that failed from leaving as a typed nil.
func checked[P ito.Path](p P, err error) (ito.Path, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}
