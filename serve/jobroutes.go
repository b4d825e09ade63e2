package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type jobInput struct {
	Model   string `query:"model" doc:"Name of a model"`
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
	post := op("add-job", http.MethodPost, at, "Draw samples into a file of the server", http.StatusConflict,
		http.StatusTooManyRequests, http.StatusServiceUnavailable)
	post.Description = "The body is that of a request for samples. The result outlives the client and the server: a " +
		"job that was interrupted goes on where it was. Its bytes are those of the same request without a job."
	post.MaxBodyBytes, post.SkipValidateBody, post.Parameters = int64(s.c.MaxBody), true, answerParameters()[:1]
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
	stream(result, s.jobResult)
}

// addJob answers POST /v1/jobs.
func (s *Server) addJob(w http.ResponseWriter, r *http.Request, in *jobInput) {
	if s.draining() {
		newProblem(http.StatusServiceUnavailable, "", "the server stops", "ask again later").after(
			10 * time.Second).write(w)
		return
	}
	r = r.Clone(r.Context())
	q := r.URL.Query()
	q.Del("model")
	if !q.Has("format") {
		q.Set("format", "csv")
	}
	r.URL.RawQuery = q.Encode()
	a, err := s.ask(in.Model, r, in.RawBody)
	if err == nil && a.format.json {
		err = newProblem(http.StatusBadRequest, "format", "a job writes a file of ito sample",
			"ask for csv, npy, parquet or text")
	}
	if err == nil {
		err = a.check()
	}
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
	for _, k := range formats {
		if k.name == j.Format {
			h.Set("Content-Type", k.contentType())
		}
	}
	h.Set("ETag", `"`+j.ID+`"`)
	h.Set("Ito-Model-Digest", j.Digest)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "job-"+j.ID[:8]+filepath.Ext(file)))
	http.ServeContent(w, r, "", *j.Ended, f)
}
