package serve

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"

	"github.com/seed9a7962a8/ito/internal/simd"
	"github.com/seed9a7962a8/ito/task"
)

// tagOf names the bytes of an answer: they follow from the model, the format, the program, and what else is given.
func tagOf(m *served, f format, version string, parts ...string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n%s\n%s", m.digest, f.name, task.Program(version), runtime.GOARCH, simd.Level())
	for _, p := range parts {
		fmt.Fprintf(h, "\n%d %s", len(p), p)
	}
	if f.json {
		fmt.Fprintf(h, "\n%s", m.name) // which stands in the body
	}
	return `"` + hex.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// tagged sets what an answer of these bytes has in its header. It reports true where the client has them already, and
// says so.
func tagged(w http.ResponseWriter, r *http.Request, etag string, m *served) bool {
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Vary", "Accept")
	h.Set("Cache-Control", "no-cache")
	h.Set("Ito-Model-Digest", m.digest)
	if matches(strings.Join(r.Header.Values("If-None-Match"), ","), etag) {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	return false
}

// nulls copies JSON as Python writes it, with null for what no JSON has: NaN, Infinity and -Infinity.
func nulls(to io.Writer, from io.Reader) error {
	r, w := bufio.NewReaderSize(from, 1<<16), bufio.NewWriterSize(to, 1<<16)
	text := false
	for {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return w.Flush()
		}
		if err != nil {
			return err
		}
		skip := 0
		switch {
		case text && c == '\\':
			w.WriteByte(c)
			if c, err = r.ReadByte(); err != nil {
				return err
			}
		case c == '"':
			text = !text
		case text:
		case c == '\n':
			continue
		case c == 'N':
			skip = len("aN")
		case c == 'I':
			skip = len("nfinity")
		case c == '-':
			if next, _ := r.Peek(1); len(next) == 1 && next[0] == 'I' {
				skip = len("Infinity")
			}
		}
		if skip > 0 {
			if _, err := r.Discard(skip); err != nil {
				return err
			}
			w.WriteString("null")
			continue
		}
		if err := w.WriteByte(c); err != nil {
			return err
		}
	}
}
