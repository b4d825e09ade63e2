package inverse

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
)

// Problem is what was measured, and what is known before.
type Problem struct {
	Path     ito.Path  // diagonal
	Field    ito.Field // of the prior, on Path
	Operator Operator  // on states
	Noise    Likelihood
	// Y are the measurements [N,M], a row for each row of the result, or one for all. An offset of the operator that
	// it leaves out is taken from them.
	Y    ito.States
	Cond ito.Cond // of the rows; the zero value: none
	// Start draws the states x at the noisiest level; nil: the path's own prior.
	Start func(x ito.States, n ito.Noise) error
}

// Exactness is what the result of a method is.
type Exactness string

// The exactnesses.
const (
	// Posterior draws have the law p(x|y) in a limit that the method's documentation names.
	Posterior Exactness = "posterior"
	// Approximate draws differ from one another, but are not from the posterior in general.
	Approximate Exactness = "approximate posterior"
	// Point is one estimate: what differs between two of them is not what is unknown.
	Point Exactness = "point estimate"
)

// MethodInfo describes a method to people and to the checks before a run.
type MethodInfo struct {
	Name   string
	Is     Exactness
	Exact  string // in words: where it is exact
	Calls  string // network calls, in words, with L levels
	Levels int    // by default
	// Spectral: the operator must be linear with a decomposition, and the noise Gaussian. OneMode: the path must have
	// one schedule for all. Gradient: the field must have a VJP.
	Spectral, OneMode, Gradient bool
	Source                      string
}

// Method restores states from measurements.
type Method interface {
	Info() MethodInfo
	// Restore writes the result of every row into r.X.
	Restore(ctx context.Context, r *Run) error
}

// Options are what a restoration may be given besides its parts.
type Options struct {
	Levels   int                   // noise levels; 0: the method's
	Noise    ito.Noise             // nil: ito.Seed(0)
	Progress func(done, total int) // of the levels; nil: none
}

// Info says what a restoration did.
type Info struct {
	Evals int // network calls a row; a derivative counts as one
}

// Run is a restoration under way, in the coordinates u = μ + (x_t−μ)/α of its path, in which u = x_0 + ρε at every level
// and ρ = σ/α: for a Method.
type Run struct {
	Problem
	X     ito.States // the result
	Noise ito.Noise
	SVD   SVD // of a Spectral method
	Sigma float64
	// Rho are the levels, decreasing; over several modes their geometric mean. After the last comes 0.
	Rho   []float64
	Evals int

	times []float64
	alpha [][]float64 // [L][modes]
	rho   [][]float64 // [L+1][modes], the last of zeros
	modes *path.Modes
	x0    ito.Field
	vjp   ito.VJPer
	done  func(done, total int)
}

// The levels lie between these, and within the path's.
const highest, lowest = 100, .002

// Restore fills every row of x, whose ids are set, with what m makes of the row's measurement. A row's bytes depend on
// its id, its measurement, its condition and o.Noise. It refuses, before anything is computed, shapes that do not fit
// and problems that m cannot serve; a result that is not finite is an *ito.NonFiniteError.
func Restore(ctx context.Context, p Problem, m Method, x ito.States, o Options) (Info, error) {
	r, err := newRun(p, m, x, o)
	if err != nil {
		return Info{}, err
	}
	if x.N == 0 {
		return Info{}, nil
	}
	if err := m.Restore(ctx, r); err != nil {
		return Info{r.Evals}, err
	}
	if i := x.FirstNonFinite(); i >= 0 {
		return Info{r.Evals}, &ito.NonFiniteError{What: "restoration by " + m.Info().Name, Step: len(r.Rho),
			Sample: x.ID[i]}
	}
	return Info{r.Evals}, nil
}

func newRun(p Problem, m Method, x ito.States, o Options) (*Run, error) {
	info := m.Info()
	bad := func(do, format string, args ...any) (*Run, error) {
		return nil, &ito.InputError{Where: "restoration", What: fmt.Sprintf(format, args...), Do: do}
	}
	if p.Path == nil || p.Field == nil || p.Operator == nil || p.Noise == nil {
		return bad("give path, field, operator and noise", "a part of the problem is missing")
	}
	d, k := p.Operator.Dims()
	switch {
	case x.Check() != nil || p.Y.Check() != nil:
		return bad("", "states of %d rows, measurements of %d rows, whose numbers do not fit", x.N, p.Y.N)
	case d != x.D:
		return bad("", "operator %s measures %d numbers, a state has %d", p.Operator.Kind(), d, x.D)
	case k != p.Y.D:
		return bad("", "operator %s gives %d numbers, a measurement has %d", p.Operator.Kind(), k, p.Y.D)
	case p.Y.N != x.N && p.Y.N != 1:
		return bad("give one, or one for every row", "%d measurements for %d rows", p.Y.N, x.N)
	case p.Cond.C != 0 && len(p.Cond.X) != p.Cond.C*x.N:
		return bad("", "%d values are not conditions of width %d for %d rows", len(p.Cond.X), p.Cond.C, x.N)
	case o.Levels < 0 || o.Levels == 1:
		return bad("give 2 or more", "%d levels", o.Levels)
	}
	if i := p.Y.FirstNonFinite(); i >= 0 {
		return bad("mask what was not measured", "measurement %d is not finite", i)
	}
	dp, ok := p.Path.(ito.Diagonal)
	if !ok || !ito.Has(p.Path, ito.CapGaussian) || info.OneMode && dp.Modes() != 1 {
		why, near := "it has no Gaussian schedule", "path edm"
		if ok && ito.Has(p.Path, ito.CapGaussian) {
			why, near = "each of its modes has a schedule of its own", "method dps, or a model on path edm"
		}
		return nil, &ito.UnsupportedError{What: "method " + info.Name + " on path " + p.Path.Name(), Why: why,
			Nearest: near}
	}
	r := &Run{Problem: p, X: x, Noise: o.Noise, done: o.Progress, modes: path.NewModes(dp)}
	if r.Noise == nil {
		r.Noise = ito.Seed(0)
	}
	if err := r.parts(info); err != nil {
		return nil, err
	}
	levels := o.Levels
	if levels == 0 {
		levels = info.Levels
	}
	r.levels(dp, levels)
	return r, nil
}

// parts finds what the method needs of field, operator and noise.
func (r *Run) parts(info MethodInfo) error {
	var err error
	if r.x0, err = field.As(r.Field, r.Path, ito.PredX0); err != nil {
		return err
	}
	var ok bool
	if r.vjp, ok = r.x0.(ito.VJPer); !ok && info.Gradient {
		return &ito.UnsupportedError{What: "method " + info.Name + " with this field", Why: "it has no derivative",
			Nearest: "method diffpir"}
	}
	g, gaussian := r.Problem.Noise.(Gaussian)
	r.Sigma = g.Sigma
	if !info.Spectral {
		return nil
	}
	if !gaussian {
		return &ito.UnsupportedError{What: "method " + info.Name + " with noise " + r.Problem.Noise.Kind(),
			Why: "its noise is Gaussian", Nearest: "method dps"}
	}
	s, ok := r.Operator.(Spectral)
	if !ok {
		return &ito.UnsupportedError{What: "method " + info.Name + " with operator " + r.Operator.Kind(),
			Why: "it is not linear with singular values", Nearest: "method dps"}
	}
	r.SVD, err = s.SVD()
	return err
}

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

// Pull writes Jᵀw with J = ∂E[x_0|u]/∂u at level k, which counts as one evaluation. Q diag(ρ²) Qᵀ Jᵀ is the covariance of
// x_0 given u.
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
