package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"

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
			"With --apart the server is a process of its own, whose processor time is told without its clients' " +
				"where the system tells it (Linux), and --against-pid names the process of the other server.",
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
	program, err := os.Executable()
	if err != nil {
		return err
	}
	r, err := serve.Bench(ctx, c.BenchConfig, func(ctx context.Context, address string, requests int) *exec.Cmd {
		return exec.CommandContext(ctx, program, "serve", c.Model, "--addr", "127.0.0.1:0", "--addr-file", address,
			"--log", "off", "--workers", strconv.Itoa(c.Workers), "--requests", strconv.Itoa(requests))
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(r)
	}
	fmt.Fprintf(a.stdout, "first sample from nothing %.0f ms; %d workers, %s, %d network calls a sample\n\n", r.Cold,
		r.Workers, r.SIMD, r.NFE)
	rows := [][]string{{"clients", "requests", "a second", "p50 ms", "p99 ms", "processor ms"}}
	add := func(name string, s serve.BenchSmall) {
		rows = append(rows, []string{fmt.Sprint(s.Clients) + name, fmt.Sprint(s.Requests), fmt.Sprintf("%.0f", s.Rate),
			fmt.Sprintf("%.2f", s.P50), fmt.Sprintf("%.2f", s.P99), ""})
		if s.CPU > 0 {
			rows[len(rows)-1][5] = fmt.Sprintf("%.3f", s.CPU)
		}
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
	fmt.Fprintf(a.stdout, "\n%d rows of npy: %.0f a second served, %.0f bare, ratio %.2f\n", r.Rows, r.Served,
		r.Bare, r.Served/r.Bare)
	if r.ServedCPU > 0 {
		fmt.Fprintf(a.stdout, "processor ms a thousand rows: %.2f of the server, %.2f bare, ratio %.2f", r.ServedCPU,
			r.BareCPU, r.BareCPU/r.ServedCPU)
		if r.PeerCPU > 0 {
			fmt.Fprintf(a.stdout, "; %.2f of the other, %.1f times as much", r.PeerCPU, r.PeerCPU/r.ServedCPU)
		}
		fmt.Fprintf(a.stdout, "\nfrom the start of a server to its end with one sample: %.0f ms of a processor\n",
			r.ColdCPU)
	}
	return nil
}
