package path

import (
	"github.com/seed9a7962a8/ito"
)

// Variational is a path whose drift has a variational score that is linear in the states,
//
//	dx = −½β_t (I−2A_t)(x−μ) dt + √β_t dw,
//
// and which learn.Alternate learns by least squares for A. [VSDM] is one.
type Variational interface {
	ito.Path
	// Variant says which A there may be: [Constant] any symmetric matrix, [DiagonalOnly] a diagonal, and of [Logistic]
	// A_t follows dA/dB = A−A² to the A that is given at the drawn end.
	Variant() string
	// Mean is μ [D], or nil for zero.
	Mean() []float64
	// Beta returns β_t.
	Beta(t float64) float64
	// A returns A_t [D,D].
	A(t float64) []float64
	// Coefficients writes the eigenvalues of A_t [D], of a diagonal in its order.
	Coefficients(t float64, a []float64)
	// Spectrum are those at the drawn end, increasing.
	Spectrum() []float64
	// WithA is the path with another A, [D,D], or the diagonal [D] of [DiagonalOnly].
	WithA(a []float64) (Variational, error)
}

// VariationalMomentum is a path of positions and velocities whose drift has a variational score that is linear and
// diagonal, A_x x + A_v v, which learn.Alternate learns. [NewVSMD] makes one.
type VariationalMomentum interface {
	Hybrid
	// Beta returns β_t.
	Beta(t float64) float64
	// Drift writes F(t) and GGᵀ(t) [2d,2d].
	Drift(t float64, f, ggT []float64)
	// Scores are the friction γ, the damping κ, and A_x and A_v [d]; an A_x that is nil follows by [Damping], an A_v
	// that is nil is zero. ok is false where the drift has no variational score and nothing is to be learnt.
	Scores() (gamma, kappa float64, ax, av []float64, ok bool)
	// WithScores is the path with other A_x and A_v.
	WithScores(ax, av []float64) (VariationalMomentum, error)
}

// WithA implements [Variational]. It costs O(D³), of a diagonal O(D).
func (p *VSDM) WithA(a []float64) (Variational, error) {
	cfg := p.Config()
	cfg.A = a
	q, err := NewVSDM(cfg)
	if err != nil {
		return nil, err
	}
	return q, nil
}

// Scores implements [VariationalMomentum]: only a path of [NewVSMD] has some.
func (p *Momentum) Scores() (gamma, kappa float64, ax, av []float64, ok bool) {
	c, ok := p.VSMDConfig()
	return c.Gamma, c.Kappa, c.Ax, c.Av, ok
}

// WithScores implements [VariationalMomentum].
func (p *Momentum) WithScores(ax, av []float64) (VariationalMomentum, error) {
	c, ok := p.VSMDConfig()
	if !ok {
		return nil, &ito.UnsupportedError{What: "updating the path " + p.Name(), Why: "it has no variational score",
			Nearest: "vsmd"}
	}
	c.Ax, c.Av = ax, av
	q, err := NewVSMD(c)
	if err != nil {
		return nil, err
	}
	return q, nil
}
