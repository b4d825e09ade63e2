package broker_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A job whose broker stands in its own process is done by a worker with the same bytes; a worker without the file, or
// on another vector level, or with another store, refuses it and says why.
func TestWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	dir := t.TempDir()
	want := model(t, dir, 1000)
	manifest(t, dir, "j", 1000, 6)
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
	head := &process{dir: dir, args: []string{"job", "run", "j.toml", "--store", "store", "--listen", at, "--token-file",
		"token", "--json"}}
	worker := func(args ...string) *process {
		return &process{dir: dir, args: append([]string{"worker", "--join", "nats://" + at, "--token-file", "token"},
			args...)}
	}
	head.start(t)
	bare := worker("--store", "store")
	lost := worker("--store", "elsewhere", "m.safetensors")
	for _, w := range []*process{bare, lost} {
		w.start(t)
	}
	for _, c := range []struct {
		w    *process
		want string
	}{{bare, "this worker was given no such file"}, {lost, "is not the one that it was begun with"}} {
		says := func() bool { return strings.Contains(c.w.out.String(), c.want) }
		for end := time.Now().Add(time.Minute); !says() && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		if !says() || !strings.Contains(c.w.out.String(), "is refused") {
			t.Errorf("%q does not say %q", c.w.out, c.want)
		}
		c.w.kill()
	}
	good := worker("--store", "store", "m.safetensors", "--workers", "1")
	good.start(t)
	defer good.kill()
	select {
	case <-head.ended:
		if head.err != nil {
			t.Fatalf("%v\n%s", head.err, head.out)
		}
	case <-time.After(2 * time.Minute):
		head.kill()
		t.Fatalf("the job does not end\n%s\n%s", head.out, good.out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "j.csv"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the result differs: %v", err)
	}
	if said := head.out.String(); !strings.Contains(said, "refuses the job") || strings.Count(said,
		`"event":"shard"`) != 6 {
		t.Errorf("the one who began it: %s", said)
	}
}
