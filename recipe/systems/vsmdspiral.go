package systems

import "github.com/seed9a7962a8/ito/recipe"

// momentumSteps are the training steps of each network, stages included.
const momentumSteps = 10000

// momentumSpiral sets the momentum paths beside each other: the published CLD, the path from which VSMD starts
// (critically damped, unit mass, the clock of VSMD), VSMD, which learns A_v and takes A_x from the damping
// transform, and VSMD that learns both. Every path is started from its own prior N(0,I), from the noise that it
// adds itself, as the authors of VSMD start it, and from the moments of the data, since each may favour one of
// them; the overdamped Schrödinger path and VP on both clocks stand by as controls.
var momentumSpiral = toy{name: "vsmd-spiral", summary: "momentum paths on the spiral of 8:1 in raw units: VSMD, " +
	"whose damping is learnt, beside CLD", set: "spiral", scale: spiralScale, steps: momentumSteps,
	networks: []contender{
		{"VSMD", func(c *recipe.TrainConfig) { c.Path = "vsmd" }},
		{"VSMD, A_x free", func(c *recipe.TrainConfig) { c.Path, c.FreeSpring = "vsmd", true }},
		{"VSDM constant", func(c *recipe.TrainConfig) { c.Path = "vsdm" }},
		{"CLD", func(c *recipe.TrainConfig) { c.Path = "cld" }},
		{"CLD, VSMD's clock", func(c *recipe.TrainConfig) { c.Path, c.Stages = "vsmd", 0 }},
		contenders[2], contenders[3],
	},
	rows: append(startRows("CLD", "CLD, VSMD's clock", "VSMD", "VSMD, A_x free"), tableRow{"VSDM constant",
		"VSDM constant", "moments", true}, tableRow{"VP-20", "VP-20", "own", true}, tableRow{stock, stock,
		"own", true}),
	checks: checkMomentum}

// starts are what follows a network's name in the rows of each start.
var starts = []struct{ name, prior string }{{"", "own"}, {" + kernel prior", "kernel"}, {" + moment prior", "moments"}}

func startRows(networks ...string) (rows []tableRow) {
	for _, n := range networks {
		for _, s := range starts {
			rows = append(rows, tableRow{n + s.name, n, s.prior, false})
		}
	}
	return rows
}

// checkMomentum holds both VSMD against the better CLD from the same kind of start, at each number of evaluations:
// the mean over seeds of its W2 is to be at most 1.05 of theirs.
func checkMomentum(r *Result) {
	for _, name := range []string{"VSMD", "VSMD, A_x free"} {
		for _, budget := range []string{"E20", "E50", "H50"} {
			for _, s := range starts {
				w, _ := spread(r.column(name+s.name, budget))
				rival, other := "CLD"+s.name, "CLD, VSMD's clock"+s.name
				v, _ := spread(r.column(rival, budget))
				if u, _ := spread(r.column(other, budget)); u < v {
					rival, v = other, u
				}
				r.atMost(1.05, w/v, "W2 of %s over that of %s at %s", name+s.name, rival, budget)
			}
		}
	}
}
