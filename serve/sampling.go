package serve

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// asked is a request for samples that has been read and may be answered.
type asked struct {
	model    *served
	c        sample.Config
	format   format
	deadline time.Duration
	etag     string
	key      string // the settings but for seed and ids: what requests of one batch have in common
	file     bool   // the answer is for a file
}

// ask reads a request: the settings of its body, or of its query where body is nil, and how they are wanted.
func (s *Server) ask(name string, r *http.Request, body []byte) (*asked, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "query", "it cannot be read", "escape it as %XX")
	}
	a := &asked{file: query.Has("format")}
	if a.format, err = formatOf(formats, query, r); err != nil {
		return nil, err
	}
	if a.deadline, err = s.deadline(query); err != nil {
		return nil, err
	}
	if a.c, a.key, err = s.presets.read(query); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(body)) > 0 {
		if err := spec.DecodeRemote("body", body, &a.c); err != nil {
			return nil, err
		}
		a.key = keyOf(a.c)
	}
	if a.c.N > s.c.MaxRows {
		return nil, newProblem(http.StatusBadRequest, "n", fmt.Sprintf("%d samples are more than %d, the most of a "+
			"request here", a.c.N, s.c.MaxRows), "ask for parts: first and n say which")
	}
	if a.model, err = s.models.sampler(name); err != nil {
		return nil, err
	}
	a.c.Out = "samples" + a.format.end
	if a.format.json {
		a.c.Out = "samples.csv"
		a.c.WithID = true // they always have it
	}
	a.c.Workers, a.c.Chunk = cap(s.slots), chunkRows(a.model.model)
	a.etag = a.digest(s.env.Version)
	return a, nil
}

// check reports what drawing would refuse. It costs a plan of the solver, about a third of a single sample.
func (a *asked) check() error {
	err := sample.Check(&a.c, a.model.model)
	var in *ito.InputError
	if errors.As(err, &in) && strings.HasPrefix(in.Where, "`out`") {
		return newProblem(http.StatusBadRequest, "format", in.What, "ask for another format, as "+strings.Join(
			formatNames(), ", "))
	}
	return err
}

// take removes a value from a query.
func take(q url.Values, key string) string {
	v := q.Get(key)
	q.Del(key)
	return v
}

// What a worker draws before another request has its turn. They change no byte.
const turnRows, turnValues = 512, 1 << 17

func chunkRows(m *ito.Model) int {
	d := m.Path.Dim()
	if d == 0 {
		d = max(m.Space.Dim(), task.Width(m), 1)
	}
	return min(turnRows, max(turnValues/d, 1))
}

// keyOf are the settings of a sampling without those that choose among its samples, and that change none.
func keyOf(c sample.Config) string {
	c.N, c.First, c.Seed, c.WithID, c.Out, c.Workers, c.Chunk = 1, 0, 0, false, "", 0, 0
	return spec.Canonical(&c)
}

// digest names the bytes of the answer: they follow from the model, the settings, the format and the program.
func (a *asked) digest(version string) string {
	h := sha256.New()
	c := &a.c
	fmt.Fprintf(h, "%s\n%s\n%s\n%s\n%s\n%s\n%d %d %d %t", a.model.digest, a.format.name, task.Program(version),
		runtime.GOARCH, simd.Level()+" "+simd.BF16(), a.key, c.N, c.First, c.Seed, c.WithID)
	if a.format.name == "json" {
		fmt.Fprint(h, a.model.name) // which stands in the body
	}
	return `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// matches reports that an If-None-Match header names the tag.
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == etag {
			return true
		}
	}
	return false
}

// sample answers a request for samples.
func (s *Server) sample(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	a, err := s.ask(name, r, body)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if tagged(w, r, a.etag, a.model) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.format.contentType())
	if a.file {
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename*=UTF-8''%s", url.PathEscape(fmt.Sprintf(
			"%s-seed%d-%d-%d%s", name, a.c.Seed, a.c.First, a.c.First+uint64(a.c.N)-1, a.format.end))))
	}
	if n := a.length(); n > 0 {
		h.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	if r.Method == http.MethodHead {
		if err := a.check(); err != nil {
			s.refuse(w, r, err)
		}
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), a.deadline)
	defer cancel()
	out := newAnswer(w)
	s.end(w, r, out, s.draw(ctx, a, out))
}

// length is the number of bytes of the answer, 0 where that is not known.
func (a *asked) length() int64 {
	if a.format.name != "npy" {
		return 0
	}
	var head bytes.Buffer
	w, err := sample.NewWriter(&head, &a.c, a.model.model)
	if f, ok := w.(*data.SampleWriter); err == nil && ok {
		if n, ok := f.Format().(data.NPY); ok && n.Begin(&head) == nil {
			return int64(head.Len()) + int64(n.Shape[0])*int64(n.RowSize())
		}
	}
	return 0
}

// draw waits for a place and draws.
func (s *Server) draw(ctx context.Context, a *asked, out *answer) error {
	began := time.Now()
	leave, ok := s.gate.try()
	if !ok { // nobody waits for a place to be refused in it
		if err := a.check(); err != nil {
			return err
		}
		var err error
		if leave, err = s.gate.enter(ctx); err != nil {
			s.metrics.waited(time.Since(began))
			return err
		}
	}
	s.metrics.waited(time.Since(began))
	defer leave()
	var err error
	var w sample.Writer
	var j *jsonWriter
	if a.format.json {
		if j, err = newJSONWriter(out, a.format.name == "ndjson", a.model, &a.c, a.etag); err != nil {
			return err
		}
		w = j
	} else if w, err = sample.NewWriter(out, &a.c, a.model.model); err != nil {
		return a.check() // in the words of a request
	}
	env := sample.Env{Model: a.model.model, Digest: a.model.digest, Slots: s.slots}
	env.Version = s.env.Version
	if j != nil {
		env.Note = func(line string) { j.head.Notes = append(j.head.Notes, plain(line)) }
	}
	rows := 0
	env.Sink = func(x ito.States) error {
		rows += x.N
		if err := w.WriteRows(x); err != nil {
			return err
		}
		return out.tick()
	}
	report, small, err := s.together(ctx, a, &env)
	if !small {
		report, err = sample.Run(ctx, a.c, env)
	}
	s.metrics.drew(rows, report.NFE)
	if err != nil {
		if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
			return errors.Join(cause, err)
		}
		return err
	}
	if j != nil {
		j.report = &report
	}
	return w.Close()
}

// refuse answers with an error.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if r.Context().Err() != nil && !s.draining() {
		s.metrics.cancelled("client")
		noteOf(r).outcome = "client gone"
		panic(http.ErrAbortHandler)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		s.metrics.cancelled("deadline")
	}
	if p.Status == http.StatusInternalServerError {
		s.log.Error("a request failed", "id", noteOf(r).id, "error", err)
	}
	p.write(w)
}

// abort breaks the connection of an answer that has begun: a client must not take a part for the whole.
func (s *Server) abort(r *http.Request, err error) {
	n := noteOf(r)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil:
		s.metrics.cancelled("deadline")
		n.outcome = "deadline"
	case r.Context().Err() != nil || errors.Is(err, os.ErrDeadlineExceeded):
		s.metrics.cancelled("client")
		n.outcome = "client gone"
	default:
		n.outcome = "broken: " + problemOf(err).Detail
		s.log.Warn("an answer broke off", "id", n.id, "error", err)
	}
	panic(http.ErrAbortHandler)
}
