package kinds

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/evaluate"
	"github.com/seed9a7962a8/ito/task/run"
)

// evaluateConfig is an evaluation whose report goes to a file.
type evaluateConfig struct {
	Out string `where:"local" required:"" help:"The report, a .json file"`

	evaluate.Config `embed:""`
}

// runConfig is a recipe whose result goes to a file.
type runConfig struct {
	Out string `where:"local" required:"" help:"The result, a .json file"`

	run.Config `embed:""`
}

func init() {
	job.Register(job.Kind[evaluateConfig]{
		Name:    "evaluate", // its report calls the files as the manifest does, so it is not for other machines
		Refused: []string{"report", "verdict"},
		Out:     func(c *evaluateConfig) *string { return &c.Out },
		Inputs: func(c *evaluateConfig) []job.Reference {
			return []job.Reference{{Setting: "samples", Path: &c.Samples}, {Setting: "against", Path: &c.Against},
				{Setting: "schema", Path: &c.Schema}, {Setting: "holdout", Path: &c.Typed.Holdout}}
		},
		Open: func(_ context.Context, c *evaluateConfig, env job.Env) (job.Work, error) {
			return &whole{out: c.Out, why: "a report needs all rows at once", do: "leave it out",
				report: func(ctx context.Context, workers int) (any, error) {
					config := c.Config
					config.Workers = workers
					r, err := evaluate.Run(ctx, config, evaluate.Env{Env: env.Env})
					if err == nil {
						task.Words(&r, env.Words)
					}
					return r, err
				}}, nil
		},
	})
	job.Register(job.Kind[runConfig]{
		Name:     "run",
		Portable: true,
		Refused:  []string{"keep"},
		Out:      func(c *runConfig) *string { return &c.Out },
		Refuse: func(c *runConfig) error {
			if c.Name == "mnist" {
				return &ito.InputError{Where: "name", What: "the recipe mnist reads a folder, whose content no " +
					"manifest can name", Do: "run it by ito run mnist, which goes on where it was interrupted"}
			}
			return nil
		},
		Inputs: func(c *runConfig) []job.Reference {
			if c.Name == "digits" {
				return []job.Reference{{Setting: "data", Path: &c.Data}}
			}
			return nil
		},
		Open: func(_ context.Context, c *runConfig, env job.Env) (job.Work, error) {
			return &whole{out: c.Out, why: "a recipe compares its seeds",
				do: "leave it out, or write a manifest for each seed",
				report: func(ctx context.Context, workers int) (any, error) {
					config := c.Config
					config.Workers = workers
					r, err := run.Run(ctx, config, env.Env)
					if err == nil {
						r.Seconds = 0 // the one number of it that is another each time
					}
					return r, err
				}}, nil
		},
	})
}

// whole is a report as JSON, in one shard.
type whole struct {
	out     string
	why, do string // that it is one shard, and what to do
	report  func(ctx context.Context, workers int) (any, error)
}

func (*whole) Total() int64 { return 1 }
func (*whole) Most() int    { return 1 }
func (*whole) Close()       {}

// Whole says why there is one shard.
func (k *whole) Whole() (why, do string) { return k.why, k.do }

// Shard implements job.Work.
func (k *whole) Shard(ctx context.Context, _, _, workers int, w io.Writer, _ func(int64)) (int64, error) {
	r, err := k.report(ctx, workers)
	if err != nil {
		return 0, err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return 0, err
	}
	_, err = w.Write(append(b, '\n'))
	return 1, err
}

// Join implements job.Work.
func (k *whole) Join(_ context.Context, parts []job.Part) ([]string, error) {
	return []string{k.out}, store.WriteFile(k.out, func(w io.Writer) error {
		for _, p := range parts {
			r, err := p.Open()
			if err != nil {
				return err
			}
			_, err = io.Copy(w, r)
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}
