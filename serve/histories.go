package serve

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
)

// histories are those of the forecasters.
type histories struct {
	s    *Server
	from *puller
	mu   sync.Mutex
	all  map[string]*history
	now  func() time.Time
}

func newHistories(s *Server) (*histories, error) {
	p, err := newPrometheus(&s.c)
	if err != nil {
		return nil, err
	}
	hs := &histories{s: s, from: p, all: map[string]*history{}, now: time.Now}
	if p != nil {
		for model := range p.queries {
			if _, there := s.models.look(false)[model]; !there {
				return nil, noModel("`query` "+model, model, s.models.names())
			}
		}
	}
	return hs, nil
}

// forModel is the history of a model, empty where nothing is known. One of another frequency begins anew.
func (hs *histories) forModel(m *served) (*history, error) {
	f := m.forecaster.Header
	if len(f.Known)+len(f.Past) > 0 {
		return nil, newProblem(http.StatusBadRequest, "model "+m.name, "it reads covariates, which a history does not "+
			"have", "send series with them to POST /v1/models/"+m.name+"/forecast")
	}
	hs.mu.Lock()
	defer hs.mu.Unlock()
	h := hs.all[m.name]
	if h == nil || h.freq != f.Freq {
		h = &history{model: m.name, freq: f.Freq, most: hs.s.c.HistorySteps, series: hs.s.c.HistorySeries,
			all: map[string]*forecast.Series{}}
		if hs.from != nil {
			h.query = hs.from.queries[m.name]
		}
		hs.all[m.name] = h
	}
	return h, nil
}

// known are the models that have a history, in order.
func (hs *histories) known() []string {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	var names []string
	for name := range hs.all {
		names = append(names, name)
	}
	if hs.from != nil {
		for name := range hs.from.queries {
			if hs.all[name] == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

// refresh asks Prometheus, where that was not done just now. What is known stays where it gives nothing.
func (hs *histories) refresh(ctx context.Context, h *history) {
	if h.query == "" {
		return
	}
	h.pulling.Lock()
	defer h.pulling.Unlock()
	h.mu.Lock()
	now := hs.now()
	if now.Sub(h.pulled) < hs.s.c.Refresh {
		h.mu.Unlock()
		return
	}
	since := h.freq.At(now, -h.most)
	if span := hs.s.c.History; span > 0 && now.Add(-span).After(since) {
		since = now.Add(-span)
	}
	for _, s := range h.all { // of those that still come
		if t := s.Time(s.Len() - pullAgain); t.After(since) {
			since = t
		}
	}
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	set, err := hs.from.pull(ctx, h, since, now)
	if err == nil {
		err = h.take(set, now)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fault = err; err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			h.pulled = now // not at once again
		}
		hs.s.log.Warn("a history cannot be pulled", "model", h.model, "error", err)
		return
	}
	h.pulled = now
}
