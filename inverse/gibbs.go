package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// Gibbs draws in turn, with a coupling ρ that falls from the noisiest level to Least of the measurement's own noise,
//
//	z | x ~ p(y|z) N(z; x, ρ²)   in closed form, singular value by singular value,
//	x | z ~ p(x_0 | u = z)       by the reverse chain from the level ρ, with steps of second order,
//
// which leaves p(x) ∫ p(y|z) N(z; x, ρ²) dz invariant: the posterior under noise √(σ² + ρ²), and the posterior itself
// as ρ → 0 and sweeps and steps become many (Wu et al. 2024, arXiv:2405.18782, algorithm 1; Vono et al. 2019). Its
// cost does not depend on how many numbers are measured, where that of particles does.
type Gibbs struct {
	Sweeps int     `json:"sweeps" default:"200" min:"2" max:"100000" help:"How often both are drawn."`
	Steps  int     `json:"steps" default:"10" min:"1" max:"1000" help:"Steps of a reverse chain; each is two network calls."`
	Most   float64 `json:"most" default:"3" above:"0" help:"First coupling, in states: some standard deviations of the data."`
	Least  float64 `json:"least" default:"0.33" above:"0" max:"10" help:"Last coupling, in least noises of a coordinate that is measured."`
}

// Info implements Method.
func (Gibbs) Info() MethodInfo {
	return MethodInfo{Name: "gibbs", Is: Posterior, Exact: "with a small coupling and many sweeps and steps",
		Calls: "(sweeps+1)·(2·steps+1)", Levels: 120, Spectral: true, OneMode: true,
		Source: "Wu et al. 2024, arXiv:2405.18782, algorithm 1"}
}

// reach is the part of a level to which its chain goes down by steps; the rest is the prediction.
const reach = 1. / 40

// Restore implements Method.
func (m Gibbs) Restore(ctx context.Context, r *Run) error {
	c := newCoordinates(r.SVD, r.X.D, r.Sigma)
	sweeps, least := max(m.Sweeps, 2), m.Least
	if least == 0 {
		least = .33
	}
	own := math.Inf(1)
	for _, τ := range c.sd {
		own = math.Min(own, τ)
	}
	last, end := len(r.Rho)-1, least*own
	for last > 0 && !(r.Rho[last]*reach >= r.Rho[len(r.Rho)-1] && r.Rho[last] >= end) {
		last--
	}
	x, e := r.X, r.X.Like(r.X.D)
	if err := r.Begin(x); err != nil {
		return err
	}
	if err := m.chain(ctx, r, x, 0, 0); err != nil {
		return err
	}
	k, most := 0, m.Most
	if most == 0 {
		most = 3
	}
	for s := range sweeps {
		want := most * math.Pow(r.Rho[last]/most, float64(s)/float64(sweeps-1))
		for k < last && r.Rho[k] > want*(1+1e-12) {
			k++
		}
		ρ := r.Rho[k]
		r.Noise.Normal(e, rng.PurposePath, uint32(s), 3)
		for i := range x.N {
			c.see(r.Row(i))
			row := x.Row(i)
			c.svd.VT(c.b, e.Row(i))
			for j, v := range e.Row(i) {
				row[j] += float64(ρ * v)
			}
			c.change(row, func(j int, z float64) float64 {
				v := c.sd[j] * c.sd[j]
				if math.IsInf(v, 1) {
					return z
				}
				was := z - float64(ρ*c.b[j])
				return (float64(was*v)+float64(c.y[j]*ρ*ρ))/(v+ρ*ρ) + float64(math.Sqrt(v*ρ*ρ/(v+ρ*ρ))*c.b[j])
			})
		}
		if err := m.chain(ctx, r, x, k, s+1); err != nil {
			return err
		}
		if r.done != nil {
			r.done(s+1, sweeps)
		}
	}
	return nil
}

// chain replaces u at level from by a draw of x_0 given it.
func (m Gibbs) chain(ctx context.Context, r *Run, u ito.States, from, sweep int) error {
	to := from
	for to < len(r.Rho)-1 && r.Rho[to] > reach*r.Rho[from] {
		to++
	}
	steps := min(max(m.Steps, 1), max(to-from, 1))
	x0, ahead, far, e := u.Like(u.D), u.Like(u.D), u.Like(u.D), u.Like(u.D)
	k := from
	for s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		next := from + (to-from)*(s+1)/steps
		if err := r.Denoise(ctx, x0, u, k); err != nil {
			return err
		}
		r.Noise.Normal(e, rng.PurposeSolver, uint32(sweep*(steps+1)+s), 0)
		r.leap(ahead, u, x0, e, k, next)
		if err := r.Denoise(ctx, far, ahead, next); err != nil {
			return err
		}
		w := weight(r.Rho[next] / r.Rho[k])
		for i, v := range far.X {
			x0.X[i] += float64(w * (v - x0.X[i]))
		}
		r.leap(u, u, x0, e, k, next)
		k = next
	}
	if err := r.Denoise(ctx, x0, u, k); err != nil {
		return err
	}
	copy(u.X, x0.X)
	return nil
}

// leap carries u from level k to a later one, given x_0 and noise, by the reverse chain.
func (r *Run) leap(dst, u, x0, e ito.States, k, to int) {
	ρ, next := r.Rho[k], r.Rho[to]
	q := next * next / (ρ * ρ)
	sd := next * math.Sqrt(1-q)
	for i, v := range u.X {
		dst.X[i] = x0.X[i] + float64(q*(v-x0.X[i])) + float64(sd*e.X[i])
	}
}

// weight is that of the prediction at the end of a step from ρ to rρ. Every weight w has the right mean, since the
// prediction is a martingale along the chain; the variance is right for w = ½ where the data vary little beside ρ, and
// for w = 1/(r(1+r)) where they vary much. It is the mean of the two.
func weight(r float64) float64 { return (.5 + 1/(r*(1+r))) / 2 }
