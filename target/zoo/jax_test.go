//go:build unix

package zoo_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/internal/peer"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// TestGradientsAgainstJAX prints the log density and gradient of 1000 particles beside jit(vmap(value_and_grad)) of
// JAX, the two taking turns on one core:
//
//	ITO_PEER_PYTHON=/path/to/python GOMAXPROCS=1 taskset -c 0 go test -v -count=1 -run AgainstJAX ./target/zoo
//
// The values must agree; of the times it asserts nothing. The processor's time is what a busy machine disturbs least.
func TestGradientsAgainstJAX(t *testing.T) {
	python := peer.Python(t, "jax")
	const rounds = 21
	file := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(file, peerData(t), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := peer.Start(t, exec.Command(python, "testdata/gradients_jax.py", file))
	t.Logf("JAX and its processors: %s", ask(""))
	for _, c := range gradientTargets {
		target, logp, grad, x := particles(t, c.name, c.scale)
		evaluate := func() {
			if err := target.Gradient(t.Context(), logp, grad, x); err != nil {
				t.Fatal(err)
			}
		}
		evaluate()
		var sum, norms float64
		for i, l := range logp {
			sum += l
			g := grad.Row(i)
			ss := 0.
			for _, v := range g {
				ss += v * v
			}
			norms += math.Sqrt(ss)
		}
		for _, float := range []string{"float64", "float32"} {
			ways := ask(fmt.Sprintf("setup %s %s", c.name, float))
			var theirSum, theirNorms float64
			if _, err := fmt.Sscan(ask("check"), &theirSum, &theirNorms); err != nil {
				t.Fatal(err)
			}
			tol := map[string]float64{"float64": 1e-10, "float32": 1e-3}[float]
			if math.Abs(sum-theirSum) > tol*math.Abs(sum) || math.Abs(norms-theirNorms) > tol*norms {
				t.Errorf("%s: the sum of log densities is %v and of gradients' norms %v; %s JAX says %v and %v", c.name,
					sum, norms, float, theirSum, theirNorms)
			}
			calls := 2
			for start := time.Now(); time.Since(start) < 30*time.Millisecond; calls++ {
				evaluate()
			}
			var wall, cpu [2][]float64 // milliseconds of ito and of JAX
			var ratio []float64        // of processor times, round by round
			for range rounds {
				w, p := time.Now(), peer.ProcessorTime(t)
				for range calls {
					evaluate()
				}
				wall[0] = append(wall[0], time.Since(w).Seconds()*1e3/float64(calls))
				cpu[0] = append(cpu[0], (peer.ProcessorTime(t)-p).Seconds()*1e3/float64(calls))
				var tw, tp float64
				if _, err := fmt.Sscan(ask(fmt.Sprintf("time %d", calls)), &tw, &tp); err != nil {
					t.Fatal(err)
				}
				wall[1], cpu[1] = append(wall[1], tw), append(cpu[1], tp)
				ratio = append(ratio, tp/cpu[0][len(cpu[0])-1])
			}
			// 1000 particles: gradients in millions a second
			rate := func(ms []float64) float64 { return 1 / peer.Median(ms) }
			t.Logf("%-13s %s: ito %6.2f M gradients/s, JAX %6.2f by processor time, ito/JAX %.2f (median of rounds) "+
				"| wall %6.2f %6.2f, %.2f | JAX's ways in ms: %s",
				c.name, float, rate(cpu[0]), rate(cpu[1]), peer.Median(ratio), rate(wall[0]), rate(wall[1]),
				peer.Median(wall[1])/peer.Median(wall[0]), ways)
		}
	}
}

// peerData is what the densities of the script are made of, and the particles.
func peerData(t *testing.T) []byte {
	t.Helper()
	truth, err := zoo.Known("gmm40")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) map[string]any {
		b, err := models.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := modeldata.Read(name, b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	schools := read("eight_schools.json")
	data := map[string]any{"means": truth.Modes, "sd": math.Log1p(math.E), "rows": read("ionosphere.csv")["rows"],
		"schools_y": schools["y"], "schools_sigma": schools["sigma"]}
	for _, c := range gradientTargets {
		_, _, _, x := particles(t, c.name, c.scale)
		rows := make([][]float64, x.N)
		for i := range rows {
			rows[i] = x.Row(i)
		}
		data["x_"+c.name] = rows
	}
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
