package path

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed9a7962a8/ito"
)

// DampingMoments is what the forward loss of a [NewVSMD] path needs of one dimension of its simulated reversal:
// sums over its times of γβ_t h times the mean over rows, with φ = s_v − (A_x x + A_v v) the backward policy at the
// path's own A, and x counted from μ.
type DampingMoments struct {
	Weight       float64 // Σγβh
	XX, XV, VV   float64 // of x², xv, v²
	PhiX, PhiV   float64 // of φx, φv
	Gamma, Kappa float64 // friction and damping of the path
	// ζ, weight of the divergence; 1 is a half step of iterative proportional fitting in the family
	Zeta float64
	// bounds of c = A_v; both 0 mean −4.5 and .475: a damping rate from a twentieth of γ to ten times
	CMin, CMax float64
}

// Add adds one row at one time: weight is γβ_t h divided by the number of rows, s the predicted score of the velocity,
// and (a_x,a_v) the path's own variational score.
func (m *DampingMoments) Add(weight, x, v, s, ax, av float64) {
	φ := s - ax*x - av*v
	m.Weight += weight
	m.XX += weight * x * x
	m.XV += weight * x * v
	m.VV += weight * v * v
	m.PhiX += weight * φ * x
	m.PhiV += weight * φ * v
}

// Loss returns the forward loss of one dimension at c = A_v, with A_x of the damping transform ([Damping]):
//
//	Γ(c) = Σγβh E[½(A_x x + A_v v)² + (A_x x + A_v v)φ + ζA_v],
//
// a polynomial of degree 4 in c (Variational Schrödinger momentum diffusion, arXiv:2501.16675; loss as in
// arXiv:2405.04795).
func (m DampingMoments) Loss(c float64) float64 {
	ax := Damping(m.Gamma, m.Kappa, c)
	return (ax*ax*m.XX+2*ax*c*m.XV+c*c*m.VV)/2 + ax*m.PhiX + c*m.PhiV + m.Zeta*c*m.Weight
}

// Fit returns the c between the bounds with the least loss, in closed form: the best of the roots of a cubic and of
// the bounds. Moments that are not finite or not those of any rows are an [ito.InputError].
func (m DampingMoments) Fit() (c float64, err error) {
	lo, hi := m.CMin, m.CMax
	if lo == 0 && hi == 0 {
		lo, hi = -4.5, .475
	}
	sum := m.Weight + m.XX + m.XV + m.VV + m.PhiX + m.PhiV + m.Zeta
	if math.IsNaN(sum) || math.IsInf(sum, 0) || !(m.Weight > 0) || !(m.XX >= 0) || !(m.VV >= 0) || !(m.Gamma > 0) ||
		!(m.Kappa > 0) || !(lo < hi) || hi >= .5 {
		return 0, &ito.InputError{Where: "damping", What: fmt.Sprintf("moments %+v", m),
			Do: "give finite moments of at least one row, and bounds below ½"}
	}
	// With u = 1−2c: A_x = p − qu², A_v = (1−u)/2.
	p, q := 1/(2*m.Gamma), m.Gamma/(8*m.Kappa)
	w := m.PhiV + m.Zeta*m.Weight
	// dΓ/du = A_x'(A_x XX + A_v XV + PhiX) + A_v'(A_x XV + A_v VV + w), A_x' = −2qu, A_v' = −½.
	roots := cubicRoots(
		2*q*q*m.XX,
		q*m.XV+q*m.XV/2,
		-2*q*(p*m.XX+m.XV/2+m.PhiX)+m.VV/4,
		-(p*m.XV+m.VV/2+w)/2)
	best := math.Inf(1)
	for _, try := range append(roots, 1-2*lo, 1-2*hi) {
		at := math.Min(math.Max((1-try)/2, lo), hi)
		if l := m.Loss(at); l < best {
			c, best = at, l
		}
	}
	return c, nil
}

// FitBoth returns the A_x and A_v with the least loss where the damping transform does not tie them: the one
// solution of
//
//	E[zzᵀ] (A_x, A_v)ᵀ = −(E φx, E φv + ζΣγβh),  z = (x,v).
//
// Moments that are not finite, not those of any rows, or of rows on a line are an [ito.InputError].
func (m DampingMoments) FitBoth() (ax, av float64, err error) {
	w := m.PhiV + float64(m.Zeta*m.Weight)
	det := float64(m.XX*m.VV) - float64(m.XV*m.XV)
	ax = (float64(m.XV*w) - float64(m.VV*m.PhiX)) / det
	av = (float64(m.XV*m.PhiX) - float64(m.XX*w)) / det
	if !(m.Weight > 0) || !(det > 1e-12*m.XX*m.VV) || math.IsNaN(ax+av) || math.IsInf(ax+av, 0) {
		return 0, 0, &ito.InputError{Where: "variational score", What: fmt.Sprintf("moments %+v", m),
			Do: "give finite moments of several rows"}
	}
	return ax, av, nil
}

// cubicRoots returns the real roots of ax³+bx²+cx+d, or of the quadratic or line that it is.
func cubicRoots(a, b, c, d float64) []float64 {
	big := math.Max(math.Max(math.Abs(a), math.Abs(b)), math.Max(math.Abs(c), math.Abs(d)))
	if math.Abs(a) <= 1e-14*big {
		if math.Abs(b) <= 1e-14*big {
			if c == 0 {
				return nil
			}
			return []float64{-d / c}
		}
		disc := c*c - 4*b*d
		if disc < 0 {
			return nil
		}
		s := -(c + math.Copysign(math.Sqrt(disc), c)) / 2
		if s == 0 {
			return []float64{0}
		}
		return []float64{s / b, d / s}
	}
	b, c, d = b/a, c/a, d/a
	shift := b / 3
	p, q := c-b*b/3, 2*b*b*b/27-b*c/3+d // y³+py+q, x = y−b/3
	disc := q*q/4 + p*p*p/27
	if disc > 0 {
		s := -q/2 - math.Copysign(math.Sqrt(disc), q)
		y := math.Cbrt(s)
		if y != 0 {
			y -= p / (3 * y)
		}
		return []float64{y - shift}
	}
	r := 2 * math.Sqrt(math.Max(-p/3, 0))
	if r == 0 {
		return []float64{-shift}
	}
	φ := math.Acos(math.Min(math.Max(3*q/(p*r), -1), 1)) / 3
	return []float64{r*math.Cos(φ) - shift, r*math.Cos(φ-2*math.Pi/3) - shift, r*math.Cos(φ-4*math.Pi/3) - shift}
}

// VSMDConfig returns a copy of the configuration of a path made by [NewVSMD], its defaults filled in, and false for
// another momentum path.
func (p *Momentum) VSMDConfig() (VSMDConfig, bool) {
	c, ok := p.config.(VSMDConfig)
	c.Av = append([]float64(nil), c.Av...)
	c.Ax = append([]float64(nil), c.Ax...)
	c.Mean = append([]float64(nil), c.Mean...)
	return c, ok
}

// Spectrum returns A_v [d], increasing: what the fitted path did to its velocities; nil where there is no A.
func (p *Momentum) Spectrum() []float64 {
	c, _ := p.VSMDConfig()
	return slices.Sorted(slices.Values(c.Av))
}
