package anneal

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/rng"
)

// Moves end when two correlations in a row are low, when r stands still, or at the most; not after a first one that
// is low by landing opposite.
func TestMixingSettles(t *testing.T) {
	for _, c := range []struct {
		what string
		r    []float64
		want bool
	}{
		{"one low", []float64{.1}, false},
		{"low, then back", []float64{-.1, .4}, false},
		{"two low", []float64{.9, .3, .2}, true},
		{"falling slowly", []float64{.95, .93, .91, .89, .87}, false},
		{"standing", []float64{.9, .63, .61, .62, .6, .6}, true},
		{"not a number", []float64{math.NaN(), math.NaN()}, true},
	} {
		if got := (&mixing{r: c.r}).settled(); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
	}
	long := make([]float64, mostMoves)
	for i := range long {
		long[i] = 1 - float64(i)/mostMoves*.6 // always falling by more than stall would need
	}
	if !(&mixing{r: long}).settled() {
		t.Error("more moves than the most")
	}
}

// The correlation of ranks is 1 for particles that stay, −1 for an order that is turned round, near 0 for others of
// the same distribution, and particles without weight do not count.
func TestMixingRanks(t *testing.T) {
	const n = 4000
	s := &infer.State{Groups: 1, Slots: n, D: 1, ID: []uint64{0}, X: make([]float64, n), LogP: make([]float64, n)}
	logw := s.AddVar("logw", n)
	normals := func(at uint32) {
		rng.NewKey(5, rng.PurposeUser, at, 0).Normals64(s.LogP, n, s.ID)
		for i := range s.LogP { // heavy tails, which ranks do not see
			s.LogP[i] = s.LogP[i] * s.LogP[i] * s.LogP[i] * 1e3
		}
	}
	normals(0)
	for i := range logw {
		logw[i] = -math.Log(n / 2)
		if i%2 == 1 {
			logw[i], s.LogP[i] = math.Inf(-1), math.Inf(-1)
		}
	}
	k := newMixing(s, infer.Reference{})
	k.enough(s)
	for i := range s.LogP {
		s.LogP[i] = -s.LogP[i]
		if i%2 == 1 {
			s.LogP[i] = float64(i)
		}
	}
	k.enough(s)
	normals(1)
	k.enough(s)
	if math.Abs(k.r[0]-1) > 1e-12 || math.Abs(k.r[1]+1) > 1e-12 || math.Abs(k.r[2]) > 4/math.Sqrt(n/2) {
		t.Errorf("correlations %v, want 1, −1 and 0", k.r)
	}
}

// The covariance of particles that it does not move leaves log Z without bias: walks of 20 steps, log Z = 0, by 12
// runs of 400. (By the covariance of all particles .66 ± .13.)
func TestSMCCovariance(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of particles")
	}
	const d, runs = 20, 12
	walk := infertest.NewDensity(d, func(x, g []float64) float64 { // x_j − x_{j−1} ~ N(0, .4²)
		l, last := -d*math.Log(.4*math.Sqrt(2*math.Pi)), 0.
		clear(g)
		for j, v := range x {
			δ := (v - last) / .16
			l -= δ * (v - last) / 2
			if g != nil {
				g[j] -= δ
				if j > 0 {
					g[j-1] += δ
				}
			}
			last = v
		}
		return l
	})
	e, _, r := infertest.Evidence(t, walk, SMC{Particles: 400, Moves: 3}, runs)
	t.Logf("log Z %.3f ± %.3f with %.3g gradients", e.LogZ, e.SD, r.Gradients)
	if !(math.Abs(e.LogZ) < 4*e.SD/math.Sqrt(runs)+.02) || e.SD > .3 {
		t.Errorf("log Z %v ± %v, want 0", e.LogZ, e.SD)
	}
}
