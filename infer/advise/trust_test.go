package advise

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/anneal"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// unequal is a mixture of three modes of different weight and no symmetry.
func unequal() (infertest.Density, [][]float64, []float64) {
	w := []float64{.75, .2, .05}
	m := [][]float64{{6, 2}, {-4, 5}, {-1, -7}}
	return infertest.Mixture(w, m, 1), m, w
}

// The modes of a mixture are found from its draws, each with its own members.
func TestModes(t *testing.T) {
	target, m, w := unequal()
	x := infertest.ExactMixture(300, m, w)
	modes, complete, err := Modes(t.Context(), target, x)
	if err != nil || !complete || len(modes) != 3 {
		t.Fatalf("%d modes, %v, %v", len(modes), complete, err)
	}
	seen := 0
	for k, mode := range modes {
		seen += len(mode.Members)
		if d := math.Hypot(mode.X[0]-m[k][0], mode.X[1]-m[k][1]); d > .02 ||
			math.Abs(float64(len(mode.Members))/300-w[k]) > .08 {
			t.Errorf("mode %d at %v with %d members", k, mode.X, len(mode.Members))
		}
	}
	if seen != 300 {
		t.Errorf("%d members", seen)
	}
	// One mode of very different scales is one mode, and starts without density belong to none.
	thin := infertest.Normal(0, []float64{0, 0}, []float64{.05, 5})
	if modes, _, err := Modes(t.Context(), thin, infertest.ExactMixture(100, [][]float64{{0, 0}},
		[]float64{1})); err != nil ||
		len(modes) != 1 {
		t.Errorf("%d modes of one normal, %v", len(modes), err)
	}
	nowhere := infertest.NewDensity(1, func(x, g []float64) float64 { return math.NaN() })
	if modes, _, err := Modes(t.Context(), nowhere, ito.NewStates(5, 1, 0)); err != nil || len(modes) != 0 {
		t.Errorf("%d modes of nothing, %v", len(modes), err)
	}
}

// Exact draws are trusted, with the basins' integrals right; draws with equal shares of unequal modes are not.
func TestTrust(t *testing.T) {
	target, m, w := unequal()
	o, err := Trust(t.Context(), target, infertest.ExactMixture(800, m, w), CheckOptions{})
	if err != nil || len(o.Warnings) > 0 || len(o.Basins) != 3 || o.TV > .06 {
		t.Fatalf("exact draws: %+v, %v", o, err)
	}
	for k, b := range o.Basins {
		if math.Abs(b.LogZ-math.Log(w[k])) > .25 {
			t.Errorf("basin %d: log Z %v ± %v, want %v", k, b.LogZ, b.LogZSD, math.Log(w[k]))
		}
	}
	o, err = Trust(t.Context(), target, infertest.ExactMixture(800, m, []float64{1. / 3, 1. / 3, 1. / 3}),
		CheckOptions{})
	if err != nil || len(o.Warnings) != 1 || math.Abs(o.TV-.417) > .06 {
		t.Errorf("equal shares: %+v, %v", o, err)
	}
}

// The warning fires on the dilation sampler's own particles where it is known to be wrong, and not where it is right.
func TestTrustOfDilation(t *testing.T) {
	wrong, _, _ := unequal()
	m := [][]float64{{5, 0}, {-4, 3}, {0, -5}}
	right := infertest.Mixture([]float64{1. / 3, 1. / 3, 1. / 3}, m, 1)
	for what, c := range map[string]struct {
		target infertest.Density
		warn   bool
	}{"unequal weights": {wrong, true}, "equal weights": {right, false}} {
		k := anneal.Annealed{Steps: 500, Finish: 100}
		s := infer.NewState(k, 600, 2, 0)
		if _, err := infer.Run(t.Context(), c.target, k, s, infer.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		o, err := Trust(t.Context(), c.target, s.Particles(), CheckOptions{})
		if err != nil || (len(o.Warnings) > 0) != c.warn {
			t.Errorf("%s: TV %v, %v, %v", what, o.TV, o.Warnings, err)
		}
		t.Logf("%s: TV %.3f (floor %.3f), %.2g gradients", what, o.TV, o.Floor, o.Gradients)
	}
}

// Where SMC comes late in one of several basins, its estimate is uncertain and the check says so: on two walks of
// unknown scale, far from each other.
func TestTrustOfLag(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of particles")
	}
	const d, apart = 24, 60
	walk := infertest.RandomWalk(d)
	near := func(x []float64) []float64 {
		y := slices.Clone(x)
		if x[1] > apart/2 {
			for j := 1; j < d; j++ {
				y[j] -= apart
			}
		}
		return y
	}
	two := infertest.NewDensity(d, func(x, g []float64) float64 {
		y := near(x)
		return walk.F(y, g)
	})
	k := anneal.SMC{Particles: 400, Moves: 6}
	s := infer.NewState(k, 1, d, 0)
	if _, err := infer.Run(t.Context(), walk, k, s, infer.RunOptions{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		for j := 1; j < d; j++ {
			s.X[i*d+j] += apart
		}
	}
	o, err := Trust(t.Context(), two, s.Particles(), CheckOptions{Particles: 1000, Runs: 4})
	if err != nil || len(o.Basins) != 2 || !strings.Contains(strings.Join(o.Warnings, " "),
		"lagged behind its temperatures in basin 1") {
		t.Errorf("%d basins, %q, %v", len(o.Basins), o.Warnings, err)
	}
}
