package nn

import (
	"cmp"
	"fmt"
	"math"
)

// LRSchedule is the learning rate over a run, as a factor of the base rate. The zero value is 1 throughout.
type LRSchedule struct {
	Kind   string  `json:"kind,omitempty"`    // constant (the default), cosine, linear or exponential
	WarmUp int     `json:"warm_up,omitempty"` // steps over which the factor rises linearly from 1/WarmUp to 1
	Final  float64 `json:"final,omitempty"`   // factor at the end of the run; exponential needs it positive
}

// Check reports a field that cannot be used, as a *ConfigError.
func (s LRSchedule) Check() error {
	switch s.Kind {
	case "", "constant", "cosine", "linear", "exponential":
	default:
		return &ConfigError{"kind", fmt.Sprintf("%q is not one of constant, cosine, linear, exponential", s.Kind)}
	}
	if s.WarmUp < 0 {
		return &ConfigError{"warm_up", fmt.Sprintf("%d is negative", s.WarmUp)}
	}
	if !(s.Final >= 0 && s.Final <= 1) || s.Kind == "exponential" && s.Final == 0 {
		return &ConfigError{"final", fmt.Sprintf("%g is not a factor that a %s schedule can end with", s.Final,
			cmp.Or(s.Kind, "constant"))}
	}
	return nil
}

// At is the factor of step t = 0, 1, …, total−1. After the warm-up, u goes from 0 to 1 over the rest of the
// run, and the factor is
//
//	constant     1
//	cosine       Final + (1−Final)(1+cos πu)/2      (Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5)
//	linear       1 − (1−Final)u
//	exponential  Finalᵘ
func (s LRSchedule) At(t, total int) float64 {
	if t < s.WarmUp {
		return float64(t+1) / float64(s.WarmUp)
	}
	u := 0.0
	if last := total - 1 - s.WarmUp; last > 0 {
		u = min(float64(t-s.WarmUp)/float64(last), 1)
	}
	switch s.Kind {
	case "cosine":
		return s.Final + (1-s.Final)*(1+math.Cos(math.Pi*u))/2
	case "linear":
		return 1 - (1-s.Final)*u
	case "exponential":
		return math.Pow(s.Final, u)
	}
	return 1
}
