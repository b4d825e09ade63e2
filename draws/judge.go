package draws

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The thresholds of the warnings.
const (
	greatestRHat   = 1.01
	leastESS       = 100 // of a chain
	leastEBFMI     = .3
	greatestKHat   = .7
	leastAncestors = .02 // of the particles
	leastWeightESS = .1  // of the particles
	fewestDraws    = 4   // of a chain, which is cut in two
)

// Warn adds what somebody else found against the draws, such as the sampler while it ran; call it before the
// summary is written.
func (s *Summary) Warn(warning string) {
	s.Warnings = append(s.Warnings, warning)
	s.Advice = s.conclude()
}

// found adds a warning with what to do about it.
func (s *Summary) found(do, format string, a ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, a...))
	if do != "" && !slices.Contains(s.advice, do) {
		s.advice = append(s.advice, do)
	}
}

// judge fills in warnings and advice, the worst first.
func (s *Summary) judge(f *findings) {
	s.Warnings = []string{}
	if f.run > s.Chains {
		what := "chains"
		if s.Particles != nil {
			what = "groups"
		}
		s.found("name the files of all "+what, "the run had %d %s, and these are %d: what the others show is not seen",
			f.run, what, s.Chains)
	}
	if len(f.bad) > 0 {
		s.found("do not use the parameters whose draws are not finite: find where the model divides by zero or "+
			"overflows",
			"%s draws that are not finite", has(f.bad))
	}
	s.judgeChains(f)
	if s.Sampler != nil {
		s.judgeSampler()
	}
	if s.Particles != nil {
		s.judgeParticles(f)
	} else {
		s.judgeMixing(f)
	}
	s.Advice = s.conclude()
}

// judgeChains speaks of chains that never moved and of chains that are one chain.
func (s *Summary) judgeChains(f *findings) {
	if s.Particles != nil || s.Draws < 2 {
		return
	}
	var stuck []string
	for c, moved := range f.moved {
		if !moved {
			stuck = append(stuck, fmt.Sprint(c+1))
		}
	}
	if len(stuck) > 0 {
		s.found("start again from other points: a chain that does not move says nothing", "chain %s never moved",
			strings.Join(stuck, ", "))
		return
	}
	for b := range f.different {
		for a, differ := range f.different[b] {
			if !differ {
				s.found("give every chain its own seed and name every file once",
					"chains %d and %d are the same draws: R̂ and ESS are too good", a+1, b+1)
				return
			}
		}
	}
}

func (s *Summary) judgeSampler() {
	if n := sum(s.Sampler.Divergent); n > 0 {
		s.found("raise the target acceptance (.95, .99), and when trajectories still diverge write the model "+
			"differently: a hierarchy non-centred, scales with less heavy tails",
			"%s of %d diverged: the draws may miss a region of strong curvature and be biased", counted(n, "trajectory",
				"trajectories"), s.Chains*s.Draws)
	}
	var low []string
	for c, v := range s.Sampler.EBFMI {
		if v < leastEBFMI {
			low = append(low, fmt.Sprintf("%d (%.2f)", c+1, v))
		}
	}
	if len(low) > 0 {
		s.found("write the model with lighter tails or non-centred, and draw longer",
			"E-BFMI is below %v in chain %s: the energy moves too slowly to reach the tails", leastEBFMI,
			strings.Join(low, ", "))
	}
	if n := sum(s.Sampler.Saturated); n > 0 {
		s.found("rescale the parameters or use a dense metric; a greater depth costs time and biases nothing",
			"%s of %d had the greatest tree depth, %d: the draws are correct but slow", counted(n, "trajectory",
				"trajectories"), s.Chains*s.Draws, s.Sampler.MaxDepth)
	}
}

func (s *Summary) judgeMixing(f *findings) {
	if f.approx && f.khat > greatestKHat {
		s.found("draw from the posterior itself, such as by nuts, "+
			"or weight the draws by p/q where k̂ is a little above",
			"these are draws of an approximation q, and Pareto k̂ of their weights p/q is %s, above %v: q is not the "+
				"posterior", fixed(f.khat, 2), greatestKHat)
	}
	if s.Draws < fewestDraws {
		s.found("draw more", "%s a chain are too few for R̂ and effective sizes", counted(s.Draws, "draw", "draws"))
	}
	worst, least := Row{RHat: -1}, math.Inf(1)
	var high, low []string
	for _, r := range s.Parameters {
		if r.RHat > greatestRHat {
			high = append(high, r.Name)
			if r.RHat > worst.RHat {
				worst = r
			}
		}
		if n := min(r.ESSBulk, r.ESSTail); n < leastESS*float64(s.Chains) {
			low = append(low, r.Name)
			least = min(least, n)
		}
	}
	if len(high) > 0 {
		s.found(s.mixBy(),
			"R̂ is above %v for %s, at most %.3f for %s: the chains have not mixed", greatestRHat,
			namesOf(high, len(s.Parameters)), worst.RHat, worst.Name)
	}
	if len(low) > 0 {
		do := ""
		if len(high) == 0 && least > 0 {
			do = fmt.Sprintf("draw %d times as many", int(math.Ceil(leastESS*float64(s.Chains)/least)))
		}
		s.found(do, "the effective sample size is below %d a chain for %s, as low as %.0f of %d: means and quantiles "+
			"are uncertain", leastESS, namesOf(low, len(s.Parameters)), least, s.Chains*s.Draws)
	}
	if s.Chains == 1 && f.run < 2 && !f.approx { // an approximation has no chains
		s.found("run four chains: one cannot show that it has missed something",
			"there is one chain: R̂ compares its halves only")
	}
}

// mixBy is what to do where chains have not mixed. A ladder of parallel tempering is told of its temperatures, not
// of tempering.
func (s *Summary) mixBy() string {
	if s.Method == "pt" {
		return "draw several times as long, with a longer warm-up, in which the ladder is spaced; where R̂ stays " +
			"above 1.01, the hot end does not reach all modes " +
			"or the ladder does not carry states to the cold one: lower `least-beta`, widen `scale` or give more " +
			"`temperatures`, and compare with smc"
	}
	return "run the chains longer, and when R̂ stays above 1.01 look at the traces: chains in different modes need a " +
		"method that crosses between them, such as parallel tempering or SMC"
}

func (s *Summary) judgeParticles(f *findings) {
	p := s.Particles
	n := float64(s.Draws)
	var khat, few, line []string
	for g := range s.Chains {
		if p.KHat != nil && p.KHat[g] > greatestKHat {
			khat = append(khat, fmt.Sprintf("%d (%.2f)", g+1, p.KHat[g]))
		}
		if p.ESS != nil && p.ESS[g] < max(leastESS, leastWeightESS*n) {
			few = append(few, fmt.Sprintf("%d (%.0f)", g+1, p.ESS[g]))
		}
		if p.Ancestors != nil && float64(p.Ancestors[g]) < leastAncestors*n {
			line = append(line, fmt.Sprintf("%d (%d)", g+1, p.Ancestors[g]))
		}
	}
	const more = "use more particles, more temperatures or more moves between them"
	if khat != nil {
		s.found(more, "Pareto k̂ is above %v in group %s: a few weights dominate, and no estimate from them can be "+
			"relied on", greatestKHat, first(khat))
	}
	if few != nil {
		s.found(more, "the weights are worth few particles of %d in group %s", s.Draws, first(few))
	}
	if line != nil {
		s.found(more, "few particles of %d at the start have descendants in group %s: modes may have died out", s.Draws,
			first(line))
	}
	if squares := squared(p.Weight); s.Chains >= 4 && squares > 2/float64(s.Chains) {
		s.found(more, "the groups' weights are worth %.1f of %d groups: their estimates of log Z differ too much",
			1/squares, s.Chains)
	}
	// particles that know nothing of each other need no second group
	if s.Chains == 1 && f.run < 2 && p.Ancestors != nil {
		s.found("run four groups or more: the spread of their means and log Z is the error that can be defended",
			"there is one group of particles: its error is estimated from its own weights")
	}
}

func squared(w []float64) float64 {
	sum := 0.0
	for _, v := range w {
		sum += v * v
	}
	return sum
}

// conclude is the sentence on what to do.
func (s *Summary) conclude() string {
	switch {
	case s.Point && len(s.Warnings) > 0:
		return "Heed the warnings. " + pointAdvice
	case s.Point:
		return pointAdvice
	case len(s.advice) > 0:
		text := strings.Join(s.advice[:min(2, len(s.advice))], "; then ")
		return strings.ToUpper(text[:1]) + text[1:] + "."
	case len(s.Warnings) > 0:
		return "Heed the warnings before you use these draws."
	case s.Particles != nil:
		return "Nothing here speaks against these particles. No diagnostic sees a mode that no particle has found."
	}
	return "Nothing here speaks against these draws: use them, with the MCSE beside each mean. No diagnostic sees a " +
		"mode that no chain has found."
}
