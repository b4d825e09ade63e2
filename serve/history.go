package serve

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// history is what a forecaster was told of its series: pulled from Prometheus, or pushed. It holds the last steps of
// each, on the grid of the model.
type history struct {
	model  string
	digest string // of the model that it is for
	freq   forecast.Freq
	most   int // steps of a series
	series int // that there may be

	query string // what Prometheus is asked; "": it is pushed

	pulling sync.Mutex // held while Prometheus is asked
	mu      sync.Mutex
	all     map[string]*forecast.Series
	version uint64 // counts changes
	pulled  time.Time
	fault   error // of the last pull
	made    map[leadKey]*forecast.Forecast
}

// leadKey names a forecast of the present version.
type leadKey struct {
	series string
	level  float64
}

// mostMade is how many forecasts are kept until the history changes.
const mostMade = 4096

// names lists the series in order; h.mu is held.
func (h *history) names() []string {
	names := make([]string, 0, len(h.all))
	for name := range h.all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// take adds values, those of a time that is there already taking its place. Series that end behind now are a *problem,
// and nothing is taken then; so are more series than there may be.
func (h *history) take(set *forecast.Set, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	fresh := 0
	for _, s := range set.Series {
		if end := s.Time(s.Len() - 1); end.After(now.Add(5*time.Minute)) && end.After(s.Freq.At(now, 1)) {
			return newProblem(http.StatusBadRequest, "series "+clip(s.ID), "its last time, "+end.Format(time.RFC3339)+
				", lies ahead", "give what was observed, and look at the clocks")
		}
		if h.all[s.ID] == nil {
			fresh++
		}
	}
	if len(h.all)+fresh > h.series {
		return newProblem(http.StatusBadRequest, "", fmt.Sprintf("there would be %d series, more than %d",
			len(h.all)+fresh, h.series), "give fewer, or let the server hold more (history-series)")
	}
	for _, s := range set.Series {
		h.all[s.ID] = merged(h.all[s.ID], s, h.most)
	}
	h.version++
	h.made = nil
	return nil
}

// merged is a series with the values of another, which come later or take the place of those that are there, cut to its
// last steps. Its end is a value.
func merged(old, more *forecast.Series, most int) *forecast.Series {
	base := more
	if old != nil {
		base = old
	}
	// Steps are counted from the beginning of base.
	at := func(t time.Time) int { k, _ := base.Freq.Index(base.Start, t); return k }
	first, last := at(more.Start), at(more.Time(more.Len()-1))
	if old != nil {
		first, last = min(first, 0), max(last, old.Len()-1)
	}
	first = max(first, last-most+1)
	out := &forecast.Series{ID: more.ID, Freq: base.Freq, Start: base.Time(first), Static: more.Static,
		Values: make([]float64, last-first+1)}
	for i := range out.Values {
		out.Values[i] = math.NaN()
	}
	for _, s := range []*forecast.Series{old, more} {
		if s == nil {
			continue
		}
		begin := at(s.Start) - first
		for k, v := range s.Values {
			if i := begin + k; i >= 0 && i < len(out.Values) && !math.IsNaN(v) {
				out.Values[i] = v
			}
		}
	}
	end := len(out.Values)
	for end > 1 && math.IsNaN(out.Values[end-1]) {
		end--
	}
	out.Values = out.Values[:end:end]
	return out
}

// find returns the series of a name, or the only one that there is for "", and those that are drawn together with it.
func (h *history) find(name string, panel []string) (s *forecast.Series, all []*forecast.Series, err error) {
	names := h.names()
	switch {
	case len(names) == 0 && h.fault != nil:
		return nil, nil, h.fault
	case len(names) == 0:
		return nil, nil, newProblem(http.StatusNotFound, "model "+h.model, "nothing is known of its series yet",
			"send them to POST /v1/models/"+h.model+"/history").after(30 * time.Second)
	case name == "" && len(names) == 1:
		name = names[0]
	case name == "":
		return nil, nil, newProblem(http.StatusBadRequest, "series", fmt.Sprintf("there are %d, and none is named",
			len(names)), "choose one of "+some(names))
	}
	if s = h.all[name]; s == nil {
		return nil, nil, newProblem(http.StatusNotFound, "series", fmt.Sprintf("there is no series %q", clip(name)),
			suggest.Among(name, names))
	}
	if panel == nil {
		return s, []*forecast.Series{s}, nil
	}
	for _, id := range panel {
		if h.all[id] == nil {
			return nil, nil, newProblem(
				http.StatusServiceUnavailable,
				"series "+clip(id),
				"the model draws it together "+
					"with "+clip(s.ID)+", and nothing is known of it",
				"send it too",
			).after(30 * time.Second)
		}
		all = append(all, h.all[id])
	}
	if !slices.Contains(panel, name) {
		return nil, nil, newProblem(http.StatusBadRequest, "series", fmt.Sprintf("the model draws others together, "+
			"and %q is none of them", clip(name)), "choose one of "+some(panel))
	}
	all = abreast(all)
	return all[slices.Index(panel, name)], all, nil
}

// some lists a few names.
func some(names []string) string {
	var out []string
	for _, n := range names[:min(len(names), 10)] {
		out = append(out, clip(n))
	}
	text := strings.Join(out, ", ")
	if len(names) > len(out) {
		text += ", …"
	}
	return text
}

// abreast cuts series to the steps that all of them have, as a model that draws them together wants them.
func abreast(all []*forecast.Series) []*forecast.Series {
	last := slices.MaxFunc(all, func(a, b *forecast.Series) int { return a.Start.Compare(b.Start) }).Start
	end := slices.MinFunc(all, func(a, b *forecast.Series) int {
		return cmp.Compare(a.Time(a.Len()).Unix(), b.Time(b.Len()).Unix())
	})
	until := end.Time(end.Len())
	out := make([]*forecast.Series, len(all))
	for i, s := range all {
		from, _ := s.Freq.Index(s.Start, last)
		to, _ := s.Freq.Index(s.Start, until)
		from, to = min(max(from, 0), s.Len()-1), min(max(to, 1), s.Len())
		c := *s
		c.Start, c.Values = s.Time(from), s.Values[from:max(to, from+1)]
		out[i] = &c
	}
	return out
}
