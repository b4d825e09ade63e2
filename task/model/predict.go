package model

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// PredictConfig sets what is computed at old draws.
type PredictConfig struct {
	Model string   `arg:"" where:"local" help:"A model file with the parameters of the draws; what it derives and generates may be new"`
	Files []string `arg:"" where:"local" name:"draws" help:"The draws, as ito infer wrote them"`
	Data  string   `where:"local" placeholder:"FILE" help:"The data of the model; other data than the draws had are allowed"`
	Out   string   `required:"" where:"local" placeholder:"FILE" help:"A .csv file of what is derived and generated, a row a draw"`
	Seed  uint64   `default:"0" help:"Seed of what is drawn"`
}

// PredictReport is what was written.
type PredictReport struct {
	File    string   `json:"file"`
	Draws   int      `json:"draws"`
	Columns []string `json:"columns"`
}

// Predict computes what a model derives and generates at old draws of its parameters, without sampling again.
func Predict(ctx context.Context, c PredictConfig, env task.Env) (*PredictReport, error) {
	if !strings.HasSuffix(strings.ToLower(c.Out), ".csv") {
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: "predictions are written as CSV",
			Do: "name a .csv file"}
	}
	if _, err := task.Place("out", c.Out); err != nil {
		return nil, err
	}
	pool, done := env.PoolOf(0)
	defer done()
	m, err := open(c.Model, c.Data, pool, env)
	if err != nil {
		return nil, err
	}
	s, x, err := statesOf(m, c.Files)
	if err != nil {
		return nil, err
	}
	from := parameters(m)
	r := &PredictReport{File: c.Out, Draws: x.N, Columns: m.Columns()[from:]}
	if len(r.Columns) == 0 {
		return nil, &ito.InputError{Where: c.Model, What: "it derives and generates nothing",
			Do: `write generated("y_new", normal(mu, sigma))`}
	}
	out := ito.NewStates(x.N, m.Width(), 0)
	if err := m.Draw(ctx, out, x, c.Seed, 0); err != nil {
		return nil, err
	}
	return r, store.WriteFile(c.Out, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		fmt.Fprintf(b, "chain,draw,%s\n", strings.Join(r.Columns, ","))
		for i := range x.N {
			fmt.Fprintf(b, "%d,%d", i/s.Draws+1, i%s.Draws+1)
			for _, v := range out.Row(i)[from:] {
				b.WriteByte(',')
				b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
			}
			b.WriteByte('\n')
		}
		return b.Flush()
	})
}
