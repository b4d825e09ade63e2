package mcmc

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/seed9a7962a8/ito/infer"
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

// Mass is the inverse mass matrix Σ of every group, or of so many rows each: momenta are N(0, Σ⁻¹) and the velocity
// is Σp.
type Mass struct {
	Kind    Metric
	D       int
	Rows    int       // 0: those of a group
	Inverse []float64 // [Groups,width]
	Factor  []float64 // [Groups,D,D] lower Cholesky factors L of Σ, for Dense
}

// block is the metric of row i.
func (m *Mass) block(i, slots int) int {
	if m.Rows > 0 {
		return i / m.Rows
	}
	return i / slots
}

// momentum turns standard normals of group g into a momentum: L⁻ᵀz.
func (m *Mass) momentum(g int, z []float64) {
	switch m.Kind {
	case Diagonal:
		for j, v := range m.Inverse[g*m.D : (g+1)*m.D] {
			z[j] /= math.Sqrt(v)
		}
	case Dense:
		l := m.Factor[g*m.D*m.D : (g+1)*m.D*m.D]
		for i := m.D - 1; i >= 0; i-- {
			for k := i + 1; k < m.D; k++ {
				z[i] -= l[k*m.D+i] * z[k]
			}
			z[i] /= l[i*m.D+i]
		}
	}
}

// velocity writes Σp.
func (m *Mass) velocity(g int, v, p []float64) {
	switch m.Kind {
	case Diagonal:
		for j, w := range m.Inverse[g*m.D : (g+1)*m.D] {
			v[j] = w * p[j]
		}
	case Dense:
		w := m.Inverse[g*m.D*m.D : (g+1)*m.D*m.D]
		for i := range v {
			s := 0.0
			for k, q := range p {
				s += w[i*m.D+k] * q
			}
			v[i] = s
		}
	default:
		copy(v, p)
	}
}

// TemperedDensity is the density of a row on the way from a reference (β = 0) to the target (β = 1),
// log π_β = β log ρ + (1−β) log q, or β log ρ without a reference. beta nil means β = 1.
type TemperedDensity struct {
	Beta      []float64 // [rows]
	Reference *infer.Reference
}

// log returns log π_β of row i, whose log ρ is logp.
func (t TemperedDensity) log(i int, logp float64, x []float64) float64 {
	if t.Beta == nil {
		return logp
	}
	β, l := t.Beta[i], 0.0
	if β > 0 {
		l = β * logp
	}
	if t.Reference != nil && β < 1 {
		l += (1 - β) * t.Reference.LogDensity(x)
	}
	return l
}

// grad turns ∇log ρ in g into ∇log π_β.
func (t TemperedDensity) grad(i int, g, x []float64) {
	if t.Beta == nil {
		return
	}
	β := t.Beta[i]
	for j := range g {
		if β > 0 {
			g[j] *= β
		} else {
			g[j] = 0
		}
		if t.Reference != nil {
			g[j] += (1 - β) * t.Reference.Score(j, x[j])
		}
	}
}

// divergence is the energy error beyond which a trajectory has left the Hamiltonian flow (Stan's custom).
const divergence = 1000

// Hamiltonian moves every row by one Hamiltonian trajectory of the same number of leapfrog steps, accepted or rejected.
// One step is MALA.
type Hamiltonian struct {
	Mass      Mass
	Density   TemperedDensity
	StepSizes []float64 // [rows]
	Steps     int
}

// Trajectory moves the rows of s, whose log densities are s.LogP and gradients "grad", and writes acceptance
// probabilities, and energies and divergences unless these are nil. Noise: normals of sub, uniforms of sub+1.
func (h *Hamiltonian) Trajectory(ctx context.Context, p infer.SeededTarget, s *infer.State, sub uint32,
	accept, energy []float64, diverged []bool) error {
	n, d := s.Groups*s.Slots, s.D
	grad := s.Var("grad")
	x, g, raw := s.Scratch("hmc.x", n*d), s.Scratch("hmc.g", n*d), s.Scratch("hmc.raw", n*d)
	mom, v := s.Scratch("hmc.p", n*d), s.Scratch("hmc.v", d)
	logp, h0, u := s.Scratch("hmc.logp", n), s.Scratch("hmc.h0", n), s.Scratch("hmc.u", n)
	s.Normals(p.Seed, sub, mom)
	s.Uniforms(p.Seed, sub+1, u)
	copy(x, s.X)
	copy(g, grad)
	row := func(a []float64, i int) []float64 { return a[i*d : (i+1)*d] }
	kinetic := func(i int) float64 {
		h.Mass.velocity(h.Mass.block(i, s.Slots), v, row(mom, i))
		return floats.Dot(row(mom, i), v) / 2
	}
	for i := range n {
		h.Mass.momentum(h.Mass.block(i, s.Slots), row(mom, i))
		h0[i] = kinetic(i) - h.Density.log(i, s.LogP[i], row(x, i))
		h.Density.grad(i, row(g, i), row(x, i))
	}
	for range h.Steps {
		for i := range n {
			q, xi, gi, ε := row(mom, i), row(x, i), row(g, i), h.StepSizes[i]
			for j := range q {
				q[j] += ε / 2 * gi[j]
			}
			h.Mass.velocity(h.Mass.block(i, s.Slots), v, q)
			for j := range xi {
				xi[j] += ε * v[j]
			}
			if !infer.AllFinite(xi) { // it is rejected below; the target need not see it
				copy(xi, row(s.X, i))
				q[0] = math.NaN()
			}
		}
		if err := infer.Gradient(ctx, p, s, n, logp, raw, x); err != nil {
			return err
		}
		copy(g, raw)
		for i := range n {
			h.Density.grad(i, row(g, i), row(x, i))
			q, gi, ε := row(mom, i), row(g, i), h.StepSizes[i]
			for j := range q {
				q[j] += ε / 2 * gi[j]
			}
		}
	}
	for i := range n {
		e := kinetic(i) - h.Density.log(i, logp[i], row(x, i))
		Δ := e - h0[i]
		if math.IsNaN(Δ) || math.IsInf(logp[i], 1) {
			Δ = math.Inf(1)
		}
		accept[i] = min(1, math.Exp(-Δ))
		if diverged != nil {
			diverged[i] = Δ > divergence
		}
		if u[i] < accept[i] && infer.AllFinite(row(raw, i)) {
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
		s.Count(i, infer.TallyGradients, float64(h.Steps*s.Slots))
	}
	return nil
}
