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
		synopsis: "MODEL [--clients 1,16,256] [--seconds S] [--nfe K] [--rows N] [--soak N] [--json]",
		text: []string{
			"Serves the model on loopback, as ito serve does, and asks: how long the first sample takes from " +
				"nothing, how long one sample takes when so many clients ask for one after the other, each of a seed " +
				"of its own, and how many rows a second a large answer has, in npy, beside ito sample that writes " +
				"the same rows to nowhere. The clients run on the same processors, so a part of the time is theirs.",
		},
		examples: [][2]string{
			{"ito bench serve m.safetensors", "A model of your own."},
			{"ito bench serve m.safetensors --nfe 20 --against http://127.0.0.1:8000/sample",
				"Beside a server of the same network by FastAPI and PyTorch: benchmarks/peers/serve_peer.py."},
		},
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
	add := func(name string, s serve.BenchSmall) {
		rows = append(rows, []string{fmt.Sprint(s.Clients) + name, fmt.Sprint(s.Requests), fmt.Sprintf("%.0f", s.Rate),
			fmt.Sprintf("%.2f", s.P50), fmt.Sprintf("%.2f", s.P99)})
	}
	for i, s := range r.Small {
		add("", s)
		if r.Peer != nil {
			add(", the other", r.Peer[i])
		}
	}
	if err := table.Write(a.stdout, rows); err != nil {
		return err
	}
	if r.Peer != nil {
		fmt.Fprintf(a.stdout, "\n%d rows of npy: %.0f a second from the other\n", r.Rows, r.PeerServed)
	}
	if k := r.Soak; k != nil {
		fmt.Fprintf(
			a.stdout,
			"\n%d requests and %d models: heap %.1f MB, %+.1f since a tenth of them; resident %.0f MB, "+
				"%+.1f; %+d open files\n",
			k.Requests,
			k.Swaps,
			k.Heap,
			k.Grown,
			k.Resident,
			k.More,
			k.Files,
		)
	}
	_, err = fmt.Fprintf(a.stdout, "\n%d rows of npy: %.0f a second served, %.0f bare, ratio %.2f\n", r.Rows, r.Served,
		r.Bare, r.Served/r.Bare)
	return err
}
