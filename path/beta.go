package path

import (
	"cmp"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// beta is the power schedule of the variance-preserving family on t ∈ [0,T]:
//
//	β_t = β_min + (β_max−β_min) t^r,   B_t = ∫₀ᵗ β = β_min t + (β_max−β_min) t^{r+1}/(r+1).
type beta struct{ min, max, r float64 }

// at returns β_t; before 0 it stays at β_0.
func (b beta) at(t float64) float64 {
	if t <= 0 {
		return b.min
	}
	return b.min + float64((b.max-b.min)*math.Pow(t, b.r))
}

// integral returns B_t, 0 before 0.
func (b beta) integral(t float64) float64 {
	if t <= 0 {
		return 0
	}
	return float64(b.min*t) + float64((b.max-b.min)*math.Pow(t, b.r+1))/(b.r+1)
}

// check reports a schedule that is not positive and finite.
func (b beta) check(where string) error {
	for _, v := range [...]float64{b.min, b.max, b.r} {
		if !(v > 0) || math.IsInf(v, 0) {
			return &ito.InputError{Where: where, What: fmt.Sprintf("the noise rate has beta_min=%g, beta_max=%g, "+
				"power=%g", b.min, b.max, b.r),
				Do: "give positive finite values"}
		}
	}
	return nil
}

// defaults fills what is left zero. A rate of zero at an end is not legal and r = 0 loses nothing (a
// constant rate is β_min = β_max), so zero is free to mean the default.
func (b beta) defaults(min, max, r float64) beta {
	return beta{cmp.Or(b.min, min), cmp.Or(b.max, max), cmp.Or(b.r, r)}
}

// defaultLo is the sampled end of the paths whose σ vanishes at t = 0.
const defaultLo = 1e-3

// checkSpan reports a sampled end that is not inside (0, hi).
func checkSpan(where string, lo, hi float64) error {
	if !(lo > 0 && lo < hi) || math.IsInf(hi, 0) {
		return &ito.InputError{Where: where, What: fmt.Sprintf("the sampled end lo=%g is not between 0 and %g", lo, hi),
			Do: "σ vanishes at 0 and the score with it: give a small positive lo"}
	}
	return nil
}
