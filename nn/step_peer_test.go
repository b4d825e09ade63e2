//go:build unix

package nn

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/peer"
)

// TestTrainStepAgainstTorch prints the training step beside PyTorch's at its best setting, the two taking turns:
//
//	ITO_PEER_PYTHON=/path/to/python go test -v -count=1 -timeout 30m -run AgainstTorch ./nn
//
// It asserts nothing: a time is the machine's. With one thread the processor's time counts, which a busy machine
// disturbs least; with two the clock on the wall.
func TestTrainStepAgainstTorch(t *testing.T) {
	python := peer.Python(t, "torch")
	const rounds = 15
	for _, threads := range []int{1, 2} {
		cmd := exec.Command(python, "testdata/step_torch.py", fmt.Sprint(threads))
		cmd.Env = append(os.Environ(), fmt.Sprintf("OMP_NUM_THREADS=%d", threads))
		ask := peer.Start(t, cmd)
		t.Logf("PyTorch %s threads", ask(""))
		pool := ad.NewPool(threads)
		for _, size := range stepSizes {
			settings := ask(fmt.Sprintf("setup %d %d", size.batch, size.width))
			s := newTrainStep(t, size.batch, size.width, pool)
			s.run(t)
			flop := stepFLOP(size.batch, size.width)
			steps := max(2, int(5e9/flop)) // some 50 ms
			var ours, theirs [2][]float64  // milliseconds: wall, processor
			for range rounds {
				wall, cpu := time.Now(), peer.ProcessorTime(t)
				for range steps {
					s.run(t)
				}
				per := float64(steps) * 1e6
				ours[0] = append(ours[0], float64(time.Since(wall).Nanoseconds())/per)
				ours[1] = append(ours[1], float64((peer.ProcessorTime(t)-cpu).Nanoseconds())/per)
				var w, p float64
				answer := ask(fmt.Sprintf("time %d", max(2, steps/4)))
				if _, err := fmt.Sscan(answer, &w, &p); err != nil {
					t.Fatalf("the peer said %q: %v", answer, err)
				}
				theirs[0], theirs[1] = append(theirs[0], w), append(theirs[1], p)
			}
			t.Logf("batch %4d width %3d threads %d: wall ito %8.4f torch %8.4f ms, torch/ito %.2f | processor %8.4f %8.4f, %.2f | ito %.0f GFLOP/s | %s",
				size.batch, size.width, threads, peer.Median(ours[0]), peer.Median(theirs[0]), peer.Median(theirs[0])/peer.Median(ours[0]),
				peer.Median(ours[1]), peer.Median(theirs[1]), peer.Median(theirs[1])/peer.Median(ours[1]), flop/peer.Median(ours[0])/1e6, settings)
		}
		pool.Close()
	}
}
