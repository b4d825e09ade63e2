package bucket_test

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/job"
	"github.com/seed9a7962a8/ito/job/bucket"
)

var timeZero time.Time

// objects is a server of objects: what a job needs of S3, with conditional PUT, and with faults.
type objects struct {
	mu     sync.Mutex
	all    map[string][]byte
	drop   int // replies to a PUT that are lost after it was done
	refuse int // PUTs that fail before they are done
	puts   int
	taken  int // PUTs that were refused because the object is there
}

func (o *objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := strings.TrimPrefix(r.URL.Path, "/bucket")
	fail := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
	b, there := o.all[key]
	switch {
	case !strings.HasPrefix(r.URL.Path, "/bucket"):
		fail(404, "NoSuchBucket")
	case key == "" || key == "/":
		o.list(w, r)
	case r.Method == http.MethodPut:
		o.put(w, r, key, there, fail)
	case r.Method == http.MethodDelete:
		delete(o.all, key)
		w.WriteHeader(204)
	case !there:
		fail(404, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Tue, 01 Dec 2026 00:00:00 GMT")
		http.ServeContent(w, r, "", timeZero, strings.NewReader(string(b)))
	}
}

func (o *objects) list(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		return
	}
	type content struct{ Key, LastModified, ETag string }
	var out struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		IsTruncated bool
		Contents    []content
	}
	prefix, after := "/"+r.URL.Query().Get("prefix"), r.URL.Query().Get("continuation-token")
	var keys []string
	for k := range o.all {
		if strings.HasPrefix(k, prefix) && k > after {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		out.Contents = append(out.Contents, content{k[1:], "2026-12-01T00:00:00Z", "x"})
	}
	b, err := xml.Marshal(out)
	if err != nil {
		panic(err)
	}
	w.Write(b)
}

func (o *objects) put(w http.ResponseWriter, r *http.Request, key string, there bool, fail func(int, string)) {
	o.puts++
	b, err := body(r)
	switch {
	case err != nil:
		fail(400, "IncompleteBody")
	case o.refuse > 0:
		o.refuse--
		fail(503, "SlowDown")
	case there && r.Header.Get("If-None-Match") == "*":
		o.taken++
		fail(412, "PreconditionFailed")
	default:
		o.all[key] = b
		if o.drop > 0 {
			o.drop--
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				c.Close()
			}
			return
		}
		w.Header().Set("ETag", `"x"`)
	}
}

// body is that of a PUT, in signed pieces or not.
func body(r *http.Request) ([]byte, error) {
	length := r.Header.Get("X-Amz-Decoded-Content-Length")
	if length == "" {
		return io.ReadAll(r.Body)
	}
	var out []byte
	for in := bufio.NewReader(r.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			if strconv.Itoa(len(out)) != length {
				return nil, errors.New("a length")
			}
			return out, nil
		}
		piece := make([]byte, n+2)
		if _, err := io.ReadFull(in, piece); err != nil {
			return nil, err
		}
		out = append(out, piece[:n]...)
	}
}

func put(t *testing.T, s job.Store, name, text string, replace bool) error {
	t.Helper()
	p, err := s.Create(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Abort()
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
	return p.Commit(replace)
}

// The first of several writers of one name wins, also where its reply was lost and the request repeated.
func TestStore(t *testing.T) {
	for _, keys := range []bool{false, true} {
		t.Run(fmt.Sprint("signed=", keys), func(t *testing.T) {
			if keys {
				t.Setenv("AWS_ACCESS_KEY_ID", "key")
				t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
			}
			o := &objects{all: map[string][]byte{}}
			server := httptest.NewServer(o)
			defer server.Close()
			s, err := bucket.Open(t.Context(), "s3+"+server.URL+"/bucket/job/one")
			if err != nil {
				t.Fatal(err)
			}
			if err := put(t, s, "shard-000000", "first", false); err != nil {
				t.Fatal(err)
			}
			if err := put(t, s, "shard-000000", "second", false); !errors.Is(err, job.ErrThere) {
				t.Errorf("a second writer: %v", err)
			}
			o.refuse = 2
			if err := put(t, s, "shard-000001", "slow", false); err != nil {
				t.Errorf("a server that was busy: %v", err)
			}
			o.drop = 1
			if err := put(t, s, "shard-000002", "lost", false); err != nil && !errors.Is(err, job.ErrThere) {
				t.Errorf("a reply that was lost: %v", err)
			}
			if err := put(t, s, "shard-000001", "again", true); err != nil {
				t.Error(err)
			}
			for name, want := range map[string]string{"shard-000000": "first", "shard-000001": "again", "shard-000002": "lost"} {
				r, size, err := s.Open(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(r)
				if err != nil || string(b) != want || size != int64(len(want)) {
					t.Errorf("%s: %q of %d, %v", name, b, size, err)
				}
				r.Close()
				tail, size, err := s.Tail(t.Context(), name, 3)
				if err != nil || string(tail) != want[len(want)-3:] || size != int64(len(want)) {
					t.Errorf("%s: tail %q of %d, %v", name, tail, size, err)
				}
			}
			if names, err := s.List(t.Context(), "shard-"); err != nil || len(names) != 3 {
				t.Errorf("%v, %v", names, err)
			}
			if err := errors.Join(s.Remove(t.Context(), "shard-000000"), s.Remove(t.Context(), "none")); err != nil {
				t.Error(err)
			}
			if _, _, err := s.Open(t.Context(), "shard-000000"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an object that is gone: %v", err)
			}
			if _, _, err := s.Tail(t.Context(), "shard-000000", 3); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an object that is gone: %v", err)
			}
		})
	}
}
