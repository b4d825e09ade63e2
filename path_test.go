package ito_test

import (
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// users is a path of a user with a capability of its own, without Gaussian noise, that claims more than it has.
type users struct{ path.VP }

func (u users) Has(c ito.Capability) bool {
	switch c {
	case "reversible", ito.CapLinear:
		return true
	case ito.CapGaussian:
		return false
	}
	return ito.Offers(u, c)
}

func TestCapabilitiesOfAUser(t *testing.T) {
	for c, want := range map[ito.Capability]bool{"reversible": true, ito.CapLinear: false, ito.CapGaussian: false,
		ito.CapDiagonal: true,
		ito.CapOneMode:  true, ito.CapRowMean: false, "unknown": false} {
		if got := ito.Has(users{}, c); got != want {
			t.Errorf("%s: %v, want %v", c, got, want)
		}
	}
	if !ito.Has(path.VP{}, ito.CapGaussian) || ito.Has(path.PFGM{}, ito.CapGaussian) || ito.Has(path.VP{},
		"reversible") {
		t.Error("the house's own")
	}
}
