package interop

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
)

// class is what ito knows of a scheduler class.
type class struct {
	sets []map[string]any
	plan func(*reader, int) (*SchedulerPlan, error)
}

func (c class) defaults() map[string]any {
	all := map[string]any{}
	for _, s := range c.sets {
		for k, v := range s {
			all[k] = v
		}
	}
	return all
}

// The defaults of diffusers' classes at commit 58eb52c; a later set wins.
var (
	betaKeys = map[string]any{"num_train_timesteps": 1000, "beta_start": 1e-4, "beta_end": .02,
		"beta_schedule": "linear", "trained_betas": nil, "prediction_type": "epsilon"}
	stableBeta = map[string]any{"beta_start": .00085, "beta_end": .012}
	leading    = map[string]any{"timestep_spacing": "leading", "steps_offset": 0}
	evenly     = map[string]any{"timestep_spacing": "linspace", "steps_offset": 0}
	zeroSNR    = map[string]any{"rescale_betas_zero_snr": false}
	thresholds = map[string]any{"thresholding": false, "dynamic_thresholding_ratio": .995, "sample_max_value": 1.}
	clipping   = map[string]any{"clip_sample": true, "clip_sample_range": 1.}
	curved     = map[string]any{"use_karras_sigmas": false, "use_exponential_sigmas": false, "use_beta_sigmas": false}
	flowing    = map[string]any{"use_flow_sigmas": false, "flow_shift": 1., "use_dynamic_shifting": false,
		"time_shift_type": "exponential"}
	dpmKeys = map[string]any{"solver_order": 2, "algorithm_type": "dpmsolver++", "solver_type": "midpoint",
		"lower_order_final": true, "final_sigmas_type": "zero", "lambda_min_clipped": math.Inf(-1),
		"variance_type": nil}
	distilledKeys = map[string]any{"beta_start": .00085, "beta_end": .012, "beta_schedule": "scaled_linear",
		"original_inference_steps": 50, "clip_sample": false, "clip_sample_range": 1., "set_alpha_to_one": true,
		"timestep_scaling": 10.}
	edmKeys = map[string]any{"sigma_min": .002, "sigma_max": 80., "sigma_data": .5, "sigma_schedule": "karras",
		"num_train_timesteps": 1000, "prediction_type": "epsilon", "rho": 7., "final_sigmas_type": "zero"}
)

// classes is filled in by init, for the plans look into it.
var classes map[string]class

func init() {
	type m = map[string]any
	of := func(plan func(*reader, int) (*SchedulerPlan, error), sets ...map[string]any) class {
		return class{sets, plan}
	}
	classes = map[string]class{
		"DDIMScheduler": of(planDDIM, betaKeys, leading, thresholds, clipping, zeroSNR, m{"set_alpha_to_one": true}),
		"DDPMScheduler": of(planDDPM, betaKeys, leading, thresholds, clipping, zeroSNR,
			m{"variance_type": "fixed_small"}),
		"PNDMScheduler": of(planPNDM, betaKeys, leading, m{"skip_prk_steps": false, "set_alpha_to_one": false}),
		"DPMSolverMultistepScheduler": of(planDPMMultistep, betaKeys, evenly, thresholds, zeroSNR, curved, flowing,
			dpmKeys,
			m{"euler_at_final": false, "use_lu_lambdas": false}),
		"DPMSolverSinglestepScheduler": of(planDPMSinglestep, betaKeys, thresholds, curved, flowing, dpmKeys,
			m{"lower_order_final": false}),
		"UniPCMultistepScheduler": of(planUniPC, betaKeys, evenly, thresholds, zeroSNR, curved, flowing,
			m{"solver_order": 2, "predict_x0": true, "solver_type": "bh2",
				"lower_order_final": true, "disable_corrector": []int{}, "solver_p": nil, "final_sigmas_type": "zero",
				"sigma_min": nil, "sigma_max": nil, "shift_terminal": nil}),
		"DEISMultistepScheduler": of(planDEIS, betaKeys, evenly, thresholds, curved, flowing,
			m{"solver_order": 2, "algorithm_type": "deis", "solver_type": "logrho", "lower_order_final": true}),
		"EulerDiscreteScheduler": of(planEuler, betaKeys, evenly, zeroSNR, curved,
			m{"interpolation_type": "linear", "sigma_min": nil, "sigma_max": nil, "timestep_type": "discrete",
				"final_sigmas_type": "zero"}),
		"EulerAncestralDiscreteScheduler": of(planEulerAncestral, betaKeys, evenly, zeroSNR),
		"HeunDiscreteScheduler": of(planHeun, betaKeys, stableBeta, evenly, curved, m{"clip_sample": false,
			"clip_sample_range": 1.}),
		"LMSDiscreteScheduler":            of(planLMS, betaKeys, evenly, curved),
		"KDPM2DiscreteScheduler":          of(planKDPM2, betaKeys, stableBeta, evenly, curved),
		"KDPM2AncestralDiscreteScheduler": of(planKDPM2Ancestral, betaKeys, stableBeta, evenly, curved),
		"IPNDMScheduler":                  of(planIPNDM, m{"num_train_timesteps": 1000, "trained_betas": nil}),
		"LCMScheduler":                    of(planLCM, betaKeys, distilledKeys, leading, thresholds, zeroSNR),
		"TCDScheduler":                    of(planTCD, betaKeys, distilledKeys, leading, thresholds, zeroSNR),
		"DDIMInverseScheduler": of(planDDIMInverse, betaKeys, leading, clipping, zeroSNR,
			m{"set_alpha_to_one": true}),
		"CMStochasticIterativeScheduler": of(planConsistency, m{"num_train_timesteps": 40, "sigma_min": .002,
			"sigma_max": 80., "sigma_data": .5, "s_noise": 1., "rho": 7., "clip_denoised": true}),
		"DPMSolverSDEScheduler": of(planDPMSDE, betaKeys, stableBeta, evenly, curved, m{"noise_sampler_seed": nil}),
		"SASolverScheduler": of(planSASolver, betaKeys, evenly, thresholds, curved,
			m{"predictor_order": 2, "corrector_order": 2, "tau_func": nil, "algorithm_type": "data_prediction",
				"lower_order_final": true, "use_flow_sigmas": false, "flow_shift": 1.,
				"lambda_min_clipped": math.Inf(-1), "variance_type": nil}),
		"EDMEulerScheduler": of(planEDMEuler, edmKeys),
		"EDMDPMSolverMultistepScheduler": of(planEDMDPM, edmKeys, thresholds,
			m{"solver_order": 2, "algorithm_type": "dpmsolver++", "solver_type": "midpoint", "lower_order_final": true,
				"euler_at_final": false}),
		"FlowMatchEulerDiscreteScheduler": of(planFlowEuler, curved, m{"num_train_timesteps": 1000, "shift": 1.,
			"use_dynamic_shifting": false, "base_shift": .5, "max_shift": 1.15,
			"base_image_seq_len": 256, "max_image_seq_len": 4096, "invert_sigmas": false, "shift_terminal": nil,
			"time_shift_type": "exponential", "stochastic_sampling": false}),
		"FlowMatchHeunDiscreteScheduler": of(planFlowHeun, m{"num_train_timesteps": 1000, "shift": 1.}),
		"ScoreSdeVeScheduler": of(planVE, m{"num_train_timesteps": 2000, "snr": .15, "sigma_min": .01,
			"sigma_max": 1348., "sampling_eps": 1e-5, "correct_steps": 1}),
	}
}

// reader reads keys with the defaults of their class and remembers the first that cannot be used.
type reader struct {
	s        *Scheduler
	defaults map[string]any
	err      error
	o        CallOptions
	took     []string // the options that have a say in the plan
}

func (r *reader) fail(key, what, do string) {
	if r.err == nil {
		r.err = &ito.InputError{Where: "scheduler key " + key, What: what, Do: do}
	}
}

// refuse is for a setting that ito does not have.
func (r *reader) refuse(what, why, nearest string) {
	if r.err == nil {
		r.err = &ito.UnsupportedError{What: r.s.class + " with " + what, Why: why, Nearest: nearest}
	}
}

func read[T any](r *reader, key, kind string) T {
	var v T
	raw, ok := r.s.keys[key]
	if !ok {
		v, _ = r.defaults[key].(T)
		return v
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		r.fail(key, fmt.Sprintf("%s is not %s", show(raw), kind), "")
	}
	return v
}

// bool is false for a key that the class does not own, which the reference leaves aside.
func (r *reader) bool(key string) bool { return r.owns(key) && read[bool](r, key, "true or false") }

func (r *reader) text(key string) string { return read[string](r, key, "a word") }

func (r *reader) owns(key string) bool {
	_, ok := r.defaults[key]
	return ok
}

// word is one of the words, or an error.
func (r *reader) word(key string, words ...string) string {
	w := r.text(key)
	if r.err == nil && !slices.Contains(words, w) {
		r.fail(key, fmt.Sprintf("unknown word %q", w), suggest.Among(w, words))
	}
	return w
}

// number also takes the infinities that Python writes. A null is NaN.
func (r *reader) number(key string) float64 {
	raw, ok := r.s.keys[key]
	if !ok {
		switch v := r.defaults[key].(type) {
		case int:
			return float64(v)
		case float64:
			return v
		}
		return math.NaN()
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		switch v := v.(type) {
		case nil:
			return math.NaN()
		case float64:
			return v
		case string:
			switch strings.ToLower(strings.TrimPrefix(v, "\x00")) {
			case "-inf", "-infinity":
				return math.Inf(-1)
			case "inf", "infinity":
				return math.Inf(1)
			}
		}
	}
	r.fail(key, fmt.Sprintf("%s is not a number", show(raw)), "")
	return math.NaN()
}

// count is a whole number of at least least.
func (r *reader) count(key string, least int) int {
	v := r.number(key)
	if !(v == math.Trunc(v) && v >= float64(least) && v < 1<<20) {
		r.fail(key, fmt.Sprintf("%g is not a whole number from %d to 2²⁰", v, least), "")
		return least
	}
	return int(v)
}

func (r *reader) list(key string) []float64 { return read[[]float64](r, key, "a list of numbers") }
