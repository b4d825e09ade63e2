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

// BenchConfig says what is measured: the flags of "ito bench serve".
type BenchConfig struct {
	Model   string  `arg:"" where:"local" help:"A model that ito train wrote"`
	Clients []int   `default:"1,16,256" min:"1" max:"1000" placeholder:"N,…" help:"Numbers of clients that ask at a time, each for one sample after the other"`
	Seconds float64 `default:"3" above:"0" max:"600" help:"How long each number of clients asks"`
	NFE     int     `name:"nfe" default:"10" min:"1" max:"10000" help:"Network calls a sample"`
	Rows    int     `default:"100000" min:"1" max:"10000000" help:"Samples of a large answer, in npy"`
	Rounds  int     `default:"3" min:"1" max:"100" help:"How often the large answer and the bare loop take turns; the best of each counts"`
	Against string  `where:"local" placeholder:"URL" help:"Another server, to be asked the same: it takes n, seed, nfe and format=npy in its query"`
	Soak    int     `default:"0" min:"0" max:"100000000" help:"Also ask for one sample so often, while the model is replaced 200 times, and say what that leaves in memory"`
	Workers int     `where:"local" min:"0" max:"4096" default:"0" help:"Processors that all requests share; 0: all"`
}

// BenchReport is what was measured.
type BenchReport struct {
	Arch    string       `json:"arch"`
	SIMD    string       `json:"simd"`
	Workers int          `json:"workers"`
	Cold    float64      `json:"cold_ms"` // from nothing to the first sample: the model is read, its programs are made
	NFE     int          `json:"nfe"`
	Small   []BenchSmall `json:"small"`
	Rows    int          `json:"rows"`
	Served  float64      `json:"served_rows_per_second"`
	Bare    float64      `json:"bare_rows_per_second"` // of ito sample that writes npy to nowhere
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
}

// Bench measures a server of the model on loopback, with its clients on the same processors.
func Bench(ctx context.Context, c BenchConfig) (r BenchReport, err error) {
	if err := spec.Check(&c); err != nil {
		return r, err
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
	b := &bench{c: c, s: s, at: fmt.Sprintf("http://%s/v1/models/%s/sample", l.Addr(), nameOf(c.Model)),
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
	var peer *bench
	if c.Against != "" {
		peer = &bench{c: c, at: c.Against, client: b.client}
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
	for range c.Rounds {
		if peer != nil {
			t := time.Now()
			if err := peer.ask(ctx, fmt.Sprintf("format=npy&n=%d", c.Rows), io.Discard); err != nil {
				return r, err
			}
			r.PeerServed = max(r.PeerServed, float64(c.Rows)/time.Since(t).Seconds())
		}
		t := time.Now()
		if err := b.ask(ctx, fmt.Sprintf("format=npy&n=%d", c.Rows), io.Discard); err != nil {
			return r, err
		}
		r.Served = max(r.Served, float64(c.Rows)/time.Since(t).Seconds())
		t = time.Now()
		if err := b.bare(ctx); err != nil {
			return r, err
		}
		r.Bare = max(r.Bare, float64(c.Rows)/time.Since(t).Seconds())
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
	began := time.Now()
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
	return BenchSmall{clients, len(all), float64(len(all)) / time.Since(began).Seconds(), at(.5), at(.99)}, nil
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
