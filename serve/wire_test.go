package serve

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// open counts files and sockets of this process, 0 where the system does not tell.
func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(list)
}

// What is no request by the book, two requests in one, bodies that end early or lie about their length, and headers
// that other programs read otherwise are refused or answered once: nothing fails inside, nothing is drawn for what
// stands behind a body, and neither a file nor a goroutine is left.
func TestWire(t *testing.T) {
	c := config(trained.moons, forecastersOf(t))
	c.Workers, c.MaxBody, c.MaxData = 1, 4096, 4096
	c.Jobs = t.TempDir()
	s, err := New(c, Env{Version: "v0.0.0-test"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(s)
	h.Config.ReadHeaderTimeout, h.Config.MaxHeaderBytes = 2*time.Second, maxHeader
	h.Start()
	defer h.Close()
	at := h.Listener.Addr().String()
	const sample = "/v1/models/moons/sample"
	inner := "GET " + sample + "?n=1&nfe=2&seed=666 HTTP/1.1\r\nHost: x\r\n\r\n"
	post := func(place, headers, body string) string {
		return "POST " + place + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body
	}
	cases := map[string]struct {
		send     string
		half     bool // the client ends its half of the connection
		statuses string
	}{
		"two lengths": {post(sample, "Content-Length: 2\r\nContent-Length: 80\r\n", "{}"+inner), false, "400"},
		"length and chunks": {
			post(sample, "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+inner),
			false,
			"200 200|400|200",
		},
		"chunks of chunks": {post(sample, "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), false, "501|400"},
		"identity and chunks": {
			post(sample, "Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
			false,
			"501|400",
		},
		"a space in a name": {post(sample, "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), false, "400"},
		"a length of signs": {post(sample, "Content-Length: +2\r\n", "{}"), false, "400"},
		"a length below 0":  {post(sample, "Content-Length: -2\r\n", "{}"), false, "400"},
		"a huge length":     {post(sample, "Content-Length: 99999999999999999999\r\n", "{}"), false, "400"},
		"more than may be":  {post(sample, "Content-Length: 999999\r\n", "{}"), true, "413|400"},
		"a huge chunk":      {post(sample, "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF1\r\n{}"), true, "400"},
		"a bad chunk":       {post(sample, "Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n"), true, "400"},
		"no end of a body":  {post(sample, "Content-Length: 50\r\n", `{"n":1}`), true, "400"},
		"no end of rows": {
			post("/v1/models/moons/evaluate?draws=1&rows=10&n=20&nfe=2", "Content-Length: 500\r\n", "x,y\n1,2\n3,4\n"),
			true,
			"400",
		},
		"no end of series":  {post("/v1/models/base/forecast", "Content-Length: 500\r\n", hours(0, 5)), true, "400"},
		"no end of values":  {post("/v1/models/base/history", "Content-Length: 500\r\n", hours(0, 5)), true, "400"},
		"no end of a job":   {post("/v1/jobs?model=moons", "Content-Length: 500\r\n", "{"), true, "400"},
		"two hosts":         {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", false, "400"},
		"no host":           {"GET /healthz HTTP/1.1\r\n\r\n", false, "400"},
		"a line in a value": {"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\nb: c\r\n\r\n", false, "200|400"},
		"a folded value":    {"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\r\n b\r\n\r\n", false, "200|400"},
		"a nil byte":        {"GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", false, "400"},
		"too many headers": {
			"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 1<<18) + "\r\n\r\n",
			false,
			"431",
		},
		"no HTTP":       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", true, "400"},
		"nothing":       {"", true, ""},
		"half a line":   {"GET /heal", true, "|400"},
		"another place": {"GET http://elsewhere/v1/models HTTP/1.1\r\nHost: a\r\n\r\n", false, "200"},
		"two by the book": {
			"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
			true,
			"200 200",
		},
	}
	ask := func(name, send string, half bool) string {
		conn, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(conn, send)
		if half {
			conn.(*net.TCPConn).CloseWrite()
		}
		var got []string
		r := bufio.NewReader(conn)
		for {
			if !half {
				conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
			}
			a, err := http.ReadResponse(r, nil)
			if err != nil {
				return strings.Join(got, " ")
			}
			b, err := io.ReadAll(a.Body)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if bytes.Contains(b, []byte(`"seed":666`)) && a.StatusCode == 200 && name != "length and chunks" {
				t.Errorf("%s: what stands behind the body was drawn", name)
			}
			got = append(got, fmt.Sprint(a.StatusCode))
		}
	}
	for range 2 { // warm: pools and the keep-alive of nothing
		ask("warm", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", true)
	}
	files, goroutines := openFiles(), runtime.NumGoroutine()
	for name, k := range cases {
		got := ask(name, k.send, k.half)
		found := false
		for want := range strings.SplitSeq(k.statuses, "|") {
			found = found || got == want
		}
		if !found {
			t.Errorf("%s: answered %q, not %s", name, got, k.statuses)
		}
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		f, g := openFiles(), runtime.NumGoroutine()
		if f <= files && g <= goroutines && len(s.slots) == 0 && s.gate.running() == 0 {
			break
		}
		if time.Since(began) > 5*time.Second {
			t.Fatalf("%d files and %d goroutines, before %d and %d; %d run", f, g, files, goroutines, s.gate.running())
		}
	}
	if list := s.jobs.list(); len(list) != 0 {
		t.Errorf("there are jobs: %v", list)
	}
}
