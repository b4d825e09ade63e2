package recipe

// momentumSteps are the training steps of each network, stages included.
const momentumSteps = 10000

// momentumSpiral sets the momentum paths beside each other: the published CLD, the path from which VSMD starts (critically
// damped, unit mass, the clock of VSMD), and VSMD, which learns its damping. Every row is shown from the path's own prior and from
// the moments of the data, since either may favour one of them; the overdamped Schrödinger path stands by as control.
var momentumSpiral = toy{name: "vsmd-spiral", summary: "momentum paths on the spiral of 8:1 in raw units: VSMD, whose damping is learnt, beside CLD", set: "spiral", scale: spiralScale, steps: momentumSteps,
	networks: []contender{
		{"VSMD", func(c *Train) { c.Path = "vsmd" }},
		{"VSDM constant", func(c *Train) { c.Path = "vsdm" }},
		{"CLD", func(c *Train) { c.Path = "cld" }},
		{"CLD, VSMD's clock", func(c *Train) { c.Path, c.Stages = "vsmd", 0 }},
	},
	rows: []tableRow{
		{"CLD", "CLD", "own", false}, {"CLD + moment prior", "CLD", "moments", false},
		{"CLD, VSMD's clock", "CLD, VSMD's clock", "own", false}, {"CLD, VSMD's clock + moment prior", "CLD, VSMD's clock", "moments", false},
		{"VSMD", "VSMD", "own", false}, {"VSMD + moment prior", "VSMD", "moments", false},
		{"VSDM constant", "VSDM constant", "moments", true},
	}, checks: checkMomentum}

// checkMomentum holds VSMD against both kinds of CLD from the same kind of start, at each number of evaluations: the mean
// over seeds of its W2 is to be at most 1.05 of theirs.
func checkMomentum(r *Result) {
	for _, budget := range []string{"E20", "E50", "H50"} {
		for _, start := range []string{"", " + moment prior"} {
			w, _ := spread(r.column("VSMD"+start, budget))
			for _, rival := range []string{"CLD" + start, "CLD, VSMD's clock" + start} {
				v, _ := spread(r.column(rival, budget))
				r.atMost(1.05, w/v, "W2 of VSMD%s over that of %s at %s", start, rival, budget)
			}
		}
	}
}
