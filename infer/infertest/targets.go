package infertest

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/rng"
)

// Density is a target written for one point: it returns log ρ and writes the gradient into g unless that is nil.
type Density struct {
	D int
	F func(x, g []float64) float64
}

// Dim implements ito.Target.
func (t Density) Dim() int { return t.D }

// LogDensity implements ito.Target.
func (t Density) LogDensity(_ context.Context, dst []float64, x ito.States) error {
	for i := range dst {
		dst[i] = t.F(x.Row(i), nil)
	}
	return nil
}

// Gradient implements ito.Target.
func (t Density) Gradient(_ context.Context, logp []float64, grad, x ito.States) error {
	for i := range logp {
		logp[i] = t.F(x.Row(i), grad.Row(i))
	}
	return nil
}

// NewDensity is a target in d dimensions by its function.
func NewDensity(d int, f func(x, g []float64) float64) Density { return Density{d, f} }

// Normal is e^c N(mean, diag sd²), so that log Z = c.
func Normal(c float64, mean, sd []float64) Density {
	return NewDensity(len(mean), func(x, g []float64) float64 {
		l := c - float64(len(x))/2*math.Log(2*math.Pi)
		for j, v := range x {
			z := (v - mean[j]) / sd[j]
			l -= z*z/2 + math.Log(sd[j])
			if g != nil {
				g[j] = -z / sd[j]
			}
		}
		return l
	})
}

// Correlated is a normal with unit variances and correlation r between two coordinates.
func Correlated(r float64) Density {
	return NewDensity(2, func(x, g []float64) float64 {
		q := 1 / (1 - r*r)
		a, b := q*(x[0]-r*x[1]), q*(x[1]-r*x[0])
		if g != nil {
			g[0], g[1] = -a, -b
		}
		return -(x[0]*a + x[1]*b) / 2
	})
}

// Mixture is Σ w_k N(m_k, σ²I), normalised when the weights are.
func Mixture(w []float64, m [][]float64, σ float64) Density {
	d := len(m[0])
	logw := make([]float64, len(w))
	for k := range w {
		logw[k] = math.Log(w[k]) - float64(d)/2*math.Log(2*math.Pi*σ*σ)
	}
	return NewDensity(d, func(x, g []float64) float64 {
		var buf [64]float64
		l, top := buf[:len(w)], math.Inf(-1)
		for k, c := range m {
			q := 0.
			for j, v := range x {
				q += (v - c[j]) * (v - c[j])
			}
			l[k] = logw[k] - q/(2*σ*σ)
			top = max(top, l[k])
		}
		clear(g)
		sum := 0.
		for k, c := range m {
			if l[k] < top-40 {
				continue
			}
			e := math.Exp(l[k] - top)
			sum += e
			for j := range g {
				g[j] += e * (c[j] - x[j])
			}
		}
		for j := range g {
			g[j] /= sum * σ * σ
		}
		return top + math.Log(sum)
	})
}

// Funnel is N(x₁; 0, 9) Π N(x_i; 0, e^{x₁}).
func Funnel(d int) Density {
	return NewDensity(d, func(x, g []float64) float64 {
		v := x[0]
		l := -v*v/18 - math.Log(3) - float64(d)/2*math.Log(2*math.Pi) - float64(d-1)/2*v
		q := 0.
		for _, y := range x[1:] {
			q += y * y
		}
		e := math.Exp(-v)
		if g != nil {
			g[0] = -v/9 - float64(d-1)/2 + q*e/2
			for j := 1; j < d; j++ {
				g[j] = -x[j] * e
			}
		}
		return l - q*e/2
	})
}

// Grid16 is the sixteen modes {±5, ±15}², σ = 1.
func Grid16() (Density, [][]float64) {
	var m [][]float64
	w := make([]float64, 16)
	for i, a := range []float64{-15, -5, 5, 15} {
		for j, b := range []float64{-15, -5, 5, 15} {
			m = append(m, []float64{a, b})
			w[4*i+j] = 1. / 16
		}
	}
	return Mixture(w, m, 1), m
}

// Occupancy is the fraction of the rows nearest to each mean.
func Occupancy(x ito.States, m [][]float64) []float64 {
	p := make([]float64, len(m))
	for i := range x.N {
		best, at := math.Inf(1), 0
		for k := range m {
			q := 0.
			for j, v := range x.Row(i) {
				q += (v - m[k][j]) * (v - m[k][j])
			}
			if q < best {
				best, at = q, k
			}
		}
		p[at] += 1 / float64(x.N)
	}
	return p
}

// ManyWell is Σ over pairs of −x⁴ + 6x² + x/2 − y²/2.
func ManyWell(d int) Density {
	return NewDensity(d, func(x, g []float64) float64 {
		l := 0.
		for j := 0; j < d; j += 2 {
			a, b := x[j], x[j+1]
			l += -a*a*a*a + 6*a*a + a/2 - b*b/2
			if g != nil {
				g[j], g[j+1] = -4*a*a*a+12*a+.5, -b
			}
		}
		return l
	})
}

// RandomWalk is a walk of d−1 steps of unknown scale e^{x_0}, x_0 ~ N(0, 2²), seen at its first places with noise
// of .1: what is not seen makes a funnel.
func RandomWalk(d int) Density {
	seen := []float64{.1, .3, .2, .5}
	return NewDensity(d, func(x, g []float64) float64 {
		clear(g)
		tau := math.Exp(-2 * x[0])
		l := -x[0]*x[0]/8 - float64(d-1)*x[0]
		at, sum := 0., 0.
		for j := 1; j < d; j++ {
			δ := x[j] - at
			sum += δ * δ
			if g != nil {
				g[j] -= δ * tau
				if j > 1 {
					g[j-1] += δ * tau
				}
			}
			at = x[j]
		}
		l -= sum * tau / 2
		if g != nil {
			g[0] = -x[0]/4 - float64(d-1) + sum*tau
		}
		for j, y := range seen {
			r := x[j+1] - y
			l -= r * r / .02
			if g != nil {
				g[j+1] -= r / .01
			}
		}
		return l
	})
}

// ExactMixture draws n rows of a mixture with unit variances.
func ExactMixture(n int, m [][]float64, w []float64) ito.States {
	x := ito.NewStates(n, len(m[0]), 0)
	key := rng.NewKey(77, rng.PurposeUser, 0, 0)
	key.Normals64(x.X, x.D, x.ID)
	u := make([]float64, n)
	key.Uniforms64(u, 1, x.ID)
	for i := range n {
		k, c := 0, w[0]
		for u[i] > c {
			k++
			c += w[k]
		}
		for j := range m[k] {
			x.X[i*x.D+j] += m[k][j]
		}
	}
	return x
}

// Ones are n ones.
func Ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// Asymmetric is a mixture without symmetry that knows its Hessian.
var Asymmetric = infer.NormalMixture{Weights: []float64{.3, .7}, Means: [][]float64{{-1, 0}, {2, 1}},
	Vars: [][]float64{{.64, .5}, {.8, .64}}}

// EightSchools is the non-centred model of posteriordb (eight_schools_noncentered): x = (μ, log τ, z), y_i ~ N(μ +
// τ z_i, σ_i), μ ~ N(0, 5), τ ~ Cauchy⁺(0, 5).
var EightSchools = NewDensity(10, func(x, g []float64) float64 {
	y := [8]float64{28, 8, -3, 7, -1, 1, 18, 12}
	σ := [8]float64{15, 10, 16, 11, 9, 11, 10, 18}
	μ, τ := x[0], math.Exp(x[1])
	q := 1 + τ*τ/25
	l := -μ*μ/50 - math.Log(q) + x[1]
	if g != nil {
		g[0], g[1] = -μ/25, 1-2*τ*τ/25/q
	}
	for i, z := range x[2:] {
		r := (y[i] - μ - τ*z) / σ[i]
		l -= r*r/2 + z*z/2
		if g != nil {
			g[0] += r / σ[i]
			g[1] += r / σ[i] * τ * z
			g[2+i] = r/σ[i]*τ - z
		}
	}
	return l
})
