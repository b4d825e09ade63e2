package infer

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/metric"
)

// Evidence is an estimate of log ∫ρ from several runs.
type Evidence struct {
	LogZ float64 // the logarithm of the mean of the runs' estimates of ∫ρ
	SD   float64 // of log Z over the runs: NaN for one run
	Runs int
}

// Evidence sums up the estimates of the groups; Runs is 0 for a sampler that has none.
func (r Report) Evidence() Evidence {
	n := len(r.LogZ)
	e := Evidence{LogZ: metric.LogSumExp(r.LogZ) - math.Log(float64(n)), SD: math.NaN(), Runs: n}
	if n == 0 {
		e.LogZ = math.NaN()
	}
	if n > 1 {
		var mean, ss float64
		for _, z := range r.LogZ {
			mean += z / float64(n)
		}
		for _, z := range r.LogZ {
			ss += (z - mean) * (z - mean)
		}
		e.SD = math.Sqrt(ss / float64(n-1))
	}
	return e
}

// Quality is what is known of one group's particles.
type Quality struct {
	ESS       float64 // effective number of the last weights, before they were made equal
	KHat      float64 // Pareto k̂ of those weights; NaN where it cannot be fitted
	Ancestors int     // different particles of the start that have descendants
	Particles int
}

// Qualities returns the quality of every group of a particle sampler; nil for other samplers.
func Qualities(s *State) []Quality {
	ess, khat, anc := s.Var("ess"), s.Var("khat"), s.Var("ancestor")
	if ess == nil || anc == nil {
		return nil
	}
	q := make([]Quality, s.Groups)
	for g := range q {
		seen := make(map[int]bool, s.Slots)
		q[g] = Quality{ESS: ess[g], KHat: khat[g], Particles: s.Slots}
		for _, a := range anc[g*s.Slots : (g+1)*s.Slots] {
			if !seen[int(a)] {
				seen[int(a)] = true
				q[g].Ancestors++
			}
		}
	}
	return q
}

// ParticleWarnings say what the weights of a particle sampler show against its draws: few effective particles, a heavy
// tail, few ancestors.
func ParticleWarnings(s *State) []string {
	var few, heavy, old int
	for _, q := range Qualities(s) {
		n := float64(q.Particles)
		if q.ESS < .1*n {
			few++
		}
		if q.KHat > .7 {
			heavy++
		}
		if float64(q.Ancestors) < .02*n {
			old++
		}
	}
	var w []string
	say := func(count int, what, do string) {
		if count > 0 {
			w = append(w, fmt.Sprintf("in %d of %d runs %s; %s", count, s.Groups, what, do))
		}
	}
	say(few, "the effective number of particles is below a tenth of them", "take more particles or more steps")
	say(heavy, "Pareto k̂ of the weights is above .7: a few particles dominate and log Z is not reliable",
		"take more steps or a reference nearer to the target")
	say(old, "fewer than one in fifty of the first particles have descendants", "take more particles or more moves")
	return w
}
