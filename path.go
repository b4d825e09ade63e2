package ito

// Path says how data becomes noise: the transition law of x_t given x_0. A Path is immutable and
// safe for concurrent use.
type Path interface {
	// Name is the word by which the path is known on the command line and in model files.
	Name() string
	// Dim is the dimension of the states, or 0 for a path that takes any dimension.
	Dim() int
	// Span returns the clock's sampled end lo (data) and its drawn end hi (noise).
	Span() (lo, hi float64)
	// Perturb draws x_t given x_0 into dst. Row i of dst takes time t.At(i) and the noise of its id
	// with purpose rng.PurposePath, step 0, sub 0.
	Perturb(dst, x0 States, t Times, c Cond, n Noise) error
	// Prior draws from the path's own starting distribution at hi.
	Prior(dst States, c Cond, n Noise) error
}

// Diagonal is a Path with a Gaussian transition that is diagonal in a fixed orthogonal basis Q:
//
//	x_t = μ + Q(α(t) ⊙ Qᵀ(x_0−μ)) + Q(σ(t) ⊙ Qᵀε),  ε ~ N(0,I) in data coordinates.
//
// σ is the symmetric root. A scalar schedule is one mode, which every dimension shares.
type Diagonal interface {
	Path
	// Modes is 1 (a scalar schedule) or Dim().
	Modes() int
	// Schedule writes α, σ and their time derivatives for each mode; a nil slice is skipped.
	Schedule(t float64, alpha, sigma, dalpha, dsigma []float64)
	// Basis returns Q [D,D] row-major (columns are the modes), or nil for the identity.
	Basis() []float64
	// Mean returns μ [D], or nil for zero.
	Mean() []float64
	// Diffusion writes g²(t) for each mode, the squared diffusion coefficient of the forward SDE
	// dx = f(t)(x−μ)dt + g(t)dw with f = α̇/α. Where α → 0 it follows the limit.
	Diffusion(t float64, g2 []float64)
}

// Linear is a Path whose forward SDE is dx = F(t)(x−μ)dt + G(t)dw with full matrices: momentum and
// non-commuting paths. Its transition from the data is x_t | x_0 ~ N(μ + Φ_t(x_0−μ), Σ_t).
type Linear interface {
	Path
	// Transition writes Φ_t and Σ_t [D,D] row-major.
	Transition(t float64, phi, cov []float64)
	// Drift writes F(t) and the diffusion matrix G(t)Gᵀ(t) [D,D] row-major.
	Drift(t float64, f, ggT []float64)
	// Mean returns μ [D], or nil for zero.
	Mean() []float64
}

// TwoEnded is a Path between two distributions, both of which are given by samples: a stochastic interpolant
//
//	x_t = A(t) x_0 + B(t) x_1 + γ(t) z,  z ~ N(0,I),
//
// with x_0 at the sampled end t = 0 and x_1 at the drawn end t = 1. Both ends may be data, so its Prior
// is an error unless the drawn end is known. PredVelocity is E[ẋ_t | x_t], PredEps E[z | x_t].
type TwoEnded interface {
	Path
	// Interpolation returns the coefficients at t.
	Interpolation(t float64) Interpolation
	// Between draws x_t given both ends into dst, with the noise that Perturb takes.
	Between(dst, x0, x1 States, t Times, n Noise) error
}

// Interpolation is what a TwoEnded path is at one time.
type Interpolation struct {
	A, B, Gamma float64
	DA, DB      float64 // time derivatives of A and B
	HalfDGamma2 float64 // γγ̇ = ½ dγ²/dt, finite where γ̇ is not
}

// RowMean is a Path whose mean μ belongs to the row and comes with its condition: x_t − μ follows the path Around.
// Who knows diagonal paths only refuses it; who asks for it carries x − μ and gives μ back.
type RowMean interface {
	Path
	// Around is the path of x_t − μ. Its own mean is zero.
	Around() Diagonal
	// MeanOf writes μ of every row of dst, whose condition is c.
	MeanOf(dst States, c Cond) error
}

// Jump is a Path of a discrete space: a Markov jump process that every token follows by itself. A token is a whole
// number in States. The data have the levels 0 … Data()−1, and x_t may have others of the path behind them, such as
// a mask, up to Levels()−1. Matrices are [K,K] row-major, K = Levels(), a row for every level that a token comes
// from.
type Jump interface {
	Path
	// Data is the number of levels of the data, Levels that of x_t.
	Data() int
	Levels() int
	// Rates writes R(t): off the diagonal the rate of jumps from row to column as t grows. Rows sum to 0.
	Rates(t float64, r []float64)
	// Transition writes P(s,t) for s ≤ t, the law of x_t in the row of x_s. P(s,t) = P(s,u) P(u,t) and ∂P/∂t = P R(t).
	Transition(s, t float64, p []float64)
	// Posterior writes the law [K] of x_s given x_t and x_0, s ≤ t; zeros where x_t cannot come from x_0.
	Posterior(s, t float64, x0, xt int, p []float64)
	// Limit writes the law [K] of a token that Prior draws.
	Limit(p []float64)
}

// Capability names what a solver needs of a path.
type Capability string

// The capabilities of paths.
const (
	CapDiagonal Capability = "diagonal" // implements Diagonal
	CapOneMode  Capability = "one-mode" // Diagonal with Modes() == 1
	CapLinear   Capability = "linear"   // implements Linear

	CapTwoEnded Capability = "two-ended" // implements TwoEnded
	CapRowMean  Capability = "row-mean"  // implements RowMean
	CapJump     Capability = "jump"      // implements Jump
	// CapGaussian: the transition is Gaussian, so noise may be put back. Every Diagonal, Linear or TwoEnded
	// path has it, save one whose method Has says no.
	CapGaussian Capability = "gaussian"
)

// Capable is a Path that answers for its capabilities: its own beside those above, or less than its methods
// promise. What it does not decide itself is [Offers].
type Capable interface {
	Path
	Has(c Capability) bool
}

// Has reports whether p has c: what a [Capable] path answers, and [Offers] for the others. A capability that is an
// interface needs its methods, whatever the path answers.
func Has(p Path, c Capability) bool {
	if own, ok := p.(Capable); ok {
		return own.Has(c) && (Offers(p, c) || !structural(c))
	}
	return Offers(p, c)
}

// structural reports a capability that is an interface.
func structural(c Capability) bool {
	switch c {
	case CapDiagonal, CapOneMode, CapLinear, CapTwoEnded, CapRowMean, CapJump:
		return true
	}
	return false
}

// Offers reports whether p has c by its methods alone.
func Offers(p Path, c Capability) bool {
	switch c {
	case CapDiagonal:
		_, ok := p.(Diagonal)
		return ok
	case CapOneMode:
		d, ok := p.(Diagonal)
		return ok && d.Modes() == 1
	case CapLinear:
		_, ok := p.(Linear)
		return ok
	case CapTwoEnded:
		_, ok := p.(TwoEnded)
		return ok
	case CapRowMean:
		_, ok := p.(RowMean)
		return ok
	case CapJump:
		_, ok := p.(Jump)
		return ok
	case CapGaussian:
		return Offers(p, CapDiagonal) || Offers(p, CapLinear) || Offers(p, CapTwoEnded)
	}
	return false
}
