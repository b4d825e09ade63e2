package interop_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
)

func parse(t *testing.T, text string) *interop.Scheduler {
	t.Helper()
	s, err := interop.ParseScheduler([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTripKeepsUnknownKeys(t *testing.T) {
	const file = `{
  "_class_name": "DPMSolverMultistepScheduler",
  "_diffusers_version": "0.21.4",
  "beta_schedule": "scaled_linear",
  "clip_sample": false,
  "interpolation_type": "linear",
  "lambda_min_clipped": -Infinity,
  "note": "says \"-Infinity\" and NaN",
  "skip": [
    1,
    {
      "a": 1.50e-3
    }
  ],
  "solver_order": 2
}
`
	s := parse(t, file)
	if got := string(s.Encode(false)); got != file {
		t.Errorf("written as\n%s", got)
	}
	if _, err := s.Plan(10, interop.CallOptions{}); err != nil {
		t.Error(err)
	}
	all := s.Encode(true)
	if !bytes.Contains(all, []byte(`"timestep_spacing": "linspace"`)) || !bytes.Contains(all,
		[]byte(`"beta_end": 0.02`)) {
		t.Errorf("without the defaults:\n%s", all)
	}
	if again := parse(t, string(all)); string(again.Encode(true)) != string(all) {
		t.Error("a file with its defaults changes when it is read and written")
	}
	if err := s.Set("solver_order", 3); err != nil {
		t.Fatal(err)
	}
	if v, given := s.Lookup("solver_order"); string(v) != "3" || !given {
		t.Errorf("solver_order is %s", v)
	}
	if v, given := parse(t, `{"_class_name":"DPMSolverSinglestepScheduler"}`).Lookup("lambda_min_clipped"); string(
		v) != "-Infinity" || given {
		t.Errorf("the default of lambda_min_clipped is %s", v)
	}
}

func TestMissingKeysAreThoseOfTheClass(t *testing.T) {
	for class, want := range map[string]map[string]string{
		"DDIM": {"timestep_spacing": `"leading"`, "clip_sample": "true", "set_alpha_to_one": "true"},
		"PNDM": {"timestep_spacing": `"leading"`, "set_alpha_to_one": "false"},
		"DPMSolverMultistep": {"timestep_spacing": `"linspace"`, "lower_order_final": "true",
			"final_sigmas_type": `"zero"`},
		"DPMSolverSinglestep": {"lower_order_final": "false"},
		"HeunDiscrete":        {"beta_start": "0.00085", "beta_end": "0.012"},
		"ScoreSdeVe":          {"sigma_max": "1348"},
	} {
		s, err := interop.NewScheduler(class)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range want {
			if got, _ := s.Lookup(k); string(got) != v {
				t.Errorf("%s: %s is %s, want %s", class, k, got, v)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                             "scheduler_config.json",
		`{"a":1}`:                        "_class_name",
		`{"_class_name":"DDIMSheduler"}`: `did you mean "DDIMScheduler"`,
	} {
		if _, err := interop.ParseScheduler([]byte(text)); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		`{"_class_name":"DDIMScheduler","beta_schedule":"square"}`:                                                                        "unknown word",
		`{"_class_name":"DDIMScheduler","num_train_timesteps":"many"}`:                                                                    "not a number",
		`{"_class_name":"DDIMScheduler","rescale_betas_zero_snr":true,"timestep_spacing":"trailing"}`:                                     "zero terminal SNR",
		`{"_class_name":"DDIMScheduler","steps_offset":500}`:                                                                              "outside of a table",
		`{"_class_name":"DDPMScheduler","variance_type":"fixed_large_log"}`:                                                               "root of a logarithm",
		`{"_class_name":"DPMSolverMultistepScheduler","variance_type":"learned","prediction_type":"sample"}`:                              "off ε only",
		`{"_class_name":"DPMSolverMultistepScheduler","algorithm_type":"sde-dpmsolver"}`:                                                  "the reference refuses it",
		`{"_class_name":"DPMSolverMultistepScheduler","algorithm_type":"sde-dpmsolver","final_sigmas_type":"sigma_min","solver_order":3}`: "no such step",
		`{"_class_name":"EDMDPMSolverMultistepScheduler","algorithm_type":"dpmsolver","final_sigmas_type":"sigma_min"}`:                   "unknown word",
		`{"_class_name":"UniPCMultistepScheduler","solver_p":{}}`:                                                                         "solver_p",
	} {
		if _, err := parse(t, text).Plan(10, interop.CallOptions{}); !errors.Is(err, ito.ErrInput) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestLabels are those of the schedulers' documentation, and the traps of spacing.
func TestLabels(t *testing.T) {
	for _, c := range []struct {
		text string
		want []float64
	}{
		{`{"_class_name":"DDIMScheduler","steps_offset":1}`, []float64{801, 601, 401, 201, 1}},
		{`{"_class_name":"DDIMScheduler","timestep_spacing":"trailing"}`, []float64{999, 799, 599, 399, 199}},
		{`{"_class_name":"DDIMScheduler","timestep_spacing":"linspace"}`, []float64{999, 749, 500, 250, 0}},
		{`{"_class_name":"UniPCMultistepScheduler"}`, []float64{999, 799, 599, 400, 200}},
		{`{"_class_name":"UniPCMultistepScheduler","timestep_spacing":"leading","steps_offset":1}`,
			[]float64{831, 665, 499, 333, 167}},
		{`{"_class_name":"EulerDiscreteScheduler"}`, []float64{999, 749.25, 499.5, 249.75, 0}},
		{`{"_class_name":"FlowMatchEulerDiscreteScheduler"}`, []float64{1000, 750.25, 500.5, 250.75, 1}},
		{`{"_class_name":"PNDMScheduler","skip_prk_steps":true}`, []float64{800, 600, 600, 400, 200, 0}},
	} {
		p, err := parse(t, c.text).Plan(5, interop.CallOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := p.Labels()
		if len(got) != len(c.want) {
			t.Errorf("%s: timesteps %v, want %v", c.text, got, c.want)
			continue
		}
		for k, l := range c.want {
			if math.Abs(got[k]-l) > 1e-9 {
				t.Errorf("%s: timesteps %v, want %v", c.text, got, c.want)
			}
		}
	}
}

func FuzzParseScheduler(f *testing.F) {
	f.Add([]byte(`{"_class_name":"DDIMScheduler","beta_end":-Infinity,"x":"\\\"NaN"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := interop.ParseScheduler(b)
		if err != nil {
			return
		}
		out := s.Encode(false)
		if again, err := interop.ParseScheduler(out); err != nil || !bytes.Equal(again.Encode(false), out) {
			t.Errorf("%q was written as %q: %v", b, out, err)
		}
	})
}

// FuzzPlan: no configuration panics, and a plan that is made has finite levels.
func FuzzPlan(f *testing.F) {
	for i, class := range interop.Schedulers() {
		f.Add(class, "num_train_timesteps", "3", "solver_order", "9", i)
	}
	f.Add("DDIMScheduler", "trained_betas", "[0.1]", "timestep_spacing", `"trailing"`, 7)
	f.Add("PNDMScheduler", "trained_betas", "[0.1,2,3]", "skip_prk_steps", "true", 2)
	f.Fuzz(func(t *testing.T, class, k1, v1, k2, v2 string, n int) {
		s, err := interop.ParseScheduler([]byte(`{"` + k1 + `":` + v1 + `,"` + k2 + `":` + v2 + `,"_class_name":"` +
			class + `"}`))
		if err != nil || n > 100 {
			return
		}
		p, err := s.Plan(n, interop.CallOptions{})
		if err != nil {
			return
		}
		for _, l := range p.Labels() {
			if math.IsNaN(l) || math.IsInf(l, 0) {
				t.Errorf("a label of %g", l)
			}
		}
	})
}
