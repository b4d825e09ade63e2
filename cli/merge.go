package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// mergeCmd is "ito merge".
type mergeCmd struct {
	Model string `where:"local" arg:"" help:"The model that ito train --from-model had"`
	Delta string `where:"local" arg:"" help:"The delta that it wrote"`
	Out   string `where:"local" required:"" placeholder:"FILE" help:"The model with the delta on it, a safetensors file"`
	JSON  bool   `name:"json" help:"Print the report as one JSON object"`
}

func (*mergeCmd) manual() page {
	return page{
		synopsis: "MODEL DELTA --out FILE",
		text: []string{
			"Writes the model that ito sample MODEL --delta DELTA samples. Weights that the delta does not train are " +
				"those of MODEL to the bit. Schedules that ito tune stored in MODEL are left out: they were searched " +
				"for other weights.",
		},
		examples: [][2]string{
			{"ito merge m.safetensors new.delta --out new.safetensors", "A model of its own."},
		},
	}
}

// mergeReport says what a merge did.
type mergeReport struct {
	Out        string `json:"out"`
	Adaptation string `json:"adaptation"`
	Weights    int    `json:"weights"`
	Changed    int    `json:"changed"`
}

// Run implements the command.
func (c *mergeCmd) Run(_ context.Context, a *app) error {
	if err := task.Apart(c.Out, c); err != nil {
		return err
	}
	if err := a.replaces(c.Out, false); err != nil {
		return err
	}
	base, _, err := task.LoadModel(c.Model)
	if err != nil {
		return err
	}
	m, word, err := task.Merge(base, c.Delta)
	if err != nil {
		return err
	}
	m.Provenance.Created = time.Now().UTC().Format(time.RFC3339)
	if err := store.SaveModel(c.Out, m); err != nil {
		return err
	}
	r := mergeReport{Out: c.Out, Adaptation: word}
	r.Weights, r.Changed = task.Changed(base, m)
	if c.JSON {
		return a.printJSON(r)
	}
	return facts(a.stdout, [][2]string{
		{"model", r.Out}, {"adaptation", r.Adaptation},
		{"weights", fmt.Sprintf("%d of %d are other than they were", r.Changed, r.Weights)},
	})
}
