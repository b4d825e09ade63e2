package infer

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/internal/table"
)

// verdict describes what to do. It is a function of the result's numbers alone, the worst first; what the draws show by
// themselves is the summary's to say.
func (o *Report) verdict() string {
	switch {
	case len(o.Improper) > 0:
		return "A density without an integral has no draws and no log Z: give " + table.Few(o.Improper) +
			" a proper prior and run again."
	case o.Undefined != nil:
		return fmt.Sprintf("The log density is not a number at %s: find where the model divides by zero or takes the "+
			"logarithm of a negative number there, and run again.", o.Undefined.at)
	case o.Spread != nil:
		return fmt.Sprintf("Do not use these particles for means, intervals or shares: %s. Run %s.", o.Spread.say,
			o.exact())
	case o.Point != nil:
		return o.Summary.Advice
	case o.far:
		return fmt.Sprintf("Do not use these draws for means or intervals: the density is not near enough to the "+
			"normals of %s. Run nuts with `init=pathfinder`.", o.Method)
	case o.Occupancy != nil && o.Occupancy.TV == nil:
		return "The particles could not be sorted into basins: use them for a look, and pt or smc for numbers."
	case o.Occupancy != nil && *o.Occupancy.TV > tooFarApart:
		return "The places of the modes can be used, their proportions cannot: run pt, or smc without `scale`, for " +
			"weights."
	case len(o.Switched) > 0:
		return fmt.Sprintf("The components of %s change places between chains, which agree otherwise: declare one of "+
			"them ordered, or use only what does not depend on their order.", table.Few(o.Switched))
	case o.Method == "pt" && o.apart():
		return o.ladder()
	case o.Kind == "chains" && o.Modes > 1 && o.Method != "pt":
		return fmt.Sprintf("The pilot saw %d modes and these chains cannot cross between them: run pt, or smc "+
			"without `scale`, and compare.", o.Modes)
	case o.missed:
		return "The pilot saw modes that this run may not have reached: run pt, or smc without `scale`, and compare."
	case o.plain && o.against > 0:
		return "From the standard normal " + o.Method + " did not follow this density: run it with " +
			"`whiten=meanfield`, and compare log Z with that of smc."
	case o.against > 0:
		return o.Summary.Advice
	case o.LogZSD != nil && *o.LogZSD > uncertainZ:
		return fmt.Sprintf("log Z differs by %.2g between runs: take more `draws` (particles) or `moves` until it "+
			"stands still.", *o.LogZSD)
	case o.Dropped > 0:
		return "Values that were not finite were put back: shorten the `step-size`, or look for a place where the " +
			"density is not defined."
	}
	return o.Summary.Advice
}

// exact is what to run where particles of an annealing are wrong.
func (o *Report) exact() string {
	if o.Occupancy != nil && len(o.Occupancy.Basins) > 1 {
		return "pt or smc"
	}
	return "nuts, or pt where there may be several modes"
}

// apart reports a parameter whose chains have not mixed.
func (o *Report) apart() bool {
	return slices.ContainsFunc(o.Summary.Parameters, func(p draws.Row) bool { return p.RHat > notMixed })
}

// ladder is what to do where parallel tempering itself has not mixed.
func (o *Report) ladder() string {
	s := o.Swaps
	switch {
	case s == nil:
		return "The ladders have not mixed: draw longer than a few steps, so that every pair of temperatures tries " +
			"to swap."
	case s.Least < leastSwap:
		return fmt.Sprintf("The ladders have not mixed, and temperatures swap with probability %.2g at worst: give "+
			"more `temperatures`, %d or so, and compare with smc.", s.Least, s.needed())
	case s.RoundTrips == 0:
		return "The ladders have not mixed, and no state has travelled from the hot end to the cold one: draw " +
			"longer, and give a `scale` that covers the modes where there is none; compare with smc."
	}
	return fmt.Sprintf("The ladders have not mixed after %d round trips: draw several times as long, with a longer "+
		"`warmup`; where R̂ stays above 1.01, lower `least-beta` or give more `temperatures`, and compare with smc.",
		s.RoundTrips)
}

// needed is how many temperatures would be refused with probability .6 or so, by the barrier that these have.
func (s *Swaps) needed() int { return max(s.Temperatures+1, int(math.Ceil(s.Barrier/.6))+1) }

// improperWarning names the parameters along which a density does not fall.
func improperWarning(names []string) string {
	return fmt.Sprintf("far out, the density does not fall along %s: it seems improper", table.Few(names))
}

// From where the numbers speak against the draws.
const (
	tooFarApart = .1 // total variation between occupancy and estimated masses
	uncertainZ  = .5 // nats, over runs
	notMixed    = 1.01
	leastSwap   = .1 // swap probability
)
