package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/tune"
)

// tuneCmd is "ito tune".
type tuneCmd struct {
	tune.Config
	JSON bool `name:"json" after:"workers" help:"Print the report as one JSON object"`
}

func (*tuneCmd) manual() page {
	return page{
		synopsis: "MODEL --nfe K[,K…] [--method usf|gits|v3] [--out FILE] [--resume] [--json]",
		text: []string{
			"Searches how to spend K network calls on this model, and stores what it finds in the model: ito sample " +
				"--nfe K then uses it. --solver or --grid there override it.",
			"The error of a schedule is √mean ‖x − x_ref‖² over starting states, where x_ref is the end of the " +
				"model's own probability flow, computed with steps that are halved until it does not change. " +
				"The search sees --states of them. Its result is judged on --judge others, beside every fixed solver " +
				"on every grid; where one of those is better, it is stored instead, and the last lines say so. " +
				"This measures how well the model is followed, not how good the model is: for that see ito eval.",
			"usf is an evolutionary search over the times and over what every step does: what it interpolates, " +
				"through which earlier predictions, with which weights and corrections; the fixed solvers of one " +
				"call a step are among its points. " +
				"Rounds of least squares then refine the times and weights of the best. " +
				"gits finds times by dynamic programming, for solvers of one call a step. v3 estimates statistics of " +
				"the network, over the model's own samples, for DPM-Solver-v3.",
			"After ctrl-C, a crash or kill -9 the same command with --resume goes on and ends with the same bytes. " +
				"The weights of the model are not changed. A model with schedules is " +
				"refused by versions of ito that do not know them.",
		},
		files: [][2]string{
			{"FILE.tuning", "the state of an unfinished search, removed at its end"},
		},
		examples: [][2]string{
			{"ito tune m.safetensors --nfe 8", "A schedule for eight calls."},
			{"ito tune m.safetensors --nfe 5,8,10 --method v3 --out fast.safetensors --json",
				"Statistics for DPM-Solver-v3, in a copy of the model."},
			{"ito tune digits.safetensors --nfe 10 --where label=3 --guidance 2",
				"Under guidance, which takes two calls an evaluation."},
			{"ito info m.safetensors", "What is stored."},
		},
	}
}

// Run implements the command.
func (c *tuneCmd) Run(ctx context.Context, a *app) error {
	out := cmp.Or(c.Out, c.Model)
	a.goesOn(func() string { return resumeHint(tune.Checkpoint(out)) })
	if err := a.replaces(c.Out, c.Resume || out == c.Model); err != nil { // schedules are added to a model
		return err
	}
	m := a.meter()
	r, err := tune.Run(ctx, c.Config, tune.Env{Env: a.env(m)})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	task.Words(&r, a.flagged)
	if c.JSON {
		return a.printJSON(r)
	}
	if r.Finished {
		return nil
	}
	return writeTuned(a.stdout, out, r.TuneReport)
}

// writeTuned writes the report for people: every solver on its best grid, the best first.
func writeTuned(w io.Writer, out string, r *recipe.TuneReport) error {
	fmt.Fprintf(w, "error of schedules by %s on %s, over %d starting states of the search and %d others; the "+
		"reference is known to %.1g\n", r.Method, r.Path, r.States, r.Judge, r.Reference)
	for _, t := range r.Results {
		rows := [][]string{{fmt.Sprintf("%d calls", t.NFE), "grid", "search", "others", "median"}}
		line := func(name string, s recipe.Score) {
			rows = append(rows, []string{name, s.Grid, table.Number(s.Search), table.Number(s.Judge),
				table.Number(s.Median)})
		}
		all := append([]recipe.Score{t.Searched}, t.Fixed...)
		slices.SortStableFunc(all, func(a, b recipe.Score) int { return cmp.Compare(a.Judge, b.Judge) })
		var seen []string
		for _, s := range all {
			switch {
			case s == t.Searched:
				line("searched: "+s.Solver, s)
			case !slices.Contains(seen, s.Solver):
				seen = append(seen, s.Solver)
				line(s.Solver, s)
			}
		}
		fmt.Fprintln(w)
		if err := table.Write(w, rows); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	for _, t := range r.Results {
		fmt.Fprintln(w, t.Verdict)
	}
	_, err := fmt.Fprintf(w, "\nnext: ito sample %s --nfe %d -n 1000 --out samples.csv\n", out, r.Results[0].NFE)
	return err
}
