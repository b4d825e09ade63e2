package cli

import (
	"fmt"

	"github.com/seed9a7962a8/ito/task/drawing"
)

// tellSteered writes what a drawing that is not plain did.
func (c *sampleCmd) tellSteered(a *app, r drawing.Report) error {
	var report any
	var line string
	switch {
	case r.Drafts != nil:
		d := r.Drafts
		report = d
		line = fmt.Sprintf("%d samples from %d drafts with noise %g (%s, %d network calls each); of what is wrong "+
			"with a draft %.1f %% survives, %.1f to %.1f %% by the column, were the data normal", d.N, d.Drafts,
			d.Level, d.Solver, d.NFE, 100*d.Survives, 100*d.Least, 100*d.Most)
	case r.Search != nil:
		s := r.Search
		report = s
		line = fmt.Sprintf("%d samples by %s, %d of %d network calls each; reward %.4g ± %.4g, at most %.4g", s.N,
			s.Select, s.Spent, s.Budget, s.Reward, s.SD, s.Best)
	case r.Completion != nil:
		k := r.Completion
		report = k
		line = fmt.Sprintf("%d samples of %d rows, at most %d numbers known (%s, %d network calls each). %s", k.N,
			k.Rows, k.Known, k.Method, k.Evals, k.Says)
	default:
		b := r.Blend
		report = b
		line = fmt.Sprintf("%d samples by %s, %d network calls each (%s)", c.N, b.By, b.NFE, b.Solver)
		for i, s := range b.Scores {
			line += fmt.Sprintf("; %s %.3f", b.Concepts[i], s)
		}
		if b.Both != nil {
			line += fmt.Sprintf("; all in one sample %.3f", *b.Both)
		}
	}
	if c.JSON {
		return a.printJSON(report)
	}
	_, err := fmt.Fprintln(a.stderr, line)
	return err
}
