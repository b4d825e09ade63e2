package interop_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/interop"
	"github.com/seed9a7962a8/ito/solve"
)

// No value of any key brings a class down: it is used, or it is bad input.
func TestValuesOfKeys(t *testing.T) {
	keys := []string{"trained_betas", "steps_offset", "sampling_eps", "num_train_timesteps", "beta_start",
		"solver_order",
		"sigma_min", "sigma_max", "rho", "shift", "snr", "correct_steps", "lambda_min_clipped", "disable_corrector",
		"clip_sample_range", "dynamic_thresholding_ratio", "shift_terminal", "flow_shift", "prediction_type",
		"thresholding", "sigma_data", "use_karras_sigmas", "original_inference_steps", "timestep_scaling", "s_noise"}
	values := []string{"null", "[]", "[0.1]", "1e300", "-1", "0", "NaN", "Infinity", "true", `"x"`, "1.5", "{}",
		"[null,null]", "[0.5,0.5]"}
	for _, class := range interop.Schedulers() {
		for _, key := range keys {
			for _, v := range values {
				text := fmt.Sprintf(`{"_class_name":%q,%q:%s}`, class, key, v)
				s, err := interop.ParseScheduler([]byte(text))
				if err != nil {
					continue
				}
				p, err := s.Plan(4, interop.CallOptions{})
				if err != nil {
					var u *ito.UnsupportedError
					if !errors.Is(err, ito.ErrInput) && !errors.As(err, &u) {
						t.Errorf("%s: %v", text, err)
					}
					continue
				}
				x := ito.NewStates(1, 3, 7)
				_, _ = p.Run(context.Background(), waves(0), x, solve.RunOptions{Noise: turning{}})
			}
		}
	}
}

// A run begins at any call that begins a step, and is refused at the others with the nearest.
func TestRunsFromTheMiddle(t *testing.T) {
	for _, class := range interop.Schedulers() {
		p, err := parse(t, fmt.Sprintf(`{"_class_name":%q}`, class)).Plan(6, interop.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for k := range len(p.Grid) - 1 {
			tail := *p
			tail.Grid = p.Grid[k:]
			x := ito.NewStates(1, 3, 7)
			_, err := tail.Run(context.Background(), waves(0), x, solve.RunOptions{Noise: turning{}})
			var u *ito.UnsupportedError
			switch {
			case err == nil:
				ran++
			case !errors.As(err, &u) || !strings.Contains(u.Nearest, "call "):
				t.Errorf("%s from call %d: %v", class, k, err)
			}
		}
		if ran == 0 || ran == 1 && class != "PNDMScheduler" {
			t.Errorf("%s begins at %d of its calls", class, ran)
		}
	}
}

// A class of the reference that is not here is not a typing error.
func TestClassesThatAreNotHere(t *testing.T) {
	var u *ito.UnsupportedError
	if _, err := interop.NewScheduler("CosineDPMSolverMultistepScheduler"); !errors.As(err, &u) ||
		u.Nearest != "EDMDPMSolverMultistepScheduler" {
		t.Errorf("the cosine of EDM: %v", err)
	}
	if _, err := interop.NewScheduler("DDIMScheduller"); !errors.Is(err, ito.ErrInput) ||
		!strings.Contains(err.Error(), "DDIMScheduler") {
		t.Errorf("a typing error: %v", err)
	}
}

// Two spacings are refused as there; keys of other classes are left aside with a notice.
func TestTwoSpacingsAndForeignKeys(t *testing.T) {
	_, err := parse(t, `{"_class_name":"EulerDiscreteScheduler","use_karras_sigmas":true,"use_beta_sigmas":true}`).Plan(
		5,
		interop.CallOptions{})
	var u *ito.UnsupportedError
	if !errors.As(err, &u) || u.Nearest != "use_karras_sigmas" {
		t.Errorf("two spacings: %v", err)
	}
	p, err := parse(t, `{"_class_name":"DDIMScheduler","solver_order":3,"_diffusers_version":"0.9"}`).Plan(5,
		interop.CallOptions{})
	if err != nil || !slices.Equal(p.Notices,
		[]string{"key solver_order is not one of DDIMScheduler and is left aside"}) {
		t.Errorf("notices %q, %v", p.Notices, err)
	}
}
