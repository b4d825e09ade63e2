package cli

import (
	"context"
	"errors"

	"github.com/seed9a7962a8/ito/task/bench"
)

// benchPathsCmd is "ito bench paths".
type benchPathsCmd struct {
	bench.PathsConfig
	JSON bool `name:"json" help:"Print the cells and the table as one JSON object"`
}

func (*benchPathsCmd) manual() page {
	return page{
		synopsis: "[--sets NAME,…] [--paths WORD,…] [--seconds S] [--nfe K,…] [--data FOLDER] [--keep FOLDER] [--json]",
		text: []string{
			"Trains the network of ito train on every path for the same time of a processor, on six tables with " +
				"types, " +
				"8×8 digits, MNIST, windows of two series and two toys in raw units, and samples each with " +
				"every solver " +
				"and grid that it takes, at every number of network calls. What the default path of ito train " +
				"should be " +
				"is read off the table.",
			"A figure is the distance of samples from held-out rows over that between held-out rows, 1 being " +
				"the floor: " +
				"W2 up to 16 coordinates and sliced W2 beyond, where W2 between few rows prefers blurred ones. " +
				"Numbers " +
				"are in units of their standard deviation, those of the toys as they are; levels of a table are " +
				"corners. " +
				"The solver is chosen on one half of the held-out rows and measured on the other. A dash stands " +
				"where a " +
				"path is not for a set. all is the geometric mean over the sets that are done.",
			"How many steps the time pays for is measured for each path on each set, alone on one processor, before " +
				"anything else, and kept. Cells are files in the folder of --keep: an interrupted run prints " +
				"the table of " +
				"what is done and goes on from there; cells of other settings or rows are refused. --table computes " +
				"nothing.",
			"All of it is 561 cells and 17 of MNIST, some eight hours of one processor by the defaults, four of " +
				"two; what is left of it is told first.",
		},
		files: [][2]string{{"KEEP/SET-PATH-SEED.json", "a cell"}, {"KEEP/SET-PATH-pace.json", "seconds a step"}},
		examples: [][2]string{
			{"ito bench paths --data tables --keep cells", "The whole comparison, to be gone on with."},
			{"ito bench paths --sets spiral,checkerboard --seconds 5 --seeds 1 --nfe 6,10", "Two toys, in minutes."},
			{"ito bench paths --table --keep cells", "The table of what is done."},
		},
	}
}

// Run implements the command.
func (c *benchPathsCmd) Run(ctx context.Context, a *app) error {
	m := a.meter()
	t, err := bench.Paths(ctx, c.PathsConfig, a.env(m))
	m.close()
	if t == nil || err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if c.JSON {
		if e := a.printJSON(t); e != nil {
			return e
		}
	} else if e := t.Write(a.stdout); e != nil {
		return e
	}
	return afterSignal(ctx, err, "what is done is kept in "+c.Keep)
}
