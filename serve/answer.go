package serve

import (
	"net/http"
	"strconv"
	"time"
)

// held is how many bytes of an answer wait for its status: what fails before them is told by a status of its own.
const held = 64 << 10

// answer is the body of an answer. Its header is sent with the first bytes that do not fit into what is held, or when
// they have waited for long.
type answer struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	b     []byte
	sent  bool
	last  time.Time // of the last flush
	bytes int64
}

func newAnswer(w http.ResponseWriter) *answer {
	return &answer{w: w, rc: http.NewResponseController(w), last: time.Now()}
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (int, error) {
	if !a.sent && len(a.b)+len(p) <= held {
		a.b = append(a.b, p...)
		return len(p), nil
	}
	if err := a.send(); err != nil {
		return 0, err
	}
	return a.pass(p)
}

// send sends the header and what is held.
func (a *answer) send() error {
	if a.sent {
		return nil
	}
	a.sent = true
	a.w.WriteHeader(http.StatusOK)
	_, err := a.pass(a.b)
	a.b = nil
	return err
}

func (a *answer) pass(p []byte) (int, error) {
	n, err := a.w.Write(p)
	a.bytes += int64(n)
	return n, err
}

// flushEvery is how long rows wait before they are sent on.
const flushEvery = 200 * time.Millisecond

// tick sends what there is on, if it has waited for long.
func (a *answer) tick() error {
	if time.Since(a.last) < flushEvery {
		return nil
	}
	a.last = time.Now()
	if err := a.send(); err != nil {
		return err
	}
	return a.rc.Flush()
}

// close ends the answer. One that is held whole has its length in the header.
func (a *answer) close() error {
	if !a.sent && a.w.Header().Get("Content-Length") == "" {
		a.w.Header().Set("Content-Length", strconv.Itoa(len(a.b)))
	}
	return a.send()
}

// end ends an answer whose work ended with err: before its first bytes are sent an error has a status of its own, and
// later the connection breaks.
func (s *Server) end(w http.ResponseWriter, r *http.Request, out *answer, err error) {
	if err == nil {
		if err = out.close(); err == nil {
			return
		}
		s.abort(r, err)
	} else if out.sent {
		s.abort(r, err)
	}
	s.refuse(w, r, err)
}
