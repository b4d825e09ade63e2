package cli

import (
	"fmt"

	"github.com/seed9a7962a8/ito/recipe"
)

// tellAdapted writes what an adaptation did for people.
func (c *trainCmd) tellAdapted(a *app, r *recipe.TrainReport) error {
	rows := [][2]string{
		{"delta", c.Out},
		{"of", c.FromModel},
		{"rows", fmt.Sprint(r.Rows)},
		{"trained", fmt.Sprintf("%d numbers for %d weights (%s)", r.Trained, r.Params, r.Adaptation)},
		{"steps", fmt.Sprintf("%d in %s (%.0f a second)", r.Steps, seconds(r.Seconds), r.Speed)},
	}
	if n := len(r.Losses); n > 0 {
		rows = append(rows, [2]string{"loss", fmt.Sprintf("%.4g, first %.4g", r.Losses[n-1].Loss, r.Losses[0].Loss)})
	}
	for _, w := range r.Warnings {
		rows = append(rows, [2]string{"warning", w})
	}
	if err := facts(a.stdout, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "\nnext: ito sample %s --delta %s -n 1000 --out samples.csv\n",
		shellWord(c.FromModel), shellWord(c.Out))
	return err
}
