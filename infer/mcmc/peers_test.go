//go:build unix

package mcmc_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/internal/peer"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// TestNUTSAgainstPeers prints effective draws a second of NUTS beside those of the samplers that a Python has, all
// with four chains, 1000 steps of warm-up, 1000 draws, a diagonal metric and acceptance .8, taking turns on one
// core:
//
//	ITO_PEER_PYTHON=/path/to/python GOMAXPROCS=1 taskset -c 0 go test -v -count=1 -timeout 30m \
//	  -run NUTSAgainstPeers ./infer
//
// The least bulk ESS over the unconstrained coordinates is estimated here for all. Compilation is not counted,
// warm-up is. It asserts nothing.
func TestNUTSAgainstPeers(t *testing.T) {
	python := peer.Python(t, "samplers")
	const rounds = 5
	folder := t.TempDir()
	file := filepath.Join(folder, "data.json")
	if err := os.WriteFile(file, posteriors(t), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := peer.Start(t, exec.Command(python, "testdata/nuts_peers.py", file, folder))
	peers := strings.Fields(ask(""))
	t.Logf("beside %v", peers)
	for _, name := range []string{"eight_schools", "ionosphere"} {
		rate := map[string][]float64{} // least bulk ESS a second of processor time
		took, least := map[string][]float64{}, map[string][]float64{}
		note := func(who string, chains [][][]float64, cpu float64) {
			worst := 1e300
			for _, c := range chains {
				worst = min(worst, metric.ESSBulk(c))
			}
			rate[who], took[who], least[who] = append(rate[who], worst/cpu), append(took[who], cpu),
				append(least[who], worst)
		}
		for round := range rounds {
			x, cpu := ourNUTS(t, name, uint64(round))
			note("ito", x, cpu)
			for _, p := range peers {
				who, _, _ := strings.Cut(p, ":")
				var w, c float64
				var path string
				if _, err := fmt.Sscan(ask(fmt.Sprintf("run %s %s %d", who, name, round)), &w, &c, &path); err != nil {
					t.Fatal(err)
				}
				if path == "-" {
					continue
				}
				note(who, theirDraws(t, path), c)
			}
		}
		for _, who := range append([]string{"ito"}, peers...) {
			who, _, _ = strings.Cut(who, ":")
			if len(rate[who]) == 0 {
				t.Logf("%-13s %-10s does not run", name, who)
				continue
			}
			t.Logf("%-13s %-10s %7.0f effective draws a second; least bulk ESS %5.0f of 4000 in %.3f s (medians of %d)",
				name, who, peer.Median(rate[who]), peer.Median(least[who]), peer.Median(took[who]), len(rate[who]))
		}
	}
}

// ourNUTS returns the draws [d][chain][draw] and the seconds of the processor.
func ourNUTS(t *testing.T, name string, seed uint64) ([][][]float64, float64) {
	t.Helper()
	target, err := zoo.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	k := mcmc.NUTS{Warmup: 1000}
	began := peer.ProcessorTime(t)
	s := infer.NewState(k, 4, target.Dim(), 0)
	if err := s.Scatter(t.Context(), target, seed, 2); err != nil {
		t.Fatal(err)
	}
	x := make([][][]float64, target.Dim())
	for j := range x {
		x[j] = make([][]float64, 4)
	}
	if _, err := infer.Run(t.Context(), target, k, s, infer.RunOptions{Seed: seed, Draws: 1000,
		Sink: func(d infer.Draw) error {
			for g := range 4 {
				for j, v := range d.State.Group(g).X {
					x[j][g] = append(x[j][g], v)
				}
			}
			return nil
		}}); err != nil {
		t.Fatal(err)
	}
	return x, (peer.ProcessorTime(t) - began).Seconds()
}

// theirDraws reads draws [chain][draw][d] and returns them as [d][chain][draw].
func theirDraws(t *testing.T, path string) [][][]float64 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var chains [][][]float64
	if err := json.Unmarshal(b, &chains); err != nil {
		t.Fatal(err)
	}
	x := make([][][]float64, len(chains[0][0]))
	for j := range x {
		x[j] = make([][]float64, len(chains))
		for g, draws := range chains {
			for _, draw := range draws {
				x[j][g] = append(x[j][g], draw[j])
			}
		}
	}
	return x
}

// posteriors are the data of the two posteriors, as the script reads them.
func posteriors(t *testing.T) []byte {
	t.Helper()
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
	b, err := json.Marshal(map[string]any{"rows": read("ionosphere.csv")["rows"], "schools_y": schools["y"],
		"schools_sigma": schools["sigma"]})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
