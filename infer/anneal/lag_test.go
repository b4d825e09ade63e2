package anneal

import (
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

const lagged = "push the particles the same way"

func lags(r infer.Report) bool { return strings.Contains(strings.Join(r.Warnings, " "), lagged) }

// Where the moves do not mix, log Z is too low in every run, its sd does not show it, and the drift does: on a
// hierarchical model, whose log Z is 16.13 ± .04 by 3 runs of 1500 with 12 moves at ESS .98, which raise no alarm,
// and on a funnel, whose log Z is 0.
func TestLagWarns(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of particles")
	}
	for what, c := range map[string]struct {
		target infertest.Density
		below  float64
	}{"walk": {infertest.RandomWalk(24), 15.5}, "funnel": {infertest.Funnel(7), -.2}} {
		poor, _, r := infertest.Evidence(t, c.target, SMC{Particles: 1000, Moves: 2, Diagonal: true}, 4)
		t.Logf("%s: log Z %.2f ± %.2f, %v", what, poor.LogZ, poor.SD, r.Warnings)
		if poor.LogZ > c.below || !lags(r) {
			t.Errorf("%s: log Z %v ± %v, and no warning, or nothing to warn of", what, poor.LogZ, poor.SD)
		}
	}
}

// Where they mix, or where modes that never mix have the right weights all the same, there is no alarm: 7 targets
// by 2 samplers by 2 seeds, of which a thousandth each may fail.
func TestLagKeepsQuiet(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of particles")
	}
	wide := infer.Reference{SD: []float64{8}}
	m, sd := make([]float64, 30), make([]float64, 30)
	for j := range m {
		m[j], sd[j] = float64(j%3)-1, .3+.03*float64(j)
	}
	grid, _ := infertest.Grid16()
	for what, c := range map[string]struct {
		target infertest.Density
		ref    infer.Reference
	}{
		"e³N(1,.25)":          {infertest.Normal(3, []float64{1}, []float64{.5}), infer.Reference{}},
		"N away, anisotropic": {infertest.Normal(-2, []float64{4, -3, 0}, []float64{.3, 2, 1}), wide},
		"30 scales":           {infertest.Normal(0, m, sd), infer.Reference{}},
		"correlation .9999":   {infertest.Correlated(.9999), infer.Reference{}},
		"weights .1 and .9":   {infertest.Mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1), wide},
		"sixteen modes":       {grid, infer.Reference{SD: []float64{15}}},
		"many-well":           {infertest.ManyWell(6), infer.Reference{SD: []float64{2}}},
	} {
		for seed := range uint64(2) {
			for _, k := range []infer.Kernel{SMC{Particles: 500, Reference: c.ref}, AIS{Particles: 500,
				Reference: c.ref,
				Steps:     60}} {
				s := infer.NewState(k, 3, c.target.D, 0)
				r, err := infer.Run(t.Context(), c.target, k, s, infer.RunOptions{Seed: seed})
				if err != nil {
					t.Fatal(err)
				}
				if lags(r) {
					t.Errorf("%s, %s, seed %d: %v", what, k.Name(), seed, r.Warnings)
				}
			}
		}
	}
}
