package anneal

import (
	"math"
	"testing"

	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/infertest"
)

// log Z of asymmetric targets, none of them a power of another: within 4 standard errors over runs plus .01 of the
// truth.
func TestEvidence(t *testing.T) {
	if testing.Short() {
		t.Skip("a second of particles")
	}
	wide := infer.Reference{SD: []float64{8}}
	for what, c := range map[string]struct {
		target infertest.Density
		ref    infer.Reference
		want   float64
	}{
		"e³N(1,.25)":          {infertest.Normal(3, []float64{1}, []float64{.5}), infer.Reference{}, 3},
		"N away, anisotropic": {infertest.Normal(-2, []float64{4, -3, 0}, []float64{.3, 2, 1}), wide, -2},
		"weights .1 and .9": {infertest.Mixture([]float64{.1 * math.E, .9 * math.E}, [][]float64{{-5}, {5}}, 1), wide,
			1},
		"one many-well pair": {infertest.ManyWell(2), infer.Reference{SD: []float64{2}}, math.Log(11784.50927) +
			math.Log(2*math.Pi)/2},
		"off-centre start": {infertest.Normal(0, []float64{1, 1}, []float64{1, 1}), infer.Reference{Mean: []float64{-3,
			5},
			SD: []float64{2}}, 0},
	} {
		for _, k := range []infer.Kernel{SMC{Particles: 256, Reference: c.ref}, AIS{Particles: 256, Reference: c.ref,
			Steps: 60}} {
			e, s, r := infertest.Evidence(t, c.target, k, 8)
			if !(math.Abs(e.LogZ-c.want) < 4*e.SD/math.Sqrt(8)+.01) || e.SD > .25 {
				t.Errorf("%s, %s: log Z %v ± %v, want %v", what, k.Name(), e.LogZ, e.SD, c.want)
			}
			if q := infer.Qualities(s); len(q) != 8 || q[0].Ancestors < 20 || !(q[0].ESS > 30) {
				t.Errorf("%s, %s: %+v, %v", what, k.Name(), q[0], r.Warnings)
			}
		}
	}
}

// The particles of SMC have the target's proportions and moments, equally weighted.
func TestSMCParticles(t *testing.T) {
	target := infertest.Mixture([]float64{.1, .9}, [][]float64{{-5}, {5}}, 1)
	_, s, _ := infertest.Evidence(t, target, SMC{Particles: 2000, Reference: infer.Reference{SD: []float64{8}}}, 4)
	if p := infertest.Occupancy(s.Particles(), [][]float64{{-5}, {5}})[0]; math.Abs(p-.1) > .02 {
		t.Errorf("mass %v at the mode of weight .1", p)
	}
	for _, l := range s.Var("logw") {
		if l != -math.Log(2000) {
			t.Fatal("weights are not equal at the end")
		}
	}
}

// The many-well in 32 dimensions: |log Z − 164.6957| < .1 from 4096 particles (sd of a run .07).
func TestSMCManyWell(t *testing.T) {
	if testing.Short() {
		t.Skip("a second of gradients")
	}
	e, s, r := infertest.Evidence(t, infertest.ManyWell(32), SMC{Particles: 4096, Moves: 4,
		Reference: infer.Reference{SD: []float64{1.5}}}, 1)
	t.Logf("log Z %.4f, %d steps, %v gradients, %+v", e.LogZ, r.Steps, r.Gradients, infer.Qualities(s)[0])
	if math.Abs(e.LogZ-164.695675) > .1 {
		t.Errorf("log Z %v, want 164.6957", e.LogZ)
	}
}

// A density that is zero on half of the reference loses that half and nothing else: N(0,1) cut to x > 0 has Z = ½.
func TestSMCHalfLine(t *testing.T) {
	half := infertest.Normal(0, []float64{0}, []float64{1})
	cut := infertest.NewDensity(1, func(x, g []float64) float64 {
		l := half.F(x, g)
		if x[0] < 0 {
			return math.Inf(-1)
		}
		return l
	})
	for _, k := range []infer.Kernel{SMC{Particles: 2000}, AIS{Particles: 2000, Steps: 10}} {
		e, _, _ := infertest.Evidence(t, cut, k, 4)
		if math.Abs(e.LogZ-math.Log(.5)) > .05 { // standard error .011
			t.Errorf("%s: log Z %v, want log ½", k.Name(), e.LogZ)
		}
	}
}

// Two temperatures are too few for a far target, and the weights say so.
func TestAISWarns(t *testing.T) {
	_, _, r := infertest.Evidence(t, infertest.Normal(0, []float64{6, 6, 6}, []float64{.2, .2, .2}), AIS{Particles: 500,
		Steps: 2}, 3)
	if len(r.Warnings) == 0 {
		t.Errorf("no warning: %+v", r)
	}
}

// Systematic resampling takes each parent ⌊nw⌋ or ⌈nw⌉ times and never one of weight zero.
func TestSystematic(t *testing.T) {
	w := []float64{0, .31, .19, 0, .5, 0}
	logw := make([]float64, len(w))
	for i, v := range w {
		logw[i] = math.Log(v)
	}
	for _, u := range []float64{1e-12, .3, .7, 1 - 1e-12} {
		count := make([]float64, len(w))
		for _, p := range Systematic(logw, u) {
			count[p]++
		}
		for i, v := range w {
			if count[i] < math.Floor(6*v) || count[i] > math.Ceil(6*v) {
				t.Errorf("u=%v: %v copies of weight %v", u, count[i], v)
			}
		}
	}
}
