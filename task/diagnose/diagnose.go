// Package diagnose describes what draws tell and whether to believe them, and draws pictures of them.
package diagnose

import (
	"context"
	"errors"
	"os"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/task"
)

// Config names draws.
type Config struct {
	Files []string `arg:"" name:"file" where:"local" help:"The CSV files of a run's chains, or its Parquet, npy or .partial file"`
	Plot  string   `where:"local" placeholder:"DIR" help:"Also draw traces, ranks, densities and pairs of the parameters that matter most into this directory"`
}

// Report is what the draws tell.
type Report struct {
	Files []string `json:"files"`
	Plots []string `json:"plots,omitempty"`
	draws.Summary
}

// Run reads the draws and sums them up.
func Run(ctx context.Context, c Config, env task.Env) (r Report, err error) {
	table, err := draws.Open(c.Files...)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, table.Close()) }()
	if r.Summary, err = table.Summarise(); err != nil {
		return r, err
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	r.Files = table.Files
	if c.Plot == "" {
		return r, nil
	}
	if err := PictureDir(c.Plot); err != nil {
		return r, err
	}
	r.Plots, err = PictureTable(c.Plot, table, &r.Summary)
	return r, err
}

// PictureDir makes the directory of pictures, so that nothing is refused at the end of long work.
func PictureDir(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return &ito.InputError{Where: "`plot` " + dir, What: errors.Unwrap(err).Error(),
			Do: "name a directory that can be made"}
	}
	return nil
}
