package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/recipe/systems"
	"github.com/seed9a7962a8/ito/task/run"
)

// runCmd is "ito run".
type runCmd struct {
	run.Config
	JSON bool `name:"json" help:"Print the result as one JSON object"`
}

func (*runCmd) manual() page {
	text := []string{
		"A recipe is a published experiment with its settings, its controls and the figures that it should reach. It " +
			"runs once for each seed and prints the mean and " +
			"standard deviation of every figure, with floors and a trivial baseline beside them, the checks that it " +
			"met and missed, and a last sentence.",
		"A missed check is a result and not a failure: the exit code is 0.",
	}
	for _, r := range systems.Recipes() {
		text = append(text, r.Name+": "+r.Summary)
	}
	return page{
		synopsis: "[NAME] [--seeds N,…] [--json]",
		text:     text,
		examples: [][2]string{
			{"ito run", "The list of recipes."},
			{"ito run vsdm-spiral --seeds 1,2,3 --json > spiral.json", "Three seeds of the spiral."},
		},
	}
}

// Run implements the command.
func (c *runCmd) Run(ctx context.Context, a *app) error {
	if c.Name == "" {
		return c.list(a)
	}
	m := a.meter()
	result, err := run.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(result)
	}
	return result.Write(a.stdout)
}

func (c *runCmd) list(a *app) error {
	type line struct {
		Name    string `json:"name"`
		Summary string `json:"summary"`
	}
	var all []line
	var rows [][2]string
	for _, r := range systems.Recipes() {
		all = append(all, line{r.Name, r.Summary})
		rows = append(rows, [2]string{r.Name, r.Summary})
	}
	if c.JSON {
		return a.printJSON(map[string]any{"recipes": all})
	}
	return facts(a.stdout, rows)
}
