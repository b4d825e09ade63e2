package infer

import (
	"fmt"
)

// Report says what a sampler has done since its start.
type Report struct {
	Kernel      string
	Steps       int
	Draws       int     // of every group
	Gradients   float64 // gradient evaluations, all groups
	Evaluations float64 // evaluations of the density alone
	Accept      float64 // mean acceptance probability after warm-up; NaN where nothing is proposed
	Divergent   int     // trajectories after warm-up whose energy error passed 1000
	Deep        int     // trajectories after warm-up that reached the greatest depth
	Dropped     int     // particles put back or dropped because a value was not finite
	// [Groups] energy's fraction of missing information after warm-up; nil for samplers without energies
	EBFMI     []float64
	LogZ      []float64 // [Groups] estimates of log ∫ρ; nil for samplers that have none
	Undefined Undefined // where the log density was NaN, after warm-up
	Warnings  []string
	// Unseen are those of the Warnings that the statistics of the draws (divergences, depths, energies) do not show
	// by themselves, without that of Undefined.
	Unseen []string
}

func (r *runner) total(what int) float64 {
	t, sum := r.s.Var("tally"), 0.0
	for g := range r.s.Groups {
		sum += t[g*TallyWidth+what]
	}
	return sum
}

func (r *runner) report() Report {
	out := Report{
		Kernel: r.k.Name(), Steps: int(r.s.Step), Gradients: r.total(TallyGradients),
		Evaluations: r.total(TallyEvaluations),
		Accept:      r.total(TallyAccepted) / r.total(TallyProposals), Divergent: int(r.total(TallyDivergent)),
		Deep: int(r.total(TallyDeep)), Dropped: int(r.total(TallyDropped)),
	}
	if _, ends := r.k.(Ender); ends {
		out.Draws = 1
	} else {
		out.Draws = max(0, (out.Steps-r.warmup())/max(r.o.Thin, 1))
	}
	if z := r.s.Var("logz"); z != nil {
		out.LogZ = append([]float64(nil), z...)
	}
	out.EBFMI = energyFractions(r.s)
	out.Undefined = r.s.allUndefined()
	out.warn(r)
	return out
}

// warn fills in what the counts say against the draws.
func (out *Report) warn(r *runner) {
	say := func(format string, a ...any) { out.Warnings = append(out.Warnings, fmt.Sprintf(format, a...)) }
	if _, ends := r.k.(Ender); out.Divergent > 0 && !ends {
		say("%d trajectories diverged: the draws may miss a region of strong curvature; raise the target acceptance "+
			"or change the parameters", out.Divergent)
	}
	if out.Deep > 0 {
		say("%d trajectories reached the greatest depth: the draws are correct but slow; rescale the parameters",
			out.Deep)
	}
	out.Warnings = append(out.Warnings, energyWarnings(r.s)...)
	seen := len(out.Warnings)
	if out.Dropped > 0 {
		say("%d particles were put back because a value was not finite: the density is not what was asked for there; "+
			"shorten the steps", out.Dropped)
	}
	if w, ok := r.k.(Warner); ok {
		out.Warnings = append(out.Warnings, w.Warnings(r.s)...)
	}
	out.Unseen = append([]string(nil), out.Warnings[seen:]...)
	if out.Undefined.Count > 0 {
		out.Warnings = append(out.Warnings, out.Undefined.String()+": find where the model divides by zero or takes "+
			"the logarithm of a negative number")
	}
}
