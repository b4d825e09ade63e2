package serve

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what /metrics tells. Their number does not depend on what clients ask for.
type metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec
	latency     *prometheus.HistogramVec
	wait        prometheus.Histogram
	size        prometheus.Histogram
	batch       prometheus.Histogram
	rows        prometheus.Counter
	evaluations prometheus.Counter
	gone        *prometheus.CounterVec
}

func newMetrics(s *Server) *metrics {
	fine := []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 100, 300}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ito_requests_total",
			Help: "Requests by route and status; 499 is a client that went away."}, []string{"route", "code"}),
		latency: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "ito_request_seconds",
			Help: "Time from the header of a request to the end of its answer.", Buckets: fine}, []string{"route"}),
		wait: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ito_queue_wait_seconds",
			Help: "Time that samplings waited for a place.", Buckets: fine}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ito_sampling_rows",
			Help: "Samples drawn for a request.", Buckets: prometheus.ExponentialBuckets(1, 10, 9)}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ito_batch_requests",
			Help: "Small requests that were drawn together.", Buckets: prometheus.ExponentialBuckets(1, 2, 10)}),
		rows: prometheus.NewCounter(prometheus.CounterOpts{Name: "ito_rows_total", Help: "Samples drawn."}),
		evaluations: prometheus.NewCounter(prometheus.CounterOpts{Name: "ito_evaluations_total",
			Help: "Network calls: those of a sample, times the samples."}),
		gone: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ito_cancelled_total",
			Help: "Samplings that were ended early, by who ended them."}, []string{"by"}),
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	for _, by := range []string{"client", "deadline"} {
		m.gone.WithLabelValues(by)
	}
	m.registry.MustRegister(newGauges(s), m.requests, m.latency, m.wait, m.size, m.batch, m.rows, m.evaluations, m.gone,
		gauge("ito_samplings_running", "Samplings that have a place.", func() float64 {
			return float64(s.gate.running())
		}),
		gauge("ito_queue_length", "Samplings that wait for a place.", func() float64 {
			return float64(s.gate.waiting())
		}),
		gauge("ito_jobs_waiting", "Jobs that wait.", func() float64 {
			if s.jobs == nil {
				return 0
			}
			s.jobs.mu.Lock()
			defer s.jobs.mu.Unlock()
			return float64(len(s.jobs.waiting))
		}),
		gauge("ito_workers_busy", "Workers that draw.", func() float64 { return float64(len(s.slots)) }),
		gauge("ito_workers", "Workers that there are.", func() float64 { return float64(cap(s.slots)) }),
		gauge("ito_models", "Models that may be asked for.", func() float64 { return float64(s.models.count()) }),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *metrics) answered(route string, code int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	m.latency.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) waited(d time.Duration) { m.wait.Observe(d.Seconds()) }

func (m *metrics) drew(rows, nfe int) {
	m.size.Observe(float64(rows))
	m.rows.Add(float64(rows))
	m.evaluations.Add(float64(rows) * float64(nfe))
}

func (m *metrics) together(requests int) { m.batch.Observe(float64(requests)) }

func (m *metrics) cancelled(by string) { m.gone.WithLabelValues(by).Inc() }
