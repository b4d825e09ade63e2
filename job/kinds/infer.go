package kinds

import (
	"context"
	"io"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/task/infer"
)

func init() {
	job.Register(job.Kind[infer.Config]{
		Name:     "infer",
		Portable: true,
		Refused:  []string{"plot"},
		Out:      func(c *infer.Config) *string { return &c.Out },
		Given:    func(c *infer.Config, keys []string) { c.Given = keys },
		Inputs: func(c *infer.Config) []job.Reference {
			return []job.Reference{{Setting: "model", Path: &c.Model}, {Setting: "data", Path: &c.Data}}
		},
		Open: func(ctx context.Context, c *infer.Config, env job.Env) (job.Work, error) {
			p, err := infer.OpenParts(ctx, *c, infer.Env{Env: env.Env})
			if err != nil {
				return nil, err
			}
			return chains{p}, nil
		},
	})
}

// chains are draws: a shard is some of the chains, or of the independent runs.
type chains struct{ *infer.Parts }

// Shard implements job.Work.
func (c chains) Shard(ctx context.Context, i, n, workers int, w io.Writer, progress func(int64)) (int64, error) {
	return c.Draw(ctx, i, n, workers, w, progress)
}

// Join implements job.Work.
func (c chains) Join(_ context.Context, parts []job.Part) ([]string, error) {
	return c.Parts.Join(rowsOf(parts), func(i int) (io.ReadCloser, error) { return parts[i].Open() })
}

func rowsOf(parts []job.Part) []int64 {
	var rows []int64
	for _, p := range parts {
		rows = append(rows, p.Rows)
	}
	return rows
}
