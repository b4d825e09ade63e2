package serve

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/evaluate"
)

// Most of an evaluation: exact distances cost the cube of the rows, between two looks at the context.
const mostRows, mostDraws, mostSamples = 2000, 10, 100000

type evaluateInput struct {
	Name    string `path:"name" doc:"Name of a model"`
	RawBody []byte `contentType:"text/csv"`
}

func (s *Server) evaluateRoutes(api huma.API) {
	const at = "/v1/models/{name}/evaluate"
	op := huma.Operation{OperationID: "evaluate", Method: http.MethodPost, Path: at, Tags: []string{"models"},
		Summary: "Measure how far samples of the model are from the rows of the body", Description: "The body is a " +
			"table as ito eval reads it: CSV or lines of JSON, with the columns of the model. The answer is what ito " +
			"eval prints with the flag for JSON: distances, their floors, and a verdict.",
		MaxBodyBytes: int64(s.c.MaxData), SkipValidateBody: true, Errors: sampleErrors,
		Responses: map[string]*huma.Response{"200": {Description: "The report.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}}}}}}
	op.Parameters = parametersOf(evaluate.Config{})
	huma.Register(api, op, func(_ context.Context, in *evaluateInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			report, err := s.evaluate(r, in.Name, in.RawBody)
			if err != nil {
				s.refuse(w, r, err)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			task.Words(&report, plain)
			jsonFormat.Marshal(w, report)
		}}, nil
	})
}

// again reads bytes, and after their end the same bytes anew: a report on tables reads its data twice.
type again struct {
	b  []byte
	at int
}

func (r *again) Read(p []byte) (int, error) {
	if r.at == len(r.b) {
		r.at = 0
		return 0, io.EOF
	}
	n := copy(p, r.b[r.at:])
	r.at += n
	return n, nil
}

// evaluate compares a model with rows. It holds one worker for all of its time, and there is one at a time: a distance
// of many rows takes seconds, in which nobody can end it.
func (s *Server) evaluate(r *http.Request, name string, rows []byte) (*evaluate.Report, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	c := spec.New[evaluate.Config]()
	if err := spec.DecodeQuery(query, &c); err != nil {
		return nil, err
	}
	switch {
	case len(bytes.TrimSpace(rows)) == 0:
		return nil, newProblem(http.StatusBadRequest, "body", "there are no rows",
			"send a table with the model's columns")
	case c.Rows > mostRows || c.Draws > mostDraws || c.Of.N > mostSamples || c.All:
		return nil, newProblem(http.StatusBadRequest, "rows", "it is more than a server compares", "ask for at most "+
			"2000 rows, 10 draws and 100000 samples, or use ito eval")
	}
	m, err := s.models.sampler(name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.c.Deadline)
	defer cancel()
	began := time.Now()
	leave, err := s.gate.enter(ctx)
	s.metrics.waited(time.Since(began))
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, place := range []chan struct{}{s.comparing, s.slots} {
		select {
		case place <- struct{}{}:
			defer func() { <-place }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c.Samples, c.Against, c.Workers = name, "-", 1
	env := evaluate.Env{Model: m.model, Env: task.Env{Stdin: &again{b: rows}, Version: s.env.Version}}
	return evaluate.Run(ctx, c, env)
}
