package mcmc

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/path"
)

// FieldScore is the score of a field, trained or exact, as that of a density under noise of level σ: on a path x_t
// = αx_0 + σ_t ε the state x_t/α has noise σ_t/α, so that
//
//	∇log p_σ(x) = α ∇log p_t(αx)  at the time t where σ_t/α = σ.
//
// On VE and EDM α is 1. A level outside the path's span is an *ito.InputError.
type FieldScore struct {
	field ito.Field
	path  ito.Diagonal
	d     int
	least float64 // levels of the path
	most  float64
}

// NewFieldScore makes the score of f, a field on the path p in dimension d. The path has one mode and, if it pulls
// anywhere, pulls to zero.
func NewFieldScore(f ito.Field, p ito.Diagonal, d int) (*FieldScore, error) {
	refuse := func(why string) (*FieldScore, error) {
		return nil, &ito.UnsupportedError{What: "dmcmc on the path " + p.Name(), Why: why, Nearest: "edm"}
	}
	if p.Modes() != 1 || p.Basis() != nil {
		return refuse("its noise has not one level")
	}
	for _, m := range p.Mean() {
		if m != 0 {
			return refuse("its noise is around another centre than zero")
		}
	}
	score, err := field.As(f, p, ito.PredScore)
	if err != nil {
		return nil, err
	}
	lo, hi := p.Span()
	return &FieldScore{field: score, path: p, d: d, least: math.Exp(-path.LogSNR(p, lo)),
		most: math.Exp(-path.LogSNR(p, hi))}, nil
}

// Dim implements NoisyScore.
func (f *FieldScore) Dim() int { return f.d }

// Score implements NoisyScore. One evaluation of the field.
func (f *FieldScore) Score(ctx context.Context, grad, x ito.States, sigma []float64) error {
	y, t, α := x.Clone(), make(ito.Times, x.N), make([]float64, x.N)
	var a [1]float64
	for i, σ := range sigma {
		if σ < f.least*(1-1e-9) || σ > f.most*(1+1e-9) {
			return &ito.InputError{Where: "dmcmc", What: fmt.Sprintf("a noise level of %v on the path %s, which has "+
				"%v to %v", σ, f.path.Name(), f.least, f.most), Do: "choose the levels inside; the flow ends at a " +
				"fifth of the lowest"}
		}
		t[i] = path.TimeAt(f.path, -math.Log(σ))
		f.path.Schedule(t[i], a[:], nil, nil, nil)
		α[i] = a[0]
		for j := range y.Row(i) {
			y.Row(i)[j] *= α[i]
		}
	}
	if err := f.field.Predict(ctx, grad, y, t, ito.Cond{}); err != nil {
		return err
	}
	for i, a := range α {
		for j := range grad.Row(i) {
			grad.Row(i)[j] *= a
		}
	}
	return nil
}

// Flat is the Target of constant density 1 in dimension D, for a sampler that is led by a field and not by a
// density: [DMCMC] with a Score.
type Flat struct{ D int }

// Dim implements ito.Target.
func (f Flat) Dim() int { return f.D }

// LogDensity implements ito.Target: 0.
func (Flat) LogDensity(_ context.Context, dst []float64, _ ito.States) error {
	clear(dst)
	return nil
}

// Gradient implements ito.Target: 0.
func (Flat) Gradient(_ context.Context, logp []float64, grad, _ ito.States) error {
	clear(logp)
	clear(grad.X)
	return nil
}
