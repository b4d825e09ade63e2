package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type jobInput struct {
	Model   string `query:"model" doc:"Name of a model"`
	Kind    string `query:"kind" doc:"What is asked of it: sample, evaluate, forecast or infer; without it what it does: samples, forecasts, draws"`
	Key     string `header:"Idempotency-Key" doc:"Refuses the key where it was sent with another request. The same request is the same job without it too."`
	RawBody []byte `contentType:"application/json"`
}

type jobName struct {
	ID string `path:"id" doc:"Id of a job"`
}

type jobOutput struct{ Body Job }

type jobListOutput struct {
	Body struct {
		Jobs []Job `json:"jobs"`
	}
}

// jobRoutes are there where the server has a directory for jobs.
func (s *Server) jobRoutes(api huma.API) {
	if s.jobs == nil {
		return
	}
	const at = "/v1/jobs"
	op := func(id, method, path, summary string, errs ...int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{"jobs"},
			Errors: append(errs, http.StatusBadRequest, http.StatusNotFound)}
	}
	job := &huma.Schema{Ref: "#/components/schemas/Job"}
	post := op("add-job", http.MethodPost, at, "Make an answer into a file of the server", http.StatusConflict,
		http.StatusTooManyRequests, http.StatusServiceUnavailable)
	post.Description = "The body and the query are those of the same request without a job: settings of samples; " +
		"rows, series or data of the other kinds, whose settings are the query. The result outlives the client and " +
		"the server: a job that was interrupted goes on where it was, or begins again, to the same bytes, which are " +
		"those of the request without a job."
	post.MaxBodyBytes, post.SkipValidateBody = int64(max(s.c.MaxBody, s.c.MaxData)), true
	post.Parameters = answerParameters()[:1]
	post.Responses = map[string]*huma.Response{"202": {Description: "The job, as it is.",
		Content: map[string]*huma.MediaType{"application/json": {Schema: job}}}}
	huma.Register(api, post, func(_ context.Context, in *jobInput) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			s.addJob(w, r, in)
		}}, nil
	})
	body := api.OpenAPI().Paths[at].Post.RequestBody
	body.Required, body.Content = false, map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{
		Ref: "#/components/schemas/SampleRequest"}}}
	huma.Register(api, op("list-jobs", http.MethodGet, at, "List the jobs, the latest first"),
		func(context.Context, *struct{}) (*jobListOutput, error) {
			out := &jobListOutput{}
			out.Body.Jobs = s.jobs.list()
			return out, nil
		})
	huma.Register(api, op("get-job", http.MethodGet, at+"/{id}", "How far a job is"),
		func(_ context.Context, in *jobName) (*jobOutput, error) {
			j, _, err := s.jobs.get(in.ID)
			if err != nil {
				return nil, problemOf(err)
			}
			return &jobOutput{j}, nil
		})
	huma.Register(api, op("remove-job", http.MethodDelete, at+"/{id}", "Cancel a job, or remove one that has ended"),
		func(_ context.Context, in *jobName) (*jobOutput, error) {
			j, err := s.jobs.remove(in.ID)
			if err != nil {
				return nil, problemOf(err)
			}
			return &jobOutput{j}, nil
		})
	stream := func(o huma.Operation, f func(http.ResponseWriter, *http.Request, string)) {
		huma.Register(api, o, func(_ context.Context, in *jobName) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(ctx huma.Context) {
				r, w := humago.Unwrap(ctx)
				f(w, r, in.ID)
			}}, nil
		})
	}
	events := op("watch-job", http.MethodGet, at+"/{id}/events", "The job each time that it changes, as "+
		"server-sent events, until it ends")
	events.Responses = map[string]*huma.Response{"200": {Description: "Events whose data are jobs.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: job}}}}
	stream(events, s.watchJob)
	result := op("get-result", http.MethodGet, at+"/{id}/result", "The result, or a range of its bytes",
		http.StatusConflict, http.StatusRequestedRangeNotSatisfiable)
	result.Responses = answers()
	row := func(name, doc string) *huma.Param {
		least := 0.
		return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: huma.TypeInteger,
			Minimum: &least}}
	}
	result.Parameters = []*huma.Param{row("from", "The first row of a part, counted from 0. A part has the bytes of "+
		"the same request for these rows alone."), row("to", "The row behind the last of a part; without it the last "+
		"row is the last of the result.")}
	stream(result, s.jobResult)
}

// addJob answers POST /v1/jobs.
func (s *Server) addJob(w http.ResponseWriter, r *http.Request, in *jobInput) {
	if s.draining() {
		newProblem(http.StatusServiceUnavailable, "", "the server stops", "ask again later").after(
			10 * time.Second).write(w)
		return
	}
	a, err := s.askJob(in.Kind, in.Model, r, in.RawBody)
	var j Job
	if err == nil {
		j, err = s.jobs.add(a, in.Key)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/v1/jobs/"+j.ID)
	w.WriteHeader(http.StatusAccepted)
	jsonFormat.Marshal(w, j)
}

// watchEvery is the shortest time between two events of a job.
const watchEvery = 200 * time.Millisecond

// watchJob sends a job each time that it changes.
func (s *Server) watchJob(w http.ResponseWriter, r *http.Request, id string) {
	rc := http.NewResponseController(w)
	for begun := false; ; begun = true {
		j, changed, err := s.jobs.get(id)
		if err != nil {
			if !begun {
				s.refuse(w, r, err)
			}
			return
		}
		if !begun {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Cache-Control", "no-store")
		}
		b, err := json.Marshal(j)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "event: job\ndata: %s\n\n", b); err != nil || rc.Flush() != nil || j.Ended != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.drain:
			return
		}
		select {
		case <-time.After(watchEvery):
		case <-r.Context().Done():
			return
		}
	}
}

// jobResult sends the file of a job.
func (s *Server) jobResult(w http.ResponseWriter, r *http.Request, id string) {
	j, _, err := s.jobs.get(id)
	if err == nil && j.State != jobDone {
		p := newProblem(http.StatusConflict, "job "+id, "it is "+j.State, "wait until it is done")
		if j.Ended == nil {
			p.after(time.Second)
		}
		err = p
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	file := s.jobs.file(&job{Job: j})
	f, err := os.Open(file)
	if err != nil {
		s.refuse(w, r, newProblem(http.StatusNotFound, "job "+id, "its file is gone", "ask for it again"))
		return
	}
	defer f.Close()
	h := w.Header()
	for _, k := range formatsOf(j.Kind) {
		if k.name == j.Format {
			h.Set("Content-Type", k.contentType())
		}
	}
	etag, name := j.ID, "job-"+j.ID[:8]
	from, to, whole, err := j.asked(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if !whole {
		rows := fmt.Sprintf("-%d-%d", from, to)
		etag, name = etag+rows, name+rows
	}
	h.Set("ETag", `"`+etag+`"`)
	h.Set("Ito-Model-Digest", j.Digest)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+j.end()))
	if whole {
		http.ServeContent(w, r, "", *j.Ended, f)
		return
	}
	if matches(strings.Join(r.Header.Values("If-None-Match"), ","), `"`+etag+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	out := newAnswer(w)
	s.end(w, r, out, j.part(out, f, from, to))
}

// asked are the rows of a result that a request wants; whole: all of its bytes.
func (j *Job) asked(r *http.Request) (from, to int64, whole bool, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, 0, false, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	a, b := query.Get("from"), query.Get("to")
	if a == "" && b == "" {
		return 0, 0, true, nil
	}
	number := func(name, text string, without int64) (n int64) {
		if n = without; text != "" && err == nil {
			if n, err = strconv.ParseInt(text, 10, 64); err != nil || n < 0 {
				err = newProblem(http.StatusBadRequest, name, fmt.Sprintf("%q is no row", clip(text)),
					"count them from 0")
			}
		}
		return n
	}
	from, to = number("from", a, 0), number("to", b, -1)
	switch {
	case err != nil:
		return 0, 0, false, err
	case j.Kind == jobInfer || j.Kind == jobEvaluate:
		return 0, 0, false, newProblem(http.StatusBadRequest, "from", "a result of the kind "+j.Kind+" is not cut by "+
			"rows", "ask for all of it, or for bytes with the header Range")
	case to < 0 && j.Kind != jobSample:
		return 0, 0, false, newProblem(http.StatusBadRequest, "to", "it is not given",
			"say which row is the first behind the part")
	case to < 0:
		to = j.Total
	}
	if from >= to {
		return 0, 0, false, newProblem(http.StatusRequestedRangeNotSatisfiable, "from", fmt.Sprintf("there are no "+
			"rows from %d to %d", from, to), "count them from 0; to is the first that is not wanted")
	}
	return from, to, false, nil
}
