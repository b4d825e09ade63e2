package interop_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/solve"
)

// peer is testdata/peer.json.
func peer(t *testing.T) (p struct {
	Cases []struct {
		Class  string          `json:"class"`
		Config json.RawMessage `json:"config"`
		Steps  int             `json:"steps"`
		Eta    *float64        `json:"eta"`
		Labels []float64       `json:"labels"`
		States [][]float64     `json:"states"`
	} `json:"cases"`
	Labels map[string]map[string]float64 `json:"labels"`
}) {
	t.Helper()
	b, err := os.ReadFile("testdata/peer.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &p); err != nil || len(p.Cases) == 0 || len(p.Labels) == 0 {
		t.Fatal(err)
	}
	return p
}

// Every case is what diffusers computed, to the single precision of its tables, and so is what the network is told.
func TestPeerCases(t *testing.T) {
	for _, c := range peer(t).Cases {
		text := `{"_class_name":"` + c.Class + `",` + strings.TrimPrefix(string(c.Config), "{")
		text = strings.Replace(text, ",}", "}", 1)
		p, err := parse(t, text).Plan(c.Steps, interop.CallOptions{Eta: c.Eta})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for k, got := range p.Labels() {
			if math.Abs(got-c.Labels[k]) > 1e-3*(1+math.Abs(got)) {
				t.Errorf("%s in %d steps: call %d is told %v, want %v", text, c.Steps, k, got, c.Labels[k])
				break
			}
		}
		x := ito.NewStates(1, 3, 7)
		copy(x.X, []float64{.9, -1.4, .2})
		at := func(step int, _ float64, x ito.States) error {
			for j, v := range x.Row(0) {
				want := append([][]float64{{.9, -1.4, .2}}, c.States...)[step][j]
				if math.Abs(v-want) > 2e-3*(1+math.Abs(want)) {
					return fmt.Errorf("after %d steps: value %d is %.9g, want %.9g", step, j, v, want)
				}
			}
			return nil
		}
		if _, err := p.Run(t.Context(), waves(0), x, solve.RunOptions{Noise: turning{}, Trajectory: at}); err != nil {
			t.Errorf("%s in %d steps: %v", text, c.Steps, err)
		}
	}
}

// Timesteps are those of diffusers for every class, spacing and number of steps: numpy's rounding of ties included.
func TestPeerLabels(t *testing.T) {
	for name, sums := range peer(t).Labels {
		class, spacing, _ := strings.Cut(name, " ")
		for steps, want := range sums {
			var n int
			fmt.Sscan(steps, &n)
			p, err := parse(t, fmt.Sprintf(`{"_class_name":%q,"timestep_spacing":%q}`, class, spacing)).Plan(n,
				interop.CallOptions{})
			if err != nil {
				t.Errorf("%s in %d steps: %v", name, n, err)
				continue
			}
			sum := 0.0
			for k, l := range p.Labels() {
				sum += float64(k+1) * l
			}
			if math.Abs(sum-want) > 1e-6*math.Abs(want)+.01 {
				t.Errorf("%s in %d steps: timesteps add to %v, want %v", name, n, sum, want)
			}
		}
	}
}
