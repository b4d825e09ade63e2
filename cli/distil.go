package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task/distil"
)

// distilCmd is "ito distil".
type distilCmd struct {
	distil.Config
	JSON bool `name:"json" after:"workers" help:"Print the report as one JSON object"`
}

func (*distilCmd) manual() page {
	return page{
		synopsis: "MODEL [DATA] --method NAME --steps K --out FILE",
		text: []string{
			"Makes a student of a model, which samples in one to --steps network calls. A consistency model says " +
				"where the probability flow ends, from any level; its steps go there and add the noise of the next " +
				"level anew. It is taught by steps of the model's own flow (consistency), or without the model by " +
				"those of the noise alone (consistency-training, which begins at the model's weights). progressive " +
				"halves the steps of DDIM again and again and ends with --steps of them.",
			"It is for numbers and images on paths with one noise level for all columns: edm, vp, flow, ve and " +
				"subvp. Without DATA it learns from --rows samples of the model, which has no conditions then.",
			"The student is for ito sample and ito info: its field is no longer one that other solvers could follow, " +
				"and other commands refuse it. ito sample takes its own steps, as many as --nfe says.",
			"After ctrl-C, a crash or kill -9 the same command with --resume goes on and ends with the same bytes.",
		},
		files: [][2]string{
			{"FILE", "the student, written whole or not at all"},
			{"FILE.checkpoint", "the state of an unfinished distillation, removed at its end"},
		},
		examples: [][2]string{
			{"ito distil m.safetensors --steps 4 --out s.safetensors", "A consistency model of one to four steps."},
			{"ito sample s.safetensors -n 1000 --nfe 2 --out s.csv", "Samples in two steps."},
			{"ito distil m.safetensors data.csv --method progressive --steps 2 --out p.safetensors",
				"32, 16, 8, 4 and then 2 steps, learnt on data."},
		},
	}
}

// Run implements the command.
func (c *distilCmd) Run(ctx context.Context, a *app) error {
	a.goesOn(func() string { return resumeHint(c.Out + ".checkpoint") })
	if err := a.replaces(c.Out, c.Resume); err != nil {
		return err
	}
	m := a.meter()
	r, err := distil.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	if c.JSON {
		return a.printJSON(r)
	}
	if r.Finished {
		return nil
	}
	rows := [][2]string{
		{"student", r.Out},
		{"method", fmt.Sprintf("%s, %d steps at most", r.Distil.Method, r.Distil.Steps)},
		{"rows", fmt.Sprint(r.Rows)},
		{"training", fmt.Sprintf("%d steps in %s", r.DistilReport.Steps, seconds(r.Seconds))},
	}
	if n := len(r.Losses); n > 0 {
		rows = append(rows, [2]string{"loss", fmt.Sprintf("%.4g", r.Losses[n-1].Loss)})
	}
	if err := facts(a.stdout, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nnext: ito sample %s -n 1000 --out samples.csv\n", shellWord(r.Out))
	return err
}
