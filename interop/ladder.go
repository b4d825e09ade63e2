package interop

import (
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Level is what a network is told and what noise there is: x = Alpha x_0 + Sigma ε.
type Level struct {
	Alpha, Sigma float64
	Label        float64 // diffusers' timestep; of the last level, where nothing is asked, 0
}

// Ladder is the path of a scheduler: its levels one after the other, a call of the network on each but the last. The
// clock counts the calls that are left, so that levels that repeat or fall to σ = 0 are as good as others and no level
// is looked up by a rounded timestep. Between two levels α and σ are linear in t.
type Ladder struct {
	levels []Level
	start  float64 // standard deviation of the start
}

// Name returns "ladder".
func (*Ladder) Name() string { return "ladder" }

// Dim returns 0: any dimension.
func (*Ladder) Dim() int { return 0 }

// Span returns 0 and the number of calls.
func (p *Ladder) Span() (lo, hi float64) { return 0, float64(len(p.levels) - 1) }

// Modes returns 1.
func (*Ladder) Modes() int { return 1 }

// Basis returns nil, the identity.
func (*Ladder) Basis() []float64 { return nil }

// Mean returns nil, zero.
func (*Ladder) Mean() []float64 { return nil }

// Level returns the level before call k, counted from 0; the last is the end.
func (p *Ladder) Level(k int) Level { return p.levels[k] }

// cell finds the levels around t and the part of the way from the later one.
func (p *Ladder) cell(t float64) (from, to Level, u float64) {
	n := len(p.levels) - 1
	k := n - int(math.Ceil(math.Min(math.Max(t, 0), float64(n))))
	if k == n {
		k--
	}
	return p.levels[k], p.levels[k+1], float64(n-k) - t
}

// Schedule writes α, σ and their derivatives by the clock, each of length 1 or nil.
func (p *Ladder) Schedule(t float64, alpha, sigma, dalpha, dsigma []float64) {
	a, b, u := p.cell(t)
	for _, w := range []struct {
		dst []float64
		v   float64
	}{{alpha, mix(a.Alpha, b.Alpha, u)}, {sigma, mix(a.Sigma, b.Sigma, u)}, {dalpha, a.Alpha - b.Alpha},
		{dsigma, a.Sigma - b.Sigma}} {
		if w.dst != nil {
			w.dst[0] = w.v
		}
	}
}

// mix is exact at both ends.
func mix(a, b, u float64) float64 {
	if u == 1 {
		return b
	}
	return a + float64(u*(b-a))
}

// Diffusion writes g² = 2σ(σ̇ − σα̇/α), 0 where the levels repeat and where α = 0.
func (p *Ladder) Diffusion(t float64, g2 []float64) {
	a, b, u := p.cell(t)
	α, σ := mix(a.Alpha, b.Alpha, u), mix(a.Sigma, b.Sigma, u)
	g2[0] = 0
	if α > 0 {
		g2[0] = math.Max(0, 2*σ*(a.Sigma-b.Sigma-σ*(a.Alpha-b.Alpha)/α))
	}
}

// Label is what the network is told at t, linear between the calls.
func (p *Ladder) Label(t float64) float64 {
	a, b, u := p.cell(t)
	return mix(a.Label, b.Label, u)
}

// Perturb draws x_t given x_0; dst and x0 must not overlap.
func (p *Ladder) Perturb(dst, x0 ito.States, t ito.Times, _ ito.Cond, n ito.Noise) error {
	if dst.N != x0.N || dst.D != x0.D || len(t) != 1 && len(t) != x0.N {
		return &ito.InputError{Where: "path ladder", What: fmt.Sprintf("%d×%d states and %d times for %d×%d", dst.N,
			dst.D, len(t), x0.N, x0.D)}
	}
	n.Normal(dst, rng.PurposePath, 0, 0)
	var α, σ [1]float64
	for i := range x0.N {
		p.Schedule(t.At(i), α[:], σ[:], nil, nil)
		row := dst.Row(i)
		for j, v := range x0.Row(i) {
			row[j] = float64(α[0]*v) + float64(σ[0]*row[j])
		}
	}
	return nil
}

// Prior draws N(0, s²I), with s diffusers' init_noise_sigma.
func (p *Ladder) Prior(dst ito.States, _ ito.Cond, n ito.Noise) error {
	n.Normal(dst, rng.PurposePrior, 0, 0)
	for i := range dst.X {
		dst.X[i] *= p.start
	}
	return nil
}
