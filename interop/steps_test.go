package interop_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// waves is the network of testdata/steps.py; where the variance is learned its second half is ½ cos(t/200+j), with .6
// more where it is the variance itself.
func waves(offset float64) interop.Network {
	return func(_ context.Context, dst, x ito.States, t float64, _ ito.Cond) error {
		for i := range x.N {
			for j, v := range x.Row(i) {
				dst.Row(i)[j] = .8*v + .3*math.Sin(t/100+float64(j))
				if dst.D > x.D {
					dst.Row(i)[x.D+j] = offset + .5*math.Cos(t/200+float64(j))
				}
			}
		}
		return nil
	}
}

// turning is the noise of testdata/steps.py.
type turning struct{}

func (turning) Normal(dst ito.States, _ rng.Purpose, step, _ uint32) {
	for i := range dst.N {
		for j := range dst.Row(i) {
			dst.Row(i)[j] = math.Cos(1.7*float64(step) + .3 + float64(j))
		}
	}
}

// TestSteps: settings beside those of diffusers' own tests, step by step against testdata/steps.py, and row by row.
func TestSteps(t *testing.T) {
	b, err := os.ReadFile("testdata/steps.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Class  string          `json:"class"`
		Config json.RawMessage `json:"config"`
		Steps  int             `json:"steps"`
		States [][]float64     `json:"states"`
	}
	if err := json.Unmarshal(b, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	for _, c := range cases {
		text := `{"_class_name":"` + c.Class + `",` + strings.TrimPrefix(string(c.Config), "{")
		p, err := parse(t, text).Plan(c.Steps, interop.CallOptions{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		net := waves(0)
		if strings.Contains(text, `"learned"`) {
			net = waves(.6)
		}
		x := ito.NewStates(2, 3, 7)
		copy(x.X, []float64{.3, .1, -.8, .9, -1.4, .2})
		one := x.Slice(1, 2).Clone()
		at := func(step int, _ float64, x ito.States) error {
			for j, v := range x.Row(x.N - 1) {
				want := append([][]float64{{.9, -1.4, .2}}, c.States...)[step][j]
				if math.Abs(v-want) > 1e-9*(1+math.Abs(want)) {
					t.Errorf("%s, after %d steps: value %d is %.12g, want %.12g", text, step, j, v, want)
				}
			}
			return nil
		}
		for _, x := range []ito.States{x, one} {
			info, err := p.Run(context.Background(), net, x, solve.RunOptions{Noise: turning{}, Trajectory: at})
			if err != nil || info.Evals[0] != c.Steps {
				t.Errorf("%s: %+v, %v", text, info, err)
			}
		}
	}
}

// A learned variance takes a network that says one: a field of one's own does not.
func TestLearnedVarianceNeedsANetwork(t *testing.T) {
	p, err := parse(t, `{"_class_name":"DDPMScheduler","variance_type":"learned_range"}`).Plan(5, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Outputs(3) != 6 {
		t.Errorf("%d outputs for rows of 3", p.Outputs(3))
	}
	f, err := field.NewGaussian(p.Path, ito.Gaussian{Mean: []float64{0}, Cov: []float64{1}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = solve.Run(context.Background(), p.Path, f, ito.NewStates(1, 1, 0), p.Grid, p.Solver, solve.RunOptions{})
	var u *ito.UnsupportedError
	if !errors.As(err, &u) || !strings.Contains(u.Nearest, "fixed_small") {
		t.Errorf("an exact field: %v", err)
	}
	// the other classes leave the variance aside
	p, err = parse(t, `{"_class_name":"DPMSolverMultistepScheduler","variance_type":"learned_range"}`).Plan(5,
		interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := parse(t, `{"_class_name":"DPMSolverMultistepScheduler"}`).Plan(5, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := ito.NewStates(2, 3, 0), ito.NewStates(2, 3, 0)
	for p, x := range map[*interop.SchedulerPlan]ito.States{p: a, plain: b} {
		if _, err := p.Run(context.Background(), waves(0), x, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range a.X {
		if v != b.X[i] || v == 0 {
			t.Errorf("value %d is %g, without a variance %g", i, v, b.X[i])
		}
	}
}

// Uniform implements ito.Noise.
func (turning) Uniform(ito.States, rng.Purpose, uint32, uint32) { panic("no uniforms here") }
