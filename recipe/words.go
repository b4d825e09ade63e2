package recipe

import (
	"strings"

	"github.com/seed9a7962a8/ito/internal/spec"
)

// The fields of Train that are settings of its path, network and objective too: path vp:beta-max=10 is path vp
// with beta-max 10.
var (
	pathFlags = spec.Flags{"beta-min": "beta-min", "beta-max": "beta-max", "power": "power", "kappa": "kappa",
		"family": "family",
		"noise":  "noise", "sigma-min": "sigma-min", "sigma-max": "sigma-max", "extra": "extra", "variant": "variant"}
	networkFlags   = spec.Flags{"width": "width", "depth": "depth", "activation": "activation"}
	objectiveFlags = spec.Flags{"weight": "fp-weight"}
)

// flagged are the paths whose settings are those of the flags of a training, with defaults of their own there.
const flagged = " vsdm vp ve subvp edm flow cld vsmd pfgm onesided interpolant "

// defaultPath is the path of numbers.
const defaultPath = "vsdm"

// Expand writes the words for path, network and objective in one way, so that equal trainings have equal text: what
// has a field is there, and the rest stays in the word. Settings of other paths and networks than those that the
// fields were made for go the other way, from the fields that are given to the word. given names the fields that
// somebody set, nil where that is not known. A field that contradicts the word, and one that the path or network
// does not have, are an *ito.InputError.
func (c TrainConfig) Expand(given []string) (out TrainConfig, err error) {
	if c.Path == "auto" { // it stays, until the data are known
		c.Path = defaultPath
		defer func() { out.Path = "auto" }()
	}
	if err := spec.Check(&c); err != nil {
		return c, err
	}
	if err = spec.Refuse("path", c.Path, pathFlags, given); err != nil {
		return c, err
	}
	if strings.Contains(flagged, " "+c.kind()+" ") {
		c.Path, err = spec.Spread("path", c.Path, &c, pathFlags, given)
	} else {
		c.Path, err = spec.Gather("path", c.Path, &c, pathFlags, given)
	}
	if err != nil {
		return c, err
	}
	if c.Objective != "auto" {
		if c.Objective, err = spec.Spread("objective", c.Objective, &c, objectiveFlags, given); err != nil {
			return c, err
		}
	}
	switch kind, _, _ := strings.Cut(c.Network, ":"); kind {
	case "auto", "dense", "residual":
	case "mlp":
		c.Network, err = spec.Spread("network", c.Network, &c, networkFlags, given)
		switch c.Network {
		case "mlp":
			c.Network = "dense"
		case "mlp:residual=true":
			c.Network = "residual"
		}
	default:
		if err = spec.Refuse("network", c.Network, networkFlags, given); err == nil {
			c.Network, err = spec.Gather("network", c.Network, &c, networkFlags, given)
		}
	}
	return c, err
}

// kind is the kind of the path.
func (c TrainConfig) kind() string {
	if c.Path == "auto" {
		return defaultPath
	}
	kind, _, _ := strings.Cut(c.Path, ":")
	return kind
}
