package cli

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito/internal/table"
	"github.com/seed9a7962a8/ito/serve"
)

// benchServeCmd is "ito bench serve".
type benchServeCmd struct {
	serve.BenchConfig
	JSON bool `name:"json" help:"Print one JSON object"`
}

func (*benchServeCmd) manual() page {
	return page{
		synopsis: "MODEL [--clients 1,16,256] [--seconds S] [--nfe K] [--rows N] [--json]",
		text: []string{
			"Serves the model on loopback, as ito serve does, and asks: how long the first sample takes from " +
				"nothing, how long one sample takes when so many clients ask for one after the other, each of a seed " +
				"of its own, and how many rows a second a large answer has, in npy, beside ito sample that writes " +
				"the same rows to nowhere. The clients run on the same processors, so a part of the time is theirs.",
		},
		examples: [][2]string{{"ito bench serve m.safetensors", "A model of your own."}},
	}
}

// Run implements the command.
func (c *benchServeCmd) Run(ctx context.Context, a *app) error {
	r, err := serve.Bench(ctx, c.BenchConfig)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.stdout, "first sample from nothing %.0f ms; %d workers, %s, %d network calls a sample\n\n", r.Cold,
		r.Workers, r.SIMD, r.NFE)
	rows := [][]string{{"clients", "requests", "a second", "p50 ms", "p99 ms"}}
	for _, s := range r.Small {
		rows = append(rows, []string{fmt.Sprint(s.Clients), fmt.Sprint(s.Requests), fmt.Sprintf("%.0f", s.Rate),
			fmt.Sprintf("%.2f", s.P50), fmt.Sprintf("%.2f", s.P99)})
	}
	if err := table.Write(a.stdout, rows); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "\n%d rows of npy: %.0f a second served, %.0f bare, ratio %.2f\n", r.Rows, r.Served,
		r.Bare, r.Served/r.Bare)
	return err
}
