package infer

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Metric is the shape of the inverse mass matrix of a Hamiltonian sampler.
type Metric uint8

// The metrics. Their values are estimated in warm-up, chain by chain.
const (
	Diagonal Metric = iota // variances of the coordinates
	Dense                  // the covariance matrix: d² numbers a chain
	Unit                   // the identity, never adapted
)

// DenseLimit is the number of dimensions up to which NUTS takes a dense metric by default.
const DenseLimit = 20

func (m Metric) width(d int) int {
	switch m {
	case Diagonal:
		return d
	case Dense:
		return d * d
	}
	return 0
}

// mass is the inverse mass matrix Σ of every group, or of so many rows each: momenta are N(0, Σ⁻¹) and the velocity
// is Σp.
type mass struct {
	kind Metric
	d    int
	rows int       // 0: those of a group
	inv  []float64 // [Groups,width]
	chol []float64 // [Groups,D,D] lower Cholesky factors L of Σ, for Dense
}

// of is the metric of row i.
func (m *mass) of(i, slots int) int {
	if m.rows > 0 {
		return i / m.rows
	}
	return i / slots
}

// momentum turns standard normals of group g into a momentum: L⁻ᵀz.
func (m *mass) momentum(g int, z []float64) {
	switch m.kind {
	case Diagonal:
		for j, v := range m.inv[g*m.d : (g+1)*m.d] {
			z[j] /= math.Sqrt(v)
		}
	case Dense:
		l := m.chol[g*m.d*m.d : (g+1)*m.d*m.d]
		for i := m.d - 1; i >= 0; i-- {
			for k := i + 1; k < m.d; k++ {
				z[i] -= l[k*m.d+i] * z[k]
			}
			z[i] /= l[i*m.d+i]
		}
	}
}

// velocity writes Σp.
func (m *mass) velocity(g int, v, p []float64) {
	switch m.kind {
	case Diagonal:
		for j, w := range m.inv[g*m.d : (g+1)*m.d] {
			v[j] = w * p[j]
		}
	case Dense:
		w := m.inv[g*m.d*m.d : (g+1)*m.d*m.d]
		for i := range v {
			s := 0.0
			for k, q := range p {
				s += w[i*m.d+k] * q
			}
			v[i] = s
		}
	default:
		copy(v, p)
	}
}

// tempered is the density of a row on the way from a reference (β = 0) to the target (β = 1),
// log π_β = β log ρ + (1−β) log q, or β log ρ without a reference. beta nil means β = 1.
type tempered struct {
	beta []float64 // [rows]
	ref  *Reference
}

// log returns log π_β of row i, whose log ρ is logp.
func (t tempered) log(i int, logp float64, x []float64) float64 {
	if t.beta == nil {
		return logp
	}
	β, l := t.beta[i], 0.0
	if β > 0 {
		l = β * logp
	}
	if t.ref != nil && β < 1 {
		l += (1 - β) * t.ref.LogDensity(x)
	}
	return l
}

// grad turns ∇log ρ in g into ∇log π_β.
func (t tempered) grad(i int, g, x []float64) {
	if t.beta == nil {
		return
	}
	β := t.beta[i]
	for j := range g {
		if β > 0 {
			g[j] *= β
		} else {
			g[j] = 0
		}
		if t.ref != nil {
			g[j] += (1 - β) * t.ref.score(j, x[j])
		}
	}
}

// divergence is the energy error beyond which a trajectory has left the Hamiltonian flow (Stan's custom).
const divergence = 1000

// hmc moves every row by one Hamiltonian trajectory of the same number of leapfrog steps, accepted or rejected. One
// step is MALA.
type hmc struct {
	mass  mass
	dens  tempered
	eps   []float64 // [rows]
	steps int
}

// trajectory moves the rows of s, whose log densities are s.LogP and gradients "grad", and writes acceptance
// probabilities, and energies and divergences unless these are nil. Noise: normals of sub, uniforms of sub+1.
func (h *hmc) trajectory(ctx context.Context, p Problem, s *State, sub uint32, accept, energy []float64,
	diverged []bool) error {
	n, d := s.Groups*s.Slots, s.D
	grad := s.Var("grad")
	x, g, raw := s.tmp("hmc.x", n*d), s.tmp("hmc.g", n*d), s.tmp("hmc.raw", n*d)
	mom, v := s.tmp("hmc.p", n*d), s.tmp("hmc.v", d)
	logp, h0, u := s.tmp("hmc.logp", n), s.tmp("hmc.h0", n), s.tmp("hmc.u", n)
	s.normals(p.Seed, sub, mom)
	s.uniforms(p.Seed, sub+1, u)
	copy(x, s.X)
	copy(g, grad)
	row := func(a []float64, i int) []float64 { return a[i*d : (i+1)*d] }
	kinetic := func(i int) float64 {
		h.mass.velocity(h.mass.of(i, s.Slots), v, row(mom, i))
		return floats.Dot(row(mom, i), v) / 2
	}
	for i := range n {
		h.mass.momentum(h.mass.of(i, s.Slots), row(mom, i))
		h0[i] = kinetic(i) - h.dens.log(i, s.LogP[i], row(x, i))
		h.dens.grad(i, row(g, i), row(x, i))
	}
	for range h.steps {
		for i := range n {
			q, xi, gi, ε := row(mom, i), row(x, i), row(g, i), h.eps[i]
			for j := range q {
				q[j] += ε / 2 * gi[j]
			}
			h.mass.velocity(h.mass.of(i, s.Slots), v, q)
			for j := range xi {
				xi[j] += ε * v[j]
			}
			if !finiteRow(xi) { // it is rejected below; the target need not see it
				copy(xi, row(s.X, i))
				q[0] = math.NaN()
			}
		}
		if err := gradient(ctx, p, s, n, logp, raw, x); err != nil {
			return err
		}
		copy(g, raw)
		for i := range n {
			h.dens.grad(i, row(g, i), row(x, i))
			q, gi, ε := row(mom, i), row(g, i), h.eps[i]
			for j := range q {
				q[j] += ε / 2 * gi[j]
			}
		}
	}
	for i := range n {
		e := kinetic(i) - h.dens.log(i, logp[i], row(x, i))
		Δ := e - h0[i]
		if math.IsNaN(Δ) || math.IsInf(logp[i], 1) {
			Δ = math.Inf(1)
		}
		accept[i] = min(1, math.Exp(-Δ))
		if diverged != nil {
			diverged[i] = Δ > divergence
		}
		if u[i] < accept[i] && finiteRow(row(raw, i)) {
			copy(row(s.X, i), row(x, i))
			copy(row(grad, i), row(raw, i))
			s.LogP[i] = logp[i]
		} else {
			e = h0[i]
		}
		if energy != nil {
			energy[i] = e
		}
	}
	for i := range s.Groups {
		s.count(i, tallyGradients, float64(h.steps*s.Slots))
	}
	return nil
}
