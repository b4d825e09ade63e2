package broker_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/cli"
	_ "github.com/seed9a7962a8/ito/job/broker"
)

var (
	kills = flag.Int("kills", 3, "processes that TestKill ends by kill -9")
	seed  = flag.Uint64("seed", 1, "of the times and the victims")
)

// TestMain is the program itself where a test starts it.
func TestMain(m *testing.M) {
	if os.Getenv("ITO_TEST_PROGRAM") != "" {
		os.Exit(cli.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// process is a command that is started again when it was killed.
type process struct {
	name  string
	args  []string
	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // once ended is closed
	out   *output
}

// output is what a process writes, while it writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func (p *process) start(t *testing.T) {
	t.Helper()
	p.out = &output{}
	p.cmd = program(p.dir, p.args...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.ended = make(chan struct{})
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func(c *exec.Cmd, ended chan struct{}) {
		p.err = c.Wait()
		close(ended)
	}(p.cmd, p.ended)
}

func (p *process) kill() {
	if p.cmd != nil {
		p.cmd.Process.Signal(syscall.SIGKILL)
		<-p.ended
	}
}

func program(dir string, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "ITO_TEST_PROGRAM=1", "SOURCE_DATE_EPOCH=0", "GOMAXPROCS=2")
	return c
}

func must(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := program(dir, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// freePorts are n ports of loopback that nobody listens at.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// model trains one in a directory and returns the samples that a job is to make.
func model(t *testing.T, dir string, n int) []byte {
	t.Helper()
	must(t, dir, "train", "moons", "--path", "vp", "--steps", "20", "--width", "8", "--depth", "1", "--out",
		"m.safetensors")
	must(t, dir, "sample", "m.safetensors", "-n", fmt.Sprint(n), "--seed", "7", "--nfe", "8", "--with-id", "--out",
		"want.csv")
	b, err := os.ReadFile(filepath.Join(dir, "want.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func manifest(t *testing.T, dir, name string, n, shards int) {
	t.Helper()
	text := fmt.Sprintf("kind = \"sample\"\nmodel = \"m.safetensors\"\nn = %d\nseed = 7\nnfe = 8\nwith-id = true\n"+
		"shards = %d\nout = %q\n", n, shards, name+".csv")
	if err := os.WriteFile(filepath.Join(dir, name+".toml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Whatever is killed, brokers of a cluster, workers, the one who began the job, and whatever of the last writes is
// lost, the result is the same, byte for byte. Jobs follow each other until so many processes have been killed:
//
//	go test ./job/broker -run TestKill -kills 300 -timeout 60m
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	dir := t.TempDir()
	const n, shards = 20000, 25
	want := model(t, dir, n)
	r := rand.New(rand.NewPCG(*seed, 0))
	ports := freePorts(t, 6)
	var urls, routes []string
	for i := range 3 {
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[3+i]))
	}
	join := strings.Join(urls, ",")
	var all []*process
	var brokers []*process
	for i := range 3 {
		brokers = append(brokers, &process{name: fmt.Sprint("broker ", i), dir: dir, args: []string{"broker", "--dir",
			fmt.Sprint("broker", i), "--name", fmt.Sprint("b", i), "--listen", strings.TrimPrefix(urls[i], "nats://"),
			"--cluster-listen", strings.TrimPrefix(routes[i], "nats://"), "--routes", strings.Join(routes, ",")}})
	}
	all = append(all, brokers...)
	for i := range 2 {
		all = append(all, &process{name: fmt.Sprint("worker ", i), dir: dir, args: []string{"worker", "--join", join,
			"--store", "store", "--workers", "1", "m.safetensors"}})
	}
	for _, p := range all {
		p.start(t)
	}
	defer func() {
		for _, p := range all {
			p.kill()
		}
	}()
	killed, cut := map[string]int{}, 0
	for round, count := 0, 0; count < *kills; round++ {
		name := fmt.Sprint("job", round)
		manifest(t, dir, name, n, shards)
		os.RemoveAll(filepath.Join(dir, "store"))
		head := &process{name: "head", dir: dir, args: []string{"job", "run", name + ".toml", "--store", "store",
			"--broker", join, "--replicas", "3", "--patience", "2s"}}
		head.start(t)
		deadline := time.Now().Add(5 * time.Minute)
	wait:
		for {
			select {
			case <-head.ended:
				if head.err != nil {
					t.Fatalf("round %d: %v\n%s", round, head.err, head.out)
				}
				break wait
			case <-time.After(time.Duration(r.IntN(3000)) * time.Millisecond): // time to come back, now and then
			}
			if time.Now().After(deadline) {
				text := ""
				for _, p := range all {
					text += p.name + "\n" + p.out.String()
				}
				t.Fatalf("round %d does not end\n%s\n%s", round, head.out, text)
			}
			if count >= *kills {
				continue
			}
			victim := head
			if k := r.IntN(len(all) + 1); k < len(all) {
				victim = all[k]
			}
			victim.kill()
			if r.IntN(3) == 0 {
				cut += cutOff(t, r, filepath.Join(dir, "store"))
			}
			victim.start(t)
			killed[strings.Fields(victim.name)[0]]++
			count++
		}
		got, err := os.ReadFile(filepath.Join(dir, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("round %d: the result differs from that of ito sample", round)
		}
	}
	t.Logf("killed %v, files cut off %d, and 0 bytes differ", killed, cut)
}

// cutOff takes the end of a file of the store, as a disk does that lost its last writes.
func cutOff(t *testing.T, r *rand.Rand, store string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(store, "shard-*"))
	if err != nil || len(names) == 0 {
		return 0
	}
	name := names[r.IntN(len(names))]
	info, err := os.Stat(name)
	if err != nil {
		return 0 // it was joined and removed
	}
	if os.Truncate(name, r.Int64N(info.Size())) != nil {
		return 0
	}
	return 1
}
