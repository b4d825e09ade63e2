package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/recipe/systems"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// demoCmd is "ito demo".
type demoCmd struct {
	Out     string `where:"local" default:"ito-demo" placeholder:"DIR" help:"Directory for the report and the pictures, made if need be"`
	Workers int    `where:"local" min:"0" default:"0" help:"Processors to use; 0: all"`
	JSON    bool   `name:"json" help:"Print the report as one JSON object instead of the table"`

	systems.Demo `embed:""`
}

func (*demoCmd) manual() page {
	return page{
		synopsis: "[--out DIR] [--seed N]",
		text: []string{
			"Five networks of one size, with one number of steps and one optimiser, learn a spiral that is eight " +
				"times as high as wide, in raw units: on " +
				"the variance-preserving paths VP-10 and VP-20, on the Schrödinger path with constant and with " +
				"logistic A, and on VP-10 with standardised columns. " +
				"A table compares their samples by exact W2 at 6 to 50 network calls (E: Euler, H: Heun) and their " +
				"paths by straightness, beside the control " +
				"of VP-10 started from the moments of the data and beside the floor, which is the W2 of true samples " +
				"among themselves.",
			"It takes one to two minutes on two processors and ends with one sentence, computed from the report, " +
				"that says who won. Without vector " +
				"code it measures its speed first and cuts the steps to stay under five minutes, and says so.",
		},
		files: [][2]string{
			{"DIR/report.json", "the numbers, seeds, budget, version and vector level"},
			{"DIR/samples.png", "the data beside every row's samples"},
			{"DIR/paths.png", "the trajectories of VP-20 beside those of the Schrödinger path"},
		},
		examples: [][2]string{
			{"ito demo", "A minute or two."},
			{"ito demo --seed 2 --out second", "Another seed."},
		},
	}
}

// Run implements the command.
func (c *demoCmd) Run(ctx context.Context, a *app) (err error) {
	if !task.Exists(c.Out) {
		defer func() {
			if err != nil {
				os.Remove(c.Out) // if it is empty
			}
		}()
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return &ito.InputError{Where: "--out " + c.Out, What: err.Error(), Do: "give another directory"}
	}
	if _, err := task.Place("out", filepath.Join(c.Out, "report.json")); err != nil {
		return err
	}
	m := a.meter(c.Names()...)
	r, err := c.Demo.Run(ctx, recipe.RunOptions{Progress: m.train, Workers: c.Workers, Version: version()})
	m.close()
	if err != nil {
		return afterSignal(ctx, err, "")
	}
	if err := c.save(r); err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r.Report)
	}
	return r.Report.Write(a.stdout)
}

// save writes the report and the pictures.
func (c *demoCmd) save(r *systems.DemoResult) error {
	err := store.WriteFile(filepath.Join(c.Out, "report.json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r.Report)
	})
	if err != nil {
		return err
	}
	sets := []plot.Set{{Name: "data", D: r.Data.D, X: r.Data.X, Columns: r.Columns}}
	for i, s := range r.Samples {
		sets = append(sets, plot.Set{Name: r.Report.Rows[i].Name, D: s.D, X: s.X})
	}
	f, err := plot.Beside(sets...)
	if err != nil {
		return fmt.Errorf("samples.png: %w", err)
	}
	if err := f.Save(filepath.Join(c.Out, "samples.png")); err != nil {
		return err
	}
	paths := plot.Figure{Title: "trajectories from noise to data", ShareX: true, ShareY: true}
	for _, t := range []struct {
		name string
		recipe.Trajectory
	}{{"VP-20", r.VP}, {"VSDM constant", r.VSDM}} {
		p, err := plot.Trajectories(plot.Tracks{Name: t.name, Times: t.Times, N: t.N, D: t.D, X: t.X,
			Columns: r.Columns})
		if err != nil {
			return fmt.Errorf("paths.png: %w", err)
		}
		paths.Panels = append(paths.Panels, p)
	}
	return paths.Save(filepath.Join(c.Out, "paths.png"))
}
