package inverse

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// Measured is what was measured, and what is known before.
type Measured struct {
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

// RestoreOptions are what a restoration may be given besides its parts.
type RestoreOptions struct {
	Levels   int                   // noise levels; 0: the method's
	Noise    ito.Noise             // nil: ito.Seed(0)
	Progress func(done, total int) // of the levels; nil: none
}

// Info says what a restoration did.
type Info struct {
	Evals int // network calls a row; a derivative counts as one
}

// Run is a restoration under way, in the coordinates u = μ + (x_t−μ)/α of its path, in which u = x_0 + ρε at every
// level and ρ = σ/α: for a Method.
type Run struct {
	Measured
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
func Restore(ctx context.Context, p Measured, m Method, x ito.States, o RestoreOptions) (Info, error) {
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

func newRun(p Measured, m Method, x ito.States, o RestoreOptions) (*Run, error) {
	info := m.Info()
	bad := func(do, format string, args ...any) (*Run, error) {
		return nil, &ito.InputError{Where: "restoration", What: fmt.Sprintf(format, args...), Do: do}
	}
	if p.Path == nil || p.Field == nil || p.Operator == nil || p.Noise == nil {
		return bad("give path, field, operator and noise", "a part of the problem is missing")
	}
	dp, ok := p.Path.(ito.Diagonal)
	if !ok || !ito.Has(p.Path, ito.CapGaussian) || info.OneMode && dp.Modes() != 1 {
		why, near := "it has no Gaussian schedule", "path edm"
		if ok && ito.Has(p.Path, ito.CapGaussian) {
			why, near = "each of its modes has a schedule of its own",
				"method moments or dps, or a model on path edm"
		}
		return nil, &ito.UnsupportedError{What: "method " + info.Name + " on path " + p.Path.Name(), Why: why,
			Nearest: near}
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
	r := &Run{Measured: p, X: x, Noise: o.Noise, done: o.Progress, modes: path.NewModes(dp)}
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
	g, gaussian := r.Measured.Noise.(Gaussian)
	r.Sigma = g.Sigma
	if !info.Spectral {
		return nil
	}
	if !gaussian {
		return &ito.UnsupportedError{What: "method " + info.Name + " with noise " + r.Measured.Noise.Kind(),
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
