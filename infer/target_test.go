package infer

import (
	"context"
	"math"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/metric"
)

// row is a target written for one point: it returns log ρ and writes the gradient into g unless that is nil.
type row struct {
	d int
	f func(x, g []float64) float64
}

func (t row) Dim() int { return t.d }

func (t row) LogDensity(_ context.Context, dst []float64, x ito.States) error {
	for i := range dst {
		dst[i] = t.f(x.Row(i), nil)
	}
	return nil
}

func (t row) Gradient(_ context.Context, logp []float64, grad, x ito.States) error {
	for i := range logp {
		logp[i] = t.f(x.Row(i), grad.Row(i))
	}
	return nil
}

// normal is e^c N(mean, diag sd²), so that log Z = c.
func normal(c float64, mean, sd []float64) row {
	return row{len(mean), func(x, g []float64) float64 {
		l := c - float64(len(x))/2*math.Log(2*math.Pi)
		for j, v := range x {
			z := (v - mean[j]) / sd[j]
			l -= z*z/2 + math.Log(sd[j])
			if g != nil {
				g[j] = -z / sd[j]
			}
		}
		return l
	}}
}

// correlated is a normal with unit variances and correlation r between two coordinates.
func correlated(r float64) row {
	return row{2, func(x, g []float64) float64 {
		q := 1 / (1 - r*r)
		a, b := q*(x[0]-r*x[1]), q*(x[1]-r*x[0])
		if g != nil {
			g[0], g[1] = -a, -b
		}
		return -(x[0]*a + x[1]*b) / 2
	}}
}

// mixture is Σ w_k N(m_k, σ²I), normalised when the weights are.
func mixture(w []float64, m [][]float64, σ float64) row {
	d := len(m[0])
	logw := make([]float64, len(w))
	for k := range w {
		logw[k] = math.Log(w[k]) - float64(d)/2*math.Log(2*math.Pi*σ*σ)
	}
	return row{d, func(x, g []float64) float64 {
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
	}}
}

// funnel is N(x₁; 0, 9) Π N(x_i; 0, e^{x₁}).
func funnel(d int) row {
	return row{d, func(x, g []float64) float64 {
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
	}}
}

// grid16 is the sixteen modes {±5, ±15}², σ = 1.
func grid16() (row, [][]float64) {
	var m [][]float64
	w := make([]float64, 16)
	for i, a := range []float64{-15, -5, 5, 15} {
		for j, b := range []float64{-15, -5, 5, 15} {
			m = append(m, []float64{a, b})
			w[4*i+j] = 1. / 16
		}
	}
	return mixture(w, m, 1), m
}

// occupancy is the fraction of the rows nearest to each mean.
func occupancy(x ito.States, m [][]float64) []float64 {
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

// collector keeps every draw of slot 0 of every chain.
type collector struct {
	draws [][]float64 // [chain][draw·d]
	d     int
}

func (c *collector) sink(d Draw) error {
	if c.draws == nil {
		c.draws = make([][]float64, d.State.Groups)
		c.d = d.State.D
	}
	w := d.State.Slots * d.State.D
	for g := range c.draws {
		c.draws[g] = append(c.draws[g], d.State.X[g*w:g*w+d.State.D]...)
	}
	return nil
}

// of returns f of every draw, chain by chain.
func (c *collector) of(f func(x []float64) float64) [][]float64 {
	out := make([][]float64, len(c.draws))
	for g, x := range c.draws {
		for i := 0; i < len(x); i += c.d {
			out[g] = append(out[g], f(x[i:i+c.d]))
		}
	}
	return out
}

// sample runs chains from scattered starts and returns their draws.
func sample(t *testing.T, target ito.Target, k Kernel, chains, draws int, seed uint64) (*collector, Report) {
	t.Helper()
	s := NewState(k, chains, target.Dim(), 0)
	if err := s.Scatter(t.Context(), target, seed, 2); err != nil {
		t.Fatal(err)
	}
	var c collector
	r, err := Run(t.Context(), target, k, s, Options{Seed: seed, Draws: draws, Sink: c.sink})
	if err != nil {
		t.Fatal(err)
	}
	return &c, r
}

// expect compares a mean of the draws with its true value: within 4 of its own standard errors, which a fresh seed
// misses once in 16 000 (normal).
func (c *collector) expect(t *testing.T, what string, f func(x []float64) float64, want float64) {
	t.Helper()
	x := c.of(f)
	s := metric.Summarise(what, x)
	if !(math.Abs(s.Mean-want) <= 4*s.MCSEMean) {
		t.Errorf("%s: mean %v ± %v, want %v", what, s.Mean, s.MCSEMean, want)
	}
	if !(s.RHat < 1.05) {
		t.Errorf("%s: R̂ = %v", what, s.RHat)
	}
}
