package kinds

import (
	"context"
	"io"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/task/forecast"
)

func init() {
	job.Register(job.Kind[forecast.PredictConfig]{
		Name:     "forecast",
		Portable: true,
		Refused:  []string{"plot"},
		Out:      func(c *forecast.PredictConfig) *string { return &c.Out },
		Inputs: func(c *forecast.PredictConfig) []job.Reference {
			return []job.Reference{{Setting: "model", Path: &c.Model}, {Setting: "data", Path: &c.Data},
				{Setting: "append", Path: &c.Append}, {Setting: "events", Path: &c.Events}}
		},
		Open: func(ctx context.Context, c *forecast.PredictConfig, env job.Env) (job.Work, error) {
			p, err := forecast.OpenParts(ctx, *c, env.Env)
			if err != nil {
				return nil, err
			}
			return forecasts{p, c.Out}, nil
		},
	})
}

// forecasts are those of series: a shard is an equal share of the series.
type forecasts struct {
	*forecast.Parts
	out string
}

// Total implements job.Work.
func (f forecasts) Total() int64 { return int64(f.N()) }

// Shard implements job.Work.
func (f forecasts) Shard(ctx context.Context, i, n, _ int, w io.Writer, progress func(int64)) (int64, error) {
	from, to := share(f.N(), i, n), share(f.N(), i+1, n)
	return int64(to - from), f.Predict(ctx, from, to-from, w, progress)
}

// Join implements job.Work.
func (f forecasts) Join(_ context.Context, parts []job.Part) ([]string, error) {
	return []string{f.out}, f.Parts.Join(rowsOf(parts), func(i int) (io.ReadCloser, error) { return parts[i].Open() })
}
