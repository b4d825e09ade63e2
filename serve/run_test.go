package serve

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/task/sample"
)

// run runs a server until stop, which returns what Run did.
func run(t *testing.T, c Config, log *slog.Logger) (base string, stop func() error) {
	t.Helper()
	c.Addr = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	at, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- Run(ctx, c, Env{Log: log, Ready: func(a string) { at <- a }}) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { stop() })
	select {
	case base = <-at:
	case err := <-done:
		t.Fatal(err)
	}
	return base, stop
}

// The server ends without an error when it is asked to: what runs ends first, to its last byte, and nothing new is
// taken.
func TestDrain(t *testing.T) {
	var log bytes.Buffer
	c := config(trained.dir)
	base, stop := run(t, c, slog.New(slog.NewTextHandler(&log, nil)))
	type answer struct {
		b   []byte
		err error
	}
	got := make(chan answer)
	begun := make(chan struct{})
	go func() {
		r, err := http.Get(base + "/v1/models/moons/sample?n=60000&nfe=20&format=npy")
		close(begun)
		if err != nil {
			got <- answer{err: err}
			return
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		got <- answer{b, err}
	}()
	<-begun
	ended := make(chan error)
	go func() { ended <- stop() }()
	a := <-got
	if want := file(t, trained.moons, ".npy", func(c *sample.Config) { c.N, c.NFE = 60000, 20 }); a.err != nil ||
		!bytes.Equal(a.b, want) {
		t.Errorf("%v, %d bytes of %d", a.err, len(a.b), len(want))
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(base + "/healthz"); err == nil {
		t.Error("it still answers")
	}
	for _, want := range []string{"msg=serving", "msg=draining", "msg=request", "status=200", "path=/v1/models/moons"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %s in %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "token-file") {
		t.Error("it warns of others on loopback")
	}
}

// What does not end in time is cut off, and the server ends all the same.
func TestCutOff(t *testing.T) {
	c := config(trained.dir)
	c.Drain = 50 * time.Millisecond
	base, stop := run(t, c, nil)
	failed := make(chan error)
	go func() {
		r, err := http.Get(base + long)
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
			r.Body.Close()
		}
		if err == nil && r.StatusCode != 503 {
			failed <- nil
			return
		}
		failed <- errors.New("cut off")
	}()
	time.Sleep(100 * time.Millisecond)
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > 3*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	if <-failed == nil {
		t.Error("it was answered as if it were whole")
	}
}

// Addresses, tokens and certificates that cannot be are bad input.
func TestRefusedPlaces(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	short := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(short, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"another program listens there": func(c *Config) { c.Addr = taken.Addr().String() },
		"`addr` nonsense":               func(c *Config) { c.Addr = "nonsense" },
		"does not have that address":    func(c *Config) { c.Addr = "192.0.2.1:0" },
		"one of the two alone":          func(c *Config) { c.TLSCert = short },
		"in PEM":                        func(c *Config) { c.TLSCert, c.TLSKey = short, short },
		"can be guessed":                func(c *Config) { c.TokenFile = short },
		"give a file with the token":    func(c *Config) { c.TokenFile = short + "x" },
		"`requests`":                    func(c *Config) { c.Requests = 0 },
	} {
		c := config(trained.dir)
		c.Addr = "127.0.0.1:0"
		change(&c)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		if err := Run(ctx, c, Env{}); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		cancel()
	}
}

// With a token only the page and the questions of a load balancer are open; HTTPS serves the same.
func TestTokenAndTLS(t *testing.T) {
	dir := t.TempDir()
	c := config(trained.dir)
	c.TokenFile, c.TLSCert, c.TLSKey = filepath.Join(dir, "token"), filepath.Join(dir, "c.pem"), filepath.Join(dir,
		"k.pem")
	const token = "0123456789abcdef0123"
	if err := os.WriteFile(c.TokenFile, []byte(token+"\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := certify(t, c.TLSCert, c.TLSKey)
	base, _ := run(t, c, nil)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	for _, k := range []struct {
		path, auth string
		want       int
	}{
		{"/healthz", "", 200}, {"/readyz", "", 200}, {"/v1/models", "", 401}, {"/metrics", "", 401},
		{"/openapi.json", "", 401}, {"/v1/models", "Bearer " + token, 200}, {"/v1/models", "bearer " + token, 200},
		{"/v1/models", "Bearer " + token + "x", 401}, {"/v1/models", "Basic " + token, 401},
		{"/v1/models", "Bearer", 401}, {"/metrics", "Bearer " + token, 200},
		{"/v1/models/moons/sample?n=1&nfe=2", "", 401}, {"/v1/models/moons/sample?n=1&nfe=2", "Bearer " + token, 200},
	} {
		r, _ := http.NewRequest("GET", base+k.path, nil)
		if k.auth != "" {
			r.Header.Set("Authorization", k.auth)
		}
		a, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != k.want || a.StatusCode == 401 && a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %q: %d", k.path, k.auth, a.StatusCode)
		}
	}
}

// certify writes a certificate of this machine and its key.
func certify(t *testing.T, cert, key string) *x509.CertPool {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true,
		BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY",
		Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return pool
}

// A server of this machine alone answers to its own names, so that no other site's name can lead there.
func TestHost(t *testing.T) {
	c := config(trained.moons)
	c.Hosts = []string{"samples.example"}
	base, _ := run(t, c, nil)
	for host, want := range map[string]int{"": 200, "localhost": 200, "localhost:8080": 200, "a.localhost": 200,
		"[::1]:80": 200, "127.0.0.2": 200, "samples.example": 200, "Samples.Example:443": 200, "evil.example": 421,
		"192.0.2.1": 421, "localhost.evil.example": 421} {
		r, err := http.NewRequest("GET", base+"/v1/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, a.StatusCode, want)
		}
	}
}
