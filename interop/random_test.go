package interop_test

import (
	"bytes"
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

// random is a case of testdata/random.json.
type random struct {
	Class  string          `json:"class"`
	Config json.RawMessage `json:"config"`
	Steps  int             `json:"steps"`
	Begin  int             `json:"begin"`
	Set    struct {
		Timesteps []float64 `json:"timesteps"`
		Sigmas    []float64 `json:"sigmas"`
	} `json:"set"`
	Step struct {
		Eta   *float64 `json:"eta"`
		Churn float64  `json:"s_churn"`
		Min   float64  `json:"s_tmin"`
		Max   float64  `json:"s_tmax"`
		Noise *float64 `json:"s_noise"`
	} `json:"step"`
	Error  string    `json:"error"`  // of the reference
	Labels float64   `json:"labels"` // Σ (k+1) t_k
	End    []float64 `json:"end"`
}

func (c random) String() string {
	return fmt.Sprintf("%s %s in %d steps from %d, %+v %+v", c.Class, c.Config, c.Steps, c.Begin, c.Set, c.Step)
}

// run is what ito computes: the sum of its timesteps and the last states.
func (c random) run(t *testing.T) (labels float64, end []float64, err error) {
	text := `{"_class_name":"` + c.Class + `",` + strings.TrimPrefix(string(c.Config), "{")
	o := interop.CallOptions{Eta: c.Step.Eta, Timesteps: c.Set.Timesteps, Sigmas: c.Set.Sigmas, Churn: c.Step.Churn,
		ChurnMin: c.Step.Min, ChurnMax: c.Step.Max, SNoise: c.Step.Noise, Begin: c.Begin}
	steps := c.Steps
	if o.Timesteps != nil || o.Sigmas != nil {
		steps = 0
	}
	p, err := parse(t, strings.Replace(text, ",}", "}", 1)).Plan(steps, o)
	if err != nil {
		return 0, nil, err
	}
	for k, l := range p.Labels() {
		labels += float64(k+1) * l
	}
	x := ito.NewStates(1, 3, 7)
	copy(x.X, []float64{.9, -1.4, .2})
	_, err = p.Run(t.Context(), waves(0), x, solve.RunOptions{Noise: turning{}})
	return labels, x.X, err
}

// Random settings of every class, from any call on, with lists of timesteps and levels and with churn, end where
// diffusers 0.35.2 ends in double precision, or are refused in words. What the reference refuses for a name that it
// does not check here is few.
func TestRandomSettings(t *testing.T) {
	b, err := os.ReadFile("testdata/random.json")
	if err != nil {
		t.Fatal(err)
	}
	agree, refused, both, lost := 0, 0, 0, 0
	for line := range bytes.Lines(b) {
		var c random
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		labels, end, err := c.run(t)
		switch {
		case err != nil && c.End == nil:
			both++
		case err != nil:
			refused++
			t.Logf("refused here only: %s: %v", c, err)
		case c.End == nil:
			lost++ // the reference refuses it, or ends in NaN
		default:
			agree++
			if math.Abs(labels-c.Labels) > 1e-6*(1+math.Abs(labels)) {
				t.Errorf("%s: timesteps add to %v, want %v", c, labels, c.Labels)
			}
			for j, v := range end {
				if math.Abs(v-c.End[j]) > 2e-5*(1+math.Abs(c.End[j])) {
					t.Errorf("%s: value %d is %.6g, want %.6g", c, j, v, c.End[j])
					break
				}
			}
		}
	}
	if agree < 600 || refused > agree/50 || lost > agree/50 {
		t.Errorf("%d agree, %d are refused here only, %d run here only", agree, refused, lost)
	}
	t.Logf("%d agree, %d are refused by both, %d here only, %d run here only", agree, both, refused, lost)
}
