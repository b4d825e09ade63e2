package infer

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
)

// Reference is the normal distribution from which an annealing begins: independent coordinates with the
// given means and standard deviations. The zero value is N(0, I).
type Reference struct {
	Mean []float64 // [D]; nil for zero, one number for all coordinates
	SD   []float64 // [D]; nil for one, one number for all coordinates
}

func pickOf(x []float64, j int, zero float64) float64 {
	switch len(x) {
	case 0:
		return zero
	case 1:
		return x[0]
	}
	return x[j]
}

// At is the mean and the standard deviation of coordinate j.
func (r Reference) At(j int) (mean, sd float64) { return pickOf(r.Mean, j, 0), pickOf(r.SD, j, 1) }

// Validate reports a reference that does not fit dimension d.
func (r Reference) Validate(d int) error {
	for _, x := range [][]float64{r.Mean, r.SD} {
		if len(x) > 1 && len(x) != d {
			return &ito.InputError{Where: "reference", What: fmt.Sprintf("%d numbers for dimension %d", len(x), d)}
		}
	}
	for j := range max(len(r.Mean), len(r.SD)) {
		if m, s := r.At(j); !Finite(m) || !Finite(s) || s <= 0 {
			return &ito.InputError{Where: "reference", What: fmt.Sprintf("N(%v, %v²) is not a distribution", m, s)}
		}
	}
	return nil
}

// LogDensity is log N(x; mean, sd²), normalised.
func (r Reference) LogDensity(x []float64) float64 {
	l := -float64(len(x)) / 2 * math.Log(2*math.Pi)
	for j, v := range x {
		m, s := r.At(j)
		z := (v - m) / s
		l -= z*z/2 + math.Log(s)
	}
	return l
}

// Score is component j of its gradient.
func (r Reference) Score(j int, x float64) float64 {
	m, s := r.At(j)
	return (m - x) / (s * s)
}

// FromNormals turns standard normals into draws, in place.
func (r Reference) FromNormals(z []float64, d int) {
	for i := range z {
		m, s := r.At(i % d)
		z[i] = m + s*z[i]
	}
}

// Centre writes the mean.
func (r Reference) Centre(m []float64) {
	for j := range m {
		m[j], _ = r.At(j)
	}
}

// Root writes Rz for standard normals z, RRᵀ = diag sd².
func (r Reference) Root(dst, z []float64) {
	for j, v := range z {
		_, sd := r.At(j)
		dst[j] = sd * v
	}
}

// ValidatePrior reports a reference that is no normal prior in dimension d.
func (r Reference) ValidatePrior(d int, _ bool) error { return r.Validate(d) }

// String names the smallest and the largest mean and standard deviation.
func (r Reference) String() string {
	span := func(x []float64, zero float64) string {
		lo, hi := zero, zero
		for j, v := range x {
			if j == 0 {
				lo, hi = v, v
			}
			lo, hi = min(lo, v), max(hi, v)
		}
		if lo == hi {
			return fmt.Sprintf("%.4g", lo)
		}
		return fmt.Sprintf("%.4g to %.4g", lo, hi)
	}
	return fmt.Sprintf("mean %s, sd %s", span(r.Mean, 0), span(r.SD, 1))
}
