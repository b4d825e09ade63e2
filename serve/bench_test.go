package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// The measurement asks what it says, and leaves nothing running.
func TestBench(t *testing.T) {
	c := spec.New[BenchConfig]()
	c.Model, c.Clients, c.Seconds, c.NFE, c.Rows, c.Rounds, c.Soak = trained.moons, []int{1, 8}, .05, 2,
		3000, 1, 400
	r, err := Bench(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Cold <= 0 || len(r.Small) != 2 || r.Small[1].Clients != 8 || r.Served <= 0 || r.Bare <= 0 {
		t.Errorf("%+v", r)
	}
	if k := r.Soak; k == nil || k.Requests != 400 || k.Swaps != 200 || k.Grown > 2 || k.Files > 2 {
		t.Errorf("%+v", r.Soak)
	}
	for _, s := range r.Small {
		if s.Requests < s.Clients || s.P50 <= 0 || s.P99 < s.P50 || s.Rate <= 0 {
			t.Errorf("%+v", s)
		}
	}
	c.NFE = 1 // not enough for a step of heun
	if _, err := Bench(context.Background(), c, nil); err == nil || !strings.Contains(err.Error(), "400 Bad Request") {
		t.Error(err)
	}
	c.Model = "none.safetensors"
	if _, err := Bench(context.Background(), c, nil); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// A request for one sample, without a connection: what the server itself costs.
func BenchmarkOneSample(b *testing.B) {
	s, err := New(config(trained.moons), Env{Version: "v0.0.0-test"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := range b.N {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/v1/models/moons/sample?n=1&nfe=10&seed=%d", i), nil))
		if w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// A server apart is measured in the same way, and has processor time of its own where the system tells it.
func TestBenchApart(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	program := os.Getenv("ITO_SERVE_TEST_PROGRAM")
	if program == "" {
		program = filepath.Join(t.TempDir(), "ito")
		if b, err := exec.Command("go", "build", "-o", program, "../cmd/ito").CombinedOutput(); err != nil {
			t.Skipf("%v %s", err, b)
		}
	}
	c := spec.New[BenchConfig]()
	c.Model, c.Clients, c.Seconds, c.NFE, c.Rows, c.Rounds = trained.moons, []int{2}, .3, 2, 30000, 1
	c.Apart = true
	start := func(ctx context.Context, address string, requests int) *exec.Cmd {
		return exec.CommandContext(ctx, program, "serve", c.Model, "--addr", "127.0.0.1:0", "--addr-file", address,
			"--log", "off", "--requests", strconv.Itoa(requests))
	}
	r, err := Bench(context.Background(), c, start)
	if err != nil {
		t.Fatal(err)
	}
	if r.Cold <= 0 || r.ColdCPU <= 0 || len(r.Small) != 1 || r.Small[0].Requests == 0 {
		t.Errorf("%+v", r)
	}
	if statOf(os.Getpid()) != nil && r.Small[0].CPU <= 0 {
		t.Errorf("%+v", r.Small[0])
	}
	c.Model = filepath.Join(t.TempDir(), "none.safetensors")
	if _, err := Bench(context.Background(), c, start); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}
