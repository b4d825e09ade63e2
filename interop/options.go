package interop

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// CallOptions are what diffusers takes at the call and not in the file. The zero value is its default. An option
// that the class does not have, or that its file leaves without effect, is an *ito.UnsupportedError.
type CallOptions struct {
	// noise of DDIMScheduler and TCDScheduler, from 0 to 1; nil: 0 and .3
	Eta *float64
	// shift of schedulers with use_dynamic_shifting; nil: none is given, which all but DPM-Solver and DEIS refuse
	Mu *float64
	// CoupledNorms averages the norms of ScoreSdeVeScheduler's Langevin steps over the batch, as the reference does, so
	// that a row depends on its batch; without it they are replaced by √D and √D/σ, see [solve.PC].
	CoupledNorms bool

	// Timesteps are told to the network instead of those that the spacing gives, falling: of DDPM, DPM-Solver
	// (multistep and single-step), Euler, Heun, LCM, TCD, consistency models and flows by Euler. The number of
	// inference steps is their number.
	Timesteps []float64
	// Sigmas are the levels σ/α of EulerDiscreteScheduler, with the one at which the run ends, or the σ of
	// FlowMatchEulerDiscreteScheduler before its shift, without it.
	Sigmas []float64

	// Begin is the call at which the run begins, counted from 0, as [SchedulerPlan.From] has it.
	Begin int

	// Churn is s_churn of Euler (discrete and EDM) and of flows by Heun: how much noise is put in over the run, at
	// levels from ChurnMin to ChurnMax (s_tmin and s_tmax; ChurnMax 0: no upper end).
	Churn, ChurnMin, ChurnMax float64
	// SNoise is s_noise, the factor of the noise of Churn and of DPMSolverSDEScheduler; nil: 1
	SNoise *float64
	// Tau is tau_func of SASolverScheduler, the strength of the noise at a timestep; nil: 1 from 200 to 800, else 0
	Tau func(label float64) float64
}

// steps is the number of inference steps: that of the lists where there are any.
func (o CallOptions) steps(class string, steps int) (int, error) {
	n := len(o.Timesteps)
	if k := len(o.Sigmas); k > 0 {
		if class == "EulerDiscreteScheduler" {
			k--
		}
		if n > 0 && n != k {
			return 0, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("Options.Timesteps of %d steps and "+
				"Options.Sigmas of %d", n, k), Do: "give one of the two, or as many"}
		}
		n = k
	}
	switch {
	case n > 0 && steps != 0 && steps != n:
		return 0, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d inference steps and a list of %d", steps,
			n),
			Do: "give the list alone, with 0 steps"}
	case n == 0 && steps < 1:
		return 0, &ito.InputError{Where: "scheduler", What: fmt.Sprintf("%d inference steps", steps),
			Do: "give one or more"}
	}
	return max(n, steps), nil
}

// take says that an option has a say.
func (r *reader) take(name string) { r.took = append(r.took, name) }

// mu is Options.Mu where the levels depend on it.
func (r *reader) mu() float64 {
	r.take("Mu")
	o := r.o
	switch {
	case o.Mu == nil:
		r.fail("use_dynamic_shifting", "the shift depends on the length of a sample", "give mu")
		return 0
	case math.IsNaN(*o.Mu) || math.IsInf(*o.Mu, 0):
		r.fail("use_dynamic_shifting", fmt.Sprintf("mu is %g", *o.Mu), "give a finite number")
		return 0
	}
	return *o.Mu
}

// eta is Options.Eta, or what it is where none is given.
func (r *reader) eta(none float64) float64 {
	r.take("Eta")
	o := r.o
	if o.Eta == nil {
		return none
	}
	if !(*o.Eta >= 0 && *o.Eta <= 1) {
		r.fail("eta", fmt.Sprintf("eta is %g", *o.Eta), "give one from 0 to 1")
		return none
	}
	return *o.Eta
}

// sNoise is Options.SNoise, or 1.
func (r *reader) sNoise() float64 {
	r.take("SNoise")
	if r.o.SNoise == nil {
		return 1
	}
	if v := *r.o.SNoise; !(v >= 0 && v <= 1e6) {
		r.fail("s_noise", fmt.Sprintf("Options.SNoise is %g", v), "give a number from 0")
	}
	return *r.o.SNoise
}

// timesteps are Options.Timesteps; nil: none are given. They fall, and are steps of a table; with alone levels that are
// spaced anew are refused beside them.
func (r *reader) timesteps(train int, alone bool) []float64 {
	r.take("Timesteps")
	list := r.o.Timesteps
	for i, t := range list {
		if !(t >= 0 && t <= float64(train-1)) || i > 0 && t >= list[i-1] {
			r.fail("timesteps", fmt.Sprintf("Options.Timesteps has %g at place %d", t, i),
				fmt.Sprintf("give falling numbers from %d to 0", train-1))
			return make([]float64, len(list))
		}
	}
	for _, key := range []string{"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas",
		"use_flow_sigmas"} {
		if list != nil && alone && r.bool(key) {
			r.refuse("Options.Timesteps and "+key, "its levels are spaced anew", "one of the two")
		}
	}
	return slices.Clone(list)
}

// customSigmas are Options.Sigmas, falling; nil: none are given.
func (r *reader) customSigmas(most float64) []float64 {
	r.take("Sigmas")
	list := r.o.Sigmas
	for i, σ := range list {
		if !(σ >= 0 && σ <= most) || i > 0 && σ > list[i-1] {
			r.fail("sigmas", fmt.Sprintf("Options.Sigmas has %g at place %d", σ, i),
				fmt.Sprintf("give numbers of at most %g that do not rise", most))
			return make([]float64, len(list))
		}
	}
	return slices.Clone(list)
}

// rest refuses options that have had no say: the class has no such setting, or its file leaves it unused.
func (r *reader) rest() {
	o := r.o
	took := func(name string) bool { return slices.Contains(r.took, name) }
	switch {
	case o.Eta != nil && !took("Eta"):
		r.refuse(fmt.Sprintf("eta = %g", *o.Eta), "its step has no η", "DDIMScheduler")
	case o.Mu != nil && !took("Mu"):
		r.refuse(fmt.Sprintf("mu = %g", *o.Mu), "its levels do not depend on μ",
			"a class with use_dynamic_shifting, and with use_flow_sigmas where it has that")
	case o.CoupledNorms && !took("CoupledNorms"):
		r.refuse("Options.CoupledNorms", "its steps take no norms", "ScoreSdeVeScheduler with correct_steps")
	case o.Timesteps != nil && !took("Timesteps"):
		r.refuse("Options.Timesteps", "the reference takes none there", "DPMSolverMultistepScheduler")
	case o.Sigmas != nil && !took("Sigmas"):
		r.refuse("Options.Sigmas", "the reference takes none there", "EulerDiscreteScheduler")
	case (o.Churn != 0 || o.ChurnMin != 0 || o.ChurnMax != 0) && !took("Churn"):
		r.refuse("Options.Churn", "its step has none", "EulerDiscreteScheduler")
	case o.SNoise != nil && !took("SNoise"):
		r.refuse(fmt.Sprintf("Options.SNoise = %g", *o.SNoise), "there is no noise that it would scale",
			"EulerDiscreteScheduler with Options.Churn, or DPMSolverSDEScheduler")
	case o.Tau != nil && !took("Tau"):
		r.refuse("Options.Tau", "its step has no τ", "SASolverScheduler")
	}
}
