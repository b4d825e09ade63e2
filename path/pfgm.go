package path

import (
	"cmp"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// PFGM is the PFGM++ path: the clock of [EDM], t = σ ∈ [SigmaMin, SigmaMax], with the heavy-tailed kernel of an
// electric field in N+D dimensions, N those of the data,
//
//	p(x_t | x_0) ∝ (‖x_t−x_0‖² + r²)^{−(N+D)/2},  r = σ√D,
//
// that is x_t = x_0 + Ru with u uniform on the sphere, R = r√(B/(1−B)) and B ~ Beta(N/2, D/2). The ODE dx/dσ =
// (x−E[x_0|x])/σ is EDM's, so everything deterministic that steps on a Diagonal path serves; D → ∞ is EDM
// (Xu et al. 2023, arXiv:2302.04265, eq. 3, 7 and appendix B).
//
// The kernel is not Gaussian: [ito.CapGaussian] is refused, and with it reverse SDEs, churn, re-noising, scores
// and exact fields of Gaussian mixtures. The field of a finite data set is field.NewPFGM.
//
// The kernel is a multivariate Student t: x_t = x_0 + σg/√(χ²_D/D) with g ~ N(0,I). Perturb and Prior take g from
// the noise that a Gaussian path takes and the quantile of χ²_D at Φ of one normal more (sub 1), so that a
// row's draw is continuous in its noise and tends to EDM's own draw.
type PFGM struct {
	// D, the dimensions added, at least 1; 0 means 2048
	Aug float64 `json:"aug" name:"extra" default:"2048" min:"1" help:"Dimensions D that are added."`
	// sampled and drawn end; 0 means .002 and 80
	SigmaMin float64 `json:"sigma_min" default:"0.002" above:"0" help:"Least noise, the sampled end."`
	SigmaMax float64 `json:"sigma_max" default:"80" above:"0" help:"Largest noise, the drawn end."`
}

// Resolve returns p with its defaults filled in, or what is wrong with it.
func (p PFGM) Resolve() (PFGM, error) {
	lo, hi := p.Span()
	p = PFGM{cmp.Or(p.Aug, 2048), lo, hi}
	if !(p.Aug >= 1) || math.IsInf(p.Aug, 0) {
		return p, &ito.InputError{Where: "path pfgm", What: fmt.Sprintf("%g dimensions are added", p.Aug),
			Do: "give at least 1; without limit it is path edm"}
	}
	return p, checkLevels("path pfgm", lo, hi)
}

// Name returns "pfgm".
func (PFGM) Name() string { return "pfgm" }

// Objective implements [Published].
func (PFGM) Objective() string { return "edm" }

// Has implements ito.Capable: its noise is not Gaussian.
func (p PFGM) Has(c ito.Capability) bool { return c != ito.CapGaussian && ito.Offers(p, c) }

// Dim returns 0: any dimension.
func (PFGM) Dim() int { return 0 }

// Span returns SigmaMin and SigmaMax.
func (p PFGM) Span() (lo, hi float64) { return EDM{p.SigmaMin, p.SigmaMax}.Span() }

// Modes returns 1.
func (PFGM) Modes() int { return 1 }

// Basis returns nil, the identity.
func (PFGM) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (PFGM) Mean() []float64 { return nil }

// Schedule writes α = 1, σ = t, α̇ = 0 and σ̇ = 1, each of length 1 or nil.
func (PFGM) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	EDM{}.Schedule(t, alpha, sigma, dalpha, dsigma)
}

// Diffusion writes g² = 2t, that of EDM, for solvers that step in its terms. There is no forward SDE with this kernel.
func (PFGM) Diffusion(t float64, g2 []float64) { EDM{}.Diffusion(t, g2) }

// Law implements Noisy.
func (p PFGM) Law() NoiseLaw { return p.Kernel() }

// TimeAt implements [SNRClock].
func (PFGM) TimeAt(λ float64) float64 { return math.Exp(-λ) }

// Perturb draws x_t given x_0; dst and x0 must not overlap. It costs some 5 µs a row beyond a Gaussian path.
func (p PFGM) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	if err := checkPerturb(p, dst, x0, t, dst.D); err != nil {
		return err
	}
	p.draw(dst, n, rng.PurposePath)
	for i := range dst.N {
		row, σ := dst.Row(i), t.At(i)
		for k, x := range x0.Row(i) {
			row[k] = x + float64(σ*row[k])
		}
	}
	return nil
}

// Prior draws σ_max g/√(χ²_D/D); E‖x‖² = Nσ_max²D/(D−2) for D > 2.
func (p PFGM) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	if err := checkStates(p, "destination", dst, 0); err != nil {
		return err
	}
	p.draw(dst, n, rng.PurposePrior)
	_, σ := p.Span()
	for i := range dst.X {
		dst.X[i] *= σ
	}
	return nil
}

// draw fills dst with g/√(χ²_D/D).
func (p PFGM) draw(dst ito.States, n ito.Noise, purpose rng.Purpose) {
	D := cmp.Or(p.Aug, 2048)
	z := dst.Like(1)
	n.Normal(dst, purpose, 0, 0)
	n.Normal(z, purpose, 0, 1)
	for i := range dst.N {
		c := 1 / math.Sqrt(chiSquare(D, z.X[i]))
		for k := range dst.Row(i) {
			dst.Row(i)[k] *= c
		}
	}
}

// chiSquare returns the quantile of χ²_D/D at probability Φ(z).
func chiSquare(D, z float64) float64 {
	if D > 1e6 {
		// Wilson & Hilferty 1931; the error is O(D^{−3/2}).
		c := 2 / (9 * D)
		r := 1 - c + z*math.Sqrt(c)
		return r * r * r
	}
	a := D / 2
	if z > 0 {
		return mathext.GammaIncRegCompInv(a, math.Erfc(z/math.Sqrt2)/2) / a
	}
	lower := math.Erfc(-z/math.Sqrt2) / 2
	if D <= 2 && lower < .1 {
		return gammaTail(a, lower) / a
	}
	return mathext.GammaIncRegInv(a, lower) / a
}

// gammaTail solves P(a,x) = p for a ≤ 1 and small p by iterating x = (pΓ(a+1) eˣ/Σ_n xⁿ/((a+1)…(a+n)))^{1/a}.
func gammaTail(a, p float64) float64 {
	g := p * math.Gamma(a+1)
	x := math.Pow(g, 1/a)
	for range 60 {
		sum, term := 1.0, 1.0
		for n := 1.0; term > 1e-17*sum; n++ {
			term *= x / (a + n)
			sum += term
		}
		next := math.Pow(g*math.Exp(x)/sum, 1/a)
		if math.Abs(next-x) <= 1e-16*x {
			return next
		}
		x = next
	}
	return x
}
