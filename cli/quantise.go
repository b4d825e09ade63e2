package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/task/quantise"
)

// quantiseCmd is "ito quantise".
type quantiseCmd struct {
	quantise.Config
	JSON bool `name:"json" after:"workers" help:"Print the report as one JSON object"`
}

func (*quantiseCmd) manual() page {
	return page{
		synopsis: "MODEL --out FILE [--bits 8] [--calibration normal|uniform]",
		text: []string{
			"Makes a model of bytes, a quarter as large: the weights of linear layers and convolutions become whole " +
				"numbers of ±127 times a scale for each output, and their inputs are rounded to 256 values each, so " +
				"that the products are of bytes with whole sums. Everything else stays float32.",
			"Which 256 values is found at states of the model's own reverse runs (PTQ4DM): each run is looked at " +
				"once, more often near the data than near the noise with --calibration normal, everywhere alike with " +
				"uniform, and the ends are those of the least mean square error. The values are stored: a sample's " +
				"bytes depend on neither the batch nor the workers.",
			"ito sample and what else reads a model takes the result, with every solver, and --precision f32 takes " +
				"its weights without rounding what they multiply. It cannot be trained from: quantise last.",
		},
		files: [][2]string{{"FILE", "the quantised model, written whole or not at all"}},
		examples: [][2]string{
			{"ito quantise m.safetensors --bits 8 --out q.safetensors", "A model of bytes."},
			{"ito sample q.safetensors -n 1000 --out s.csv", "Samples of it."},
		},
	}
}

// Run implements the command.
func (c *quantiseCmd) Run(ctx context.Context, a *app) error {
	if err := a.replaces(c.Out, false); err != nil {
		return err
	}
	m := a.meter()
	r, err := quantise.Run(ctx, c.Config, a.env(m))
	m.close()
	if err != nil {
		return afterSignal(ctx, err, a.told())
	}
	if c.JSON {
		return a.printJSON(r)
	}
	if err := facts(a.stdout, [][2]string{
		{"model", r.Out},
		{"size", fmt.Sprintf("%d bytes, of %d: ÷ %.2f", r.After, r.Before, float64(r.Before)/float64(r.After))},
		{"weights", fmt.Sprintf("%d of %d are bytes, in %d tensors", r.QuantiseReport.Bytes, r.Params, r.Tensors)},
		{"activations", fmt.Sprintf("of %d layers, by %d states of its own runs, %s", r.Layers, r.States,
			r.Calibration)},
		{"predictions", fmt.Sprintf("%.2g %% off, root mean square", 100*r.Error)},
		{"worst layer", fmt.Sprintf("%s, %.2g %%", r.Worst, 100*r.WorstError)},
	}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\nnext: ito sample %s -n 1000 --out samples.csv\n", shellWord(r.Out))
	return err
}
