// Package demo runs the house's own comparison of paths, and writes its report and pictures.
package demo

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

// Config is a demonstration and where its files go.
type Config struct {
	Out     string `where:"local" default:"ito-demo" placeholder:"DIR" help:"Directory for the report and the pictures, made if need be"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all"`

	systems.Demo `embed:""`
}

// Run trains the networks, and leaves report.json, samples.png and paths.png in the directory, which is made and, when
// something goes wrong before it holds a file, removed again.
func Run(ctx context.Context, c Config, env task.Env) (r *systems.DemoReport, err error) {
	if !task.Exists(c.Out) {
		defer func() {
			if err != nil {
				os.Remove(c.Out) // if it is empty
			}
		}()
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: err.Error(), Do: "give another directory"}
	}
	if _, err := task.Place("out", filepath.Join(c.Out, "report.json")); err != nil {
		return nil, err
	}
	found, err := c.Demo.Run(ctx, recipe.RunOptions{Progress: env.Train, Workers: c.Workers, Version: env.Version,
		Now: env.Now})
	if err != nil {
		return nil, err
	}
	return &found.Report, c.save(found)
}

// save writes the report and the pictures.
func (c *Config) save(r *systems.DemoResult) error {
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
