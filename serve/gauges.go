package serve

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
)

// gauges are forecasts on /metrics: of every series that has a history, at some leads and levels, and not more than so
// many. A series whose history is too old has none.
type gauges struct {
	s           *Server
	value, left *prom.Desc
	age         *prom.Desc
}

// gaugesTimeout bounds what a scrape waits for.
const gaugesTimeout = 8 * time.Second

func newGauges(s *Server) *gauges {
	return &gauges{s: s,
		value: prom.NewDesc("ito_forecast", "A quantile of a series so many steps behind the end of its history.",
			[]string{"model", "series", "lead", "q"}, nil),
		age: prom.NewDesc("ito_forecast_history_seconds", "Time since the last value of a series' history.",
			[]string{"model", "series"}, nil),
		left: prom.NewDesc(
			"ito_forecast_left_out",
			"Gauges of forecasts that are not there because there would be too "+
				"many.",
			nil,
			nil,
		)}
}

// Describe implements prometheus.Collector: names only, since the labels come with the series.
func (g *gauges) Describe(c chan<- *prom.Desc) {
	c <- g.value
	c <- g.age
	c <- g.left
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(out chan<- prom.Metric) {
	hs, c := g.s.histories, &g.s.c
	ctx, cancel := context.WithTimeout(context.Background(), gaugesTimeout)
	defer cancel()
	room, left := c.Gauges, 0
	names := hs.known()
	slices.Sort(names)
	for _, name := range names {
		m, err := g.s.models.forecaster(name)
		if err != nil {
			continue
		}
		h, err := hs.forModel(m)
		if err != nil {
			continue
		}
		hs.refresh(ctx, h)
		h.mu.Lock()
		series := h.names()
		ends := make([]time.Time, len(series))
		for i, id := range series {
			s := h.all[id]
			ends[i] = s.Time(s.Len() - 1)
		}
		h.mu.Unlock()
		each := 1 + len(c.GaugeLeads)*len(c.GaugeLevels)
		for i, id := range series {
			if room < each {
				left += each
				continue
			}
			room -= each
			label := strings.ToValidUTF8(id, "�")
			out <- prom.MustNewConstMetric(g.age, prom.GaugeValue, hs.now().Sub(ends[i]).Seconds(), name, label)
			for _, lead := range c.GaugeLeads {
				for _, q := range c.GaugeLevels {
					a, err := hs.lead(ctx, m, id, lead, q)
					if err != nil {
						continue // it is too old, or the lead beyond the horizon: age and log say so
					}
					out <- prom.MustNewConstMetric(g.value, prom.GaugeValue, a.Value, name, label, lead,
						strconv.FormatFloat(q, 'g', -1, 64))
				}
			}
		}
	}
	out <- prom.MustNewConstMetric(g.left, prom.GaugeValue, float64(left))
}
