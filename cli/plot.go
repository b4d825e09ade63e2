package cli

import (
	"context"

	"github.com/seed9a7962a8/ito/task/picture"
)

// plotCmd is "ito plot".
type plotCmd struct{ picture.Config }

func (*plotCmd) manual() page {
	return page{
		synopsis: "FILE… --out FILE",
		text: []string{
			"The picture follows from what the files hold. Samples of one column are histograms, of two are scatters " +
				"beside each other over the same axes, the first file being " +
				"what the others are compared with; of more, every pair of the first four columns. Of tables with " +
				"words, dates or gaps the columns are drawn by their types, twelve at most, and pairs of the first " +
				"four; " +
				"what is left out is said. Files of draws, as ito infer writes them, are samples of their " +
				"parameters. " +
				"Trajectories, as " +
				"ito sample --trajectory writes them, are lines from noise to data. " +
				"The report.json of ito demo, and what ito compare and ito bench solvers print with --json, are " +
				"drawn as errors against network calls. The report of ito train --json is a curve of the loss, " +
				"with the spectrum of A at each stage beside it; so is a CSV with the columns step and loss. Of " +
				"a model on the path vsdm the spectrum of A is drawn.",
		},
		files: [][2]string{{"FILE", "the picture, PNG or SVG by its name; the same input gives the same bytes"}},
		examples: [][2]string{
			{"ito plot load.csv s.csv --out both.png", "Data beside samples."},
			{"ito plot t.npy --out paths.svg", "Trajectories."},
			{"ito plot report.json --out loss.png", "The loss of a training."},
			{"ito bench solvers --json > table.json; ito plot table.json --out table.png",
				"The errors of solvers, a panel for each grid."},
			{"ito plot threes.npy --images 8x8 --out threes.png", "Rows that are images."},
		},
	}
}

// Run implements the command.
func (c *plotCmd) Run(ctx context.Context, a *app) error {
	_, err := picture.Run(ctx, c.Config, a.env(nil))
	return err
}
