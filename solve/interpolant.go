package solve

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/rng"
	"github.com/seed9a7962a8/ito/solve/affine"
)

// InterpolantSDE is the Euler–Maruyama method for the family of SDEs of an interpolant that have its marginals for
// every ε_t ≥ 0. With δ the step in time, of either sign, b the velocity and s the score,
//
//	x' = x + δb + |δ|εs + √(2ε|δ|) ξ,   ξ ~ N(0,I) with purpose rng.PurposeSolver and the step's index,
//
// which carries data to data in both directions (Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, theorem
// 2.8; ε = 0 is the ODE). The run's field predicts b; Score predicts s, or η with s = −η/γ. On a Diagonal path
// Score may be nil: the run's field, whatever it predicts, then gives both. Weak order 1, an evaluation of each
// field a step, or one of Both.
type InterpolantSDE struct {
	Score ito.Field `config:"-"`
	// Both, where it is not nil, predicts the velocity and the score by one evaluation, [path.PredBoth], in the
	// place of Score and of the run's field: that one is not evaluated, and is to be the same velocity.
	Both    ito.Field               `config:"-"`
	Epsilon func(t float64) float64 `config:"-"` // ε_t; nil: 1
	// Clip keeps the times at which fields are evaluated away from the ends of a TwoEnded path, where 1/γ has no limit:
	// 0 means 1e-4, a negative value not at all.
	Clip float64 `config:"-"`
}

// Info implements ito.Solver.
func (o InterpolantSDE) Info() ito.SolverInfo {
	info := ito.SolverInfo{Name: "interpolant-sde", Order: 1, Stochastic: true, Evals: 1,
		Needs: []ito.Capability{ito.CapDiagonal}, Source: "Albergo, Boffi & Vanden-Eijnden 2023, arXiv:2303.08797, " +
			"theorem 2.8"}
	if o.Score != nil || o.Both != nil {
		info.Needs = []ito.Capability{ito.CapTwoEnded, ito.CapDiagonal}
	}
	if o.Score != nil {
		info.Evals = 2
	}
	return info
}

// Diffusing is a solver whose noise ε_t ≥ 0 is a setting of the run, and which takes velocity and score from one field
// of path.PredBoth where a network has learned both; nil: the run's field gives both.
type Diffusing interface {
	ito.Solver
	WithNoise(epsilon func(t float64) float64, both ito.Field) ito.Solver
}

// WithNoise implements Diffusing.
func (o InterpolantSDE) WithNoise(epsilon func(t float64) float64, both ito.Field) ito.Solver {
	o.Epsilon = epsilon
	if both != nil {
		o.Both = both
	}
	return o
}

// Plan implements ito.Solver.
func (o InterpolantSDE) Plan(p ito.Path, g ito.Grid, k ito.Prediction) (ito.Stepper, error) {
	if o.Epsilon == nil {
		o.Epsilon = func(float64) float64 { return 1 }
	}
	for _, t := range g {
		if ε := o.Epsilon(t); !(ε >= 0) || math.IsInf(ε, 0) {
			return nil, &ito.InputError{Where: "interpolant-sde", What: fmt.Sprintf("ε is %g at t=%g", ε, t),
				Do: "it is not negative"}
		}
	}
	parts, err := o.parts(p, k)
	if err != nil {
		return nil, err
	}
	if o.Score != nil || o.Both != nil {
		return &interpolantSDE{o: o, parts: parts}, nil
	}
	pl, err := affine.New(p, k)
	if err != nil {
		return nil, err
	}
	at, i := make(ito.Grid, len(g)), -1
	for j, t := range g {
		at[j] = parts.at(t)[0]
	}
	return affine.NewStochastic(p, at, func(t, _ float64) (*affine.Update, error) {
		i++
		return interpolated(pl, t, g[i+1]-g[i], o.Epsilon(g[i]))
	})
}

// interpolated is the step where one prediction gives both fields: its coefficients, mode by mode.
func interpolated(pl *affine.Planner, t, δ, ε float64) (*affine.Update, error) {
	p, x := pl.Affine(t, ito.PredVelocity)
	ps, rs := pl.Affine(t, ito.PredScore)
	h, ξ := math.Abs(δ)*ε, make([]float64, len(p))
	for i := range x {
		x[i], p[i], ξ[i] = 1+δ*x[i], δ*p[i], math.Sqrt(2*h)
		if h > 0 { // without noise the score is not asked, which may be infinite where σ = 0
			x[i] += h * rs[i]
			p[i] += h * ps[i]
		}
	}
	return pl.Update(t, "xpn", x, p, ξ)
}

// parts is how the score comes from what a field of its own predicts, and when fields are asked.
type parts struct {
	two    ito.TwoEnded // nil on other Diagonal paths
	score  ito.Field    // nil: the prediction of b, or one of both, gives it
	eta    bool
	lo, hi float64 // times of evaluation
	time   [1]float64
}

func (o InterpolantSDE) parts(p ito.Path, k ito.Prediction) (parts, error) {
	two, _ := p.(ito.TwoEnded)
	out := parts{two: two, score: o.Score, lo: math.Inf(-1), hi: math.Inf(1)}
	if two != nil && o.Clip >= 0 {
		clip := o.Clip
		if clip == 0 {
			clip = 1e-4
		}
		out.lo, out.hi = clip, 1-clip
	}
	if o.Both != nil {
		switch {
		case o.Score != nil:
			return out, &ito.InputError{Where: "interpolant-sde", What: "a Score and Both", Do: "give one of the two"}
		case o.Both.Kind() != path.PredBoth:
			return out, &ito.UnsupportedError{What: "prediction " + o.Both.Kind().String() +
				" in the place of velocity and score", Why: "it is one field", Nearest: "a field of both"}
		case k != ito.PredVelocity:
			return out, notDrift(k)
		}
		return out, nil
	}
	if o.Score == nil {
		if _, ok := p.(ito.Diagonal); !ok {
			return out, &ito.UnsupportedError{What: "an SDE on path " + p.Name(),
				Why: "between two data sets the velocity does not give the score", Nearest: "a field for Score"}
		}
		for _, to := range []ito.Prediction{ito.PredVelocity, ito.PredScore} {
			if _, err := field.NewConverter(p, k, to, 1); err != nil {
				return out, err
			}
		}
		return out, nil
	}
	switch sk := o.Score.Kind(); {
	case k != ito.PredVelocity:
		return out, notDrift(k)
	case sk == ito.PredEps && two != nil:
		out.eta = true
	case sk != ito.PredScore:
		return out, &ito.UnsupportedError{What: "prediction " + sk.String() + " in the place of a score",
			Why: "it is another one", Nearest: "score"}
	}
	return out, nil
}

func notDrift(k ito.Prediction) error {
	return &ito.UnsupportedError{What: "an SDE with a score of its own from prediction " + k.String(),
		Why: "the run's field gives the drift", Nearest: ito.PredVelocity.String()}
}

// at is a time kept away from the ends.
func (p *parts) at(t float64) ito.Times {
	p.time[0] = math.Min(math.Max(t, p.lo), p.hi)
	return p.time[:]
}

// writeScore writes s at (x,times).
func (p *parts) writeScore(ctx context.Context, s, x ito.States, times ito.Times, c ito.Cond) error {
	if err := p.score.Predict(ctx, s, x, times, c); err != nil {
		return err
	}
	p.toScore(times, s.X)
	return nil
}

// toScore turns values of η, or of its derivatives in x, into those of s = −η/γ, where the field of the score
// predicts η.
func (p *parts) toScore(times ito.Times, values ...[]float64) {
	if !p.eta {
		return
	}
	γ := p.two.Interpolation(times[0]).Gamma
	for _, v := range values {
		for i := range v {
			v[i] /= -γ
		}
	}
}

type interpolantSDE struct {
	o       InterpolantSDE
	parts   parts
	b, s, ξ affine.Buffer
	both    ito.States
}

// Step implements ito.Stepper.
func (st *interpolantSDE) Step(ctx context.Context, s *ito.Step) error {
	b, score, ξ := st.b.Like(s.X), st.s.Like(s.X), st.ξ.Like(s.X)
	t := st.parts.at(s.T)
	if err := st.fields(ctx, s, b, score, t); err != nil {
		return err
	}
	s.Noise.Normal(ξ, rng.PurposeSolver, uint32(s.Index), 0)
	drive(s.X, b, score, ξ, s.Next-s.T, st.o.Epsilon(s.T))
	return nil
}

// fields writes the velocity, as the hooks leave it, and the score.
func (st *interpolantSDE) fields(ctx context.Context, s *ito.Step, b, score ito.States, t ito.Times) error {
	if f := st.o.Both; f != nil {
		d := s.X.D
		if f.OutDim(d) != 2*d {
			return &ito.InputError{Where: "interpolant-sde", What: fmt.Sprintf("a field of velocity and score "+
				"predicts %d values for states of dimension %d", f.OutDim(d), d)}
		}
		if st.both.N != s.X.N {
			st.both = s.X.Like(2 * d)
		}
		if err := f.Predict(ctx, st.both, s.X, t, s.Cond); err != nil {
			return err
		}
		for i := range s.X.N {
			row := st.both.Row(i)
			copy(b.Row(i), row[:d])
			copy(score.Row(i), row[d:])
		}
		return s.Evaluated(ctx, ito.Evaluation{X: s.X, T: t, Cond: s.Cond, Pred: b, Kind: s.Field.Kind()}, ito.Calls(f))
	}
	if err := s.Predict(ctx, b, s.X, t); err != nil {
		return err
	}
	s.Evals += ito.Calls(st.parts.score)
	return st.parts.writeScore(ctx, score, s.X, t, s.Cond)
}

// drive is x += δb + |δ|εs + √(2ε|δ|)ξ.
func drive(x, b, s, ξ ito.States, δ, ε float64) {
	h := math.Abs(δ) * ε
	four(x.X, x.X, b.X, s.X, ξ.X, 1, δ, h, math.Sqrt(2*h))
}

// BestEpsilon is the constant ε at which the bound of an interpolant's SDE is least,
//
//	KL(ρ‖ρ̂) ≤ (1/2ε)∫E|b̂−b|² + (ε/2)∫E|ŝ−s|²,  ε* = √(∫E|b̂−b|²/∫E|ŝ−s|²),
//
// for the errors of the two fields, integrated over time. The ODE has no such bound.
func BestEpsilon(bError, sError float64) float64 { return math.Sqrt(bError / sError) }

// four writes a x + b p + c q + e r.
func four(dst, x, p, q, r []float64, a, b, c, e float64) {
	x, p, q, r = x[:len(dst)], p[:len(dst)], q[:len(dst)], r[:len(dst)]
	for i := range dst {
		dst[i] = float64(a*x[i]) + float64(b*p[i]) + float64(c*q[i]) + float64(e*r[i])
	}
}
