package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/forecast"
)

// forecastFormats are those that forecasts are written in, the default first.
var forecastFormats = []format{
	{"json", "application/json", ".json", true, "One object: the model and a forecast for each series."},
	{
		"ndjson",
		"application/x-ndjson",
		".json",
		false,
		"The lines that ito forecast predict writes to a .json file, a " +
			"series each.",
	},
	{"csv", "text/csv", ".csv", false, "The bytes that ito forecast predict writes to a .csv file."},
	{
		"parquet",
		"application/vnd.apache.parquet",
		".parquet",
		false,
		"The bytes that ito forecast predict writes to a " +
			".parquet file.",
	},
}

// Most of a forecast: numbers that it has, and steps of the series that it reads.
const mostForecast, mostSteps = 1 << 24, 1 << 22

type forecastInput struct {
	Name    string `path:"name" doc:"Name of a forecaster"`
	RawBody []byte `                                       contentType:"text/csv"`
}

func (s *Server) forecastRoutes(api huma.API) {
	const at = "/v1/models/{name}/forecast"
	op := huma.Operation{OperationID: "forecast", Method: http.MethodPost, Path: at, Tags: []string{"forecasts"},
		Summary: "Forecast the series of the body", Description: "The body is series as ito forecast reads " +
			"them: CSV or lines of JSON, or what Prometheus answers to query_range. The settings are those of ito " +
			"forecast predict, and so are the bytes of the answer.",
		MaxBodyBytes: int64(s.c.MaxData), SkipValidateBody: true, Errors: sampleErrors,
		Responses: answersOf(forecastFormats)}
	op.Parameters = append(answerParametersOf(forecastFormats), parametersOf(forecast.PredictConfig{})...)
	huma.Register(api, op, func(_ context.Context, in *forecastInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.forecast(w, r, in.Name, in.RawBody)
		}}, nil
	})
	api.OpenAPI().Paths[at].Post.RequestBody.Required = false // the answer describes what it lacks
	s.leadRoutes(api)
}

// parametersOf are the settings that a request may have as parameters of a query.
func parametersOf(c any) []*huma.Param {
	var out []*huma.Param
	explode := false
	for _, p := range spec.Properties(c) {
		schema := schemaOf(p)
		q := &huma.Param{Name: p.Key, In: "query", Description: schema.Description, Schema: schema}
		if p.Type == huma.TypeArray {
			q.Style, q.Explode = "form", &explode
		}
		schema.Description = ""
		out = append(out, q)
	}
	return out
}

// forecast answers a request for forecasts.
func (s *Server) forecast(w http.ResponseWriter, r *http.Request, name string, series []byte) {
	c, f, deadline, err := s.askForecast(r, series)
	var m *served
	if err == nil {
		m, err = s.models.forecaster(name)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if tagged(w, r, forecastTag(m, &c, f, series, s.env.Version), m) {
		return
	}
	w.Header().Set("Content-Type", f.contentType())
	ctx, cancel := context.WithTimeout(r.Context(), deadline)
	defer cancel()
	out := newAnswer(w)
	s.end(w, r, out, inBody(s.predict(ctx, &c, m, f, series, out)))
}

// askForecast reads a request.
func (s *Server) askForecast(r *http.Request, series []byte) (c forecast.PredictConfig, f format, limit time.Duration,
	err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return c, f, 0, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	c = spec.New[forecast.PredictConfig]()
	if f, err = formatOf(forecastFormats, query, r); err != nil {
		return c, f, 0, err
	}
	if limit, err = s.deadline(query); err != nil {
		return c, f, 0, err
	}
	if err := spec.DecodeQuery(query, &c); err != nil {
		return c, f, 0, err
	}
	numbers := float64(max(c.Horizon, 1)) * float64(max(c.Samples, len(c.Quantiles), 1)+c.Conformal)
	switch {
	case len(bytes.TrimSpace(series)) == 0:
		err = newProblem(http.StatusBadRequest, "body", "there are no series", "send a table, lines of JSON, or what "+
			"Prometheus answers to query_range")
	case numbers > mostForecast:
		err = newProblem(http.StatusBadRequest, "samples", fmt.Sprintf("a forecast of %.0f numbers is more than a "+
			"server makes", numbers), "ask for a shorter horizon or fewer samples, or use ito forecast predict")
	case packed(series):
		err = newProblem(http.StatusBadRequest, "body", "packed and Parquet files are not read from a request",
			"send CSV or lines of JSON")
	}
	c.Data, c.Workers, c.MostSteps = "-", 1, mostSteps
	return c, f, limit, err
}

// packed reports a file that could be many times as large as it is.
func packed(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\x1f\x8b")) || bytes.HasPrefix(b, []byte("PAR1")) ||
		bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd"))
}

// deadline is the longest time for an answer: that of the server, or timeout=2s of a query where it is shorter.
func (s *Server) deadline(q url.Values) (time.Duration, error) {
	text := take(q, "timeout")
	if text == "" {
		return s.c.Deadline, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, newProblem(http.StatusBadRequest, "timeout", fmt.Sprintf("%q is no time", clip(text)),
			"write it as 500ms or 30s")
	}
	return min(d, s.c.Deadline), nil
}

// forecastTag names the bytes of an answer: they follow from the model, the series, the settings, the format and the
// program.
func forecastTag(m *served, c *forecast.PredictConfig, f format, series []byte, version string) string {
	of := *c
	of.Workers = 0
	return tagOf(m, f, version, spec.Canonical(&of), store.Digest(series))
}

// predict waits for a place and a worker, and forecasts.
func (s *Server) predict(ctx context.Context, c *forecast.PredictConfig, m *served, f format, series []byte,
	out io.Writer) error {
	leave, err := s.place(ctx)
	if err != nil {
		return err
	}
	defer leave()
	env := task.Env{Stdin: bytes.NewReader(series), Version: s.env.Version}
	if f.json {
		list := &jsonList{w: out}
		tag := strings.Trim(forecastTag(m, c, f, series, s.env.Version), `"`)
		head := fmt.Appendf(nil, `{"model":%q,"model_digest":%q,"digest":%q,"forecasts":[`, m.name, m.digest, tag)
		if _, err := out.Write(head); err != nil {
			return err
		}
		if _, err := forecast.PredictTo(ctx, *c, m.forecaster, list, "json", env); err != nil {
			return err
		}
		_, err := io.WriteString(out, "]}\n")
		return err
	}
	_, err = forecast.PredictTo(ctx, *c, m.forecaster, out, strings.TrimPrefix(f.end, "."), env)
	return err
}

// place waits for a place and a worker, and returns what gives both back.
func (s *Server) place(ctx context.Context) (func(), error) {
	began := time.Now()
	leave, err := s.gate.enter(ctx)
	if err == nil {
		select {
		case s.slots <- struct{}{}:
			inner := leave
			leave = func() { <-s.slots; inner() }
		case <-ctx.Done():
			leave()
			err = ctx.Err()
		}
	}
	s.metrics.waited(time.Since(began))
	return leave, err
}

// jsonList makes a list of lines of JSON.
type jsonList struct {
	w    io.Writer
	wait bool // the end of a line, which is a comma where another follows
	b    []byte
}

// Write implements io.Writer.
func (l *jsonList) Write(p []byte) (int, error) {
	l.b = l.b[:0]
	for _, c := range p {
		if l.wait {
			l.b = append(l.b, ',')
			l.wait = false
		}
		if c == '\n' {
			l.wait = true
			continue
		}
		l.b = append(l.b, c)
	}
	if _, err := l.w.Write(l.b); err != nil {
		return 0, err
	}
	return len(p), nil
}

// inBody words what is wrong with standard input as a request has it.
func inBody(err error) error {
	if err == nil {
		return nil
	}
	if p := problemOf(err); p.Status == http.StatusBadRequest {
		where := strings.ReplaceAll(p.Where, "standard input", "body")
		what := strings.ReplaceAll(p.What, "standard input", "the body")
		return newProblem(p.Status, where, what, p.Do)
	}
	return err
}
