package mcmc

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/metric"
)

var tenth = infer.NormalMixture{Weights: []float64{.1, .9}, Means: [][]float64{{-5}, {5}}, Vars: [][]float64{{1}, {1}}}

// Gibbs over noise levels with adjusted moves is exact: the draws have the mass .1 and the variance 1 within 4
// standard errors and the levels are visited equally. The most probable level instead, as the authors' code has it,
// visits them unequally; unadjusted moves of size 2 widen the modes, and so does drawing from the smallest σ of ten
// steps.
func TestDMCMC(t *testing.T) {
	if testing.Short() {
		t.Skip("a second of levels")
	}
	run := func(k DMCMC) (mass, spread metric.Summary, levels float64) {
		k.Density = tenth
		s := infer.NewState(k, 40, 1, 0)
		left, around := make([][]float64, 40), make([][]float64, 40)
		count := make([]float64, 20)
		total := 0.
		r, err := infer.Run(t.Context(), tenth, k, s, infer.RunOptions{Seed: 1, Draws: 120, Thin: 10,
			Sink: func(d infer.Draw) error {
				if d.Index < 40 {
					return nil
				}
				for g, x := range d.State.X {
					l := 0.
					if x < 0 {
						l = 1
					}
					left[g] = append(left[g], l)
					around[g] = append(around[g], (math.Abs(x)-5)*(math.Abs(x)-5))
				}
				for _, l := range d.State.Var("level") {
					count[int(l)]++
					total++
				}
				return nil
			}})
		if err != nil || r.Dropped > 0 {
			t.Fatal(r, err)
		}
		tv := 0.
		for _, c := range count {
			tv += math.Abs(c/total-.05) / 2
		}
		return metric.Summarise("mass", left), metric.Summarise("variance", around), tv
	}
	mass, spread, tv := run(DMCMC{Adjust: true, StepSize: 2})
	t.Logf("Gibbs: mass %.4f ± %.4f, variance %.3f ± %.3f, levels off by %.3f", mass.Mean, mass.MCSEMean, spread.Mean,
		spread.MCSEMean, tv)
	if math.Abs(mass.Mean-.1) > 4*mass.MCSEMean || mass.MCSEMean > .02 {
		t.Errorf("mass %v ± %v, want .1", mass.Mean, mass.MCSEMean)
	}
	if math.Abs(spread.Mean-1) > 4*spread.MCSEMean+.02 {
		t.Errorf("variance %v ± %v, want 1", spread.Mean, spread.MCSEMean)
	}
	if tv > .06 {
		t.Errorf("levels differ from uniform by %v", tv)
	}
	_, chosen, _ := run(DMCMC{Adjust: true, StepSize: 2, Smallest: true})
	if chosen.Mean < 1.2 {
		t.Errorf("smallest σ of ten steps: variance %v, known to be 1.35", chosen.Mean)
	}
	_, wide, _ := run(DMCMC{StepSize: 2})
	if wide.Mean < 1.15 {
		t.Errorf("unadjusted moves of size 2: variance %v, should be 1.3", wide.Mean)
	}
	amass, _, atv := run(DMCMC{Adjust: true, Argmax: true, StepSize: 2})
	t.Logf("argmax: mass %.4f ± %.4f, levels off by %.3f", amass.Mean, amass.MCSEMean, atv)
	if atv < .15 {
		t.Errorf("argmax visits the levels within %v of uniform; it should not", atv)
	}
}
