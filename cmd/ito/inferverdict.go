package main

import "fmt"

// verdict says what to do. It is a function of the result's numbers alone, the worst first; what the draws show by themselves
// is the summary's to say.
func (o *inferResult) verdict() string {
	switch {
	case len(o.Improper) > 0:
		return "A density without an integral has no draws and no log Z: give " + brieflyNamed(o.Improper) + " a proper prior and run again."
	case o.Occupancy != nil && o.Occupancy.TV == nil:
		return "The particles could not be sorted into basins: use them for a look, and pt or smc for numbers."
	case o.Occupancy != nil && *o.Occupancy.TV > tooFarApart:
		return "The places of the modes can be used, their proportions cannot: run pt, or smc without --scale, for weights."
	case o.Kind == "chains" && o.Modes > 1 && o.Method != "pt":
		return fmt.Sprintf("The pilot saw %d modes and these chains cannot cross between them: run pt, or smc without --scale, and compare.", o.Modes)
	case o.missed:
		return "The pilot saw modes that this run may not have reached: run pt, or smc without --scale, and compare."
	case o.plain && o.against > 0:
		return "From the standard normal pdds did not follow this density: run it with --whiten meanfield, and compare log Z with that of smc."
	case o.against > 0:
		return o.Summary.Advice
	case o.LogZSD != nil && *o.LogZSD > uncertainZ:
		return fmt.Sprintf("log Z differs by %.2g between runs: take more --draws (particles) or --moves until it stands still.", *o.LogZSD)
	case o.Dropped > 0:
		return "Values that were not finite were put back: shorten the --step-size, or look for a place where the density is not defined."
	}
	return o.Summary.Advice
}

// improperWarning names the parameters along which a density does not fall.
func improperWarning(names []string) string {
	return fmt.Sprintf("far out, the density does not fall along %s: it seems improper", brieflyNamed(names))
}

// From where the numbers speak against the draws.
const (
	tooFarApart = .1 // total variation between occupancy and estimated masses
	uncertainZ  = .5 // nats, over runs
)
