package serve

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/store"
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
			s.evaluate(w, r, in.Name, in.RawBody)
		}}, nil
	})
}

// reportFormat is that of a report.
var reportFormat = format{"json", "application/json", ".json", true, "The report."}

// comparing is a request for a report that has been read.
type comparing struct {
	model *served
	c     evaluate.Config
	rows  []byte
	etag  string
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

// askEvaluate reads a request.
func (s *Server) askEvaluate(name string, r *http.Request, rows []byte) (*comparing, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	q := &comparing{c: spec.New[evaluate.Config]()}
	if err := spec.DecodeQuery(query, &q.c); err != nil {
		return nil, err
	}
	if q.rows, err = unpacked(rows, s.c.MaxData); err != nil {
		return nil, err
	}
	switch c := &q.c; {
	case len(bytes.TrimSpace(q.rows)) == 0:
		return nil, newProblem(http.StatusBadRequest, "body", "there are no rows",
			"send a table with the model's columns")
	case c.Rows > mostRows || c.Draws > mostDraws || c.Of.N > mostSamples || c.All:
		return nil, newProblem(http.StatusBadRequest, "rows", "it is more than a server compares", "ask for at most "+
			"2000 rows, 10 draws and 100000 samples, or use ito eval")
	}
	if q.model, err = s.models.sampler(name); err != nil {
		return nil, err
	}
	q.etag = tagOf(q.model, reportFormat, s.env.Version, spec.Canonical(&q.c), store.Digest(q.rows))
	return q, nil
}

// unpacked is a body, of a gzipped one its content: not more of it than a body may be, however small it was packed.
func unpacked(b []byte, most int) ([]byte, error) {
	if !packed(b) {
		return b, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "body", "it is packed, and not by gzip", "send CSV or lines of "+
			"JSON, gzipped or not")
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "body", "what was gzipped is damaged: "+err.Error(),
			"send it again")
	}
	if len(out) > most {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "body", fmt.Sprintf("unpacked it is longer than %d "+
			"bytes", most), "send less")
	}
	if packed(out) {
		return nil, newProblem(http.StatusBadRequest, "body", "it is packed twice", "send CSV or lines of JSON")
	}
	return out, nil
}

// evaluate answers a request for a report.
func (s *Server) evaluate(w http.ResponseWriter, r *http.Request, name string, rows []byte) {
	q, err := s.askEvaluate(name, r, rows)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if tagged(w, r, q.etag, q.model) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	ctx, cancel := context.WithTimeout(r.Context(), s.c.Deadline)
	defer cancel()
	out := newAnswer(w)
	s.end(w, r, out, s.compare(ctx, q, out))
}

// compare compares a model with rows. It holds one worker for all of its time, and there is one at a time: a distance
// of many rows takes seconds, in which nobody can end it.
func (s *Server) compare(ctx context.Context, q *comparing, out io.Writer) error {
	began := time.Now()
	leave, err := s.gate.enter(ctx)
	s.metrics.waited(time.Since(began))
	if err != nil {
		return err
	}
	defer leave()
	for _, place := range []chan struct{}{s.comparing, s.slots} {
		select {
		case place <- struct{}{}:
			defer func() { <-place }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c := q.c
	c.Samples, c.Against, c.Workers = q.model.name, "-", 1
	env := evaluate.Env{Model: q.model.model, Env: task.Env{Stdin: &again{b: q.rows}, Version: s.env.Version}}
	report, err := evaluate.Run(ctx, c, env)
	if err != nil {
		return err
	}
	task.Words(&report, plain)
	return jsonFormat.Marshal(out, report)
}
