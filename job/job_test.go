package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// countConfig is a kind of job whose result is known: the numbers from 0 on, a line each.
type countConfig struct {
	N    int    `default:"100"`
	File string `where:"local"`
	Out  string `where:"local"`
}

// counting can be made to lie, or to fail.
type counting struct {
	c     countConfig
	lies  *atomic.Int64 // the shard that differs; -1: none
	fails error
}

var counter = &counting{lies: &atomic.Int64{}}

func init() {
	counter.lies.Store(-1)
	Register(Kind[countConfig]{Name: "count", Portable: true, Out: func(c *countConfig) *string { return &c.Out },
		Inputs: func(c *countConfig) []Reference { return []Reference{{"file", &c.File}} },
		Open: func(_ context.Context, c *countConfig, _ Env) (Work, error) {
			return &counting{*c, counter.lies, counter.fails}, nil
		}})
}

func (c *counting) Total() int64 { return int64(c.c.N) }
func (c *counting) Most() int    { return c.c.N }
func (c *counting) Close()       {}

func (c *counting) Shard(ctx context.Context, i, n, _ int, w io.Writer, progress func(int64)) (int64, error) {
	from, to := i*c.c.N/n, (i+1)*c.c.N/n
	for k := from; k < to; k++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		v := k
		if int64(i) == c.lies.Load() {
			v++
		}
		if _, err := fmt.Fprintln(w, v); err != nil {
			return 0, err
		}
		progress(int64(k - from + 1))
	}
	return int64(to - from), c.fails
}

func (c *counting) Join(_ context.Context, parts []Part) ([]string, error) {
	return []string{c.c.Out}, store.WriteFile(c.c.Out, func(w io.Writer) error {
		for _, p := range parts {
			r, err := p.Open()
			if err != nil {
				return err
			}
			_, err = io.Copy(w, r)
			if err = errors.Join(err, r.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}

func numbers(n int) string {
	var b strings.Builder
	for k := range n {
		fmt.Fprintln(&b, k)
	}
	return b.String()
}

// begun is a job of 100 numbers in 9 shards in a new directory.
func begun(t *testing.T) (*Job, *Manifest, string) {
	t.Helper()
	dir := t.TempDir()
	m, err := Parse("m.toml", fmt.Sprintf("kind = \"count\"\nshards = 9\nout = %q\n", filepath.Join(dir, "out")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.Context(), filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := Open(t.Context(), m, s, Env{})
	if err != nil {
		t.Fatal(err)
	}
	return j, m, dir
}

// The result does not depend on who computes what, nor on what is lost or cut off between.
func TestWhateverIsLost(t *testing.T) {
	j, _, dir := begun(t)
	for _, x := range []Executor{Indexed{1, 3, Local{1}}, Indexed{0, 3, Local{3}}} {
		if _, err := j.Run(t.Context(), x, true, nil); err != nil {
			t.Fatal(err)
		}
	}
	s, err := j.State(t.Context())
	if err != nil || s.Done != 6 || len(s.Todo()) != 3 {
		t.Fatalf("%+v, %v", s, err)
	}
	at := func(i int) string { return filepath.Join(dir, "store", shardName(i)) }
	b, err := os.ReadFile(at(0))
	if err != nil {
		t.Fatal(err)
	}
	for i, bad := range map[int][]byte{0: b[:len(b)-1], 1: nil, 3: b, 4: append(bytes.Clone(b), 'x'),
		6: append([]byte{b[0] ^ 1}, b[1:]...)} { // 3 has the receipt of 0; 6 too, and another digest
		if err := os.WriteFile(at(i), bad, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	good, err := os.ReadFile(at(7))
	if err != nil {
		t.Fatal(err)
	}
	good[2] ^= 4 // only its digest shows it
	if err := os.WriteFile(at(7), good, 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err = j.State(t.Context()); err != nil || s.Done != 1 || len(s.Damaged) != 5 {
		t.Fatalf("%+v, %v", s, err)
	}
	var events []string
	s, err = j.Run(t.Context(), Local{2}, false, func(e RunEvent) { events = append(events, e.Event) })
	if err != nil || s.Result == nil {
		t.Fatalf("%+v, %v", s, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil || string(got) != numbers(100) {
		t.Errorf("%q, %v", got, err)
	}
	if all := strings.Join(events, " "); !strings.Contains(all, "damaged planned shard joined") {
		t.Errorf("events %s: a shard whose digest is wrong is computed again when they are joined", all)
	}
	left, err := os.ReadDir(filepath.Join(dir, "store"))
	if err != nil || len(left) != 2 { // the plan and the receipts
		t.Errorf("left %v, %v", left, err)
	}
}

// Two results of a shard that differ stop the job for everybody; verify names the shard.
func TestDisagree(t *testing.T) {
	j, _, _ := begun(t)
	w, err := j.Work(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer counter.lies.Store(-1)
	counter.lies.Store(4)
	first, err := j.Compute(t.Context(), w, 4, 1, "liar", func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Compute(t.Context(), w, 4, 1, "liar", func(int64) {}); err != nil {
		t.Fatalf("the same bytes again: %v", err)
	}
	v, err := j.Verify(t.Context(), 9, 1, 1)
	if err != nil || !v.Confirmed {
		t.Fatalf("%+v, %v", v, err)
	}
	counter.lies.Store(-1)
	var d *DisagreeError
	if _, err = j.Compute(t.Context(), w, 4, 1, "honest", func(int64) {}); !errors.As(err, &d) || d.Shard != 4 ||
		d.There != first.Digest || d.Here == d.There || !strings.Contains(err.Error(), d.Here) {
		t.Fatal(err)
	}
	if _, err := j.Run(t.Context(), Local{1}, false, nil); !errors.As(err, &d) {
		t.Errorf("the job went on: %v", err)
	}
	v, err = j.Verify(t.Context(), 0, 1, 1)
	if err != nil || v.Confirmed || len(v.Disagree) != 1 || v.Disagree[0].Shard != 4 ||
		v.Disagree[0].There != first.Digest {
		t.Errorf("%+v, %v", v, err)
	}
}

// A plan is refused by what would make other bytes, with the first thing that differs.
func TestMisfit(t *testing.T) {
	_, m, dir := begun(t)
	file := filepath.Join(dir, "f")
	if err := os.WriteFile(file, []byte("a"), 0o666); err != nil {
		t.Fatal(err)
	}
	m.settings.(*countConfig).File = file
	p, err := MakePlan(m, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Fits(p); err != nil {
		t.Fatal(err)
	}
	moved := *p
	moved.Inputs = []Input{{"file", "elsewhere", p.Inputs[0].Digest}}
	if err := p.Fits(&moved); err != nil || p.ID() != moved.ID() {
		t.Errorf("the name of a file matters: %v", err)
	}
	for _, c := range []struct {
		change func(p *ShardPlan)
		want   string
	}{
		{func(p *ShardPlan) { p.Program = "v1.0.1" }, "the program v1.0.0, and here it is v1.0.1"},
		{func(p *ShardPlan) { p.SIMD = "none" }, "SIMD level"},
		{func(p *ShardPlan) { p.Arch = "arm65" }, "architecture"},
		{func(p *ShardPlan) { p.Types = "float32" }, "numbers float64 states"},
		{func(p *ShardPlan) { p.Shards++ }, "shards 9, and here it is 10"},
		{func(p *ShardPlan) { p.Ending = ".npy" }, "format"},
		{func(p *ShardPlan) { p.Inputs = []Input{{"file", "f", strings.Repeat("0", 64)}} }, "`file` f (ca978112ca1b…)"},
		{func(p *ShardPlan) { p.Settings = []byte(`{"n":101}`) }, "`n` 100, and here it is 101"},
	} {
		other := *p
		c.change(&other)
		err := p.Fits(&other)
		if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v does not say %q", err, c.want)
		}
		if other.ID() == p.ID() {
			t.Errorf("%s: the id is the same", c.want)
		}
	}
}

// A full disk fails a shard and loses none of the others.
func TestFullDisk(t *testing.T) {
	j, _, dir := begun(t)
	if _, err := j.Run(t.Context(), Indexed{0, 2, Local{1}}, true, nil); err != nil {
		t.Fatal(err)
	}
	counter.fails = syscall.ENOSPC
	_, err := j.Run(t.Context(), Local{1}, false, nil)
	counter.fails = nil
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "store", pendingPrefix+"*"))
	if err != nil || len(names) != 0 {
		t.Errorf("left %v, %v", names, err)
	}
	s, err := j.Run(t.Context(), Local{1}, false, nil)
	if err != nil || s.Result == nil {
		t.Fatalf("%+v, %v", s, err)
	}
}

// A context that ends leaves the shards that are done, and nothing that looks like one.
func TestCancelled(t *testing.T) {
	j, _, _ := begun(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	_, err := j.Run(ctx, Local{1}, false, func(e RunEvent) {
		if e.Event == "shard" {
			if done++; done == 3 {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s, err := j.State(t.Context()); err != nil || s.Done != 3 || len(s.Damaged) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestFromEnvironment(t *testing.T) {
	for _, c := range []struct {
		env string
		x   string // index/of; "": none; "!": an error
	}{
		{"", ""},
		{"JOB_COMPLETION_INDEX=3", "3/9"},
		{"JOB_COMPLETION_INDEX=3 ITO_JOB_OF=4", "3/4"},
		{"JOB_COMPLETION_INDEX=4 ITO_JOB_OF=4", "!"},
		{"JOB_COMPLETION_INDEX=x", "!"},
		{"SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8", "4/8"},
		{"SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=5", "2/5"},
		{"SLURM_ARRAY_TASK_ID=-1", "!"},
		{"ITO_JOB_OF=0 JOB_COMPLETION_INDEX=0", "!"},
	} {
		x, found, err := FromEnvironment(func(name string) (string, bool) {
			for _, f := range strings.Fields(c.env) {
				if k, v, _ := strings.Cut(f, "="); k == name {
					return v, true
				}
			}
			return "", false
		}, 9)
		got := ""
		switch {
		case err != nil:
			got = "!"
		case found:
			got = fmt.Sprintf("%d/%d", x.Index, x.Of)
		}
		if got != c.x {
			t.Errorf("%s: %s, want %s (%v)", c.env, got, c.x, err)
		}
	}
}

// Two processes that run one job at the same time share its shards, and both end with the result.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	m, err := Parse("m.toml", fmt.Sprintf("kind = \"count\"\nn = 4000\nshards = 60\nout = %q\n", filepath.Join(dir, "n.txt")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.Context(), filepath.Join(dir, "job"))
	if err != nil {
		t.Fatal(err)
	}
	const processes = 4
	var notes atomic.Int64
	errs := make(chan error, processes)
	for range processes {
		j, err := Open(t.Context(), m, s, Env{Env: task.Env{Note: func(string) { notes.Add(1) }}})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			state, err := j.Run(t.Context(), Local{Workers: 1}, false, nil)
			if err == nil && (state.Result == nil || state.Done != 60 || state.Rows != 4000) {
				err = fmt.Errorf("%+v", state)
			}
			errs <- err
		}()
	}
	for range processes {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var want bytes.Buffer
	for i := range 4000 {
		fmt.Fprintln(&want, i)
	}
	if b, err := os.ReadFile(m.Out()); err != nil || !bytes.Equal(b, want.Bytes()) {
		t.Errorf("%v, %d bytes of %d", err, len(b), want.Len())
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("%v %v", left, err)
	}
}
