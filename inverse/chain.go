package inverse

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// levels spaces n levels as EDM does, with ρ = 7 (Karras et al. 2022, arXiv:2206.00364, eq. 5).
func (r *Run) levels(p ito.Diagonal, n int) {
	lo, hi := p.Span()
	top, end := math.Exp(-path.LogSNR(p, hi)), math.Exp(-path.LogSNR(p, lo))
	if !(top <= highest) {
		top = highest
	}
	if !(end >= lowest) {
		end = lowest
	}
	const power = 7.
	for i := range n {
		a, b := math.Pow(top, 1/power), math.Pow(end, 1/power)
		r.Rho = append(r.Rho, math.Pow(a+float64(i)/float64(n-1)*(b-a), power))
	}
	for i, ρ := range r.Rho {
		t := path.TimeAt(p, -math.Log(ρ))
		if i == 0 && top < highest {
			t = hi
		}
		r.times = append(r.times, t)
		r.modes.At(t)
		α, s := append([]float64(nil), r.modes.Alpha...), make([]float64, len(r.modes.Sigma))
		for k, σ := range r.modes.Sigma {
			s[k] = σ / α[k]
		}
		r.alpha, r.rho = append(r.alpha, α), append(r.rho, s)
	}
	r.rho = append(r.rho, make([]float64, p.Modes()))
}

// Levels is their number.
func (r *Run) Levels() int { return len(r.Rho) }

// Row is the measurement of row i.
func (r *Run) Row(i int) []float64 {
	if r.Y.N == 1 {
		i = 0
	}
	return r.Y.Row(i)
}

// Level reports that level k is done, and looks at ctx.
func (r *Run) Level(ctx context.Context, k int) error {
	if r.done != nil {
		r.done(k+1, len(r.Rho))
	}
	return ctx.Err()
}

// Begin draws u at the first level into u: from the path's prior, or x_0 = μ and noise where it is cut.
func (r *Run) Begin(u ito.States) error {
	_, hi := r.Path.Span()
	if r.times[0] == hi {
		start := r.Start
		if start == nil {
			start = func(x ito.States, n ito.Noise) error { return r.Path.Prior(x, r.Cond, n) }
		}
		if err := start(u, r.Noise); err != nil {
			return err
		}
		r.scale(u, 0, true)
		return nil
	}
	r.Noise.Normal(u, rng.PurposePrior, 0, 0)
	y := make([]float64, u.D)
	for i := range u.N {
		row := u.Row(i)
		r.modes.Turn(y, row)
		for j := range y {
			y[j] *= r.rho[0][path.Mode(j, len(r.rho[0]))]
		}
		r.modes.Place(row, y)
	}
	return nil
}

// scale turns x at level k into u, or u into x.
func (r *Run) scale(x ito.States, k int, toU bool) {
	y, α := make([]float64, x.D), r.alpha[k]
	for i := range x.N {
		row := x.Row(i)
		r.modes.Point(y, row)
		for j := range y {
			if a := α[path.Mode(j, len(α))]; toU {
				y[j] /= a
			} else {
				y[j] *= a
			}
		}
		r.modes.Place(row, y)
	}
}

// cond is the condition of rows of u, which are those of X or copies of one of them, the row-th.
func (r *Run) cond(u ito.States, row int) ito.Cond {
	if r.Cond.None() || u.N == r.X.N && row < 0 {
		return r.Cond
	}
	c := ito.Cond{C: r.Cond.C}
	for range u.N {
		c.X = append(c.X, r.Cond.Row(row)...)
	}
	return c
}

// Denoise writes E[x_0 | u] at level k, one evaluation.
func (r *Run) Denoise(ctx context.Context, x0hat, u ito.States, k int) error {
	return r.denoise(ctx, x0hat, u, k, -1)
}

func (r *Run) denoise(ctx context.Context, x0hat, u ito.States, k, row int) error {
	x := u.Clone()
	r.scale(x, k, false)
	r.Evals += ito.Calls(r.x0)
	if err := r.x0.Predict(ctx, x0hat, x, ito.Times{r.times[k]}, r.cond(u, row)); err != nil {
		return err
	}
	if i := x0hat.FirstNonFinite(); i >= 0 {
		return &ito.NonFiniteError{What: "prediction", Step: k, Sample: x0hat.ID[i], T: r.times[k]}
	}
	return nil
}

// Pull writes Jᵀw with J = ∂E[x_0|u]/∂u at level k, which counts as one evaluation. Q diag(ρ²) Qᵀ Jᵀ is the
// covariance of x_0 given u.
func (r *Run) Pull(ctx context.Context, du, u ito.States, k int, w ito.States) error {
	x := u.Clone()
	r.scale(x, k, false)
	r.Evals += ito.Calls(r.x0)
	if err := r.vjp.VJP(ctx, du, x, ito.Times{r.times[k]}, r.Cond, w); err != nil {
		return err
	}
	r.times2(du, r.alpha[k], 1)
	return nil
}

// Spread replaces w by Q diag(ρ²) Qᵀ w at level k.
func (r *Run) Spread(w ito.States, k int) { r.times2(w, r.rho[k], 2) }

// times2 multiplies by Q diag(c^power) Qᵀ.
func (r *Run) times2(w ito.States, c []float64, power int) {
	y := make([]float64, w.D)
	for i := range w.N {
		row := w.Row(i)
		r.modes.Turn(y, row)
		for j := range y {
			v := c[path.Mode(j, len(c))]
			if power == 2 {
				v *= v
			}
			y[j] *= v
		}
		r.modes.Back(row, y)
	}
}

// Step carries u from level k to the next one, given x_0: with η = 1 a draw of q(u' | u, x_0), with η = 0 the flow,
//
//	u' = x_0 + √(1−η²(1−q)) (ρ'/ρ) (u − x_0) + η ρ' √(1−q) ε,   q = ρ'²/ρ²,
//
// and to x_0 after the last. ε is drawn for purpose solver, step k, sub.
func (r *Run) Step(u, x0 ito.States, k int, η float64, sub uint32) {
	e := u.Like(u.D)
	if η > 0 {
		r.Noise.Normal(e, rng.PurposeSolver, uint32(k), sub)
	}
	y, z, n := make([]float64, u.D), make([]float64, u.D), make([]float64, u.D)
	for i := range u.N {
		r.modes.Point(y, u.Row(i))
		r.modes.Point(z, x0.Row(i))
		r.modes.Turn(n, e.Row(i))
		for j := range y {
			m := path.Mode(j, len(r.rho[k]))
			ρ, next := r.rho[k][m], r.rho[k+1][m]
			q := next * next / (ρ * ρ)
			keep := math.Sqrt(1 - float64(η*η*(1-q)))
			y[j] = z[j] + float64(keep*next/ρ*(y[j]-z[j])) + float64(η*next*math.Sqrt(1-q)*n[j])
		}
		r.modes.Place(u.Row(i), y)
	}
}
