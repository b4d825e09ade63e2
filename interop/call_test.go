package interop_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/solve"
)

// The whole run is its first calls and then the run from there, for a solver without memory; a multistep solver begins
// anew with order 1, and lower_order_final counts the steps of the whole, 20 here and so none.
func TestFromTheMiddle(t *testing.T) {
	p, err := parse(t, `{"_class_name":"EulerDiscreteScheduler"}`).Plan(20, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	whole := ito.NewStates(1, 3, 7)
	copy(whole.X, []float64{.9, -1.4, .2})
	var middle ito.States
	run := func(p *interop.SchedulerPlan, x ito.States, at int) {
		_, err := p.Run(t.Context(), waves(0), x, solve.RunOptions{Trajectory: func(k int, _ float64,
			x ito.States) error {
			if k == at {
				middle = x.Clone()
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	run(p, whole, 13)
	tail, err := p.From(13)
	if err != nil {
		t.Fatal(err)
	}
	if l := tail.Labels(); len(l) != 7 || l[0] != p.Labels()[13] || tail.InputScale(0) != p.InputScale(13) ||
		tail.Begin() != p.Path.Level(13) {
		t.Errorf("a run from call 13 is told %v", l)
	}
	run(tail, middle, -1)
	if !slices.Equal(middle.X, whole.X) {
		t.Errorf("from the middle %v, the whole %v", middle.X, whole.X)
	}

	p, err = parse(t, `{"_class_name":"DPMSolverMultistepScheduler"}`).Plan(20, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if tail, err = p.From(15); err != nil {
		t.Fatal(err)
	}
	if d := tail.Solver.(solve.DPMpp); d.LowerFinal.Lowers(5) {
		t.Error("five steps of twenty end with lower orders")
	}
	for _, call := range []int{-1, 20} {
		if _, err := p.From(call); !errors.Is(err, ito.ErrInput) {
			t.Errorf("from call %d: %v", call, err)
		}
	}
}

// A part of a run without UniPC's corrections leaves out those that the whole leaves out.
func TestUniPCWithoutCorrectionsFromTheMiddle(t *testing.T) {
	end := func(keys string, from int) float64 {
		p, err := parse(t, `{"_class_name":"UniPCMultistepScheduler"`+keys+`}`).Plan(12, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if p, err = p.From(from); err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(1, 3, 7)
		copy(x.X, []float64{.9, -1.4, .2})
		if _, err := p.Run(t.Context(), waves(0), x, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		return x.X[0]
	}
	all, before, after := end("", 5), end(`,"disable_corrector":[0,1,4]`, 5), end(`,"disable_corrector":[7]`, 5)
	if math.Abs(all-before) > 1e-12 {
		t.Errorf("corrections of calls that are not made change %v to %v", all, before)
	}
	if math.Abs(all-after) < 1e-6 {
		t.Error("the correction of call 7 is made")
	}
}

// Strength is the part of the steps that is left, of two calls each where a step has two.
func TestStrength(t *testing.T) {
	for class, want := range map[string]int{"EulerDiscrete": 6, "HeunDiscrete": 11, "KDPM2Discrete": 11} {
		p, err := parse(t, `{"_class_name":"`+class+`Scheduler"}`).Plan(10, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		tail, err := p.Strength(.65)
		if err != nil || len(tail.Labels()) != want {
			t.Errorf("%s: %d calls, %v", class, len(tail.Labels()), err)
		}
		for _, s := range []float64{0, .05, 1.1, math.NaN()} {
			if _, err := p.Strength(s); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s: a strength of %g: %v", class, s, err)
			}
		}
	}
}

// The network is told which call it is, from 0, where two have one timestep.
func TestCallsAreCounted(t *testing.T) {
	p, err := parse(t, `{"_class_name":"PNDMScheduler","skip_prk_steps":true}`).Plan(5, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var calls []int
	f := p.FieldOfCalls(func(_ context.Context, dst, x ito.States, call int, label float64, _ ito.Cond) error {
		if label != p.Labels()[call] {
			t.Errorf("call %d is told %g", call, label)
		}
		calls = append(calls, call)
		copy(dst.X, x.X)
		return nil
	})
	x := ito.NewStates(1, 3, 7)
	if _, err := solve.Run(t.Context(), p.Path, f, x, p.Grid, p.Solver, solve.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(calls, []int{0, 1, 2, 3, 4, 5}) {
		t.Errorf("calls %v", calls)
	}
}

// Another class takes the keys that it has and its own defaults for what the file does not say.
func TestAs(t *testing.T) {
	s, err := parse(t,
		`{"_class_name":"PNDMScheduler","beta_end":0.012,"skip_prk_steps":true,"timestep_spacing":"trailing"}`).
		As("DPMSolverMultistep")
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(5, interop.CallOptions{})
	if err != nil || p.Labels()[0] != 999 || len(p.Notices) != 1 || !strings.Contains(p.Notices[0], "skip_prk_steps") {
		t.Errorf("%v, %v", p, err)
	}
	if v, given := s.Lookup("skip_prk_steps"); string(v) != "true" || !given ||
		s.Class() != "DPMSolverMultistepScheduler" {
		t.Errorf("skip_prk_steps is %s of %s", v, s.Class())
	}
	if v, given := s.Lookup("solver_order"); string(v) != "2" || given {
		t.Errorf("solver_order is %s", v)
	}
	if _, err := s.As("Kdpm3"); !errors.Is(err, ito.ErrInput) {
		t.Error(err)
	}
}

// Lists at the call are checked, and refused where the levels are spaced anew or the reference takes none.
func TestListsAtTheCall(t *testing.T) {
	bad := map[string]interop.CallOptions{
		`{"_class_name":"DDPMScheduler"}`:                                   {Timesteps: []float64{5, 9}},
		`{"_class_name":"EulerDiscreteScheduler"}`:                          {Timesteps: []float64{1000, 9}},
		`{"_class_name":"EulerDiscreteScheduler","use_karras_sigmas":true}`: {Timesteps: []float64{900, 9}},
		`{"_class_name":"DDIMScheduler"}`:                                   {Timesteps: []float64{900, 9}},
		`{"_class_name":"LMSDiscreteScheduler"}`:                            {Sigmas: []float64{9, 1, 0}},
		`{"_class_name":"EulerDiscreteScheduler","beta_end":0.02}`:          {Sigmas: []float64{1, 9, 0}},
		`{"_class_name":"FlowMatchEulerDiscreteScheduler"}`:                 {Sigmas: []float64{1.5, .5}},
		`{"_class_name":"FlowMatchEulerDiscreteScheduler","shift":2}`: {Sigmas: []float64{1, .5},
			Timesteps: []float64{900}},
		`{"_class_name":"EulerDiscreteScheduler","steps_offset":0}`:              {ChurnMin: 1},
		`{"_class_name":"HeunDiscreteScheduler"}`:                                {Churn: 1},
		`{"_class_name":"EulerDiscreteScheduler","prediction_type":"epsilon"}`:   {Churn: math.NaN()},
		`{"_class_name":"EulerDiscreteScheduler","timestep_spacing":"trailing"}`: {SNoise: new(float64)},
		`{"_class_name":"DDIMScheduler","clip_sample":false}`:                    {Tau: func(float64) float64 { return 1 }},
	}
	for text, o := range bad {
		steps := 0
		if o.Timesteps == nil && o.Sigmas == nil {
			steps = 4
		}
		var u *ito.UnsupportedError
		if _, err := parse(t, text).Plan(steps, o); !errors.Is(err, ito.ErrInput) && !errors.As(err, &u) {
			t.Errorf("%s with %+v: %v", text, o, err)
		}
	}
	p, err := parse(t, `{"_class_name":"DPMSolverMultistepScheduler"}`).Plan(0,
		interop.CallOptions{Timesteps: []float64{999, 850, 736, 645, 545, 455, 343, 233, 124, 24}})
	if err != nil || len(p.Grid) != 11 || p.Labels()[3] != 645 {
		t.Errorf("ten timesteps: %v, %v", p.Labels(), err)
	}
}

// τ = 0 draws no noise that is seen, and other strengths other samples.
func TestTau(t *testing.T) {
	end := func(τ float64, n ito.Noise) float64 {
		p, err := parse(t, `{"_class_name":"SASolverScheduler"}`).Plan(8,
			interop.CallOptions{Tau: func(float64) float64 { return τ }})
		if err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(1, 3, 7)
		x.X[0] = .9
		if _, err := p.Run(t.Context(), waves(0), x, solve.RunOptions{Noise: n}); err != nil {
			t.Fatal(err)
		}
		return x.X[0]
	}
	if a, b := end(0, ito.Seed(1)), end(0, ito.Seed(2)); a != b {
		t.Errorf("without noise %v and %v", a, b)
	}
	if a, b := end(.5, ito.Seed(1)), end(.5, ito.Seed(2)); a == b || a == end(1, ito.Seed(1)) {
		t.Error("τ changes nothing")
	}
}

// The last level of a respaced ladder is that before it but for rounding, and an SDE has no step there.
func TestRepeatedLastLevel(t *testing.T) {
	for _, text := range []string{
		`{"_class_name":"DPMSolverMultistepScheduler","use_karras_sigmas":true,"final_sigmas_type":"sigma_min","algorithm_type":"sde-dpmsolver"}`,
		`{"_class_name":"DPMSolverMultistepScheduler","use_karras_sigmas":true,"final_sigmas_type":"sigma_min","algorithm_type":"sde-dpmsolver++"}`,
		`{"_class_name":"DPMSolverSinglestepScheduler","use_karras_sigmas":true,"final_sigmas_type":"sigma_min","algorithm_type":"sde-dpmsolver++"}`,
		`{"_class_name":"EDMDPMSolverMultistepScheduler","final_sigmas_type":"sigma_min","algorithm_type":"sde-dpmsolver++"}`,
		`{"_class_name":"SASolverScheduler","use_karras_sigmas":true}`,
		`{"_class_name":"UniPCMultistepScheduler","use_beta_sigmas":true,"final_sigmas_type":"sigma_min"}`,
		`{"_class_name":"DEISMultistepScheduler","use_exponential_sigmas":true}`,
	} {
		for n := 2; n < 40; n++ {
			p, err := parse(t, text).Plan(n, interop.CallOptions{})
			if err != nil {
				t.Fatal(err)
			}
			x := ito.NewStates(1, 3, 7)
			copy(x.X, []float64{.9, -1.4, .2})
			if _, err := p.Run(t.Context(), waves(0), x, solve.RunOptions{Noise: turning{}}); err != nil {
				t.Errorf("%s in %d steps: %v", text, n, err)
				break
			}
		}
	}
}

// DPM-Solver in ε has no step to σ = 0, and is refused before it runs.
func TestEpsToZeroIsRefused(t *testing.T) {
	for _, class := range []string{"DPMSolverSinglestep", "DPMSolverMultistep"} {
		var u *ito.UnsupportedError
		_, err := parse(t, `{"_class_name":"`+class+`Scheduler","algorithm_type":"dpmsolver"}`).Plan(6,
			interop.CallOptions{})
		if !errors.As(err, &u) || u.Nearest != "sigma_min" {
			t.Errorf("%s: %v", class, err)
		}
	}
}
