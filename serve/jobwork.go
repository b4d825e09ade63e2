package serve

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// The kinds of jobs: what is asked of a model.
const (
	jobSample   = "sample"
	jobEvaluate = "evaluate"
	jobForecast = "forecast"
	jobInfer    = "infer"
)

// formatsOf are the formats of a kind of job; the first is the one of which nothing was said.
func formatsOf(kind string) []format {
	at := func(all []format, names ...string) (out []format) {
		for _, name := range names {
			out = append(out, all[slices.IndexFunc(all, func(f format) bool { return f.name == name })])
		}
		return out
	}
	switch kind {
	case jobSample:
		return at(formats, "csv", "npy", "parquet", "text")
	case jobEvaluate:
		return []format{reportFormat}
	case jobForecast:
		return at(forecastFormats, "csv", "ndjson", "parquet", "json")
	case jobInfer:
		return at(inferFormats, "parquet", "npy", "csv", "json")
	}
	return nil
}

// jobRequest is a request that may be a job.
type jobRequest struct {
	kind     string
	model    *served
	format   format
	etag     string // of the same request without a job: it names the bytes
	settings any
	total    int64
	query    string // "": the settings are all that there is to the request
	body     []byte // of the request; nil: it is in the settings
	run      func(ctx context.Context, dir string, progress func(task.ProgressEvent), out io.Writer) error
}

// askJob reads a request of a kind, "" being what the model does.
func (s *Server) askJob(kind, name string, r *http.Request, body []byte) (*jobRequest, error) {
	if kind == "" {
		m, err := s.models.get(name)
		if err != nil {
			return nil, err
		}
		kind = m.card.Kind.place()
	}
	all := formatsOf(kind)
	if all == nil {
		return nil, newProblem(http.StatusBadRequest, "kind", "there is no kind of job \""+clip(kind)+"\"",
			suggest.Among(kind, []string{jobSample, jobEvaluate, jobForecast, jobInfer}))
	}
	r = r.Clone(r.Context())
	query := r.URL.Query()
	query.Del("model")
	query.Del("kind")
	f := cmp.Or(query.Get("format"), all[0].name)
	if !slices.Contains(namesOf(all), f) {
		return nil, newProblem(http.StatusBadRequest, "format", "a job of the kind "+kind+" writes no "+clip(f),
			"ask for "+strings.Join(namesOf(all), ", "))
	}
	if kind == jobEvaluate { // which has no choice
		query.Del("format")
	} else {
		query.Set("format", f)
	}
	r.URL = &url.URL{RawQuery: query.Encode()}
	q := &jobRequest{kind: kind, query: r.URL.RawQuery, body: body, total: 1}
	if q.body == nil {
		q.body = []byte{}
	}
	switch kind {
	case jobEvaluate:
		a, err := s.askEvaluate(name, r, body)
		if err != nil {
			return nil, err
		}
		q.model, q.format, q.etag, q.settings = a.model, reportFormat, a.etag, &a.c
		q.run = func(ctx context.Context, _ string, _ func(task.ProgressEvent), out io.Writer) error {
			return s.compare(ctx, a, out)
		}
	case jobForecast:
		c, f, _, err := s.askForecast(r, body)
		if err != nil {
			return nil, err
		}
		if q.model, err = s.models.forecaster(name); err != nil {
			return nil, err
		}
		q.format, q.etag, q.settings = f, forecastTag(q.model, &c, f, body, s.env.Version), &c
		q.run = func(ctx context.Context, _ string, _ func(task.ProgressEvent), out io.Writer) error {
			return inBody(s.predict(ctx, &c, q.model, f, body, out))
		}
	case jobInfer:
		a, err := s.askInfer(name, r, body)
		if err == nil {
			err = a.whichChain()
		}
		if err != nil {
			return nil, err
		}
		q.model, q.format, q.etag, q.settings = a.model, a.format, a.etag, &a.c
		q.run = func(ctx context.Context, dir string, progress func(task.ProgressEvent), out io.Writer) error {
			return s.drawDensity(ctx, a, dir, progress, out)
		}
	default:
		return s.askSampleJob(name, r, body)
	}
	return q, nil
}

// askSampleJob is askJob for samples.
func (s *Server) askSampleJob(name string, r *http.Request, body []byte) (*jobRequest, error) {
	if len(body) > s.c.MaxBody {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "body", "the settings are longer than a server reads",
			"send less")
	}
	a, err := s.ask(name, r, body)
	if err == nil {
		err = a.check()
	}
	if err != nil {
		return nil, err
	}
	return &jobRequest{kind: jobSample, model: a.model, format: a.format, etag: a.etag, settings: &a.c,
		total: int64(a.c.N)}, nil
}

// place is a file of a job.
func (q *jobs) place(j *job, end string) string { return filepath.Join(q.dir, j.ID+end) }

// file is the result of a job.
func (q *jobs) file(j *job) string {
	if j.Kind != jobSample {
		return q.place(j, ".out") // a report is JSON, and so is what a job is
	}
	return q.place(j, j.end())
}

// end is how the name of a result ends.
func (j *Job) end() string {
	for _, f := range formatsOf(j.Kind) {
		if f.name == j.Format {
			return f.end
		}
	}
	return ""
}

// tidy removes what a job needs no more when it has ended; q.mu is held.
func (q *jobs) tidy(j *job) {
	partial := sample.Partial(q.file(j))
	err := os.RemoveAll(q.place(j, ".work"))
	for _, f := range []string{partial, partial + ".journal", q.place(j, ".body")} {
		err = errors.Join(err, task.RemoveIfThere(f))
	}
	if err != nil {
		q.s.log.Error("a job's file stays", "job", j.ID, "error", pathless(err))
	}
}

// work makes the result of a job.
func (q *jobs) work(ctx context.Context, j *job) error {
	if j.Kind == jobSample {
		return q.sample(ctx, j)
	}
	body, err := os.ReadFile(q.place(j, ".body"))
	if err != nil {
		return err
	}
	r := &http.Request{URL: &url.URL{RawQuery: j.Query}, Header: http.Header{}}
	a, err := q.s.askJob(j.Kind, j.Model, r.WithContext(ctx), body)
	if err != nil {
		return err
	}
	if strings.Trim(a.etag, `"`) != j.ID {
		return changedModel(j)
	}
	dir := q.place(j, ".work")
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	progress := func(e task.ProgressEvent) {
		if e.Name != "sample" {
			return
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		j.Done, j.Total = e.Done, max(e.Total, e.Done, 1)
		j.note()
	}
	for {
		err := store.WriteFile(q.file(j), func(w io.Writer) error { return a.run(ctx, dir, progress, w) })
		if !errors.Is(err, errBusy) {
			return err
		}
		select { // a job waits where a request is told to come back
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func changedModel(j *job) error {
	return &ito.InputError{Where: "model " + j.Model, What: "its file, or the program, has changed since the job was " +
		"asked for", Do: "ask again"}
}

// sample draws a job's samples into its file.
func (q *jobs) sample(ctx context.Context, j *job) error {
	m, err := q.s.models.sampler(j.Model)
	if err != nil {
		return err
	}
	if m.digest != j.Digest {
		return changedModel(j)
	}
	c := spec.New[sample.Config]()
	if err := spec.Decode("job", j.Settings, &c); err != nil {
		return err
	}
	c.Out, c.Workers, c.Chunk = q.file(j), cap(q.s.slots), chunkRows(m.model)
	c.Resume = j.Format != "parquet" // which is written whole
	env := sample.Env{Model: m.model, Digest: m.digest, Slots: q.s.slots}
	env.Version = q.s.env.Version
	env.Progress = func(e task.ProgressEvent) {
		q.mu.Lock()
		defer q.mu.Unlock()
		j.Done = e.Done
		j.note()
	}
	report, err := sample.Run(ctx, c, env)
	q.s.metrics.drew(report.N, report.NFE)
	if errors.Is(err, store.ErrFinished) {
		return nil
	}
	return err
}
