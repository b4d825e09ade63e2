// Package serve is the HTTP server of trained models: their cards, samples in five formats, metrics, and a page. The
// same request gives the bytes of "ito sample" with the same settings, at any load, from any replica of the same
// program on the same vector level.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets what is served and where: the flags of "ito serve". None of it changes a byte of an answer.
type Config struct {
	Models    []string `arg:"" where:"local" help:"Models that ito train and ito forecast train wrote, model files of ito infer (.star), and directories of them"`
	Addr      string   `where:"local" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen; port 0 is any that is free, and an empty host is every interface"`
	AddrFile  string   `where:"local" placeholder:"FILE" help:"Write the address to this file once the server listens, for port 0; it is removed at the end"`
	Hosts     []string `where:"local" name:"host" placeholder:"NAME,…" help:"Names by which requests may ask for a server that listens on this machine alone and has no token, besides localhost: those that a proxy before it leaves in the header Host"`
	TokenFile string   `where:"local" placeholder:"FILE" help:"A file whose first line every request must bring as its bearer token"`
	TLSCert   string   `where:"local" name:"tls-cert" placeholder:"FILE" help:"Serve HTTPS with this certificate, in PEM"`
	TLSKey    string   `where:"local" name:"tls-key" placeholder:"FILE" help:"Private key of the certificate, in PEM"`

	Workers  int `where:"local" min:"0" max:"4096" default:"0" help:"Processors that all requests share; 0: all"`
	Requests int `where:"local" min:"1" max:"100000" default:"256" help:"Samplings at a time, which share the processors; others wait"`
	Queue    int `where:"local" min:"0" max:"1000000" default:"1024" help:"Samplings that may wait; one more is told to come back (429)"`
	Loaded   int `where:"local" min:"1" max:"100000" default:"64" help:"Models in memory at a time; the one not used for longest goes first"`

	Jobs      string        `where:"local" placeholder:"DIR" help:"Keep jobs and their results in this directory; without it there are none"`
	JobQueue  int           `where:"local" min:"1" max:"1000000" default:"100" help:"Jobs that may wait"`
	JobExpiry time.Duration `where:"local" above:"0" default:"24h" help:"How long a job that has ended is kept"`

	Prometheus      string        `where:"local" placeholder:"URL" help:"Pull histories of forecasters from this Prometheus, as http://prometheus:9090; without it they are pushed"`
	Query           []string      `where:"local" sep:"none" placeholder:"MODEL=PROMQL" help:"What Prometheus is asked for the history of a forecaster. May be given again, for others"`
	PrometheusToken string        `where:"local" name:"prometheus-token-file" placeholder:"FILE" help:"A file whose first line is the bearer token for Prometheus"`
	Refresh         time.Duration `where:"local" above:"0" default:"15s" help:"Shortest time between two questions to Prometheus for a forecaster"`
	History         time.Duration `where:"local" min:"0" default:"0s" help:"How far back a history is pulled; 0s: history-steps"`
	HistorySteps    int           `where:"local" min:"2" max:"1000000" default:"5000" help:"Most steps of a series' history"`
	HistorySeries   int           `where:"local" min:"1" max:"1000000" default:"1000" help:"Most series of a forecaster's history"`
	Stale           time.Duration `where:"local" min:"0" default:"0s" help:"Age of a history's last value from which nothing is forecast; 0s: three steps of the forecaster"`
	Gauges          int           `where:"local" min:"0" max:"1000000" default:"1000" help:"Most gauges of forecasts on /metrics"`
	GaugeLeads      []string      `where:"local" name:"gauge-lead" default:"1" placeholder:"LEAD,…" help:"Leads of these gauges: steps, or a time as 15m"`
	GaugeLevels     []float64     `where:"local" name:"gauge-q" above:"0" below:"1" default:"0.5,0.9" placeholder:"Q,…" help:"Levels of these gauges"`

	MaxRows  int           `where:"local" min:"1" default:"10000000" help:"Most samples of one request"`
	MaxBody  int           `where:"local" min:"1" max:"1073741824" default:"1048576" help:"Most bytes of the body of a request"`
	MaxData  int           `where:"local" min:"1" max:"1073741824" default:"33554432" help:"Most bytes of the rows that a model is compared with"`
	Deadline time.Duration `where:"local" above:"0" default:"1h" help:"Longest time that a request takes; its timeout=2s shortens it"`
	Drain    time.Duration `where:"local" min:"0" default:"30s" help:"After SIGTERM: time for the requests that are running to end"`
}

// Env surrounds a server.
type Env struct {
	Log     *slog.Logger         // a line for every request, and warnings; nil: none
	Version string               // of the program
	Ready   func(address string) // called with the address of the server once it listens; nil: nobody is
}

// Server answers requests. It is made by [New].
type Server struct {
	c      Config
	env    Env
	log    *slog.Logger
	models *models
	jobs   *jobs // nil: there are none
	// histories are those of the forecasters
	histories *histories
	gate      *gate
	batcher   *batcher
	presets   presets // settings of queries that were read already
	slots     chan struct{}
	// comparing holds the evaluation that runs
	comparing chan struct{}
	// inferring holds the inference that runs
	inferring chan struct{}
	token     []byte
	metrics   *metrics
	drain     chan struct{} // closed when the server takes nothing new
	local     bool          // requests must name this machine: see near
	handler   http.Handler
}

// New makes a server. Models are loaded when they are asked for; what is no place for models and a token file that
// cannot be read are an *ito.InputError.
func New(c Config, env Env) (*Server, error) {
	if err := spec.Check(&c); err != nil {
		return nil, err
	}
	s := &Server{c: c, env: env, log: env.Log, gate: newGate(c.Requests, c.Queue), drain: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.models, err = newModels(c.Models, c.Loaded, s.log); err != nil {
		return nil, err
	}
	if s.token, err = readToken(c.TokenFile); err != nil {
		return nil, err
	}
	s.slots = make(chan struct{}, workers(c.Workers))
	s.comparing, s.inferring = make(chan struct{}, 1), make(chan struct{}, 1)
	if s.jobs, err = newJobs(s, c.Jobs, c.JobQueue, c.JobExpiry); err != nil {
		return nil, err
	}
	if s.histories, err = newHistories(s); err != nil {
		return nil, err
	}
	s.metrics = newMetrics(s)
	s.batcher = newBatcher(s.slots, s.metrics.together)
	s.handler = s.around(s.routes())
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Times that no client needs more of.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 30 * time.Second // for each piece of an answer
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)

// Run serves until ctx ends; then it takes no more requests, lets those that are running end, for Drain at most, and
// returns nil. An address where it cannot listen is an *ito.InputError.
func Run(ctx context.Context, c Config, env Env) error {
	s, err := New(c, env)
	if err != nil {
		return err
	}
	conf, err := s.tls()
	if err != nil {
		return err
	}
	l, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	scheme := "http"
	if conf != nil {
		scheme, l = "https", tls.NewListener(l, conf)
	}
	s.local = loopback(l.Addr()) && s.token == nil
	go task.Program(env.Version) // the first tag needs it
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, TLSConfig: conf,
		BaseContext: func(net.Listener) context.Context { return work },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	if !loopback(l.Addr()) && s.token == nil {
		s.log.Warn("everybody who reaches this address may sample; give token-file", "address", l.Addr().String())
	}
	s.log.Info("serving", "address", scheme+"://"+l.Addr().String(), "models", s.models.count())
	if c.AddrFile != "" {
		address := scheme + "://" + l.Addr().String() + "\n"
		err := store.WriteFile(c.AddrFile, func(w io.Writer) error { _, err := io.WriteString(w, address); return err })
		if err != nil {
			return errors.Join(err, l.Close())
		}
		defer os.Remove(c.AddrFile)
	}
	if env.Ready != nil {
		env.Ready(scheme + "://" + l.Addr().String())
	}
	if s.jobs != nil {
		work, end := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { s.jobs.run(work) })
		defer wg.Wait() // what runs goes on when the server starts again
		defer end()
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return s.shutdown(server, stop, failed)
}

// shutdown lets what is running end.
func (s *Server) shutdown(server *http.Server, stop func(), failed <-chan error) error {
	close(s.drain)
	s.log.Info("draining", "running", s.gate.running(), "waiting", s.gate.waiting(), "longest", s.c.Drain)
	late, cancel := context.WithTimeout(context.Background(), s.c.Drain)
	defer cancel()
	err := server.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off", "running", s.gate.running())
		stop() // their work ends at its next step
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err = server.Shutdown(last); err != nil {
			err = server.Close()
		}
	}
	if e := <-failed; err == nil && !errors.Is(e, http.ErrServerClosed) {
		err = e
	}
	return err
}

// draining reports that the server takes nothing new.
func (s *Server) draining() bool {
	select {
	case <-s.drain:
		return true
	default:
		return false
	}
}
