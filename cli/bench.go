package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/task/bench"
)

// benchCmd is "ito bench".
type benchCmd struct {
	Solvers benchSolversCmd `cmd:"" help:"The error of solvers on a field whose exact solution is known"`
	Density benchDensityCmd `cmd:"" help:"Samplers on densities whose truth is known, at equal budgets"`
	Losses  benchLossesCmd  `cmd:"" help:"What the control of a path-space sampler learns by KL and by log-variance"`
	Engine  benchEngineCmd  `cmd:"" help:"Speed of products, training steps, sampling and gradients; of two programs that take turns"`
	Serve   benchServeCmd   `cmd:"" help:"Time of requests to a server of a model, and rows a second of a large answer"`
	Detect  benchDetectCmd  `cmd:"" help:"What detectors of anomalies find of faults that are put into series"`
	Inverse benchInverseCmd `cmd:"" help:"Methods of restoration on posteriors in closed form"`
	Paths   benchPathsCmd   `cmd:"" help:"Every path trained for the same time on twelve sets, each with its best solver"`
	Search  benchSearchCmd  `cmd:"" help:"Searched schedules against every fixed solver, and on one another's fields"`
}

func (*benchCmd) manual() page {
	return page{
		synopsis: "COMMAND [--FLAG VALUE…]",
		text: []string{"Measures what has a known truth, most of it without a model and without data. " +
			"ito bench COMMAND --help is the manual of each."},
		examples: [][2]string{
			{"ito bench solvers", "Which solver leaves the least error on a ring of eight Gaussians."},
			{"ito bench density --targets gmm40", "Which sampler finds forty modes."},
		},
	}
}

// benchSolversCmd is "ito bench solvers".
type benchSolversCmd struct {
	bench.SolversConfig
	JSON bool `name:"json" help:"Print the table as one JSON object"`
}

func (*benchSolversCmd) manual() page {
	return page{
		synopsis: "[--field ring|hada|FILE.json] [--path WORD] [--nfe 5,10,20,50] [--solver NAME,…] [--json]",
		text: []string{
			"Prints √mean ‖x − x_ref‖² of solvers at numbers of network calls. The field is the closed form of a " +
				"Gaussian mixture; x_ref is where the probability flow takes the same " +
				"starting states, by UniPC-3 with steps halved until its end points change by no more than 10⁻⁵ of " +
				"their size. The least error of a column has a star; - stands where a solver cannot take so many " +
				"calls.",
			"ring is 8 Gaussians of standard deviation .05 on a circle of radius 1 (.7 on edm), hada is 8 Gaussians " +
				"in 8 dimensions with an image-like spectrum. vp runs from 1 to .001, edm from 80 to .002, " +
				"the others over their spans; vsdm is centred, with the constant A that is optimal for Gaussian data " +
				"of these moments. On flow, which begins without signal, grids by log-SNR are replaced by " +
				"uniform ones.",
			"The statistics of DPM-Solver-v3 are means over --draws of the data, so its lines hold to some percent; " +
				"the other lines involve no random numbers.",
			"A solver named by --solver that the table does not have is tried on every grid. Starting states are a " +
				"fixed sequence, so that the table is the same every time.",
		},
		files: [][2]string{{"FILE.json",
			`A mixture of your own: {"weights": [1, 3], "means": [[-1, 0], [1, 0]], "variances": [[0.1, 0.2], [0.1, 0.1]]}, one row a component and one number an axis; ` +
				"variances may be one row for all, and without weights all are equal"}},
		examples: [][2]string{
			{"ito bench solvers", "The solvers of the literature on the ring."},
			{"ito bench solvers --field hada --path edm --nfe 6,10", "In 8 dimensions, on the path of EDM."},
			{"ito bench solvers --path vsdm --nfe 6,10 --solver dpmpp-2m,unipc-2,deis-3,heun,euler",
				"On a Schrödinger path, where each direction has its own noise."},
			{"ito bench solvers --field mine.json --solver dpmpp-2m,unipc-3 --json > table.json",
				"Two solvers on a mixture of your own."},
		},
	}
}

// Run implements the command.
func (c *benchSolversCmd) Run(ctx context.Context, a *app) error {
	r, err := bench.Solvers(ctx, c.SolversConfig, a.env(nil))
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if c.JSON {
		return a.printJSON(r)
	}
	return writeSolvers(a.stdout, &r)
}

// writeSolvers writes the table for people.
func writeSolvers(w io.Writer, r *bench.SolversReport) error {
	if _, err := fmt.Fprintf(w, "RMSE to the exact probability flow: %s on %s from %g to %g, %d starting states\n\n",
		r.Field, r.Path, r.From, r.To, r.Rows); err != nil {
		return err
	}
	rows := [][]string{{"solver", "--solver", "grid"}}
	for _, nfe := range r.NFE {
		rows[0] = append(rows[0], fmt.Sprintf("%d calls ", nfe))
	}
	for i, l := range r.Lines {
		row := []string{l.Name, l.Solver, l.Grid}
		for k, c := range l.Cells {
			text := "- "
			switch {
			case c.Diverged:
				text = "diverged "
			case c.RMSE != nil && r.Best[k] == i:
				text = table.Number(*c.RMSE) + "*"
			case c.RMSE != nil:
				text = table.Number(*c.RMSE) + " "
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return table.Write(w, rows)
}
