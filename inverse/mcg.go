package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/rng"
)

// MCG is sequential Monte Carlo with the noised measurement as a twist: a coordinate z along the singular vectors
// that was measured as ȳ with noise τ = σ/s is worth ȳ itself at level τ, so that at a level ρ > τ its twist is
//
//	g_ρ(z) = N(z; ȳ, ρ² − τ²),
//
// and the reverse chain N(m, v), v = ρ'²(1−ρ'²/ρ²), is drawn together with it, with the weight N(ȳ; m,
// v+ρ'²−τ²)/g_ρ(z). At level τ the coordinate becomes ȳ; below it is free. Every sample is one of K particles, which
// are resampled where fewer than half of them count. The law is the posterior of the discretised chain up to O(1/K)
// (Cardoso et al. 2023, arXiv:2308.07983, algorithm 1); K must grow with the number of measurements. Noise τ below
// the lowest level counts as that level.
type MCG struct {
	Particles int `json:"particles" default:"32" min:"1" max:"65536" help:"Particles of a sample, K."`
}

// Info implements Method.
func (MCG) Info() MethodInfo {
	return MethodInfo{Name: "mcg", Is: Posterior, Exact: "with many particles and levels", Calls: "K·L", Levels: 100,
		Spectral: true, OneMode: true, Source: "Cardoso et al. 2023, arXiv:2308.07983, algorithm 1"}
}

// Restore implements Method: row by row, its particles are a batch.
func (m MCG) Restore(ctx context.Context, r *Run) error {
	most := 0
	began := r.Evals
	for i := range r.X.N {
		r.Evals = began
		c := &mcgRow{r: r, k: max(m.Particles, 1), row: i, c: newCoordinates(r.SVD, r.X.D, r.Sigma)}
		if err := c.run(ctx); err != nil {
			return err
		}
		most = max(most, (r.Evals-began)*c.k)
		if r.done != nil {
			r.done(i+1, r.X.N)
		}
	}
	r.Evals = began + most
	return nil
}

// mcgRow is the particles of one row.
type mcgRow struct {
	r    *Run
	k    int // particles
	row  int
	c    *coordinates
	logw []float64
	e    ito.States
}

// normal draws for all particles at the address of the row.
func (p *mcgRow) normal(purpose rng.Purpose, step, sub uint32) {
	wide := ito.States{N: 1, D: len(p.e.X), X: p.e.X, ID: p.r.X.ID[p.row : p.row+1]}
	p.r.Noise.Normal(wide, purpose, step, sub)
}

func (p *mcgRow) uniform(step uint32) float64 {
	u := []float64{0}
	p.r.Noise.Uniform(ito.States{N: 1, D: 1, X: u, ID: p.r.X.ID[p.row : p.row+1]}, rng.PurposeSolver, step, 1<<31)
	return u[0]
}

func (p *mcgRow) run(ctx context.Context) error {
	r, c := p.r, p.c
	d := r.X.D
	c.see(r.Row(p.row))
	low := r.Rho[len(r.Rho)-1]
	for j, τ := range c.sd {
		c.sd[j] = math.Max(τ, low)
	}
	u, x0hat := ito.NewStates(p.k, d, 0), ito.NewStates(p.k, d, 0)
	p.e, p.logw = ito.NewStates(p.k, d, 0), make([]float64, p.k)
	p.begin(u)
	for k := range r.Rho {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.denoise(ctx, x0hat, u, k, p.row); err != nil {
			return err
		}
		p.step(u, x0hat, k)
		if k+1 < len(r.Rho) {
			if err := p.resample(u, k); err != nil {
				return err
			}
		}
	}
	w, sum, err := p.weights()
	if err != nil {
		return err
	}
	copy(r.X.Row(p.row), u.Row(pickOf(w, p.uniform(uint32(len(r.Rho)))*sum)))
	return nil
}

// begin draws the particles at the first level, ρ, from N(μ, ρ²) times the twist.
func (p *mcgRow) begin(u ito.States) {
	c, ρ := p.c, p.r.Rho[0]
	p.normal(rng.PurposePrior, 0, 0)
	zero := make([]float64, u.D)
	p.r.modes.Place(zero, make([]float64, u.D))
	mean := make([]float64, len(c.s))
	c.svd.VT(mean, zero)
	for i := range u.N {
		row, n := u.Row(i), p.e.Row(i)
		c.svd.VT(c.b, n)
		for j, v := range n {
			row[j] = zero[j] + float64(ρ*v)
		}
		c.change(row, func(j int, z float64) float64 {
			if c.sd[j] >= ρ {
				return z
			}
			s2 := ρ*ρ - c.sd[j]*c.sd[j]
			v := 1 / (1/(ρ*ρ) + 1/s2)
			return float64(v*(mean[j]/(ρ*ρ)+c.y[j]/s2)) + float64(math.Sqrt(v)*c.b[j])
		})
	}
}

// step carries the particles from level k to the next and weighs them.
func (p *mcgRow) step(u, x0hat ito.States, k int) {
	c, ρ, next := p.c, p.r.Rho[k], 0.
	if k+1 < len(p.r.Rho) {
		next = p.r.Rho[k+1]
	}
	p.normal(rng.PurposeSolver, uint32(k), 0)
	q := next * next / (ρ * ρ)
	v := next * next * (1 - q)
	zhat := make([]float64, len(c.s))
	before := make([]float64, len(c.s))
	for i := range u.N {
		row, x0, n := u.Row(i), x0hat.Row(i), p.e.Row(i)
		c.svd.VT(before, row)
		c.svd.VT(zhat, x0)
		c.svd.VT(c.b, n)
		for j, a := range row {
			row[j] = x0[j] + float64(q*(a-x0[j])) + float64(math.Sqrt(v)*n[j])
		}
		w := 0.
		c.change(row, func(j int, z float64) float64 {
			τ, y := c.sd[j], c.y[j]
			if τ >= ρ {
				return z
			}
			g := logNormal(before[j], y, ρ*ρ-τ*τ)
			if next > τ {
				m, s2 := zhat[j]+float64(q*(before[j]-zhat[j])), next*next-τ*τ
				w += logNormal(y, m, v+s2) - g
				return (float64(m*s2)+float64(y*v))/(v+s2) + float64(math.Sqrt(v*s2/(v+s2))*c.b[j])
			}
			// the level τ lies between the two: ȳ there, and on from it
			qτ := τ * τ / (ρ * ρ)
			w += logNormal(y, zhat[j]+float64(qτ*(before[j]-zhat[j])), τ*τ*(1-qτ)) - g
			q := next * next / (τ * τ)
			return zhat[j] + float64(q*(y-zhat[j])) + float64(next*math.Sqrt(1-q)*c.b[j])
		})
		p.logw[i] += w
	}
}

func logNormal(x, m, v float64) float64 { return -.5*((x-m)*(x-m)/v) - .5*math.Log(v) }

// weights are those of the particles, the largest 1, and their sum.
func (p *mcgRow) weights() (w []float64, sum float64, err error) {
	top := math.Inf(-1)
	for _, l := range p.logw {
		top = math.Max(top, l)
	}
	if !finiteNorm(top) {
		return nil, 0, &ito.NonFiniteError{What: "largest log weight", Sample: p.r.X.ID[p.row]}
	}
	w = make([]float64, p.k)
	for i, l := range p.logw {
		w[i] = math.Exp(l - top)
		sum += w[i]
	}
	return w, sum, nil
}

// resample draws the particles anew, systematically, where fewer than half of them count.
func (p *mcgRow) resample(u ito.States, k int) error {
	w, sum, err := p.weights()
	if err != nil {
		return err
	}
	squares := 0.
	for _, v := range w {
		squares += float64(v * v)
	}
	if sum*sum/squares >= .5*float64(p.k) {
		return nil
	}
	old := u.Clone()
	at, into, shift := w[0], 0, p.uniform(uint32(k))
	for i := range p.k {
		for t := (float64(i) + shift) / float64(p.k) * sum; t >= at && into < p.k-1; {
			into++
			at += w[into]
		}
		copy(u.Row(i), old.Row(into))
	}
	clear(p.logw)
	return nil
}

// pickOf is the index at which the sums of w pass t.
func pickOf(w []float64, t float64) int {
	last := 0
	for i, v := range w {
		if v == 0 {
			continue
		}
		if last = i; t < v {
			return i
		}
		t -= v
	}
	return last
}
