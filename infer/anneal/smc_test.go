package anneal

import (
	"errors"
	"testing"

	"github.com/seed9a7962a8/ito"
)

// Each setting of SMC is refused from just outside its bounds on, and taken on them where they belong to it.
func TestSMCBounds(t *testing.T) {
	for _, c := range []struct {
		k  SMC
		ok bool
	}{
		{SMC{}, true},
		{SMC{Particles: 1}, false}, {SMC{Particles: 2}, true}, {SMC{Particles: -1}, false},
		{SMC{ESS: -.1}, false}, {SMC{ESS: 1e-9}, true}, {SMC{ESS: .999}, true}, {SMC{ESS: 1}, false},
		{SMC{Resample: -.1}, false}, {SMC{Resample: 1e-9}, true}, {SMC{Resample: 1}, true}, {SMC{Resample: 1.1}, false},
		{SMC{Leapfrogs: -1}, false}, {SMC{Leapfrogs: 1}, true},
		{SMC{Moves: -1}, false}, {SMC{Moves: 1}, true},
		{SMC{MaxSteps: -1}, false}, {SMC{MaxSteps: 1}, true},
	} {
		err := c.k.Validate(3)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ito.ErrInput) {
			t.Errorf("%+v: %v", c.k, err)
		}
	}
}
