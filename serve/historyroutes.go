package serve

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/forecast/read"
	"github.com/seed9a7962a8/ito/internal/spec"
	taskforecast "github.com/seed9a7962a8/ito/task/forecast"
)

type historyInput struct {
	Name    string `path:"name" doc:"Name of a forecaster"`
	RawBody []byte `                                       contentType:"text/csv"`
}

// historyAnswer describes what is known of a model's series.
type historyAnswer struct {
	Model  string          `json:"model"`
	Freq   string          `json:"freq"`
	Pulled bool            `json:"pulled" doc:"It comes from Prometheus"`
	Fault  string          `json:"fault,omitempty" doc:"Why Prometheus gave nothing the last time"`
	Taken  int             `json:"taken,omitempty" doc:"Of a push: values that were taken; an empty cell is none"`
	Series []historySeries `json:"series"`
}

type historySeries struct {
	Series string    `json:"series"`
	Steps  int       `json:"steps"`
	First  time.Time `json:"first"`
	Last   time.Time `json:"last"`
}

type historyOutput struct{ Body *historyAnswer }

func (s *Server) historyRoutes(api huma.API) {
	errs := append([]int{http.StatusRequestEntityTooLarge}, errorsOf...)
	push := huma.Operation{OperationID: "push-history", Method: http.MethodPost, Path: "/v1/models/{name}/history",
		Summary: "Add values to the history of a forecaster's series", Description: "The body is series as ito " +
			"forecast reads them. A value takes the place of one of the same step. The server " +
			"holds the last ones, in memory.",
		Tags: []string{"forecasts"}, Errors: errs, MaxBodyBytes: int64(s.c.MaxData), SkipValidateBody: true,
		Parameters: parametersOf(taskforecast.Reading{})}
	push.Responses = map[string]*huma.Response{"200": {Description: "What is known.",
		Content: map[string]*huma.MediaType{"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(
			typeOf[historyAnswer](), true, "")}}}}
	huma.Register(api, push, func(_ context.Context, in *historyInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			a, err := s.pushHistory(r, in.Name, in.RawBody)
			if err != nil {
				s.refuse(w, r, inBody(err))
				return
			}
			w.Header().Set("Content-Type", "application/json")
			jsonFormat.Marshal(w, a)
		}}, nil
	})
	api.OpenAPI().Paths[push.Path].Post.RequestBody.Required = false // the answer describes what it lacks
	huma.Register(api, huma.Operation{OperationID: "get-history", Method: http.MethodGet,
		Path:    "/v1/models/{name}/history",
		Summary: "What is known of a forecaster's series", Tags: []string{"forecasts"},
		Errors: errorsOf}, func(ctx context.Context, in *cardInput) (*historyOutput, error) {
		m, err := s.models.forecaster(in.Name)
		if err != nil {
			return nil, problemOf(err)
		}
		h, err := s.histories.forModel(m)
		if err != nil {
			return nil, problemOf(err)
		}
		s.histories.refresh(ctx, h)
		return &historyOutput{h.answer()}, nil
	})
}

// answer describes what is known.
func (h *history) answer() *historyAnswer {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := &historyAnswer{Model: h.model, Freq: h.freq.String(), Pulled: h.query != "", Series: []historySeries{}}
	if h.fault != nil {
		a.Fault = problemOf(h.fault).Detail
	}
	for _, name := range h.names() {
		s := h.all[name]
		a.Series = append(a.Series, historySeries{name, s.Len(), s.Start, s.Time(s.Len() - 1)})
	}
	return a
}

// pushHistory answers POST /v1/models/NAME/history.
func (s *Server) pushHistory(r *http.Request, name string, series []byte) (*historyAnswer, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	c := spec.New[taskforecast.Reading]()
	if err := spec.DecodeQuery(query, &c); err != nil {
		return nil, err
	}
	m, err := s.models.forecaster(name)
	if err != nil {
		return nil, err
	}
	h, err := s.histories.forModel(m)
	switch {
	case err != nil:
		return nil, err
	case h.query != "":
		return nil, newProblem(http.StatusConflict, "model "+name, "its history is pulled from Prometheus",
			"push to another model, or start the server without its query")
	case len(bytes.TrimSpace(series)) == 0:
		return nil, newProblem(http.StatusBadRequest, "body", "there are no series", "send a table, or lines of JSON")
	case packed(series):
		return nil, newProblem(http.StatusBadRequest, "body", "packed and Parquet files are not read from a request",
			"send CSV or lines of JSON")
	case c.Freq != "" && c.Freq != h.freq.String():
		return nil, newProblem(http.StatusBadRequest, "freq", "the model's frequency is "+h.freq.String(),
			"leave it out")
	case c.Holidays != "" || len(c.Known)+len(c.Past) > 0:
		return nil, newProblem(http.StatusBadRequest, "", "a history has no covariates", "leave them out")
	}
	in, err := read.Open("-", read.SeriesOptions{Stdin: bytes.NewReader(series), ID: c.ID, Time: c.Time, Value: c.Value,
		Freq: h.freq.String(), Zone: c.Zone, MostSteps: mostSteps})
	if err != nil {
		return nil, err
	}
	taken := 0
	for _, s := range in.Set.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) {
				taken++
			}
		}
	}
	if taken == 0 {
		return nil, newProblem(http.StatusBadRequest, "body", "no cell of it has a value", "send values")
	}
	if err := h.take(in.Set, s.histories.now()); err != nil {
		return nil, err
	}
	a := h.answer()
	a.Taken = taken
	return a, nil
}
