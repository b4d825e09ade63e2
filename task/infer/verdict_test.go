package infer

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/draws"
)

// The last line is the worst that the numbers say.
func TestInferVerdict(t *testing.T) {
	x := func(v float64) *float64 { return &v }
	fine := draws.Summary{Advice: "nothing speaks against these"}
	mixed, apart := draws.Summary{Parameters: []draws.Row{{RHat: 1.001}}, Advice: "fine"},
		draws.Summary{Parameters: []draws.Row{{RHat: 1.3}}, Advice: "a method such as parallel tempering"}
	for want, o := range map[string]Report{
		"not a number at mu = 3: find": {Kind: "chains", Undefined: &Undefined{Count: 2,
			at: "mu = 3"}, against: 1},
		"do not use these particles for means": {Kind: "particles", Spread: &Spread{say: "too narrow"},
			Occupancy: &Occupancy{}},
		"the components of mu change places": {Kind: "chains", Switched: []string{"mu"}, against: 2,
			Summary: apart},
		"give more `temperatures`, 12 or so": {Kind: "chains", Method: "pt", against: 1, Summary: apart,
			Swaps: &Swaps{Least: .04, RoundTrips: 3, Temperatures: 10, Barrier: 6.1}},
		"no state has travelled": {Kind: "chains", Method: "pt", against: 1, Summary: apart,
			Swaps: &Swaps{Least: .3}},
		"after 7 round trips: draw several times": {Kind: "chains", Method: "pt", against: 1, Summary: apart,
			Swaps: &Swaps{Least: .3, RoundTrips: 7}},
		"draw longer than a few steps": {Kind: "chains", Method: "pt", against: 1, Summary: apart},
		"fine": {Kind: "chains", Method: "pt", against: 1, Summary: mixed,
			Swaps: &Swaps{Least: .3, RoundTrips: 7}},
		"has no draws and no log Z: give mu a proper prior": {Kind: "chains", Improper: []string{"mu"}, Modes: 3},
		"nothing speaks against":                            {Kind: "chains", Modes: 1, Summary: fine},
		"raise the acceptance": {Kind: "particles", against: 1, LogZSD: x(3),
			Summary: draws.Summary{Advice: "raise the acceptance"}},
		"the pilot saw 4 modes": {Kind: "chains", Method: "nuts", Modes: 4, Summary: fine},
		"could not be sorted":   {Kind: "particles", Occupancy: &Occupancy{}},
		"their proportions cannot": {Kind: "particles", Occupancy: &Occupancy{TV: x(.3),
			Floor: x(.02)}},
		"differs by 3":             {Kind: "particles", LogZSD: x(3), Summary: fine},
		"not finite were put back": {Kind: "chains", Method: "ula", Dropped: 7, Summary: fine},
	} {
		if got := o.verdict(); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%+v says %q, want %q", o, got, want)
		}
	}
}
