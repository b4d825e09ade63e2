package serve

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// leadConfig asks for one number.
type leadConfig struct {
	Model  string  `where:"remote" help:"Name of a forecaster; it may be left out where there is one"`
	Series string  `help:"Name of a series of its history; it may be left out where there is one"`
	Lead   string  `help:"How far ahead: steps behind the end of the history, or a time from now, as 15m" default:"1"`
	Q      float64 `help:"Level of the quantile" default:"0.5" above:"0" below:"1"`
}

// leadAnswer is one number with what it is.
type leadAnswer struct {
	Value    float64   `json:"value" doc:"The quantile"`
	Model    string    `json:"model"`
	Digest   string    `json:"model_digest"`
	Series   string    `json:"series"`
	Q        float64   `json:"q"`
	Lead     int       `json:"lead" doc:"Steps behind the end of the history"`
	Time     time.Time `json:"time" doc:"Of the step that is forecast"`
	Observed time.Time `json:"observed" doc:"Time of the last value of the history"`
	Spread   string    `json:"spread" doc:"How the quantile was made"`
	Fallback string    `json:"fallback,omitempty" doc:"Why another method stands in"`
}

// lead forecasts one number.
func (hs *histories) lead(ctx context.Context, m *served, series, lead string, q float64) (*leadAnswer, error) {
	h, err := hs.forModel(m)
	if err != nil {
		return nil, err
	}
	hs.refresh(ctx, h)
	h.mu.Lock()
	if h.digest != m.digest {
		h.digest, h.made = m.digest, nil
	}
	s, all, err := h.find(series, m.forecaster.Panel())
	if err != nil {
		h.mu.Unlock()
		return nil, err
	}
	version, f := h.version, h.made[leadKey{s.ID, q}]
	h.mu.Unlock()
	now := hs.now()
	observed := s.Time(s.Len() - 1)
	if err := hs.fresh(s, observed, now); err != nil {
		return nil, err
	}
	k, err := stepsAhead(lead, s, m.forecaster.Header.Horizon, now)
	if err != nil {
		return nil, err
	}
	if f == nil {
		if f, err = hs.forecast(ctx, m, s, all, q); err != nil {
			return nil, err
		}
		h.mu.Lock()
		if h.version == version && h.digest == m.digest {
			if h.made == nil || len(h.made) >= mostMade {
				h.made = map[leadKey]*forecast.Forecast{}
			}
			h.made[leadKey{s.ID, q}] = f
		}
		h.mu.Unlock()
	}
	return &leadAnswer{Value: f.Quantile(0)[k-1], Model: m.name, Digest: m.digest, Series: s.ID, Q: q, Lead: k,
		Time: s.Time(s.Len() - 1 + k), Observed: observed, Spread: f.Spread, Fallback: f.Fallback}, nil
}

// fresh refuses a history whose end is too old.
func (hs *histories) fresh(s *forecast.Series, observed, now time.Time) error {
	limit := hs.s.c.Stale
	if limit == 0 {
		limit = s.Freq.At(observed, 3).Sub(observed)
	}
	age := now.Sub(observed)
	if age <= limit {
		return nil
	}
	return newProblem(
		http.StatusServiceUnavailable,
		"series "+clip(s.ID),
		fmt.Sprintf("its history ends at %s, %s ago, "+
			"and %s is the most", observed.Format(time.RFC3339), age.Round(time.Second), limit),
		"look at where it comes from",
	).after(15 * time.Second)
}

// stepsAhead is how many steps behind the end of a series a lead is, from 1.
func stepsAhead(lead string, s *forecast.Series, horizon int, now time.Time) (int, error) {
	bad := func(what string) (int, error) {
		return 0, newProblem(http.StatusBadRequest, "lead", what, fmt.Sprintf("give steps from 1 to %d, or a time as "+
			"15m", horizon))
	}
	k, err := strconv.Atoi(lead)
	if err != nil {
		d, err := time.ParseDuration(lead)
		if err != nil || d < 0 {
			return bad(fmt.Sprintf("%q is no number of steps and no time", clip(lead)))
		}
		at, _ := s.Freq.Index(s.Start, now.Add(d))
		k = max(at-(s.Len()-1), 1)
	}
	if k < 1 || k > horizon {
		return bad(
			fmt.Sprintf("%s is %d steps behind the end of the history, and the model forecasts %d", clip(lead), k,
				horizon),
		)
	}
	return k, nil
}

// forecast makes the forecast of a series, and of those that are drawn together with it.
func (hs *histories) forecast(ctx context.Context, m *served, s *forecast.Series, all []*forecast.Series, q float64) (
	*forecast.Forecast, error) {
	leave, err := hs.s.place(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	var ws []forecast.Window
	at := 0
	for i, k := range all {
		if k.ID == s.ID {
			at = i
		}
		ws = append(ws, forecast.NewWindow(k, k.Len(), m.forecaster.Header.Horizon))
	}
	fs, err := m.forecaster.Windows(ctx, ws, forecast.Request{Levels: []float64{q}, Seed: 1})
	if err != nil {
		return nil, err
	}
	return &fs[at], nil
}

func (s *Server) leadRoutes(api huma.API) {
	errs := append([]int{http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}, errorsOf...)
	number := huma.Operation{OperationID: "get-forecast", Method: http.MethodGet, Path: "/v1/forecast",
		Summary: "One number: a quantile of a series some time ahead", Description: "From the history that " +
			"was pulled from Prometheus or pushed. A flat JSON object whose value is the number, as KEDA's " +
			"metrics-api reads it; with Accept: text/plain the number alone. A history " +
			"that ends too long ago is refused (503).",
		Tags: []string{"forecasts"}, Errors: errs, Parameters: parametersOf(leadConfig{})}
	number.Responses = map[string]*huma.Response{"200": {Description: "The number.",
		Content: map[string]*huma.MediaType{"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(
			typeOf[leadAnswer](), true, "")}, "text/plain": {}}}}
	huma.Register(api, number, func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.getLead(w, r)
		}}, nil
	})
	s.historyRoutes(api)
}

// getLead answers GET /v1/forecast.
func (s *Server) getLead(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.refuse(w, r, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX"))
		return
	}
	c := spec.New[leadConfig]()
	var limit time.Duration
	var m *served
	var a *leadAnswer
	if limit, err = s.deadline(query); err == nil {
		err = spec.DecodeQuery(query, &c)
	}
	if err == nil {
		err = spec.Check(&c)
	}
	if err == nil {
		m, err = s.models.theForecaster(c.Model)
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		a, err = s.histories.lead(ctx, m, c.Series, c.Lead, c.Q)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if accept != "" && quality(accept, "text/plain") > quality(accept, "application/json") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, strconv.FormatFloat(a.Value, 'g', -1, 64))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	jsonFormat.Marshal(w, a)
}
