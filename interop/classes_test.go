package interop_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/solve"
)

// exact is what a perfect network says for data N(.3, .25): the raw output for scaled states.
func exact(p *interop.SchedulerPlan) interop.Network {
	return func(_ context.Context, dst, x ito.States, label float64, _ ito.Cond) error {
		k := 0
		for p.Labels()[k] != label { // levels that repeat have one label
			k++
		}
		l := p.Path.Level(k)
		a, s := l.Alpha, l.Sigma
		v := a*a*.25 + s*s
		for i, in := range x.X {
			z := in / p.InputScale(k)
			x0, eps := .3+a*.25*(z-a*.3)/v, s*(z-a*.3)/v
			switch p.PredictionType() {
			case "sample":
				dst.X[i] = x0
			case "v_prediction":
				n := math.Hypot(a, s)
				dst.X[i] = (a*eps - s*x0) / n
			case "flow_prediction":
				dst.X[i] = eps - x0
			case "score":
				dst.X[i] = -eps / s
			default:
				dst.X[i] = eps
			}
		}
		return nil
	}
}

// TestEverySchedulerSamplesAGaussian: every class, kind of levels and prediction, with a perfect network for data
// N(.3, .25), ends at the data's mean and standard deviation. EDM's networks say something else: see TestEDM.
func TestEverySchedulerSamplesAGaussian(t *testing.T) {
	const karras, exponential, flow = `,"use_karras_sigmas":true`, `,"use_exponential_sigmas":true`,
		`,"use_flow_sigmas":true,"prediction_type":"flow_prediction"`
	cases := map[string][]string{
		"DDIM": {``, `,"prediction_type":"v_prediction","rescale_betas_zero_snr":true,"timestep_spacing":"trailing"`,
			`,"prediction_type":"sample","set_alpha_to_one":false`, `,"timestep_spacing":"linspace"`},
		"DDPM": {``, `,"variance_type":"fixed_large"`, `,"timestep_spacing":"trailing"`,
			`,"prediction_type":"v_prediction","beta_schedule":"squaredcos_cap_v2"`},
		"PNDM": {``, `,"skip_prk_steps":true`, `,"prediction_type":"v_prediction","set_alpha_to_one":true`},
		"DPMSolverMultistep": {``, karras, exponential, flow, `,"use_lu_lambdas":true`, `,"solver_order":3`,
			`,"solver_type":"heun"`, `,"algorithm_type":"sde-dpmsolver++"`,
			`,"algorithm_type":"sde-dpmsolver","final_sigmas_type":"sigma_min"`,
			`,"lambda_min_clipped":-5.1,"beta_schedule":"squaredcos_cap_v2"`,
			`,"algorithm_type":"dpmsolver","final_sigmas_type":"sigma_min"`,
			`,"prediction_type":"v_prediction","rescale_betas_zero_snr":true,"timestep_spacing":"trailing"`,
			`,"timestep_spacing":"leading","steps_offset":1`},
		"DPMSolverSinglestep": {``, karras, `,"solver_order":3`, `,"solver_order":3,"solver_type":"heun"`,
			`,"solver_type":"heun","final_sigmas_type":"sigma_min"`,
			`,"algorithm_type":"dpmsolver","solver_order":3,"final_sigmas_type":"sigma_min"`, flow,
			`,"algorithm_type":"sde-dpmsolver++"`},
		"UniPCMultistep": {``, karras, exponential, flow,
			`,"solver_order":3,"solver_type":"bh1","final_sigmas_type":"sigma_min"`,
			`,"predict_x0":false,"final_sigmas_type":"sigma_min"`, `,"prediction_type":"sample"`},
		"DEISMultistep": {``, `,"solver_order":3`, karras, `,"prediction_type":"v_prediction"`},
		"EulerDiscrete": {``, karras, exponential, `,"timestep_spacing":"trailing"`,
			`,"prediction_type":"v_prediction","timestep_type":"continuous"`, `,"interpolation_type":"log_linear"`,
			`,"final_sigmas_type":"sigma_min"`},
		"EulerAncestralDiscrete": {``, `,"prediction_type":"v_prediction"`},
		"HeunDiscrete":           {``, karras, `,"prediction_type":"sample"`},
		"LMSDiscrete":            {karras},
		"KDPM2Discrete":          {karras},
		"KDPM2AncestralDiscrete": {karras},
		"FlowMatchEulerDiscrete": {``, `,"shift":3`, karras, `,"use_dynamic_shifting":true`, `,"shift_terminal":0.1`},
		"FlowMatchHeunDiscrete":  {``, `,"shift":3`},
	}
	// Left out: beta sigmas, which take few steps at small σ, and the renoising of a flow, which samples with a
	// consistency model only; see TestBetaSigmas and TestRenoise.
	for class, settings := range cases {
		for _, extra := range settings {
			text := `{"_class_name":"` + class + `Scheduler"` + extra + `,"clip_sample":false}`
			var o interop.CallOptions
			if μ := .5; strings.Contains(extra, "dynamic") {
				o.Mu = &μ
			}
			p, err := parse(t, text).Plan(100, o)
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			x := ito.NewStates(500, 4, 0)
			if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Run(context.Background(), exact(p), x, solve.RunOptions{Noise: ito.Seed(2)}); err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			mean, sd := moments(x)
			// 2000 values: the standard errors are .011 and .008; the rest is for 100 steps
			if math.Abs(mean-.3) > .045 || math.Abs(sd-.5) > .05 {
				t.Errorf("%s: mean %.3f and standard deviation %.3f, want .3 and .5", text, mean, sd)
			}
		}
	}
}

func moments(x ito.States) (mean, sd float64) {
	for _, v := range x.X {
		mean += v / float64(len(x.X))
	}
	for _, v := range x.X {
		sd += (v - mean) * (v - mean) / float64(len(x.X))
	}
	return mean, math.Sqrt(sd)
}

// TestFieldOfOnesOwn: an exact field on the plan's path gives what the network gives, for every kind of prediction.
func TestFieldOfOnesOwn(t *testing.T) {
	for _, class := range []string{"DDIM", "DPMSolverMultistep", "DPMSolverSinglestep", "EulerDiscrete",
		"HeunDiscrete"} {
		p, err := parse(t, `{"_class_name":"`+class+`Scheduler","clip_sample":false}`).Plan(8, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := ito.NewStates(3, 2, 5)
		if err := p.Path.Prior(want, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		start := want.Clone()
		if _, err := p.Run(context.Background(), exact(p), want, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		f, err := field.NewGaussian(p.Path, ito.Gaussian{Mean: []float64{.3, .3}, Cov: []float64{.25, 0, 0, .25}})
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []ito.Prediction{ito.PredX0, ito.PredEps, ito.PredScore} {
			of, err := f.As(kind)
			if err != nil {
				t.Fatal(err)
			}
			x := start.Clone()
			if _, err := solve.Run(context.Background(), p.Path, of, x, p.Grid, p.Solver,
				solve.RunOptions{}); err != nil {
				t.Errorf("%s with %s: %v", class, kind, err)
			}
			for i, v := range want.X {
				near(t, class+" with "+kind.String(), x.X[i], v, 1e-9)
			}
		}
	}
}

// TestRowsStandAlone: a batch of eight is eight batches of one, and a run may begin in the middle.
func TestRowsStandAlone(t *testing.T) {
	for _, class := range interop.Schedulers() {
		p, err := parse(t, `{"_class_name":"`+class+`"}`).Plan(6, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		x := ito.NewStates(8, 3, 40)
		if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(3)); err != nil {
			t.Fatal(err)
		}
		one := x.Clone()
		for i := range 8 {
			if _, err := p.Run(context.Background(), dummy, one.Slice(i, i+1), solve.RunOptions{}); err != nil {
				t.Fatalf("%s: %v", class, err)
			}
		}
		if _, err := p.Run(context.Background(), dummy, x, solve.RunOptions{}); err != nil {
			t.Fatalf("%s: %v", class, err)
		}
		for i, v := range x.X {
			if v != one.X[i] {
				t.Fatalf("%s: a row depends on its batch", class)
			}
		}
	}
}

// TestEDM: the wrapping of EDM's networks, with the network that is perfect for N(.3,.25), σ_data = .5.
func TestEDM(t *testing.T) {
	for _, class := range []string{"EDMEuler", "EDMDPMSolverMultistep"} {
		p, err := parse(t, `{"_class_name":"`+class+`Scheduler"}`).Plan(60, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		// x0 = .3 + .25 (x−.3)/v with v = .25+σ², and x0 = .25 x/v + σ·.5/√v F, so F = .6 σ/√v
		f := func(_ context.Context, dst, x ito.States, label float64, _ ito.Cond) error {
			σ := math.Exp(4 * label)
			for i := range x.X {
				dst.X[i] = .6 * σ / math.Hypot(.5, σ)
			}
			return nil
		}
		x := ito.NewStates(500, 4, 0)
		if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Run(context.Background(), f, x, solve.RunOptions{}); err != nil {
			t.Fatal(err)
		}
		if mean, sd := moments(x); math.Abs(mean-.3) > .04 || math.Abs(sd-.5) > .06 {
			t.Errorf("%s: mean %.3f and standard deviation %.3f, want .3 and .5", class, mean, sd)
		}
	}
}

func TestBetaSigmas(t *testing.T) {
	p, err := parse(t, `{"_class_name":"EulerDiscreteScheduler","use_beta_sigmas":true}`).Plan(5, interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lo, hi := p.Path.Level(4).Sigma, p.Path.Level(0).Sigma
	near(t, "the middle", p.Path.Level(2).Sigma, (lo+hi)/2, 1e-9) // Beta(.6,.6) is symmetric
	// its quantile at 1/4, from the incomplete beta function: I_x(.6,.6) = .25
	near(t, "a quarter", p.Path.Level(3).Sigma, lo+.17568052*(hi-lo), 2e-6)
}

func TestRenoise(t *testing.T) {
	p, err := parse(t, `{"_class_name":"FlowMatchEulerDiscreteScheduler","stochastic_sampling":true}`).Plan(4,
		interop.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(2, 3, 0)
	if err := p.Path.Prior(x, ito.Cond{}, ito.Seed(1)); err != nil {
		t.Fatal(err)
	}
	// a network that says u = x − x0 at σ = 1, and u = (x − x0)/σ elsewhere, for data at one point: it ends there
	net := func(_ context.Context, dst, x ito.States, label float64, _ ito.Cond) error {
		for i, v := range x.X {
			dst.X[i] = (v - .7) / (label / 1000)
		}
		return nil
	}
	if _, err := p.Run(context.Background(), net, x, solve.RunOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, v := range x.X {
		near(t, "the point", v, .7, 1e-12)
	}
}
