package selfguide

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/solve"
)

// Guide is the hook that draws samples towards observations. With the energy of a state
//
//	E(x,t) = Σ_known ℓ(y, x̂0(x,t)),   ∇E = (∂x̂0/∂x)ᵀ ∂ℓ/∂x̂0,
//
// a step of DDPM's posterior (ddim:eta=1) from t to t' is followed by
//
//	x ← x − s σ̃² ∇E(x,t),   σ̃² = σ'² (1 − α²σ'²/(α'²σ²)),
//
// with the variance σ̃² that the posterior has (arXiv:2307.11494, algorithm 1: the energy is that of the step's own t,
// after the step). With Score the score of every prediction loses s∇E instead, which serves every solver, and few
// steps: in the limit of small steps the two are the same.
//
// ∇E of a linear loss is bounded; that of a square grows with the error, and from s of about 8 a step overshoots by
// more than it corrects. Clip bounds what a step moves.
//
// Scale 0 does nothing, and nothing is evaluated: samples are those of the model, bit for bit. Otherwise a step costs a
// gradient, and without Score a prediction more; a gradient counts as one network call and takes about as long as two.
//
// Diagonal paths of one mode, fields with VJP. A row's bytes depend on the row alone.
type Guide struct {
	solve.None
	// Observed is what is known of a sample. It is called for every row and step and must be cheap.
	Observed func(id uint64) Observed
	Loss     string  // Quantile or Square
	Scale    float64 // s ≥ 0
	// Clip is the longest that a move may be, over the length √D of the noise that is in the state at that time (σ,
	// with Score) or that the step adds (σ̃); 0: unlimited
	Clip  float64
	Score bool // guide the score, not the state after the step
}

const where = "self-guidance"

func (h Guide) check(s *ito.Step) (ito.Diagonal, error) {
	if err := checkLoss(where, h.Loss); err != nil {
		return nil, err
	}
	if h.Observed == nil || !(h.Scale >= 0) || math.IsInf(h.Scale, 0) || !(h.Clip >= 0) {
		return nil, &ito.InputError{Where: where, What: fmt.Sprintf("scale %g, clip %g", h.Scale, h.Clip),
			Do: "give observations, and numbers that are not negative"}
	}
	return oneMode(s.Path)
}

// oneMode is the path, if it has the schedule that guidance needs.
func oneMode(p ito.Path) (ito.Diagonal, error) {
	d, ok := p.(ito.Diagonal)
	if !ok || d.Modes() != 1 || !ito.Has(p, ito.CapGaussian) {
		return nil, &ito.UnsupportedError{What: "self-guidance on path " + p.Name(),
			Why: "it needs one Gaussian schedule for all values", Nearest: "path vp"}
	}
	return d, nil
}

// After implements ito.Hook.
func (h Guide) After(ctx context.Context, s *ito.Step) error {
	if h.Score || h.Scale == 0 {
		return nil
	}
	p, err := h.check(s)
	if err != nil {
		return err
	}
	var variance float64
	{
		α, σ := at(p, s.T)
		αn, σn := at(p, s.Next)
		q := α * σn / (αn * σ)
		variance = σn * σn * math.Max(0, 1-q*q)
	}
	if variance == 0 {
		return nil
	}
	f, err := field.As(s.Field, s.Path, ito.PredX0)
	if err != nil {
		return err
	}
	g, x0 := s.X.Like(s.X.D), s.X.Like(s.X.D)
	if err := f.Predict(ctx, x0, s.X, ito.Times{s.T}, s.Cond); err != nil {
		return err
	}
	s.Evals += 2 * ito.Calls(s.Field)
	if err := h.gradient(ctx, f, g, x0, s.X, ito.Times{s.T}, s.Cond); err != nil {
		return err
	}
	for i := range s.X.N {
		row, move := s.X.Row(i), g.Row(i)
		k := h.limit(move, h.Scale*variance, math.Sqrt(variance))
		for j, v := range move {
			row[j] -= float64(k * v)
		}
	}
	return nil
}

// Predicted implements ito.Hook.
func (h Guide) Predicted(ctx context.Context, s *ito.Step, e ito.Evaluation) error {
	if !h.Score || h.Scale == 0 {
		return nil
	}
	p, err := h.check(s)
	if err != nil {
		return err
	}
	f, err := field.As(s.Field, s.Path, ito.PredX0)
	if err != nil {
		return err
	}
	x0, g := e.Pred.Clone(), e.Pred.Like(e.Pred.D)
	if err := field.Convert(s.Path, e.Kind, ito.PredX0, x0, e.X, e.T, e.Cond); err != nil {
		return err
	}
	s.Evals += ito.Calls(s.Field)
	if err := h.gradient(ctx, f, g, x0, e.X, e.T, e.Cond); err != nil {
		return err
	}
	for i := range e.Pred.N {
		move := g.Row(i)
		_, σ := at(p, e.T.At(i))
		k := h.limit(move, h.Scale*σ, 1) / σ // of ε, of which a state has a length of √D
		for j := range move {
			move[j] *= -k
		}
	}
	return solve.Classifier{Scale: 1, Gradient: func(_ context.Context, dst, _ ito.States, _ ito.Times,
		_ ito.Cond) error {
		copy(dst.X, g.X)
		return nil
	}}.Predicted(ctx, s, e)
}

// gradient writes ∇E into g, given x̂0 at x.
func (h Guide) gradient(ctx context.Context, f ito.Field, g, x0, x ito.States, t ito.Times, c ito.Cond) error {
	v, ok := f.(ito.VJPer)
	if !ok {
		return &ito.UnsupportedError{What: "self-guidance", Why: "the field has no gradient",
			Nearest: "a field with VJP"}
	}
	slopes := x0.Like(x0.D)
	for i, id := range x.ID {
		o := h.Observed(id)
		if err := o.check(where, h.Loss, id, x.D); err != nil {
			return err
		}
		o.slope(slopes.Row(i), x0.Row(i), h.Loss)
	}
	return v.VJP(ctx, g, x, t, c, slopes)
}

// limit is the factor of a gradient whose moves are k times it: less where they would be longer than Clip times the
// length of noise of this standard deviation.
func (h Guide) limit(g []float64, k, σ float64) float64 {
	if h.Clip == 0 {
		return k
	}
	sum := 0.0
	for _, v := range g {
		sum += float64(v * v)
	}
	length, most := k*math.Sqrt(sum), h.Clip*σ*math.Sqrt(float64(len(g)))
	if length <= most {
		return k
	}
	return k * most / length
}

// at is the schedule at t.
func at(p ito.Diagonal, t float64) (alpha, sigma float64) {
	var a, s [1]float64
	p.Schedule(t, a[:], s[:], nil, nil)
	return a[0], s[0]
}

// Energy writes E of every row, and ∇E into g where that has rows.
func (h Guide) Energy(ctx context.Context, p ito.Path, f ito.Field, energy []float64, g, x ito.States, t ito.Times,
	c ito.Cond) error {
	if _, err := h.check(&ito.Step{Path: p}); err != nil {
		return err
	}
	f, err := field.As(f, p, ito.PredX0)
	if err != nil {
		return err
	}
	x0, slope := x.Like(x.D), make([]float64, x.D)
	if err := f.Predict(ctx, x0, x, t, c); err != nil {
		return err
	}
	for i, id := range x.ID {
		o := h.Observed(id)
		if err := o.check(where, h.Loss, id, x.D); err != nil {
			return err
		}
		energy[i] = o.slope(slope, x0.Row(i), h.Loss)
	}
	if g.N == 0 {
		return nil
	}
	return h.gradient(ctx, f, g, x0, x, t, c)
}
