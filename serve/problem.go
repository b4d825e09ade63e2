package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ode"
	"github.com/seed9a7962a8/ito/store"
)

// problem is an answer that is an error: RFC 9457, with what is wrong, where, and what to do, in the words of the
// command line.
type problem struct {
	Type   string `json:"type" doc:"About:blank: the title says it"`
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status"`
	Detail string `json:"detail" doc:"What is wrong, where, and what to do"`
	Where  string `json:"where,omitempty" doc:"The setting, or the place in the body"`
	What   string `json:"what,omitempty" doc:"What is wrong"`
	Do     string `json:"do,omitempty" doc:"What to do"`

	retry time.Duration // 0: there is nothing to wait for
}

func (p *problem) Error() string  { return p.Detail }
func (p *problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (*problem) ContentType(string) string { return "application/problem+json" }

func newProblem(status int, where, what, do string) *problem {
	p := &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Where: plain(where),
		What: plain(what), Do: plain(do)}
	p.Detail = (&ito.InputError{Where: p.Where, What: p.What, Do: p.Do}).Error()
	return p
}

func (p *problem) after(d time.Duration) *problem {
	p.retry = d
	return p
}

func init() {
	// What huma refuses by itself looks like what this package does.
	huma.NewError = func(status int, what string, errs ...error) huma.StatusError {
		if status == http.StatusUnprocessableEntity {
			status = http.StatusBadRequest
		}
		for _, e := range errs {
			if e != nil {
				what += ": " + e.Error()
			}
		}
		do := ""
		switch {
		case status == http.StatusRequestEntityTooLarge:
			do = "send less, or let the server take more"
			if _, limit, ok := strings.Cut(what, "too large limit="); ok {
				what = "the body is larger than " + limit
			}
		case status == http.StatusInternalServerError && strings.HasPrefix(what, "cannot read request body"):
			// It ended early, or is not what its header says.
			status, do = http.StatusBadRequest, "send all of it, as long as its header says"
		}
		return newProblem(status, "", what, do)
	}
}

// full reports a disk that takes no more.
func full(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// problemOf is the answer for an error. What is no fault of the request is kept out of it.
func problemOf(err error) *problem {
	var p *problem
	var in *ito.InputError
	var un *ito.UnsupportedError
	var nf *ito.NonFiniteError
	var ff *store.FormatError
	var st *ode.StepError
	switch {
	case errors.As(err, &p):
		return p
	case full(err):
		return newProblem(http.StatusInsufficientStorage, "", "the disk of the server is full", "send it again when "+
			"there is space; it goes on from what is done")
	case errors.Is(err, errBusy):
		return newProblem(http.StatusTooManyRequests, "", "as many requests wait as may",
			"come back in a second").after(time.Second)
	case errors.Is(err, context.DeadlineExceeded):
		return newProblem(http.StatusServiceUnavailable, "timeout", "the time is over",
			"ask for fewer samples or network calls, or allow more time").after(time.Second)
	case errors.Is(err, context.Canceled):
		return newProblem(http.StatusServiceUnavailable, "", "the server stops", "ask another, or later").after(
			5 * time.Second)
	case errors.As(err, &in):
		return newProblem(http.StatusBadRequest, in.Where, in.What, in.Do)
	case errors.As(err, &un):
		return newProblem(http.StatusBadRequest, "", un.What+" is not possible: "+un.Why, "the nearest that works is "+
			un.Nearest)
	case errors.As(err, &nf):
		return newProblem(http.StatusUnprocessableEntity, "", nf.Error(), "take more steps (nfe) or another solver")
	case errors.As(err, &st):
		what := fmt.Sprintf("a sample stopped at t=%g after %d steps: %s", st.T, st.Steps, st.What)
		return newProblem(http.StatusUnprocessableEntity, "tol", what, "allow a larger tol, or give another solver")
	case errors.As(err, &ff):
		return newProblem(http.StatusServiceUnavailable, "model", ff.What, ff.Do).after(5 * time.Second)
	case errors.Is(err, ito.ErrInput):
		return newProblem(http.StatusBadRequest, "", err.Error(), "")
	}
	return newProblem(http.StatusInternalServerError, "", "the server failed", "its log has the reason")
}

// write sends the answer.
func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Disposition", "ETag", "Cache-Control"} {
		h.Del(name)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if p.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(max(p.retry, time.Second)/time.Second)))
	}
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte("{}")
	}
	h.Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(p.Status)
	w.Write(append(b, '\n'))
}

// asFlags are the forms in which messages name settings.
var asFlags = sync.OnceValue(func() (r struct{ ticked, dashed, short *regexp.Regexp }) {
	r.ticked = regexp.MustCompile("`([^`]*)`")
	r.dashed = regexp.MustCompile(`(^|[ (])--([a-z][a-z0-9-]*)`)
	r.short = regexp.MustCompile(`^-([a-z])$`)
	return r
})

// plain writes the settings that a message names as a request does: `nfe` and --nfe as nfe.
func plain(text string) string {
	r := asFlags()
	text = r.ticked.ReplaceAllString(text, "$1")
	text = r.dashed.ReplaceAllString(text, "$1$2")
	return r.short.ReplaceAllString(text, "$1")
}

// pathless is an error of a file without its name.
func pathless(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.TrimSpace(s)
}
