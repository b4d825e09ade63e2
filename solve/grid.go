package solve

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
)

// GridFunc makes the K+1 times of K steps on p between from and to, both of which are met exactly.
// Either may be the larger.
type GridFunc func(p ito.Path, from, to float64, k int) (ito.Grid, error)

// grid implements GridFunc.
func (l Levels) grid(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	if k != len(l.Values)-1 {
		return nil, &ito.InputError{Where: "grid", What: fmt.Sprintf("%d levels for %d steps", len(l.Values), k),
			Do: fmt.Sprintf("list %d", k+1)}
	}
	g, err := l.Times(p, from, to)
	if err == nil && g[k] != to {
		err = &ito.InputError{Where: "grid", What: fmt.Sprintf("it ends at t=%g instead of %g", g[k], to),
			Do: "list the end of the run"}
	}
	return g, err
}

// Uniform has equal steps in t. It serves every path.
func Uniform(_ ito.Path, from, to float64, k int) (ito.Grid, error) {
	return spaced(from, to, k, func(u float64) float64 { return from + u*(to-from) })
}

// Quadratic has equal steps in √t, finer near t = 0. It serves every path whose times are not negative.
func Quadratic(_ ito.Path, from, to float64, k int) (ito.Grid, error) {
	if from < 0 || to < 0 {
		return nil, &ito.InputError{Where: "quadratic grid", What: fmt.Sprintf("a negative time among %g and %g", from,
			to)}
	}
	a, b := math.Sqrt(from), math.Sqrt(to)
	return spaced(from, to, k, func(u float64) float64 { r := a + u*(b-a); return r * r })
}

// EndsRho is the exponent ρ of Ends.
const EndsRho = 3

// Ends has equal steps in u of τ/(1−τ) = (u/(1−u))^ρ, ρ = 3, with τ the fraction of the way from one end to the
// other: steps of order 1/K³ at both ends, and three times the even ones in the middle. It serves every path, and
// is meant for interpolants between narrow sets whose γ is of order √τ at the ends: there x_t moves with √τ until γ
// is as small as the data are wide, which even steps leap over. (ρ = 2, or sin²(πu/2), has steps of equal length in
// √τ, and still does for widths under 1/K.)
func Ends(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	return EndsWith(EndsRho)(p, from, to, k)
}

// EndsWith is Ends with another ρ > 0.
func EndsWith(rho float64) GridFunc {
	return func(_ ito.Path, from, to float64, k int) (ito.Grid, error) {
		if err := positive("ends", rho); err != nil {
			return nil, err
		}
		return spaced(from, to, k, func(u float64) float64 {
			a, b := math.Pow(1-u, rho), math.Pow(u, rho)
			return (float64(from*a) + float64(to*b)) / (a + b)
		})
	}
}

// LogSNR has equal steps in the log signal-to-noise ratio λ = log(α/σ), the mean over the modes of a
// Diagonal path. It needs λ to be finite at both ends.
func LogSNR(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	λ, err := meanLogSNR(p, "log-SNR")
	if err != nil {
		return nil, err
	}
	a, b := λ(from), λ(to)
	if err := bothFinite("log-SNR", from, to, a, b); err != nil {
		return nil, err
	}
	return spaced(from, to, k, func(u float64) float64 { return inverse(λ, from, to, a+u*(b-a)) })
}

// KarrasRho is the exponent ρ of Karras.
const KarrasRho = 7

// Karras has equal steps in (σ/α)^{1/7} (Karras et al. 2022, arXiv:2206.00364, eq. 5), with σ/α the
// geometric mean over the modes of a Diagonal path. It needs α > 0 at both ends; σ may be 0.
func Karras(p ito.Path, from, to float64, k int) (ito.Grid, error) {
	return KarrasWith(KarrasRho)(p, from, to, k)
}

// KarrasWith is Karras with another exponent ρ > 0: equal steps in (σ/α)^{1/ρ}.
func KarrasWith(rho float64) GridFunc {
	return func(p ito.Path, from, to float64, k int) (ito.Grid, error) {
		if err := positive("Karras", rho); err != nil {
			return nil, err
		}
		λ, err := meanLogSNR(p, "Karras")
		if err != nil {
			return nil, err
		}
		a, b := math.Exp(-λ(from)/rho), math.Exp(-λ(to)/rho)
		if math.IsInf(a, 0) || math.IsInf(b, 0) {
			return nil, &ito.InputError{Where: "Karras grid", What: fmt.Sprintf("σ/α is infinite between t=%g and t=%g",
				from, to), Do: "take the grid uniform, or start and stop where α is positive"}
		}
		return spaced(from, to, k, func(u float64) float64 { return inverse(λ, from, to, -rho*math.Log(a+u*(b-a))) })
	}
}

// positive refuses an exponent that is none.
func positive(grid string, rho float64) error {
	if rho > 0 && !math.IsInf(rho, 0) {
		return nil
	}
	return &ito.InputError{Where: grid + " grid", What: fmt.Sprintf("an exponent of %g", rho),
		Do: "give a positive one"}
}

// Polyexponential is u^r in log(σ/α): log ρ_i = log ρ_to + (1−i/K)^r (log ρ_from − log ρ_to), of which r = 1 is
// LogSNR and more makes steps shorter near the data (k-diffusion's sigmas of that name). Like LogSNR it needs λ to
// be finite at both ends, and r > 0.
func Polyexponential(r float64) GridFunc {
	return func(p ito.Path, from, to float64, k int) (ito.Grid, error) {
		if err := positive("polyexponential", r); err != nil {
			return nil, err
		}
		λ, err := meanLogSNR(p, "polyexponential")
		if err != nil {
			return nil, err
		}
		a, b := λ(from), λ(to)
		if err := bothFinite("polyexponential", from, to, a, b); err != nil {
			return nil, err
		}
		return spaced(from, to, k, func(u float64) float64 {
			if a > b { // from the data
				return inverse(λ, from, to, a+math.Pow(u, r)*(b-a))
			}
			return inverse(λ, from, to, b+math.Pow(1-u, r)*(a-b))
		})
	}
}

// bothFinite refuses a grid in λ that begins or ends where it is infinite.
func bothFinite(grid string, from, to, a, b float64) error {
	if math.IsInf(a, 0) || math.IsInf(b, 0) {
		return &ito.InputError{Where: grid + " grid", What: fmt.Sprintf("log(α/σ) goes from %g at t=%g to %g at t=%g",
			a, from, b, to), Do: "take the grid uniform, or start and stop where both α and σ are positive"}
	}
	return nil
}

// spaced fills a grid by the fraction of the way, with exact ends, and refuses one whose times do not differ.
func spaced(from, to float64, k int, at func(u float64) float64) (ito.Grid, error) {
	if k < 1 || !(from != to) || math.IsInf(from-to, 0) {
		return nil, &ito.InputError{Where: "grid", What: fmt.Sprintf("%d steps from %g to %g", k, from, to),
			Do: "give at least one step between two finite times"}
	}
	g := make(ito.Grid, k+1)
	g[0], g[k] = from, to
	for i := 1; i < k; i++ {
		g[i] = at(float64(i) / float64(k))
	}
	for i := range k {
		if !((g[i+1]-g[i])*(to-from) > 0) {
			return nil, &ito.InputError{Where: "grid", What: fmt.Sprintf("%d steps from %g to %g: times %d and %d "+
				"are both %g", k, from, to, i, i+1, g[i]), Do: "take fewer steps"}
		}
	}
	return g, nil
}

// meanLogSNR returns t ↦ mean over modes of log(α/σ), which falls with t.
func meanLogSNR(p ito.Path, grid string) (func(float64) float64, error) {
	d, ok := p.(ito.Diagonal)
	if !ok {
		return nil, &ito.UnsupportedError{What: fmt.Sprintf("a %s grid on path %s", grid, p.Name()),
			Why: "the path has no signal-to-noise ratio", Nearest: "uniform"}
	}
	m := path.NewModes(d)
	return func(t float64) float64 {
		d.Schedule(t, m.Alpha, m.Sigma, nil, nil)
		sum := 0.0
		for i, α := range m.Alpha {
			sum += math.Log(α / m.Sigma[i])
		}
		return sum / float64(len(m.Alpha))
	}, nil
}

// inverse finds t between from and to with λ(t) = target, λ falling, by bisection to the last bit.
func inverse(λ func(float64) float64, from, to, target float64) float64 {
	lo, hi := math.Min(from, to), math.Max(from, to)
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid == lo || mid == hi {
			break
		}
		if λ(mid) > target {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}
