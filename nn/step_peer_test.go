//go:build unix

package nn

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/ad"
)

// TestTrainStepAgainstTorch prints the training step beside PyTorch's at its best setting, the two taking turns:
//
//	ITO_PEER_PYTHON=/path/to/python go test -v -count=1 -timeout 30m -run AgainstTorch ./nn
//
// It asserts nothing: a time is the machine's. With one thread the processor's time counts, which a busy machine
// disturbs least; with two the clock on the wall.
func TestTrainStepAgainstTorch(t *testing.T) {
	python := os.Getenv("ITO_PEER_PYTHON")
	if python == "" {
		t.Skip("ITO_PEER_PYTHON does not name a python with torch")
	}
	const rounds = 15
	for _, threads := range []int{1, 2} {
		peer := startPeer(t, python, threads)
		t.Logf("PyTorch %s threads", peer.ask(""))
		pool := ad.NewPool(threads)
		for _, size := range stepSizes {
			settings := peer.ask(fmt.Sprintf("setup %d %d", size.batch, size.width))
			s := newTrainStep(t, size.batch, size.width, pool)
			s.run(t)
			flop := stepFLOP(size.batch, size.width)
			steps := max(2, int(5e9/flop)) // some 50 ms
			var ours, theirs [2][]float64  // milliseconds: wall, processor
			for range rounds {
				wall, cpu := time.Now(), processorTime(t)
				for range steps {
					s.run(t)
				}
				per := float64(steps) * 1e6
				ours[0] = append(ours[0], float64(time.Since(wall).Nanoseconds())/per)
				ours[1] = append(ours[1], float64((processorTime(t)-cpu).Nanoseconds())/per)
				var w, p float64
				answer := peer.ask(fmt.Sprintf("time %d", max(2, steps/4)))
				if _, err := fmt.Sscan(answer, &w, &p); err != nil {
					t.Fatalf("the peer said %q: %v", answer, err)
				}
				theirs[0], theirs[1] = append(theirs[0], w), append(theirs[1], p)
			}
			t.Logf("batch %4d width %3d threads %d: wall ito %8.4f torch %8.4f ms, torch/ito %.2f | processor %8.4f %8.4f, %.2f | ito %.0f GFLOP/s | %s",
				size.batch, size.width, threads, median(ours[0]), median(theirs[0]), median(theirs[0])/median(ours[0]),
				median(ours[1]), median(theirs[1]), median(theirs[1])/median(ours[1]), flop/median(ours[0])/1e6, settings)
		}
		pool.Close()
	}
}

// peer is the script in another process.
type peer struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
}

func startPeer(t *testing.T, python string, threads int) *peer {
	t.Helper()
	cmd := exec.Command(python, "testdata/step_torch.py", fmt.Sprint(threads))
	cmd.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", threads))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &peer{t, in, bufio.NewReader(out)}
}

// ask sends a line, unless it is empty, and returns the next line of the answer.
func (p *peer) ask(line string) string {
	p.t.Helper()
	if line != "" {
		fmt.Fprintln(p.in, line)
	}
	answer, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("the peer does not answer %q: %v", line, err)
	}
	return strings.TrimSpace(answer)
}

// processorTime is the time that all threads of this process have used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
