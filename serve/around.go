package serve

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// note is what the log tells of a request besides its line.
type note struct {
	id      string
	outcome string // "": its status
}

type noteKey struct{}

// noteOf is the note of a request.
func noteOf(r *http.Request) *note {
	if n, ok := r.Context().Value(noteKey{}).(*note); ok {
		return n
	}
	return &note{}
}

// recorder sees the status and the length of an answer. Each piece has some time to be taken, so a client that stops
// reading stops the work.
type recorder struct {
	http.ResponseWriter
	rc     *http.ResponseController
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.rc.SetWriteDeadline(time.Now().Add(writeTimeout)) // a recorder of a test has none
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// statusGone stands in the log and in metrics for a client that went away.
const statusGone = 499

var requestID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`) })

// around is what surrounds every request: a line of the log, metrics, headers of caution, the token, and an answer
// where a handler panics.
func (s *Server) around(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		n := &note{id: r.Header.Get("X-Request-Id")}
		if !requestID().MatchString(n.id) {
			var b [8]byte
			rand.Read(b[:]) // never fails
			n.id = hex.EncodeToString(b[:])
		}
		r = r.WithContext(context.WithValue(r.Context(), noteKey{}, n))
		rec := &recorder{ResponseWriter: w, rc: http.NewResponseController(w)}
		defer func() {
			e := recover()
			if e != nil && e != http.ErrAbortHandler {
				s.panicked(rec, n, e)
			}
			s.done(r, rec, n, time.Since(began))
			if e == http.ErrAbortHandler {
				panic(e)
			}
		}()
		h := w.Header()
		h.Set("X-Request-Id", n.id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri "+
			"'none'; frame-ancestors 'none'; form-action 'self'")
		switch err := cross.Check(r); {
		case !s.near(r):
			newProblem(http.StatusMisdirectedRequest, "Host", fmt.Sprintf("this server is not called %q", clip(r.Host)),
				"ask for localhost, or let the server know the name (host)").write(rec)
		case err != nil:
			newProblem(http.StatusForbidden, "Origin", "a page of another site may not ask for work here",
				"ask from this server's own page, or without a browser").write(rec)
		case !s.allowed(r):
			h.Set("WWW-Authenticate", `Bearer realm="ito"`)
			newProblem(http.StatusUnauthorized, "Authorization", "the token is missing or wrong",
				"send the header Authorization: Bearer TOKEN").write(rec)
		default:
			next.ServeHTTP(rec, r)
		}
	})
}

// near reports that a request names this machine, where the server is for it alone: the page of another site could
// otherwise let its own name lead here, and read what it is told.
func (s *Server) near(r *http.Request) bool {
	if !s.local {
		return true
	}
	name := r.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback() || name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		slices.ContainsFunc(s.c.Hosts, func(h string) bool { return strings.EqualFold(h, name) })
}

// open are the places that need no token: the page, which has nothing in it, and the questions of a load balancer.
var open = []string{"/", "/healthz", "/readyz", "/page/"}

// allowed reports that a request has the token, where there is one.
func (s *Server) allowed(r *http.Request) bool {
	if s.token == nil {
		return true
	}
	for _, p := range open {
		if r.URL.Path == p || len(p) > 1 && strings.HasSuffix(p, "/") && strings.HasPrefix(r.URL.Path, p) {
			return true
		}
	}
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	same := subtle.ConstantTimeCompare([]byte(strings.TrimSpace(token)), s.token) == 1
	return same && strings.EqualFold(kind, "Bearer")
}

// panicked is a bug: the log has the stack, the client an answer, if none has begun.
func (s *Server) panicked(w *recorder, n *note, e any) {
	s.log.Error("a bug in ito, please report it", "id", n.id, "panic", fmt.Sprint(e), "stack", string(debug.Stack()))
	n.outcome = "panic"
	if w.status == 0 {
		newProblem(http.StatusInternalServerError, "", "the server failed", "its log has the reason").write(w)
	}
}

// done counts a request and writes its line.
func (s *Server) done(r *http.Request, w *recorder, n *note, took time.Duration) {
	route := r.Pattern
	if route == "" || route == "/" && r.URL.Path != "/" {
		route = "other"
	}
	status := w.status
	if status == 0 {
		status = http.StatusOK
	}
	if n.outcome == "client gone" {
		status = statusGone
	}
	s.metrics.answered(route, status, took)
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelWarn
	case route == "GET /healthz" || route == "GET /readyz" || route == "GET /metrics":
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("id", n.id), slog.String("method", r.Method), slog.String("path", clip(
		r.URL.Path)), slog.Int("status", status), slog.Int64("bytes", w.bytes), slog.Duration("took",
		took.Round(time.Microsecond)), slog.String("from", r.RemoteAddr)}
	if n.outcome != "" {
		attrs = append(attrs, slog.String("outcome", n.outcome))
	}
	s.log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// workers is a number of workers, 0 being all processors.
func workers(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
