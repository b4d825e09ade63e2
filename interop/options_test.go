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
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve"
)

// finish runs a plan of a few steps from its own start.
func finish(t *testing.T, p *interop.SchedulerPlan) ito.States {
	t.Helper()
	x := ito.NewStates(2, 3, 0)
	if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(context.Background(), dummy, x, solve.RunOptions{Noise: ito.Seed(2)}); err != nil {
		t.Fatal(err)
	}
	return x
}

// Every option with every class and with the keys that give it a meaning: it changes what is sampled, or it is
// refused. None is taken and left aside.
func TestOptionsActOrAreRefused(t *testing.T) {
	μ, η := .7, .5
	options := map[string]interop.CallOptions{"Eta": {Eta: &η}, "Mu": {Mu: &μ}, "CoupledNorms": {CoupledNorms: true}}
	files := []string{``, `,"use_dynamic_shifting":true`, `,"use_flow_sigmas":true`,
		`,"use_flow_sigmas":true,"use_dynamic_shifting":true`, `,"correct_steps":0`,
		`,"use_dynamic_shifting":true,"time_shift_type":"linear"`,
		`,"use_flow_sigmas":true,"use_dynamic_shifting":true,"use_karras_sigmas":true`}
	acts := map[string][]string{}
	for _, class := range interop.Schedulers() {
		for _, extra := range files {
			s := parse(t, `{"_class_name":"`+class+`"`+extra+`}`)
			plain, err := s.Plan(5, interop.CallOptions{})
			if err != nil && !strings.Contains(err.Error(), "mu") && !strings.Contains(err.Error(),
				"another spacing") {
				t.Fatalf("%s%s: %v", class, extra, err)
			}
			for name, o := range options {
				p, err := s.Plan(5, o)
				if err != nil {
					if !errors.Is(err, ito.ErrInput) {
						t.Errorf("%s%s with %s: %v", class, extra, name, err)
					}
					continue
				}
				if plain != nil && slices.Equal(finish(t, p).X, finish(t, plain).X) {
					t.Errorf("%s%s: %s is taken and changes nothing", class, extra, name)
				}
				if c := strings.TrimSuffix(class, "Scheduler"); !slices.Contains(acts[name], c) {
					acts[name] = append(acts[name], c)
				}
			}
		}
	}
	for name, want := range map[string][]string{"Eta": {"DDIM", "TCD"}, "CoupledNorms": {"ScoreSdeVe"},
		"Mu": {"DEISMultistep", "DPMSolverMultistep", "DPMSolverSinglestep", "FlowMatchEulerDiscrete",
			"UniPCMultistep"}} {
		if got := acts[name]; !slices.Equal(got, want) {
			t.Errorf("%s acts on %v, want %v", name, got, want)
		}
	}
}

// A shift that depends on μ is refused without it, as there; DPM-Solver and DEIS then shift by flow_shift.
func TestMuIsAskedFor(t *testing.T) {
	for text, refused := range map[string]bool{
		`{"_class_name":"FlowMatchEulerDiscreteScheduler","use_dynamic_shifting":true}`:                                                                       true,
		`{"_class_name":"UniPCMultistepScheduler","use_flow_sigmas":true,"use_dynamic_shifting":true,"prediction_type":"flow_prediction"}`:                    true,
		`{"_class_name":"DPMSolverMultistepScheduler","use_flow_sigmas":true,"use_dynamic_shifting":true,"flow_shift":3,"prediction_type":"flow_prediction"}`: false,
	} {
		p, err := parse(t, text).Plan(4, interop.CallOptions{})
		if refused {
			if !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(), "mu") {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		// 1 − α with α = 1/4 of the way from 1/1000 to 1
		near(t, "the second level", p.Path.Level(1).Sigma, 3*.74925/(1+2*.74925), 1e-12)
	}
}

// Flow sigmas and another spacing: UniPC turns Karras' σ/α into σ/(σ+1); the others would take them for σ.
func TestFlowSigmasSpacedAnew(t *testing.T) {
	for _, class := range []string{"DPMSolverMultistep", "DPMSolverSinglestep", "DEISMultistep", "UniPCMultistep"} {
		for _, spacing := range []string{"karras", "exponential", "beta"} {
			text := `{"_class_name":"` + class +
				`Scheduler","use_flow_sigmas":true,"prediction_type":"flow_prediction","use_` + spacing +
				`_sigmas":true}`
			p, err := parse(t, text).Plan(8, interop.CallOptions{})
			if class == "UniPCMultistep" && spacing == "karras" {
				if err != nil {
					t.Error(err)
					continue
				}
				near(t, "the first level", p.Path.Level(0).Sigma, 157.4073/158.4073, 1e-6)
				continue
			}
			if !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// No plan has a level below 0, whatever its shifts are.
func TestLevelsAreNotNegative(t *testing.T) {
	for _, text := range []string{
		`{"_class_name":"FlowMatchEulerDiscreteScheduler","shift":-3}`,
		`{"_class_name":"FlowMatchEulerDiscreteScheduler","shift_terminal":2}`,
		`{"_class_name":"FlowMatchHeunDiscreteScheduler","shift":-0.5}`,
		`{"_class_name":"UniPCMultistepScheduler","use_flow_sigmas":true,"prediction_type":"flow_prediction","shift_terminal":1.5}`,
		`{"_class_name":"DPMSolverMultistepScheduler","use_flow_sigmas":true,"prediction_type":"flow_prediction","flow_shift":-2}`,
	} {
		if _, err := parse(t, text).Plan(6, interop.CallOptions{}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// ScoreSdeVe's Langevin step: 2(snr σ)² for every row of every batch, or with coupled norms that of the batch's means.
func TestVELangevin(t *testing.T) {
	const n, d, snr = 5, 6, .15
	plan := func(o interop.CallOptions) *interop.SchedulerPlan {
		p, err := parse(t, `{"_class_name":"ScoreSdeVeScheduler","sigma_max":10}`).Plan(5, o)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	start := ito.NewStates(n, d, 0)
	ito.Seed(1).Normal(start, rng.PurposeUser, 0, 0)
	score := func(_ context.Context, dst, x ito.States, _ float64, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = -.3*v + .1
		}
		return nil
	}
	first := func(o interop.CallOptions, x ito.States) ito.States {
		p := plan(o)
		y := x.Clone()
		if _, err := solve.Run(context.Background(), p.Path, p.Field(score), y, p.Grid[:2], p.Solver,
			solve.RunOptions{Noise: ito.Seed(3)}); err != nil {
			t.Fatal(err)
		}
		return y
	}
	z := start.Like(d)
	ito.Seed(3).Normal(z, rng.PurposeSolver, 0, 0)
	var ofZ, ofS float64
	for i := range n {
		var zz, ss float64
		for j, v := range start.Row(i) {
			zz += z.Row(i)[j] * z.Row(i)[j]
			ss += (-.3*v + .1) * (-.3*v + .1)
		}
		ofZ += math.Sqrt(zz)
		ofS += math.Sqrt(ss)
	}
	for coupled, ratio := range map[bool]float64{false: 10, true: ofZ / ofS} {
		step := 2 * snr * snr * ratio * ratio
		got := first(interop.CallOptions{CoupledNorms: coupled}, start)
		for i, v := range start.X {
			near(t, "a value", got.X[i], v+step*(-.3*v+.1)+math.Sqrt(2*step)*z.X[i], 1e-12)
		}
	}
	if one := first(interop.CallOptions{}, start.Slice(2, 3)); !slices.Equal(one.X, first(interop.CallOptions{},
		start).Row(2)) {
		t.Error("a row depends on its batch")
	}
}

// The law of ScoreSdeVe with a perfect score of N(0,1) in one dimension, where norms of a row gave 3.8 times the
// variance: exact propagation of the variance through the 200 predictors and correctors gives 1.01317, which 20,000
// rows know to 4.5 standard errors of 1 % (one false alarm in 150,000).
func TestVELaw(t *testing.T) {
	p, err := parse(t, `{"_class_name":"ScoreSdeVeScheduler","sigma_max":10}`).Plan(200, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(20_000, 1, 0)
	if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	net := func(_ context.Context, dst, x ito.States, σ float64, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = -v / (1 + σ*σ)
		}
		return nil
	}
	if _, err := p.Run(context.Background(), net, x, solve.RunOptions{Noise: ito.Seed(2)}); err != nil {
		t.Fatal(err)
	}
	if mean, sd := moments(x); math.Abs(mean) > 4.5*.007 || math.Abs(sd*sd-1.01317) > .045 {
		t.Errorf("mean %.4f and variance %.4f", mean, sd*sd)
	}
}
