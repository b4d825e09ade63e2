package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task/sample"
)

// BenchConfig sets what is measured: the flags of "ito bench serve".
type BenchConfig struct {
	Model   string  `arg:"" where:"local" help:"A model that ito train wrote"`
	Clients []int   `default:"1,16,256" min:"1" max:"1000" placeholder:"N,…" help:"Numbers of clients that ask at a time, each for one sample after the other"`
	Seconds float64 `default:"3" above:"0" max:"600" help:"How long each number of clients asks"`
	NFE     int     `name:"nfe" default:"10" min:"1" max:"10000" help:"Network calls a sample"`
	Rows    int     `default:"100000" min:"1" max:"10000000" help:"Samples of a large answer, in npy"`
	Rounds  int     `default:"3" min:"1" max:"100" help:"How often the large answer and the bare loop take turns; the best of each counts"`
	Against string  `where:"local" placeholder:"URL" help:"Another server, to be asked the same: it takes n, seed, nfe and format=npy in its query"`
	Apart   bool    `where:"local" help:"Start the server as a process of its own, and tell its processor time without its clients', and how long seven servers take from their start to a first sample"`
	Other   int     `where:"local" name:"against-pid" default:"0" min:"0" placeholder:"PID" help:"Process of the other server, whose processor time is told too"`
	Soak    int     `default:"0" min:"0" max:"100000000" help:"Also ask for one sample so often, while the model is replaced 200 times, and say what that leaves in memory"`
	Workers int     `where:"local" min:"0" max:"4096" default:"0" help:"Processors that all requests share; 0: all"`
}

// BenchReport is what was measured.
type BenchReport struct {
	Arch    string       `json:"arch"`
	SIMD    string       `json:"simd"`
	Workers int          `json:"workers"`
	Cold    float64      `json:"cold_ms"`                     // from nothing to the first sample: the model is read, its programs are made
	ColdCPU float64      `json:"cold_processor_ms,omitempty"` // of a server apart: until it has ended
	NFE     int          `json:"nfe"`
	Small   []BenchSmall `json:"small"`
	Rows    int          `json:"rows"`
	Served  float64      `json:"served_rows_per_second"`
	Bare    float64      `json:"bare_rows_per_second"` // of ito sample that writes npy to nowhere
	// processor ms a thousand rows, of a server apart and of the bare loop, and of the other server
	ServedCPU float64 `json:"served_processor_ms_per_thousand,omitempty"`
	BareCPU   float64 `json:"bare_processor_ms_per_thousand,omitempty"`
	PeerCPU   float64 `json:"peer_processor_ms_per_thousand,omitempty"`
	// of many requests and replaced models, where that was asked for
	Soak *BenchSoak `json:"soak,omitempty"`
	// of the other server, where there is one
	Peer       []BenchSmall `json:"peer_small,omitempty"`
	PeerServed float64      `json:"peer_rows_per_second,omitempty"`
}

// BenchSmall is a number of clients that asked for one sample at a time.
type BenchSmall struct {
	Clients  int     `json:"clients"`
	Requests int     `json:"requests"`
	Rate     float64 `json:"requests_per_second"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	CPU      float64 `json:"processor_ms,omitempty"` // of the server alone, a request
}

// Bench measures a server of the model on loopback, with its clients on the same processors. Start is for a server
// apart; nil: there is none.
func Bench(ctx context.Context, c BenchConfig, start Starter) (r BenchReport, err error) {
	if err := spec.Check(&c); err != nil {
		return r, err
	}
	if c.Apart && start == nil {
		return r, &ito.InputError{Where: "`apart`", What: "nothing here starts a server", Do: "leave it out"}
	}
	r = BenchReport{Arch: runtime.GOOS + "/" + runtime.GOARCH, SIMD: simd.Level(), Workers: workers(c.Workers),
		NFE: c.NFE, Rows: c.Rows}
	began := time.Now()
	conf := spec.New[Config]()
	model := c.Model
	if c.Soak > 0 { // a copy that may be replaced
		dir, err := os.MkdirTemp("", "ito-bench-*")
		if err != nil {
			return r, err
		}
		defer os.RemoveAll(dir)
		b, err := os.ReadFile(c.Model)
		if err != nil {
			return r, &ito.InputError{Where: c.Model, What: pathless(err), Do: "give a model"}
		}
		model = filepath.Join(dir, filepath.Base(c.Model))
		if err := os.WriteFile(model, b, 0o600); err != nil {
			return r, err
		}
	}
	conf.Models, conf.Workers, conf.Requests = []string{model}, c.Workers, max(conf.Requests, slices.Max(c.Clients))
	s, err := New(conf, Env{})
	if err != nil {
		return r, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	place := "/v1/models/" + nameOf(c.Model) + "/sample"
	b := &bench{c: c, s: s, at: "http://" + l.Addr().String() + place,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}}
	defer func() {
		b.client.CloseIdleConnections()
		err = errors.Join(err, server.Close())
		<-ended
	}()
	if err := b.ask(ctx, "n=1", nil); err != nil {
		return r, err
	}
	r.Cold = milliseconds(time.Since(began))
	if c.Apart {
		if r.Cold, r.ColdCPU, err = cold(ctx, &c, start, func(at string) error {
			return (&bench{c: c, at: at + place, client: b.client}).ask(ctx, "n=1", nil)
		}); err != nil {
			return r, err
		}
		p, err := startApart(ctx, &c, start, conf.Requests)
		if err != nil {
			return r, err
		}
		defer p.end()
		b.at, b.pid = p.at+place, p.cmd.Process.Pid
	}
	var peer *bench
	if c.Against != "" {
		peer = &bench{c: c, at: c.Against, client: b.client, pid: c.Other}
	}
	for _, n := range c.Clients {
		small, err := b.small(ctx, n)
		if err != nil {
			return r, err
		}
		r.Small = append(r.Small, small)
		if peer == nil {
			continue
		}
		if small, err = peer.small(ctx, n); err != nil {
			return r, err
		}
		r.Peer = append(r.Peer, small)
	}
	if err := b.large(ctx, &r, peer); err != nil {
		return r, err
	}
	if c.Soak > 0 {
		r.Soak, err = b.soak(ctx, model)
	}
	return r, err
}

// bench is a server and its client.
type bench struct {
	c      BenchConfig
	s      *Server
	pid    int // of a server apart, and of the other one; 0: its processor time is not told
	at     string
	client *http.Client
}

// ask sends a request and reads its answer.
func (b *bench) ask(ctx context.Context, query string, to io.Writer) error {
	mark := "?"
	if strings.Contains(b.at, mark) {
		mark = "&"
	}
	r, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s%s%s&nfe=%d", b.at, mark, query, b.c.NFE), nil)
	if err != nil {
		return err
	}
	a, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(io.LimitReader(a.Body, 4096))
	if a.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", a.Status, text)
	}
	if to != nil && err == nil {
		_, err = io.Copy(to, a.Body)
	}
	return err
}

// small lets clients ask for one sample at a time, each of a seed of its own.
func (b *bench) small(ctx context.Context, clients int) (BenchSmall, error) {
	var wg sync.WaitGroup
	took, errs := make([][]float64, clients), make([]error, clients)
	began, before := time.Now(), spent(b.pid)
	until := began.Add(time.Duration(b.c.Seconds * float64(time.Second)))
	for k := range clients {
		wg.Go(func() {
			for i := 0; time.Now().Before(until); i++ {
				t := time.Now()
				if errs[k] = b.ask(ctx, fmt.Sprintf("n=1&seed=%d", 1+k+i*clients), nil); errs[k] != nil {
					return
				}
				took[k] = append(took[k], milliseconds(time.Since(t)))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(took...)
	if err := errors.Join(errs...); err != nil || len(all) == 0 {
		return BenchSmall{}, err
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[min(len(all)-1, int(q*float64(len(all))))] }
	return BenchSmall{clients, len(all), float64(len(all)) / time.Since(began).Seconds(), at(.5), at(.99),
		(spent(b.pid) - before) / float64(len(all))}, nil
}

// large lets the large answer of both servers and the bare loop take turns.
func (b *bench) large(ctx context.Context, r *BenchReport, peer *bench) error {
	turn := func(rate, processor *float64, pid int, do func() error) error {
		t, before := time.Now(), spent(pid)
		if err := do(); err != nil {
			return err
		}
		*rate = max(*rate, float64(b.c.Rows)/time.Since(t).Seconds())
		if p := (spent(pid) - before) / float64(b.c.Rows) * 1000; *processor == 0 || p < *processor {
			*processor = p
		}
		return nil
	}
	query := fmt.Sprintf("format=npy&n=%d", b.c.Rows)
	for range b.c.Rounds {
		if peer != nil {
			if err := turn(&r.PeerServed, &r.PeerCPU, peer.pid, func() error {
				return peer.ask(ctx, query, io.Discard)
			}); err != nil {
				return err
			}
		}
		if err := turn(&r.Served, &r.ServedCPU, b.pid, func() error {
			return b.ask(ctx, query, io.Discard)
		}); err != nil {
			return err
		}
		self := 0
		if b.pid != 0 {
			self = os.Getpid()
		}
		if err := turn(&r.Bare, &r.BareCPU, self, func() error { return b.bare(ctx) }); err != nil {
			return err
		}
	}
	return nil
}

// bare draws the large answer without a server.
func (b *bench) bare(ctx context.Context) error {
	m, err := b.s.models.get(nameOf(b.c.Model))
	if err != nil {
		return err
	}
	c := spec.New[sample.Config]()
	c.N, c.NFE, c.Out, c.Workers = b.c.Rows, b.c.NFE, "samples.npy", b.c.Workers
	w, err := sample.NewWriter(io.Discard, &c, m.model)
	if err != nil {
		return err
	}
	if _, err := sample.Run(ctx, c, sample.Env{Model: m.model, Sink: w.WriteRows}); err != nil {
		return err
	}
	return w.Close()
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
