package systems

import (
	"strconv"

	"github.com/seed9a7962a8/ito/recipe"
)

// pfgmSteps are the training steps of each network.
const pfgmSteps = 5000

// pfgmExtra are the dimensions that are added: from heavy tails to almost EDM.
var pfgmExtra = []float64{8, 128, 2048}

// pfgmSpiral sets PFGM++ beside EDM, its limit, on the spiral.
func pfgmSpiral() toy {
	t := toy{name: "pfgm-spiral", summary: "PFGM++ by the dimensions that it adds, beside EDM, its limit, on " +
		"standardised columns of the spiral of 8:1; W2 in raw units", set: "spiral",
		scale: spiralScale, steps: pfgmSteps, checks: func(*Result) {},
		networks: []contender{{"EDM", func(c *recipe.TrainConfig) { c.Path, c.Transform = "edm", "standardise" }}},
		rows:     []tableRow{{"EDM", "EDM", "own", false}}}
	for _, D := range pfgmExtra {
		name := "PFGM++ D=" + strconv.FormatFloat(D, 'g', -1, 64)
		t.networks = append(t.networks,
			contender{name, func(c *recipe.TrainConfig) { c.Path, c.Transform, c.Extra = "pfgm", "standardise", D }})
		t.rows = append(t.rows, tableRow{name, name, "own", false})
	}
	return t
}
