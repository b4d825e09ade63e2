package serve

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// soon waits until ok.
func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatal(what)
		}
	}
}

// long is a request that takes minutes.
const long = "/v1/models/digits/sample?n=9000000&nfe=10000&format=npy"

// A client that goes away ends its work, wherever it is: waiting, before the first bytes, or between them.
func TestClientGone(t *testing.T) {
	c := config(trained.dir)
	c.Requests, c.Workers = 1, 1
	s, base := start(t, c)
	ask := func(path string) (leave func()) {
		ctx, cancel := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", base+path, nil)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if a, err := http.DefaultClient.Do(r); err == nil {
				io.Copy(io.Discard, a.Body)
				a.Body.Close()
			}
		}()
		return func() { cancel(); <-done }
	}
	drawing := ask(long)
	soon(t, "it does not draw", func() bool { return s.gate.running() == 1 && len(s.slots) == 1 })
	waiting := ask(long)
	soon(t, "it does not wait", func() bool { return s.gate.waiting() == 1 })
	waiting()
	soon(t, "who waited still waits", func() bool { return s.gate.waiting() == 0 })
	began := time.Now()
	drawing()
	soon(t, "it still draws", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
	if took := time.Since(began); took > time.Second {
		t.Errorf("it drew for another %v", took)
	}
	streaming := ask("/v1/models/moons/sample?n=9000000&nfe=1&solver=euler&format=csv")
	soon(t, "it does not draw", func() bool { return s.gate.running() == 1 })
	time.Sleep(50 * time.Millisecond)
	streaming()
	soon(t, "it still draws", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
	_, _, b := get(t, "GET", base+"/metrics", "")
	if !strings.Contains(string(b), `ito_cancelled_total{by="client"} 3`) {
		t.Errorf("%s", b)
	}
}

// A full queue and a deadline are told with when to come back, and leave nothing running.
func TestQueueAndDeadline(t *testing.T) {
	c := config(trained.dir)
	c.Requests, c.Queue, c.Workers = 1, 1, 1
	s, base := start(t, c)
	codes := make(chan int)
	for range 2 {
		go func() {
			r, err := http.Get(base + long + "&timeout=400ms")
			if err != nil {
				codes <- 0
				return
			}
			defer r.Body.Close()
			codes <- r.StatusCode
		}()
	}
	soon(t, "it does not wait", func() bool { return s.gate.running() == 1 && s.gate.waiting() == 1 })
	code, h, b := get(t, "GET", base+long, "")
	if code != 429 || h.Get("Retry-After") != "1" || !strings.Contains(string(b), "come back") {
		t.Errorf("%d %v %s", code, h, b)
	}
	for range 2 {
		if code := <-codes; code != 503 {
			t.Errorf("after the deadline: %d", code)
		}
	}
	soon(t, "it still draws", func() bool { return s.gate.running() == 0 && len(s.slots) == 0 })
	if code, _, _ := get(t, "GET", base+"/v1/models/moons/sample?n=1&nfe=2", ""); code != 200 {
		t.Errorf("afterwards: %d", code)
	}
}

// A client that reads slowly holds up its own samples and nobody else's.
func TestSlowReader(t *testing.T) {
	c := config(trained.dir)
	c.Workers = 1
	s, base := start(t, c)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, "GET /v1/models/moons/sample?n=10000000&nfe=1&solver=euler&format=csv HTTP/1.1\r\nHost: "+
		"x\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatalf("%q %v", line, err)
	}
	soon(t, "it draws what nobody takes", func() bool {
		for range 50 {
			if len(s.slots) > 0 {
				return false
			}
			time.Sleep(time.Millisecond)
		}
		return true
	})
	if s.gate.running() != 1 {
		t.Error("it has ended")
	}
	if code, _, _ := get(t, "GET", base+"/v1/models/moons/sample?n=1&nfe=2", ""); code != 200 {
		t.Errorf("another: %d", code)
	}
	conn.Close()
	soon(t, "it still draws", func() bool { return s.gate.running() == 0 })
}
