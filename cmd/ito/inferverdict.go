package main

import "fmt"

// verdict says what to do. It is a function of the result's numbers alone, the worst first.
func (o *inferResult) verdict() string {
	switch {
	case len(o.Improper) > 0:
		return "A density without an integral has no draws and no log Z: give " + brieflyNamed(o.Improper) + " a proper prior and run again."
	case o.Kind == "chains" && o.Divergent > 0:
		return fmt.Sprintf("Do not trust the tails: %d trajectories diverged. Raise --accept to .95 or write the model with its scales taken out, and look where they diverged.", o.Divergent)
	case o.Occupancy != nil && o.Occupancy.TV == nil:
		return "The particles could not be sorted into basins: use them for a look, and pt or smc for numbers."
	case o.Occupancy != nil && *o.Occupancy.TV > tooFarApart:
		return "The places of the modes can be used, their proportions cannot: run smc or pt, with a --scale that covers the modes, for weights."
	case o.Kind == "chains" && o.Modes > 1 && o.Method != "pt":
		return fmt.Sprintf("The pilot saw %d modes and these chains cannot cross between them: run pt, or smc with a --scale that covers them, and compare.", o.Modes)
	case o.Particles != nil && o.Particles.KHat != nil && *o.Particles.KHat > heavyTail:
		return "The weights are dominated by a few particles: take more --steps, a --scale nearer to the target's, or another method."
	case o.LogZSD != nil && *o.LogZSD > uncertainZ:
		return fmt.Sprintf("log Z differs by %.2g between runs: take more --draws (particles) or --moves until it stands still.", *o.LogZSD)
	case o.Dropped > 0:
		return fmt.Sprintf("%d values were not finite and put back: shorten the --step-size, or look for a place where the density is not defined.", o.Dropped)
	}
	return "Nothing speaks against these draws. No sampler sees a mode that it has not met: if there may be others, compare with another method."
}

// improperWarning names the parameters along which a density does not fall.
func improperWarning(names []string) string {
	return fmt.Sprintf("far out, the density does not fall along %s: it seems improper", brieflyNamed(names))
}

// From where the numbers speak against the draws.
const (
	tooFarApart = .1 // total variation between occupancy and estimated masses
	heavyTail   = .7 // Pareto k̂
	uncertainZ  = .5 // nats, over runs
)
