package methods

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/infer/mcmc"
)

// √ of a negative number: the density of a unit normal is NaN where x_1 < −1.
var rooted = infertest.NewDensity(2, func(x, g []float64) float64 {
	l := -(x[0]*x[0] + x[1]*x[1]) / 2
	if g != nil {
		g[0], g[1] = -x[0], -x[1]
	}
	return l + 0*math.Sqrt(x[0]+1)
})

// A density that is NaN is counted and its place kept, whatever the method; one that is −Inf there is not.
func TestUndefined(t *testing.T) {
	for _, m := range infer.Methods() {
		if m.Name == "dmcmc" || m.Name == "map" || m.Trained { // map climbs away from there
			continue
		}
		s := short(m.Name)
		s.Draws, s.WhitenIterations = min(s.Draws, 100), 10
		for _, whiten := range []string{"none", "meanfield"} {
			if whiten != "none" && !slices.Contains(m.Settings(), "Whiten") {
				continue
			}
			s.Whiten = whiten
			p, err := m.Plan(rooted, s)
			if err != nil {
				t.Fatal(m.Name, err)
			}
			r, _, err := p.Run(t.Context(), rooted, infer.RunOptions{Workers: 2})
			if err != nil {
				t.Fatal(m.Name, err)
			}
			u := r.Undefined
			if u.Count < 1 || len(u.At) != 2 || !(u.At[0] < -1) || !strings.Contains(strings.Join(r.Warnings, " "),
				"is not a number at") {
				t.Errorf("%s, whitening %s: %+v, %v", m.Name, whiten, u, r.Warnings)
			}
			again, _, err := p.Run(t.Context(), rooted, infer.RunOptions{})
			if err != nil || again.Undefined.Count != u.Count || !slices.Equal(again.Undefined.At, u.At) {
				t.Errorf("%s: one worker counts %+v, two %+v", m.Name, again.Undefined, u)
			}
		}
	}
	edge := infertest.NewDensity(1, func(x, g []float64) float64 {
		if x[0] < -1 {
			return math.Inf(-1)
		}
		if g != nil {
			g[0] = -x[0]
		}
		return -x[0] * x[0] / 2
	})
	_, r := infertest.Sample(t, edge, mcmc.HMC{Warmup: 100}, 2, 200, 1)
	if r.Undefined.Count != 0 {
		t.Errorf("an edge: %+v", r.Undefined)
	}
}
