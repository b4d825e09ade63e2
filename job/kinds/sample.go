package kinds

import (
	"context"
	"io"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/task/sample"
)

func init() {
	job.Register(job.Kind[sample.Config]{
		Name:     "sample",
		Portable: true,
		Refused:  []string{"trajectory"},
		Out:      func(c *sample.Config) *string { return &c.Out },
		Inputs: func(c *sample.Config) []job.Reference {
			return []job.Reference{{Setting: "model", Path: &c.Model}, {Setting: "where-file", Path: &c.WhereFile},
				{Setting: "from", Path: &c.From}}
		},
		Open: func(_ context.Context, c *sample.Config, env job.Env) (job.Work, error) {
			p, err := sample.OpenParts(*c, sample.Env{Env: env.Env})
			if err != nil {
				return nil, err
			}
			return &samples{p, c.Out}, nil
		},
	})
}

// samples are rows of a model: a shard is an equal share of them.
type samples struct {
	parts *sample.Parts
	out   string
}

func (s *samples) Total() int64 { return int64(s.parts.N()) }
func (s *samples) Most() int    { return s.parts.N() }
func (s *samples) Close()       {}

// Shard draws the rows from i·N/n to (i+1)·N/n.
func (s *samples) Shard(ctx context.Context, i, n, workers int, w io.Writer, progress func(int64)) (int64, error) {
	from, to := share(s.parts.N(), i, n), share(s.parts.N(), i+1, n)
	return int64(to - from), s.parts.Draw(ctx, from, to-from, workers, w, progress)
}

// share is ⌊i·total/n⌋, which does not overflow.
func share(total, i, n int) int { return total/n*i + total%n*i/n }

func (s *samples) Join(_ context.Context, parts []job.Part) ([]string, error) {
	return []string{s.out}, s.parts.Join(rowsOf(parts), func(i int) (io.ReadCloser, error) { return parts[i].Open() })
}
