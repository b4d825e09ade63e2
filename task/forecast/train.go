package forecast

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// TrainConfig sets what is learnt.
type TrainConfig struct {
	Data    string `arg:"" where:"local" help:"Series: CSV, Parquet or lines of JSON, Prometheus' answer to query_range, or -"`
	Horizon int    `required:"" min:"1" max:"100000" placeholder:"H" help:"Steps that will be forecast"`
	Model   string `default:"rnn" where:"remote" placeholder:"WORD" help:"Method, with settings: rnn:steps=2000"`
	HoldOut int    `name:"hold-out" min:"0" max:"1000000" default:"0" placeholder:"N" help:"Leave the last N steps of each series out, for a backtest of them"`
	Out     string `required:"" where:"local" placeholder:"FILE" help:"The model, a safetensors file"`
	Seed    uint64 `default:"1" help:"Seed of the weights and batches"`
	Workers int    `where:"local" min:"0" max:"4096" default:"0" help:"Processors to use; 0: all. It changes no byte"`
	Reading
}

// TrainReport describes what was learnt.
type TrainReport struct {
	Out     string        `json:"out"`
	Model   string        `json:"model"`
	Data    string        `json:"data"`
	Freq    forecast.Freq `json:"freq"`
	Series  int           `json:"series"`
	Steps   int           `json:"steps"` // of the series
	Seconds float64       `json:"seconds"`
}

// Train fits a model and writes it. It resumes a training of the same settings and data that was interrupted: its state
// stands beside the model, in OUT.checkpoint.
func Train(ctx context.Context, c TrainConfig, env task.Env) (*TrainReport, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	m, err := forecast.Parse(c.Model)
	if err != nil {
		return nil, err
	}
	if err := task.Apart(c.Out, &c); err != nil {
		return nil, err
	}
	places, err := task.Beside(c.Out, ".checkpoint")
	if err != nil {
		return nil, err
	}
	release, err := store.Claim(c.Out)
	if err != nil {
		return nil, err
	}
	defer release()
	in, err := c.open(c.Data, c.Horizon, &env)
	if err != nil {
		return nil, err
	}
	tell(in, &env)
	d := in.Set
	if c.HoldOut > 0 {
		if d = d.Until(c.HoldOut, c.Horizon); len(d.Series) == 0 {
			return nil, &ito.InputError{Where: "`hold-out`", What: fmt.Sprintf("no series is longer than %d steps",
				c.HoldOut), Do: "leave less out"}
		}
	}
	if err := withValues(d, &env); err != nil {
		return nil, err
	}
	workers, done := pool(&env, c.Workers)
	defer done()
	word, err := forecast.Word(m)
	if err != nil {
		return nil, err
	}
	o := forecast.FitOptions{Horizon: c.Horizon, Seed: c.Seed, Pool: workers, Checkpoints: places, Progress: env.Train}
	began := env.Time()
	f, err := m.Fit(ctx, d, o)
	if err != nil {
		return nil, err
	}
	h, err := forecast.NewHeader(m, d, o)
	if err != nil {
		return nil, err
	}
	h.Program = env.Version
	if err := forecast.Save(c.Out, h, f); err != nil {
		return nil, err
	}
	if places != nil {
		if err := places.Remove(); err != nil {
			return nil, err
		}
	}
	r := &TrainReport{Out: c.Out, Model: word, Data: d.Name, Freq: d.Freq, Series: len(d.Series),
		Seconds: env.Time().Sub(began).Seconds()}
	for _, s := range d.Series {
		r.Steps += s.Len()
	}
	return r, nil
}
