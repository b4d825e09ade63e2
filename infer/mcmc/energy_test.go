package mcmc

import (
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
	"github.com/seed9a7962a8/ito/metric"
)

// The fraction that is streamed is that of the energies of the draws, which package metric takes from all of them.
func TestEnergyFractions(t *testing.T) {
	for _, k := range []infer.Kernel{NUTS{Warmup: 100}, HMC{Warmup: 100, Leapfrogs: 4}} {
		energies := make([][]float64, 2)
		s := infer.NewState(k, 2, 3, 0)
		target := infertest.Normal(0, []float64{0, 1, 2}, []float64{1, 2, 3})
		r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 1, Draws: 300,
			Sink: func(d infer.Draw) error {
				for g := range energies {
					energies[g] = append(energies[g], d.Info.Energy[g])
				}
				return nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		for g, e := range energies {
			if want := metric.EBFMI(e); math.Abs(r.EBFMI[g]-want) > 1e-9 {
				t.Errorf("%s, chain %d: %v, want %v", k.Name(), g, r.EBFMI[g], want)
			}
		}
		if len(r.Warnings) > 0 {
			t.Errorf("%s: %v", k.Name(), r.Warnings)
		}
	}
}

// A density whose log falls far slower than a momentum can change is told from its energies: fifty scales that move
// together (Neal's funnel with a wide neck).
func TestMissingEnergyIsSaid(t *testing.T) {
	k := NUTS{Warmup: 300, Metric: Unit}
	target := infertest.Funnel(50)
	s := infer.NewState(k, 2, target.Dim(), 0)
	if err := s.Scatter(t.Context(), target, 1, 1); err != nil {
		t.Fatal(err)
	}
	r, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: 1, Draws: 300})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "E-BFMI") {
		t.Errorf("E-BFMI %v, warnings %v", r.EBFMI, r.Warnings)
	}
}
