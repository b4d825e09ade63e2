package main

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/internal/config"
)

// The defaults of the flags are those of the library.
func TestInferDefaults(t *testing.T) {
	if got, want := config.New[infer.Settings](), infer.DefaultSettings(); got != want {
		t.Errorf("flags %+v, library %+v", got, want)
	}
}

// The last line is the worst that the numbers say.
func TestInferVerdict(t *testing.T) {
	x := func(v float64) *float64 { return &v }
	for want, o := range map[string]inferResult{
		"has no draws and no log Z: give mu a proper prior": {Kind: "chains", Divergent: 3, Improper: []string{"mu"}},
		"Nothing speaks against":                            {Kind: "chains", Modes: 1, Accept: x(.8)},
		"Do not trust the tails":                            {Kind: "chains", Divergent: 3, Modes: 4},
		"the pilot saw 4 modes":                             {Kind: "chains", Method: "nuts", Modes: 4},
		"could not be sorted":                               {Kind: "particles", Occupancy: &occupancy{}},
		"their proportions cannot":                          {Kind: "particles", Occupancy: &occupancy{TV: x(.3), Floor: x(.02)}},
		"dominated by a few":                                {Kind: "particles", Particles: &particles{KHat: x(.9)}, LogZSD: x(3)},
		"differs by 3":                                      {Kind: "particles", Particles: &particles{KHat: x(.1)}, LogZSD: x(3)},
		"not finite and put back":                           {Kind: "chains", Method: "ula", Dropped: 7},
	} {
		if got := o.verdict(); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%+v says %q, want %q", o, got, want)
		}
	}
}
