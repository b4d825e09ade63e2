package infer

import (
	"strings"
	"testing"
)

const lagged = "push the particles the same way"

func lags(r Report) bool { return strings.Contains(strings.Join(r.Warnings, " "), lagged) }

// Where the moves do not mix, log Z is too low in every run, its sd does not show it, and the drift does: on a
// hierarchical model, whose log Z is 16.13 ± .04 by 3 runs of 1500 with 12 moves at ESS .98, which raise no alarm,
// and on a funnel, whose log Z is 0.
func TestLagWarns(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of particles")
	}
	for what, c := range map[string]struct {
		target row
		below  float64
	}{"walk": {randomWalk(24), 15.5}, "funnel": {funnel(7), -.2}} {
		poor, _, r := evidence(t, c.target, SMC{Particles: 1000, Moves: 2, Diagonal: true}, 4)
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
	wide := Reference{SD: []float64{8}}
	m, sd := make([]float64, 30), make([]float64, 30)
	for j := range m {
		m[j], sd[j] = float64(j%3)-1, .3+.03*float64(j)
	}
	grid, _ := grid16()
	for what, c := range map[string]struct {
		target row
		ref    Reference
	}{
		"e³N(1,.25)":          {normal(3, []float64{1}, []float64{.5}), Reference{}},
		"N away, anisotropic": {normal(-2, []float64{4, -3, 0}, []float64{.3, 2, 1}), wide},
		"30 scales":           {normal(0, m, sd), Reference{}},
		"correlation .9999":   {correlated(.9999), Reference{}},
		"weights .1 and .9":   {mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1), wide},
		"sixteen modes":       {grid, Reference{SD: []float64{15}}},
		"many-well":           {manyWell(6), Reference{SD: []float64{2}}},
	} {
		for seed := range uint64(2) {
			for _, k := range []Kernel{SMC{Particles: 500, Reference: c.ref}, AIS{Particles: 500, Reference: c.ref,
				Steps: 60}} {
				s := NewState(k, 3, c.target.d, 0)
				r, err := Run(t.Context(), c.target, k, s, Options{Seed: seed})
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
